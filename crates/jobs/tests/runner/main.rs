//! The job runner without provisioning: jobs of a kind of their own, without a request and without a tenant,
//! on a real PostgreSQL.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod dead_letters;
mod fixture;
mod rollbacks;
mod state_machine;
mod workers;
