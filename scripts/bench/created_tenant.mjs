import { randomUUID } from 'node:crypto';

/** Creates a tenant with an owner by the API. Returns its slug and the response. */
export async function createTenant({ port, token }) {
  const slug = `bench-${randomUUID().slice(0, 8)}`;
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/admin/tenants`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${token}`,
      'Content-Type': 'application/json',
      'Idempotency-Key': randomUUID(),
    },
    body: JSON.stringify({ slug, name: slug, owner: { name: 'Olive', email: `${slug}@bench.example` } }),
  });
  if (response.status !== 201) throw new Error(`status ${response.status}: ${await response.text()}`);
  return { slug, ...(await response.json()) };
}
