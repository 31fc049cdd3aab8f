-- Retention (docs/specification.md, section 9).

ALTER TABLE provisioning_requests
    -- When the retention removed the payload and the personal data. A retry with the same key stores them again.
    ADD COLUMN redacted_at timestamptz,
    -- Validated later, without a lock that calls wait for.
    ADD CONSTRAINT requests_redacted_check CHECK (
        redacted_at IS NULL
        OR (status IN ('failed', 'rolled_back') AND payload = '{}' AND response IS NULL AND fingerprint IS NULL
            AND slug = '' AND name = '' AND owner_email = '')
    ) NOT VALID;
-- When the retention deleted the attempts of the steps.
ALTER TABLE jobs ADD COLUMN attempts_deleted_at timestamptz;
