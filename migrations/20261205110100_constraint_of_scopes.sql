-- no-transaction
ALTER TABLE employees VALIDATE CONSTRAINT employees_scopes_check;
