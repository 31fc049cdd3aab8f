-- no-transaction
-- Validates the constraint of the names of API keys.
ALTER TABLE api_keys VALIDATE CONSTRAINT api_keys_name_check;
