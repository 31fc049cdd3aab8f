-- Waits until the transactions that are writing tenants or accounts of the earlier system have ended, so that the next
-- statement sees their rows. Does not wait for transactions that begin to write later. Raises 55P03 after
-- `lock_timeout`. Does nothing if the current role may not read the tables.
--
-- Reads the locks instead of taking one: a lock would need more than the privilege to read, and the earlier system
-- would wait for it.
CREATE OR REPLACE FUNCTION wait_for_earlier_system() RETURNS void
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_tables oid[];
    v_writers text[];
    v_timeout interval := current_setting('lock_timeout')::interval;
    v_deadline timestamptz := clock_timestamp() + v_timeout;
    v_pause double precision := 0.001;
BEGIN
    BEGIN
        IF (has_column_privilege(to_regclass('public.tenants')::oid, 'slug', 'SELECT')
            AND has_column_privilege(to_regclass('public.auto_provisioning')::oid, 'restaurant_slug', 'SELECT'))
            IS NOT TRUE
        THEN
            RETURN;
        END IF;
    EXCEPTION WHEN undefined_column THEN
        RETURN;
    END;
    v_tables := ARRAY[to_regclass('public.tenants'), to_regclass('public.auto_provisioning')];
    IF has_schema_privilege(to_regnamespace('auth')::oid, 'USAGE') THEN
        v_tables := v_tables || to_regclass('auth.users')::oid;
    END IF;
    LOOP
        -- The first round finds the writers; the others find those of them that have not ended.
        v_writers := ARRAY(
            SELECT l.virtualtransaction FROM pg_locks l
            WHERE l.locktype = 'relation' AND l.relation = ANY (v_tables) AND l.granted
                AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                AND l.mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
                AND l.pid IS DISTINCT FROM pg_backend_pid()
                AND (v_writers IS NULL OR l.virtualtransaction = ANY (v_writers)));
        EXIT WHEN v_writers = '{}';
        IF v_timeout > interval '0' AND clock_timestamp() > v_deadline THEN
            RAISE EXCEPTION 'the earlier system is writing its tenants or accounts'
                USING ERRCODE = 'lock_not_available';
        END IF;
        PERFORM pg_sleep(v_pause);
        v_pause := least(v_pause * 2, 0.05);
    END LOOP;
END $$;
