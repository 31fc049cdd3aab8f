-- Old failed sign-ins and one-time tokens are deleted regularly, without reading the whole table.
CREATE INDEX sign_in_failures_at_idx ON sign_in_failures (at);
-- Both columns follow the order of insertion, so a small index that summarizes blocks is enough.
CREATE INDEX one_time_tokens_expires_idx ON one_time_tokens USING brin (expires_at) WITH (pages_per_range = 16);
-- A rollback deletes an account, and with it the account's tokens.
CREATE INDEX one_time_tokens_user_idx ON one_time_tokens (user_id);
