-- Imports of client.yaml files (docs/specification.md, section 7): what Tenantry keeps of a file without using it, the
-- imports that the API has accepted, and the built-in employee on whose behalf the command line imports.

-- The values of a client.yaml that no other table has.
CREATE TABLE tenant_imported_values (
    tenant_id uuid PRIMARY KEY CONSTRAINT tenant_imported_values_tenant_fkey REFERENCES tenants (id) ON DELETE CASCADE,
    -- Nested as in the file. References such as ${NAME} stand for the secrets, which are in tenant_secrets under
    -- `import:` and the path.
    file_values jsonb NOT NULL CONSTRAINT tenant_imported_values_check CHECK (jsonb_typeof(file_values) = 'object'),
    -- The members that the import has not invited yet: [{"name", "email", "role"}].
    pending_members jsonb NOT NULL DEFAULT '[]' CONSTRAINT tenant_imported_values_members_check CHECK (
        jsonb_typeof(pending_members) = 'array'
    ),
    imported_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
SELECT protect_rows('tenant_imported_values');

CREATE TABLE imports (
    id uuid PRIMARY KEY,
    idempotency_key uuid NOT NULL CONSTRAINT imports_key_key UNIQUE,
    fingerprint bytea NOT NULL CONSTRAINT imports_fingerprint_check CHECK (octet_length(fingerprint) = 32),
    employee_id uuid NOT NULL CONSTRAINT imports_employee_fkey REFERENCES employees (id),
    -- The name of the uploaded archive, for people.
    file_name text NOT NULL CONSTRAINT imports_file_name_check CHECK (length(file_name) BETWEEN 1 AND 200),
    dry_run boolean NOT NULL,
    encrypt_secrets boolean NOT NULL,
    -- The beginning of the links in invitations.
    origin text NOT NULL,
    state text NOT NULL DEFAULT 'pending' CONSTRAINT imports_state_check CHECK (
        state IN ('pending', 'running', 'completed', 'failed')
    ),
    -- The archive and the owners file, encrypted like the secrets of tenants, because they may contain secrets and
    -- personal data. Null after the import, except after a dry run that can still be imported.
    wrapped_key bytea,
    ciphertext bytea,
    total integer NOT NULL CONSTRAINT imports_total_check CHECK (total >= 0),
    -- The process that works on the import, and until when it does so without a sign of life.
    worker_id uuid,
    lease_until timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- The problems that concern no folder, and the files that are not imported.
    problems jsonb NOT NULL DEFAULT '[]',
    not_imported jsonb NOT NULL DEFAULT '[]',
    -- The error code of an import that could not be finished.
    failure text,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    started_at timestamptz,
    finished_at timestamptz,
    CONSTRAINT imports_archive_check CHECK (
        (wrapped_key IS NULL) = (ciphertext IS NULL)
        AND (state IN ('completed', 'failed') OR ciphertext IS NOT NULL)
    )
);
CREATE INDEX imports_open_idx ON imports (lease_until) WHERE state IN ('pending', 'running');
CREATE INDEX imports_created_idx ON imports (created_at);

-- What happened with each folder of an import.
CREATE TABLE import_rows (
    import_id uuid NOT NULL CONSTRAINT import_rows_import_fkey REFERENCES imports (id) ON DELETE CASCADE,
    -- The path of the client.yaml.
    file text NOT NULL,
    -- Problems first: 0 for refused files, 1 for differences, then the rest.
    rank smallint NOT NULL,
    -- The row of the report.
    report jsonb NOT NULL,
    PRIMARY KEY (import_id, file)
);

INSERT INTO employees (id, kind, name, role, built_in)
VALUES (gen_random_uuid(), 'service', 'import', 'ADMIN', 'import');
