//! The job runner without provisioning. The jobs of these tests have no request and no tenant. The tests use
//! a real PostgreSQL server.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod dead_steps;
mod fixture;
mod rollbacks;
mod state_machine;
mod workers;
