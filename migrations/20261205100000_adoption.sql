-- The built-in employee on whose behalf `tenantry adopt` creates the tenants of the earlier system
-- (docs/specification.md, section 4).
INSERT INTO employees (id, kind, name, role, built_in)
VALUES (gen_random_uuid(), 'service', 'adoption', 'ADMIN', 'adoption');
