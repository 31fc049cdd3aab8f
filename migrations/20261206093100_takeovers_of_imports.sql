-- How often in a row a process took the import over without a file being done since. An import fails after a few,
-- because it stops its processes.
ALTER TABLE imports ADD COLUMN takeovers smallint NOT NULL DEFAULT 0;
