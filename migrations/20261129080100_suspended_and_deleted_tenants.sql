-- No version before this one suspends or deletes tenants. Another program may have done so.
UPDATE tenants SET suspended_at = coalesce(suspended_at, now()), suspension_reason = 'Not recorded.'
WHERE status = 'suspended';
UPDATE tenants SET deleted_at = coalesce(deleted_at, now()),
    status_before_deletion = CASE WHEN owner_id IS NULL THEN 'pending_activation' ELSE 'active' END
WHERE status = 'deleted';
