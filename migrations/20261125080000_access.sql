-- Accounts, employees, sessions and access tokens.

CREATE TABLE users (
    id uuid PRIMARY KEY,
    email text NOT NULL,
    email_canonical text NOT NULL,
    name text NOT NULL,
    password_hash text,
    -- The provisioning request that created this account. Its rollback deletes the account.
    created_by_request uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT users_email_key UNIQUE (email_canonical),
    CONSTRAINT users_email_canonical_check CHECK (
        email_canonical = lower(email_canonical)
        AND email_canonical ~ '^[^@\s]+@[^@\s]+$'
        AND length(email_canonical) <= 254
    ),
    CONSTRAINT users_name_check CHECK (length(name) BETWEEN 1 AND 120)
);

-- The only source of roles. A person signs in with an account; a service acts for a script and has no account.
CREATE TABLE employees (
    id uuid PRIMARY KEY,
    kind text NOT NULL CONSTRAINT employees_kind_check CHECK (kind IN ('person', 'service')),
    user_id uuid CONSTRAINT employees_user_key UNIQUE REFERENCES users (id),
    name text NOT NULL,
    role text NOT NULL CONSTRAINT employees_role_check CHECK (role IN ('SUPER_ADMIN', 'ADMIN', 'VIEWER')),
    status text NOT NULL DEFAULT 'active' CONSTRAINT employees_status_check CHECK (status IN ('active', 'disabled')),
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT employees_person_has_account CHECK ((kind = 'person') = (user_id IS NOT NULL))
);

CREATE TABLE sessions (
    token_hash bytea PRIMARY KEY CONSTRAINT sessions_token_hash_check CHECK (octet_length(token_hash) = 32),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);
CREATE INDEX sessions_user_idx ON sessions (user_id);
CREATE INDEX sessions_expires_idx ON sessions (expires_at);

-- Failed sign-ins, counted per account and per address. Both are stored as hashes.
CREATE TABLE sign_in_failures (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_hash bytea NOT NULL,
    address_hash bytea NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX sign_in_failures_account_idx ON sign_in_failures (account_hash, at);
CREATE INDEX sign_in_failures_address_idx ON sign_in_failures (address_hash, at);

CREATE TABLE admin_tokens (
    id uuid PRIMARY KEY,
    token_hash bytea NOT NULL
        CONSTRAINT admin_tokens_hash_key UNIQUE
        CONSTRAINT admin_tokens_hash_check CHECK (octet_length(token_hash) = 32),
    employee_id uuid NOT NULL REFERENCES employees (id),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    last_used_at timestamptz
);
