-- no-transaction
-- The finished jobs of mail, which maintenance deletes.
CREATE INDEX CONCURRENTLY IF NOT EXISTS jobs_finished_mail_idx ON jobs (finished_at)
    WHERE queue = 'mail' AND finished_at IS NOT NULL;
