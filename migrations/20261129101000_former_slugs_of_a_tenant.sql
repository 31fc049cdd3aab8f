-- Row level security for the former slugs, whose table is older than `protect_rows`.
SELECT protect_rows('tenant_former_slugs');
