-- The results of the verifications of the audit log that a server made automatically or for an admin.
CREATE TABLE audit_verifications (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- When its process last said that it was running.
    seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz,
    -- What was verified, and what did not match.
    result jsonb,
    CONSTRAINT audit_verifications_result_check CHECK ((finished_at IS NULL) = (result IS NULL))
);

-- One verification runs at a time.
CREATE UNIQUE INDEX audit_verifications_running_key ON audit_verifications ((true)) WHERE finished_at IS NULL;
