-- API keys have names, so that a tenant can have a key for each of its programs.

ALTER TABLE api_keys
    -- The default is the name of the key that a tenant gets at provisioning. A replacement has the name of the key that
    -- it replaces.
    ADD COLUMN name text NOT NULL DEFAULT 'Default';
ALTER TABLE api_keys ADD CONSTRAINT api_keys_name_check CHECK (length(name) BETWEEN 1 AND 80) NOT VALID;
GRANT SELECT (name) ON api_keys TO tenantry_tenant;
