//! Structured log lines on standard error; standard output belongs to the commands.

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

/// Starts logging as the settings say, and exporting spans where there is telemetry. `quiet` keeps
/// everything below a warning out, for commands whose output somebody reads.
pub fn start(settings: &Settings, quiet: bool, telemetry: Option<&Telemetry>) {
    let filter = if quiet && settings.log == "info" { "warn" } else { settings.log.as_str() };
    let lines = fmt::layer().with_writer(io::stderr);
    let lines = match settings.log_format {
        LogFormat::Text => lines.compact().with_ansi(io::stderr().is_terminal()).boxed(),
        LogFormat::Json => lines.json().boxed(),
    };
    tracing_subscriber::registry()
        .with(lines.with_filter(EnvFilter::new(filter).and(asked_each_time())))
        .with(telemetry.map(Telemetry::layer))
        .init();
}

/// A filter that lets all pass and whose answers are never kept. Where all filters' answers are, the
/// next line or span is lost after somebody only asked whether one would be wanted, as sqlx does
/// after each statement (tokio-rs/tracing#2519).
fn asked_each_time<S: Subscriber>() -> impl Filter<S> {
    dynamic_filter_fn(|_, _| true).with_max_level_hint(LevelFilter::TRACE)
}
