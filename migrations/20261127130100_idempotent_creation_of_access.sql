-- The API creates an employee or an admin token once for each idempotency key (docs/specification.md, section 8).

ALTER TABLE employees
    -- The idempotency key of the call that created this employee, or the token of this service.
    ADD COLUMN idempotency_key uuid,
    -- The fingerprint of the body of that call.
    ADD COLUMN fingerprint bytea CONSTRAINT employees_fingerprint_check CHECK (octet_length(fingerprint) = 32),
    ADD CONSTRAINT employees_idempotency_check CHECK ((idempotency_key IS NULL) = (fingerprint IS NULL));
CREATE UNIQUE INDEX employees_idempotency_key ON employees (idempotency_key) WHERE idempotency_key IS NOT NULL;
