use std::time::Duration;

use super::perform::Performer;
use crate::{Error, mail};

impl Performer<'_> {
    /// Waits until all jobs have ended or are dead. Time passes before each retry.
    pub(super) async fn wait_for_jobs(&mut self) -> Result<(), Error> {
        loop {
            let row = sqlx::query!(
                r#"SELECT count(*) FILTER (WHERE state IN ('pending', 'running') OR due_at <= now()) AS "active!",
                     count(*) FILTER (WHERE state = 'retrying' AND due_at > now()) AS "retrying!"
                   FROM jobs WHERE state IN ('pending', 'running', 'retrying') AND rollback_began_at IS NULL"#
            )
            .fetch_one(&self.engine.pool())
            .await?;
            match (row.active, row.retrying) {
                (0, 0) => return Ok(()),
                (0, _) => {
                    self.clock.advance(self.engine, 20).await?;
                    sqlx::query!(
                        "UPDATE jobs SET due_at = now() WHERE state = 'retrying' AND due_at > now()"
                    )
                    .execute(&self.engine.pool())
                    .await?;
                    self.engine.queue().wake_worker();
                }
                _ => {
                    // A worker that misses the notification of a job would wait for its next poll.
                    self.engine.queue().wake_worker();
                    mail::wake_worker(self.engine);
                    tokio::time::sleep(Duration::from_millis(3)).await;
                }
            }
        }
    }
}
