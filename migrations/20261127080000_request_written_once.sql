-- `provision_tenant_atomic` writes the row of a request once, after the tenant and the job that refer to it. Until
-- then, an advisory lock holds the idempotency key.
ALTER TABLE tenants ALTER CONSTRAINT tenants_request_id_fkey DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE jobs ALTER CONSTRAINT jobs_request_id_fkey DEFERRABLE INITIALLY DEFERRED;
