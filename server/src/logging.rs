//! Structured log lines on standard error; standard output belongs to the commands.

use std::io::{self, IsTerminal};

use tracing_subscriber::EnvFilter;

use crate::config::{LogFormat, Settings};

/// Starts logging as the settings say. `quiet` keeps everything below a warning out, for
/// commands whose output somebody reads.
pub fn start(settings: &Settings, quiet: bool) {
    let filter = if quiet && settings.log == "info" { "warn" } else { settings.log.as_str() };
    let builder = tracing_subscriber::fmt().with_env_filter(EnvFilter::new(filter)).with_writer(io::stderr);
    match settings.log_format {
        LogFormat::Text => builder.compact().with_ansi(io::stderr().is_terminal()).init(),
        LogFormat::Json => builder.json().init(),
    }
}
