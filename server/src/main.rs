//! The binary `tenantry`: configuration, HTTP, sessions, the JSON API and the command line.

mod cli;
mod config;
mod http;
mod installation;
mod logging;
mod pages;
mod signals;
mod telemetry;
mod workers;

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    cli::run().await
}
