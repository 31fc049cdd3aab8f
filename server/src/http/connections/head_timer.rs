//! How long the server waits for the head of a request: the request line and the header.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    task::{Context, Poll},
    time::{Duration, Instant},
};

use hyper::rt::{Sleep, Timer};

/// How long a connection may be idle between two requests. Reverse proxies usually close idle connections
/// after 60 s. The server waits longer, so that it does not close a connection on which a proxy is sending.
pub(super) const IDLE_TIMEOUT: Duration = Duration::from_secs(75);
/// How long a head may take after its first byte. For the first head of a connection, the time begins when
/// the connection is accepted.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// The timer of one connection. Hyper uses it for a single limit: the time from the end of a response to the
/// end of the next head, here [`IDLE_TIMEOUT`]. The timer replaces this limit with [`HEAD_TIMEOUT`] when a
/// byte arrives, and for the first head.
#[derive(Debug, Default)]
pub(super) struct HeadTimer {
    received: Received,
    has_waited: AtomicBool,
}

/// Whether a byte has arrived since hyper began to wait for a head.
#[derive(Debug, Clone, Default)]
pub(super) struct Received(Arc<AtomicBool>);

impl Received {
    /// Called after each read with the bytes that it returned. A read at the end of the connection returns
    /// none.
    pub(super) fn notice(&self, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.0.store(true, Relaxed);
        }
    }
}

impl HeadTimer {
    pub(super) fn received(&self) -> Received {
        self.received.clone()
    }
}

impl Timer for HeadTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(Instant::now() + duration)
    }

    /// Hyper calls this when it begins to wait for a head, before it reads.
    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        let is_first = !self.has_waited.swap(true, Relaxed);
        self.received.0.store(is_first, Relaxed);
        Box::pin(HeadSleep {
            received: self.received.clone(),
            has_begun: false,
            sleep: Box::pin(tokio::time::sleep_until(deadline.into())),
        })
    }
}

struct HeadSleep {
    received: Received,
    has_begun: bool,
    sleep: Pin<Box<tokio::time::Sleep>>,
}

impl Sleep for HeadSleep {}

impl Future for HeadSleep {
    type Output = ();

    /// Hyper polls this after each read that did not complete the head.
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if !self.has_begun && self.received.0.load(Relaxed) {
            self.has_begun = true;
            self.sleep.as_mut().reset(tokio::time::Instant::now() + HEAD_TIMEOUT);
        }
        self.sleep.as_mut().poll(context)
    }
}
