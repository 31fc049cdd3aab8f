-- no-transaction
ALTER TABLE users VALIDATE CONSTRAINT users_erased_check;
