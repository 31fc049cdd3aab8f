//! The binary `tenantry`, over HTTP and on the command line.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod access;
mod activation;
mod bad_input;
mod codes;
mod commands;
mod compression;
mod connections;
mod crash;
mod csrf;
mod forms;
mod headers;
mod history;
mod lifecycle;
mod logs;
mod openapi;
mod outage;
mod pipeline;
mod pooler;
mod registry;
mod restricted_role;
mod retention;
mod routes;
mod shutdown;
mod slugs;
mod start;
mod support;
mod suspended_programs;
mod tenant_access;
mod tenant_actions;
mod tenant_api;
mod tenant_domains;
mod tenant_export;
mod tenant_forms;
mod tenants;
mod transitions;
