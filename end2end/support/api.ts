import { expect } from '@playwright/test';
import { randomUUID } from 'node:crypto';
import { Customer } from './customer';
import { world } from './world';

const ADMIN = '/api/v1/admin';

function call(path: string, init: RequestInit = {}): Promise<Response> {
  const { url, token } = world();
  return fetch(`${url}${ADMIN}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${token}`, ...init.headers },
  });
}

/** Asks for a tenant through the JSON API. */
export function askFor(customer: Customer, key: string = randomUUID()): Promise<Response> {
  return call('/tenants', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify({
      name: customer.name,
      slug: customer.slug,
      owner: { name: customer.ownerName, email: customer.ownerEmail },
    }),
  });
}

/** Makes a tenant through the JSON API. */
export async function make(customer: Customer) {
  const response = await askFor(customer);
  expect(response.status).toBe(201);
  return response.json();
}

export interface RequestRow {
  id: string;
  slug: string;
  status: string;
  code: string | null;
  attempts: number;
}

/** The requests on record that a search finds, newest first. */
export async function requests(q: string): Promise<RequestRow[]> {
  const response = await call(`/provisioning-requests?q=${encodeURIComponent(q)}`);
  expect(response.status).toBe(200);
  return (await response.json()).requests;
}

/** That exactly one tenant was made for a customer, whatever else was tried. */
export async function expectOneTenant(customer: Customer) {
  const made = (await requests(customer.ownerEmail)).filter((request) => request.status === 'completed');
  expect(made).toHaveLength(1);
}
