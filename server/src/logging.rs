//! Structured logging on standard error. Standard output is reserved for the output of commands.

use std::io::{self, IsTerminal};

use tracing::{Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{FilterExt, dynamic_filter_fn},
    fmt,
    layer::{Filter, SubscriberExt},
    util::SubscriberInitExt,
};

use crate::{
    config::{LogFormat, Settings},
    telemetry::Telemetry,
};

/// Turns off the notices of PostgreSQL, unless the filter names them. A notice may contain row values. When a
/// backend crashes, PostgreSQL sends a notice to each connection, which adds nothing to the log line about the
/// lost connection.
const SILENCED: &str = "sqlx::postgres::notice=off";

/// Starts logging and, with `telemetry`, the export of spans. With `quiet` and the default filter, only
/// warnings and errors are logged, which suits short commands.
pub(crate) fn start(settings: &Settings, quiet: bool, telemetry: Option<&Telemetry>) {
    let filter = if quiet && settings.log == "info" { "warn" } else { settings.log.as_str() };
    let lines = fmt::layer().with_writer(io::stderr);
    let lines = match settings.log_format {
        LogFormat::Text => lines.compact().with_ansi(io::stderr().is_terminal()).boxed(),
        LogFormat::Json => lines.json().boxed(),
    };
    tracing_subscriber::registry()
        .with(lines.with_filter(EnvFilter::new(format!("{SILENCED},{filter}")).and(uncached())))
        .with(telemetry.map(Telemetry::layer))
        .init();
}

/// A filter that accepts everything but whose result is never cached. If the results of all filters are
/// cached, a call that only asks whether an event is enabled, as sqlx does after each statement, drops the
/// next event or span (tokio-rs/tracing#2519).
fn uncached<S: Subscriber>() -> impl Filter<S> {
    dynamic_filter_fn(|_, _| true).with_max_level_hint(LevelFilter::TRACE)
}
