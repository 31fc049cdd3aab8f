-- Returns whether a job of this kind is a lifecycle job, which applies a change of the tenant's status to the external
-- systems. `LifecycleChange` in the crate `domain` has the same list; a test compares both.
CREATE OR REPLACE FUNCTION is_lifecycle_kind(p_kind text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT p_kind IN ('suspend', 'resume', 'delete', 'restore')
$$;
