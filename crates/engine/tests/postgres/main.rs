//! The engine against a real PostgreSQL: what SPEC section 4 and 5 promise, and what must hold
//! when things go wrong. Each test has a database of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod access;
mod availability;
mod concurrency;
mod dying_backends;
mod error_table;
mod failover;
mod faults;
mod functions;
mod history;
mod idempotency;
mod integrity;
mod lost_answers;
mod provisioning;
mod recovery;
mod refusals;
mod running_keys;
mod schema;
mod sqlstates;
mod support;
