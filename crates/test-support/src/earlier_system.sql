-- The earlier system, written from its description in docs/specification.md, section 4.
CREATE SCHEMA auth;

CREATE TABLE auth.users (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    email text,
    encrypted_password text,
    last_sign_in_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX users_email_key ON auth.users (email);

CREATE TABLE public.tenants (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL,
    slug text NOT NULL UNIQUE,
    plan text,
    locale text,
    status text NOT NULL DEFAULT 'active',
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE public.auto_provisioning (
    user_id uuid NOT NULL,
    tenant_id uuid,
    restaurant_name text NOT NULL,
    restaurant_slug text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE public.profiles (
    id uuid PRIMARY KEY,
    full_name text,
    avatar_url text
);

CREATE TABLE public.employees (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL,
    role text NOT NULL DEFAULT 'admin'
);

CREATE FUNCTION public.touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := clock_timestamp();
    RETURN NEW;
END $$;
CREATE TRIGGER tenants_touch BEFORE UPDATE ON public.tenants FOR EACH ROW EXECUTE FUNCTION public.touch();

-- Creates a tenant for an account, in one transaction with the row that names the owner.
CREATE FUNCTION public.provision_tenant(
    p_user_id uuid, p_name text, p_slug text, p_plan text, p_locale text
) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    v_id uuid;
BEGIN
    INSERT INTO public.tenants (name, slug, plan, locale) VALUES (p_name, p_slug, p_plan, p_locale) RETURNING id INTO v_id;
    INSERT INTO public.auto_provisioning (user_id, tenant_id, restaurant_name, restaurant_slug)
    VALUES (p_user_id, v_id, p_name, p_slug);
    RETURN v_id;
END $$;
-- Another overload, which nobody retires.
CREATE FUNCTION public.provision_tenant(p_user_id uuid, p_name text) RETURNS uuid LANGUAGE sql AS $$
    SELECT public.provision_tenant(p_user_id, p_name, lower(p_name), 'starter', 'en')
$$;
