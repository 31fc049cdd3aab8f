use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use hyper::body::{Body, Bytes, Frame};
use tokio::time::{Interval, MissedTickBehavior, interval};

const PAUSE: Duration = Duration::from_secs(1);

/// The body of a response that arrives one byte a second. Leading spaces make the transfer take longer than
/// any caller waits.
#[derive(Debug)]
pub(super) struct ByteByByte {
    bytes: Bytes,
    ticks: Interval,
}

impl ByteByByte {
    pub(super) fn new(body: String) -> Self {
        let mut ticks = interval(PAUSE);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { bytes: (" ".repeat(100) + &body).into(), ticks }
    }
}

impl Body for ByteByByte {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        ready!(self.ticks.poll_tick(context));
        let length = self.bytes.len().min(1);
        let next = self.bytes.split_to(length);
        Poll::Ready((!next.is_empty()).then(|| Ok(Frame::data(next))))
    }
}
