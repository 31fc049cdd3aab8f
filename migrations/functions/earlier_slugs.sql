-- Returns those of `p_slugs` that a tenant of the earlier system has, in any case, with the name of that tenant:
-- {slug: name}. Ignores the tenant with the ID `p_except`. Returns {} if this database has no earlier system, if its
-- tables have other columns, if the current role may not read them, or if reading them would run code of their owner.
CREATE OR REPLACE FUNCTION earlier_slugs(p_slugs text[], p_except text DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql SET search_path = tenantry, pg_temp AS $$
BEGIN
    IF NOT may_have_earlier_system() THEN
        RETURN '{}';
    END IF;
    LOCK TABLE public.tenants, public.auto_provisioning IN ACCESS SHARE MODE;
    IF NOT is_plain_table('public.tenants', '{id,slug,name}')
        OR NOT is_plain_table('public.auto_provisioning', '{tenant_id,restaurant_slug,restaurant_name}')
    THEN
        RETURN '{}';
    END IF;
    RETURN coalesce((
        SELECT jsonb_object_agg(taken.slug, coalesce(nullif(btrim(taken.name), ''), taken.slug)) FROM (
            SELECT lower(t.slug::text) AS slug, t.name::text FROM public.tenants t
            WHERE lower(t.slug::text) = ANY (p_slugs) AND t.id::text IS DISTINCT FROM p_except
            UNION ALL
            SELECT lower(a.restaurant_slug::text), a.restaurant_name::text FROM public.auto_provisioning a
            WHERE lower(a.restaurant_slug::text) = ANY (p_slugs)
                AND (p_except IS NULL OR a.tenant_id::text IS DISTINCT FROM p_except)) taken), '{}');
EXCEPTION WHEN undefined_table OR undefined_column OR insufficient_privilege THEN
    RETURN '{}';
END $$;
