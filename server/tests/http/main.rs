//! The real binary, over HTTP and on the command line.

mod bad_input;
mod commands;
mod crash;
mod csrf;
mod forms;
mod headers;
mod history;
mod outage;
mod routes;
mod support;
mod tenants;
