-- Fills the addresses of the owners of existing tenants. Locks only rows, so that calls continue.
UPDATE tenants t SET owner_email = lower(u.email) FROM users u WHERE u.id = t.owner_id AND t.owner_email IS NULL;
