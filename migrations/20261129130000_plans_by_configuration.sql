-- The configuration defines which plans exist. Tenants keep the name of their plan.
ALTER TABLE tenants
    DROP CONSTRAINT tenants_plan_check,
    ADD CONSTRAINT tenants_plan_check CHECK (plan ~ '^[a-z][a-z0-9-]{0,39}$') NOT VALID;
