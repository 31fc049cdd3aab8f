-- Links with which a person chooses a new password (docs/specification.md, section 7).

ALTER TABLE one_time_tokens
    DROP CONSTRAINT one_time_tokens_purpose_check,
    ADD CONSTRAINT one_time_tokens_purpose_check CHECK (
        purpose IN ('first_admin', 'owner_invitation', 'employee_setup', 'password_reset')
    ) NOT VALID,
    ADD CONSTRAINT one_time_tokens_reset_names_account CHECK (
        purpose <> 'password_reset' OR user_id IS NOT NULL
    ) NOT VALID;
