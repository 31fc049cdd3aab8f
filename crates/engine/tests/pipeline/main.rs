//! The external pipeline against a real PostgreSQL: `docs/specification.md`, section 6. Workers, steps,
//! rollbacks, and the actions of admins on dead steps.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod access;
mod actions;
mod attempts;
mod audit_redaction;
mod blocked_jobs;
mod breaker;
mod copy;
mod copy_identity;
mod external_tenant;
mod filestore;
mod health;
mod lifecycle;
mod over_http;
mod pooler;
mod purge;
mod purge_safety;
mod purged_tenant;
mod resources;
mod restored_creation;
mod retention;
mod rollbacks;
mod rollbacks_without_steps;
mod warm_pool;
mod workers;
