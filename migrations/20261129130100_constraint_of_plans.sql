-- no-transaction
ALTER TABLE tenants VALIDATE CONSTRAINT tenants_plan_check;
