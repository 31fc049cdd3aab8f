-- Creates the roles of row level security, unless they exist, and makes the current role a member. Runs before the
-- versioned migrations. All databases of a cluster share the roles, so another program may create them at the same time.
DO $$ BEGIN
    IF to_regrole('tenantry_tenant') IS NULL THEN
        CREATE ROLE tenantry_tenant NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
DO $$ BEGIN
    IF to_regrole('tenantry_server') IS NULL THEN
        CREATE ROLE tenantry_server NOLOGIN NOINHERIT IN ROLE tenantry_tenant;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
DO $$ BEGIN
    GRANT tenantry_server TO CURRENT_USER;
EXCEPTION WHEN unique_violation THEN NULL;
END $$;
