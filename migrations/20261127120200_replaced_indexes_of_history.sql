-- no-transaction
-- The indexes that others have replaced.
DROP INDEX CONCURRENTLY IF EXISTS requests_employee_idx;
DROP INDEX CONCURRENTLY IF EXISTS requests_code_idx;
DROP INDEX CONCURRENTLY IF EXISTS requests_slug_idx;
DROP INDEX CONCURRENTLY IF EXISTS requests_name_idx;
DROP INDEX CONCURRENTLY IF EXISTS requests_email_idx;
DROP INDEX CONCURRENTLY IF EXISTS requests_tenant_code_idx;
