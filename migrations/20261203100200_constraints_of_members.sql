-- no-transaction
ALTER TABLE memberships VALIDATE CONSTRAINT memberships_role_check;
ALTER TABLE memberships VALIDATE CONSTRAINT memberships_invited_check;
