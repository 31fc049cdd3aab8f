//! The binary `tenantry`: configuration, HTTP, sessions, the JSON API and the command line.

mod cli;
mod config;
mod console;
mod http;
mod installation;
mod logging;
mod signals;
mod telemetry;
mod workers;

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    cli::run().await
}
