//! The counterpart of the pipeline's tests, by itself.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod pipeline {
    mod counterpart;
}
