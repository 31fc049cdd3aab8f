-- no-transaction
ALTER TABLE audit_log VALIDATE CONSTRAINT audit_log_values_check;
