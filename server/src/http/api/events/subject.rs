use std::time::Duration;

use tokio::sync::broadcast::{self, error::RecvError};
use uuid::Uuid;

/// The minimum time between queries while notifications of other requests arrive.
const MIN_INTERVAL: Duration = Duration::from_millis(100);

/// The request that a stream follows.
#[derive(Debug, Clone, Copy)]
pub(super) enum Subject {
    Id(Uuid),
    Key(Uuid),
}

impl Subject {
    /// Waits until the request may have changed. Ignores changes of other requests. Notifications contain no
    /// keys, so a follower of a key wakes on the change of any request, at most once per [`MIN_INTERVAL`].
    pub(super) async fn wait_for_change(self, changes: &mut broadcast::Receiver<Uuid>) {
        loop {
            match (changes.recv().await, self) {
                (Ok(changed), Self::Id(id)) if changed == id => return,
                (Ok(_), Self::Id(_)) => {}
                (Ok(_), Self::Key(_)) | (Err(RecvError::Lagged(_)), _) => {
                    tokio::time::sleep(MIN_INTERVAL).await;
                    *changes = changes.resubscribe();
                    return;
                }
                (Err(RecvError::Closed), _) => return std::future::pending().await,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use tokio::time::Instant;

    use super::*;

    /// A receiver to which 20 changes of other requests were sent, and its sender.
    fn changes_of_others() -> (broadcast::Sender<Uuid>, broadcast::Receiver<Uuid>) {
        let (sender, changes) = broadcast::channel(256);
        for _ in 0..20 {
            sender.send(Uuid::new_v4()).unwrap();
        }
        (sender, changes)
    }

    #[test]
    fn changes_of_other_requests_do_not_wake_a_follower_of_an_id() {
        let (_sender, mut changes) = changes_of_others();
        let subject = Subject::Id(Uuid::new_v4());
        assert_eq!(subject.wait_for_change(&mut changes).now_or_never(), None);
        assert!(changes.is_empty());
    }

    #[test]
    fn a_change_of_the_followed_request_wakes_immediately() {
        let (sender, mut changes) = changes_of_others();
        let id = Uuid::new_v4();
        sender.send(id).unwrap();
        assert_eq!(Subject::Id(id).wait_for_change(&mut changes).now_or_never(), Some(()));
    }

    #[tokio::test]
    async fn many_changes_wake_a_follower_of_a_key_once_per_interval() {
        let (_sender, mut changes) = changes_of_others();
        let subject = Subject::Key(Uuid::new_v4());
        let start = Instant::now();
        subject.wait_for_change(&mut changes).await;
        assert!(start.elapsed() >= MIN_INTERVAL);
        assert!(changes.is_empty());
    }
}
