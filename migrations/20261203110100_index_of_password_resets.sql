-- no-transaction
-- An account has one link, so a new one replaces the former one.
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS one_time_tokens_reset_key ON one_time_tokens (user_id)
    WHERE purpose = 'password_reset';
ALTER TABLE one_time_tokens VALIDATE CONSTRAINT one_time_tokens_purpose_check;
ALTER TABLE one_time_tokens VALIDATE CONSTRAINT one_time_tokens_reset_names_account;
