import { expect } from '@playwright/test';
import { randomUUID } from 'node:crypto';
import { NewTenantInput } from './new-tenant-input';
import { testEnvironment } from './test-environment';

const ADMIN = '/api/v1/admin';

function call(path: string, init: RequestInit = {}): Promise<Response> {
  const { url, token } = testEnvironment();
  return fetch(`${url}${ADMIN}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${token}`, ...init.headers },
  });
}

/** Asks for a tenant through the JSON API. */
export function postTenant(newTenantInput: NewTenantInput, key: string = randomUUID()): Promise<Response> {
  return call('/tenants', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify({
      name: newTenantInput.name,
      slug: newTenantInput.slug,
      owner: { name: newTenantInput.ownerName, email: newTenantInput.ownerEmail },
    }),
  });
}

/** Makes a tenant through the JSON API. */
export async function createTenant(newTenantInput: NewTenantInput) {
  const response = await postTenant(newTenantInput);
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
export async function expectOneTenant(newTenantInput: NewTenantInput) {
  const made = (await requests(newTenantInput.ownerEmail)).filter((request) => request.status === 'completed');
  expect(made).toHaveLength(1);
}
