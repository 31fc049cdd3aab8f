//! The engine against a real PostgreSQL: `docs/specification.md`, sections 4 and 5, with and without
//! faults. Each test has its own database.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod access;
mod adoption;
mod audit;
mod availability;
mod concurrency;
mod demo;
mod erasure;
mod error_table;
mod failover;
mod faults;
mod functions;
mod history;
mod history_reads;
mod idempotency;
mod import;
mod integrity;
mod lifecycle;
mod lost_responses;
mod online_migrations;
mod outbox;
mod outbox_maintenance;
mod pooler;
mod profile;
mod provisioning;
mod recovery;
mod refusals;
mod registry;
mod registry_reads;
mod retention;
mod row_level_security;
mod row_reads;
mod running_keys;
mod schema;
mod sign_up;
mod sqlstates;
mod tenant_tables;
mod tenants;
mod terminated_backends;
mod without_owner;
