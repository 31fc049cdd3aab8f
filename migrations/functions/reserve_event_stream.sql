-- Reserves one of the `p_limit` event streams of a person. The person and the tokens of the person share these streams
-- across all processes. Returns the key of the advisory lock that reserves the stream, or null if all streams are in
-- use. The lock belongs to the session, so that it ends with the process. `p_held` contains the keys that the session
-- already holds, because PostgreSQL would grant the session the same lock again.
CREATE OR REPLACE FUNCTION reserve_event_stream(p_employee_id uuid, p_limit integer, p_held bigint[]) RETURNS bigint
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_creator uuid := creator_of(p_employee_id);
    v_key bigint;
BEGIN
    FOR v_number IN 1 .. p_limit LOOP
        v_key := hashtextextended(format('event stream %s of %s', v_number, v_creator), 0);
        CONTINUE WHEN v_key = ANY (p_held);
        IF pg_try_advisory_lock(v_key) THEN
            RETURN v_key;
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
