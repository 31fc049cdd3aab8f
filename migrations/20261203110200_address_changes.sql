-- Changes of the e-mail address of an account that wait for the confirmation at both addresses
-- (docs/specification.md, section 7).
CREATE TABLE address_changes (
    user_id uuid PRIMARY KEY CONSTRAINT address_changes_user_fkey REFERENCES users (id) ON DELETE CASCADE,
    new_email text NOT NULL,
    new_email_canonical text NOT NULL,
    -- The links to the new and to the current address.
    new_token_hash bytea NOT NULL
        CONSTRAINT address_changes_new_token_key UNIQUE
        CONSTRAINT address_changes_new_token_check CHECK (octet_length(new_token_hash) = 32),
    current_token_hash bytea NOT NULL
        CONSTRAINT address_changes_current_token_key UNIQUE
        CONSTRAINT address_changes_current_token_check CHECK (octet_length(current_token_hash) = 32),
    new_confirmed_at timestamptz,
    current_confirmed_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL
);
CREATE INDEX address_changes_expires_idx ON address_changes (expires_at);
