-- API keys that replace other keys, and invitations that are sent again or revoked.

ALTER TABLE api_keys
    -- The key that this key replaced, and for how many hours both were valid.
    ADD COLUMN replaces uuid CONSTRAINT api_keys_replaces_fkey REFERENCES api_keys (id),
    ADD COLUMN overlap_hours smallint CONSTRAINT api_keys_overlap_check CHECK (overlap_hours BETWEEN 0 AND 168),
    -- The idempotency key of the call that created this key by a rotation.
    ADD COLUMN idempotency_key uuid,
    -- When a replaced key stops working.
    ADD COLUMN expires_at timestamptz,
    ADD CONSTRAINT api_keys_rotation_check CHECK ((replaces IS NULL) = (overlap_hours IS NULL));
-- A key is replaced at most once, so that concurrent rotations leave one newest key. A key that a provisioning created
-- has neither value, so the indexes do not contain it.
CREATE UNIQUE INDEX api_keys_replaces_key ON api_keys (replaces) WHERE replaces IS NOT NULL;
CREATE UNIQUE INDEX api_keys_idempotency_key ON api_keys (idempotency_key) WHERE idempotency_key IS NOT NULL;

ALTER TABLE one_time_tokens
    ADD COLUMN revoked_at timestamptz,
    -- A revoked link has also expired, because older versions of Tenantry check only `expires_at`.
    ADD CONSTRAINT one_time_tokens_revoked_check CHECK (revoked_at IS NULL OR expires_at <= revoked_at);
-- An account has one invitation to a tenant, so a link that is sent again replaces the former link.
CREATE UNIQUE INDEX one_time_tokens_invitation_key ON one_time_tokens (tenant_id, user_id) WHERE tenant_id IS NOT NULL;
DROP INDEX one_time_tokens_tenant_idx;
