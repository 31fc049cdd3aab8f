-- The accounts with a password have joined their tenants.
UPDATE memberships m SET joined_at = m.created_at FROM users u
WHERE u.id = m.user_id AND u.password_hash IS NOT NULL AND m.joined_at IS NULL;
