use private_postgres::Attach;
use std::{process::ExitCode, sync::Arc};

use clap::Args;
use engine::pipeline::{report_figures, steps};

use super::{Failure, Global, load_watched, output};
use crate::{
    installation::Installation, signals::shutdown_requested, telemetry::Telemetry, workers::Workers,
};

/// Work on the external pipeline, without the console and the API
///
/// Any number of these may run on one database, beside `serve` and on other machines, each with the
/// same configuration. SIGTERM or Ctrl-C has it hand back at once what it has in hand.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  DATABASE_URL=postgres://tenantry@db/tenantry tenantry worker --config /etc/tenantry.toml --workers 4"
)]
pub struct RunWorkers {
    /// Jobs to work on at once [default: 2]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=64))]
    workers: Option<u32>,
}

impl RunWorkers {
    pub async fn run(self, global: Global) -> Result<ExitCode, Failure> {
        let (settings, telemetry) = load_watched(global.overrides().set("workers", self.workers))?;
        if settings.workers == 0 {
            return Err(Failure::new("TENANTRY_WORKERS is 0: say --workers 1 or more"));
        }
        let told = shutdown_requested()?;
        let installation = Installation::open(&settings, Attach::Command).await?;
        let engine = &installation.engine;
        if let Err(error) = engine.migrate().await {
            tracing::warn!(code = %error.problem().code, ?error, "the database is not ready; trying on");
        }
        let steps = Arc::new(steps::build(engine).map_err(|error| Failure::new(error.to_string()))?);
        let workers = Workers::start(engine, &steps, &settings);
        output::say(format!("Workers at work: {}", settings.workers))?;
        tokio::select! {
            () = told => {}
            () = engine.clone().watch_database() => {}
            () = report_figures(engine.clone()), if telemetry.is_some() => {}
        }
        workers.stop().await;
        Telemetry::stop(telemetry).await;
        installation.close().await?;
        Ok(ExitCode::SUCCESS)
    }
}
