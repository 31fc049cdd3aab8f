import { expect } from '@playwright/test';
import { randomUUID } from 'node:crypto';
import { NewTenantInput } from './new-tenant-input';
import { TestEnvironment, testEnvironment } from './test-environment';

const ADMIN = '/api/v1/admin';

/** The URL of the server to call, and an admin token. */
type Api = Pick<TestEnvironment, 'url' | 'token'>;

function call(
  path: string,
  init: RequestInit = {},
  { url, token }: Api = testEnvironment(),
): Promise<Response> {
  return fetch(`${url}${ADMIN}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${token}`, ...init.headers },
  });
}

/** Sends a provisioning request to the JSON API. */
export function postTenant(
  input: NewTenantInput,
  key: string = randomUUID(),
  api: Api = testEnvironment(),
): Promise<Response> {
  const body = {
    name: input.name,
    slug: input.slug,
    owner: { name: input.ownerName, email: input.ownerEmail },
  };
  const headers = { 'content-type': 'application/json', 'idempotency-key': key };
  return call('/tenants', { method: 'POST', headers, body: JSON.stringify(body) }, api);
}

/** Creates a tenant with the JSON API. */
export async function createTenant(input: NewTenantInput) {
  const response = await postTenant(input);
  expect(response.status).toBe(201);
  return response.json();
}

/** Creates a tenant without an owner with the JSON API. */
export async function createTenantWithoutOwner({ name, slug }: NewTenantInput) {
  const headers = { 'content-type': 'application/json', 'idempotency-key': randomUUID() };
  const body = JSON.stringify({ name, slug });
  const response = await call('/tenants', { method: 'POST', headers, body });
  expect(response.status).toBe(201);
  return response.json();
}

export interface TenantKey {
  id: string;
  publicKey: string;
  status: string;
}

/** The API keys of a tenant, newest first. */
export async function listKeys(slug: string): Promise<TenantKey[]> {
  const response = await call(`/tenants/${slug}/keys`);
  expect(response.status).toBe(200);
  return (await response.json()).keys;
}

/** Replaces the newest API key of a tenant with the JSON API. */
export async function rotateKey(slug: string) {
  const [{ id }] = await listKeys(slug);
  const headers = { 'idempotency-key': randomUUID() };
  const response = await call(`/tenants/${slug}/keys/${id}/rotate`, { method: 'POST', headers });
  expect(response.status).toBe(201);
}

/** One tenant with everything that belongs to it. */
export async function readTenant(slug: string) {
  const response = await call(`/tenants/${slug}`);
  expect(response.status).toBe(200);
  return response.json();
}

/** Changes a tenant with the JSON API, whatever its version is. */
export async function changeTenant(slug: string, changes: object) {
  const headers = { 'content-type': 'application/json', 'if-match': '*' };
  const response = await call(`/tenants/${slug}`, {
    method: 'PATCH',
    headers,
    body: JSON.stringify(changes),
  });
  expect(response.status).toBe(200);
}

/** Changes some settings or a part of the branding of a tenant with the JSON API. */
export async function changePart(slug: string, part: 'settings' | 'branding', changes: object) {
  const { [part]: current } = await readTenant(slug);
  const headers = { 'content-type': 'application/json', 'if-match': '*' };
  const body = JSON.stringify({ ...current, ...changes });
  const response = await call(`/tenants/${slug}/${part}`, { method: 'PUT', headers, body });
  expect(response.status).toBe(200);
}

/** Changes the account of a tenant's owner with the JSON API. */
export async function changeOwnerAccount(slug: string, changes: { name?: string; email?: string }) {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify(changes);
  const response = await call(`/tenants/${slug}/owner`, { method: 'PATCH', headers, body });
  expect(response.status).toBe(200);
}

/** Deletes a tenant with the JSON API. */
export async function deleteTenant(slug: string) {
  const response = await call(`/tenants/${slug}?slug=${slug}`, { method: 'DELETE' });
  expect(response.status).toBe(200);
}

/** Suspends a tenant with the JSON API. */
export async function suspendTenant(slug: string, reason = 'Invoice 2026-0912 is 30 days overdue.') {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ reason });
  const response = await call(`/tenants/${slug}/suspend`, { method: 'POST', headers, body });
  expect(response.status).toBe(200);
}

/** Resumes a suspended tenant with the JSON API. */
export async function resumeTenant(slug: string) {
  const response = await call(`/tenants/${slug}/resume`, { method: 'POST' });
  expect(response.status).toBe(200);
}

export interface RequestRow {
  id: string;
  slug: string;
  status: string;
  code: string | null;
  attempts: number;
}

/** The requests that match a search, newest first. */
export async function findRequests(q: string): Promise<RequestRow[]> {
  const response = await call(`/provisioning-requests?q=${encodeURIComponent(q)}`);
  expect(response.status).toBe(200);
  return (await response.json()).requests;
}

/** Asserts that exactly one request for this owner is completed. */
export async function expectOneTenant(input: NewTenantInput) {
  const created = (await findRequests(input.ownerEmail)).filter((request) => request.status === 'completed');
  expect(created).toHaveLength(1);
}
