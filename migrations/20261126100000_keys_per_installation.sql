-- An idempotency key is unique in the installation, for all employees (docs/specification.md, section 4).

-- Where several employees used the same key, the first request that created a tenant keeps the key, or else the first
-- request. The others get new keys.
UPDATE provisioning_requests r SET idempotency_key = gen_random_uuid()
FROM (
    SELECT id, row_number() OVER (
        PARTITION BY operation, idempotency_key ORDER BY tenant_id IS NULL, created_at, id) AS place
    FROM provisioning_requests
) ranked WHERE ranked.id = r.id AND ranked.place > 1;

ALTER TABLE provisioning_requests
    DROP CONSTRAINT requests_key_key,
    ADD CONSTRAINT requests_key_key UNIQUE (idempotency_key, operation);
DROP INDEX requests_idempotency_key_idx;
