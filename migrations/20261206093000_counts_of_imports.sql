-- What happened with the folder, and whether its tenant has an owner, so that counts do not read the reports. Null for
-- rows of an earlier version, which may still run; their reports have the values.
ALTER TABLE import_rows ADD COLUMN action text, ADD COLUMN has_owner boolean;
UPDATE import_rows SET action = report ->> 'action', has_owner = (report ->> 'hasOwner')::boolean;
