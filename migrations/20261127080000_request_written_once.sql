-- `provision_tenant_atomic` writes the row of a request once, after the tenant and the job that reference it. The
-- foreign keys are therefore checked at the commit. An advisory lock reserves the idempotency key until then.
ALTER TABLE tenants ALTER CONSTRAINT tenants_request_id_fkey DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE jobs ALTER CONSTRAINT jobs_request_id_fkey DEFERRABLE INITIALLY DEFERRED;
