-- Returns every row that breaks an invariant. An empty result means that the database is consistent. `tenantry verify`
-- calls the parts in separate statements, so that no snapshot is held for the whole time.
CREATE OR REPLACE FUNCTION verify_integrity() RETURNS TABLE (invariant text, subject text, detail text)
LANGUAGE plpgsql STABLE SET search_path = tenantry, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT * FROM verify_requests() UNION ALL SELECT * FROM verify_tenants()
    UNION ALL SELECT * FROM verify_accounts() UNION ALL SELECT * FROM verify_jobs()
    UNION ALL SELECT * FROM verify_messages();
END $$;
