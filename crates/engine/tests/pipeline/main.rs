//! The external pipeline against a real PostgreSQL (SPEC section 6): what a worker does, what becomes
//! of one that is lost, and what an admin may do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../postgres/support/mod.rs"]
#[allow(dead_code, unused_imports)]
mod support;

mod actions;
mod attempts;
mod automaton;
mod breaker;
mod copied_files;
mod copy;
mod counterpart;
mod outside;
mod over_http;
mod plant;
mod ready_copies;
mod rollbacks;
mod workers;
