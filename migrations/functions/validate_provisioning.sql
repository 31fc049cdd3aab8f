-- Checks the parts of a payload that only the database can check. Raises TN003 when the owner's e-mail address is in
-- use, TN002 when the slug is taken, 23514 when the slug is not valid, and 22023 when the time zone does not exist. The
-- detail of TN002 and TN003 is {"conflict": {"code", "name"}, "emailReason", "earlierTenant"} as text, in which each
-- may be null. If `p_with_earlier_system` is false, the slugs and addresses of the earlier system are not taken.
CREATE OR REPLACE FUNCTION validate_provisioning(p_payload jsonb, p_with_earlier_system boolean) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_email record;
    v_slug record;
BEGIN
    SELECT * INTO v_email
    FROM check_owner_email_availability(p_payload #>> '{owner,emailCanonical}', p_with_earlier_system);
    IF NOT v_email.available THEN
        RAISE EXCEPTION 'the e-mail is in use' USING
            ERRCODE = 'TN003', CONSTRAINT = 'users_email_key',
            DETAIL = conflict_detail(v_email.conflict_code, v_email.conflict_name, v_email.reason);
    END IF;
    SELECT * INTO v_slug FROM check_slug_availability(p_payload ->> 'slug', '{}', p_with_earlier_system);
    IF NOT v_slug.available AND v_slug.conflict_name IS NULL THEN
        RAISE EXCEPTION 'the slug is not valid' USING ERRCODE = 'check_violation', CONSTRAINT = 'tenants_slug_check';
    ELSIF NOT v_slug.available THEN
        RAISE EXCEPTION 'the slug is taken' USING
            ERRCODE = 'TN002', CONSTRAINT = 'tenants_slug_key',
            DETAIL = conflict_detail(v_slug.conflict_code, v_slug.conflict_name, NULL);
    END IF;
    PERFORM now() AT TIME ZONE (p_payload ->> 'timeZone');
END $$;
