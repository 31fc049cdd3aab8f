//! Fixtures that all Rust tests share.
//!
//! | module | provides |
//! | --- | --- |
//! | [`wait`] | waiting for a condition instead of sleeping |
//! | [`prepared_cluster`] | the data of a new PostgreSQL cluster |
//! | [`test_cluster`], [`test_database`] | PostgreSQL clusters, and a fresh database for each test |
//! | [`pgbouncer`] | PgBouncer in front of PostgreSQL |
//! | [`old_postgres`] | PostgreSQL 14, which Tenantry refuses |
//! | [`fault_proxy`] | a proxy in front of PostgreSQL that injects faults |
//! | [`insert_gate`] | a gate that blocks the atomic core halfway |
//! | [`fake_services`] | the metadata bridge, the copy service and Odoo as one HTTP server |
//! | [`fake_dns`] | a DNS server with TXT records |
//! | [`fake_external_system`] | pipeline steps in memory that count their effects |
//! | [`pipeline_fixture`] | a database, tenants with pipeline steps, and workers |
//! | [`running_worker`] | a worker in a task |
//! | [`run_step`] | running a step without a worker |
//! | [`requests`] | drafts, provisioning requests, and checks of their outcomes |
//! | [`earlier_system`] | the earlier system, whose tenants are adopted |
//! | [`reserved_port`] | TCP ports that no other test uses |
//! | [`captured_log`] | the log of a test's thread |
//!
//! `wait`, `prepared_cluster`, `test_cluster`, `pgbouncer`, `old_postgres`, `fault_proxy`, `reserved_port`,
//! `earlier_system`, `fake_dns` and `captured_log` do not use the engine.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a fixture that cannot be set up fails its test"
)]
#![allow(missing_debug_implementations, reason = "fixtures are not printed")]

pub mod captured_log;
pub mod earlier_system;
pub mod fake_dns;
pub mod fake_external_system;
pub mod fake_services;
pub mod fault_proxy;
pub mod insert_gate;
pub mod old_postgres;
pub mod pgbouncer;
pub mod pipeline_fixture;
pub mod prepared_cluster;
pub mod requests;
pub mod reserved_port;
pub mod run_step;
pub mod running_worker;
pub mod test_cluster;
pub mod test_database;
pub mod wait;
