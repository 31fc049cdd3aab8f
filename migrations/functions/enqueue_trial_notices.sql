-- Enqueues the message about a trial that ends soon to the owners of at most `p_limit` tenants: 7 days and 1 day
-- before the end, once each. Returns the number of messages. An owner who has not joined gets none. The ID of a
-- message follows from the tenant, the end and the number of days, so that processes that run at the same time enqueue
-- it once. `p_origin` is the start of the links. If it is null, the links start like those of the latest message.
CREATE OR REPLACE FUNCTION enqueue_trial_notices(p_origin text, p_limit integer) RETURNS integer
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
DECLARE
    v_origin text := coalesce(p_origin, (SELECT origin FROM outbox_messages ORDER BY created_at DESC LIMIT 1));
    v_notice record;
    v_count integer := 0;
BEGIN
    IF v_origin IS NULL THEN
        RETURN 0;
    END IF;
    FOR v_notice IN
        SELECT due.id, t.id AS tenant_id, t.name AS tenant_name, t.trial_ends_at, u.id AS user_id, u.name, u.email
        FROM tenants t JOIN users u ON u.id = t.owner_id
        CROSS JOIN LATERAL (SELECT md5(concat_ws(' ', 'trial', t.id, t.trial_ends_at,
            CASE WHEN t.trial_ends_at <= now() + interval '1 day' THEN 1 ELSE 7 END))::uuid AS id) due
        WHERE t.status = 'active' AND t.trial_ends_at > now() AND t.trial_ends_at <= now() + interval '7 days'
            AND u.password_hash IS NOT NULL
            AND NOT EXISTS (SELECT FROM outbox_messages m WHERE m.id = due.id)
        ORDER BY t.trial_ends_at LIMIT p_limit FOR SHARE OF t SKIP LOCKED
    LOOP
        PERFORM enqueue_message(
            v_notice.id, v_notice.tenant_id, v_notice.user_id, v_notice.name, v_notice.email, v_origin,
            jsonb_build_object('kind', 'trial_ending', 'tenantName', v_notice.tenant_name,
                               'endsAt', rfc3339(v_notice.trial_ends_at)),
            NULL, NULL, NULL, v_notice.trial_ends_at, false);
        v_count := v_count + 1;
    END LOOP;
    RETURN v_count;
END $$;
