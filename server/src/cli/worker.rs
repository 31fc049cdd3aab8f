use std::process::ExitCode;

use clap::Args;
use engine::pipeline::report_queue_metrics;
use private_postgres::Attach;

use super::{Failure, GlobalOptions, output, startup::load_with_telemetry};
use crate::{
    installation::Installation,
    signals::{shutdown_requested, wait_until_true},
    telemetry::Telemetry,
    workers::Workers,
};

/// Run jobs of the external pipeline, without the console and the API
///
/// Any number of workers on any number of machines can share one database. They need the same configuration.
/// On SIGTERM or Ctrl-C, the workers release their current steps immediately. A second signal ends the
/// process without releasing them.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  DATABASE_URL=postgres://tenantry@db/tenantry tenantry worker --config /etc/tenantry.toml --workers 4"
)]
pub(crate) struct RunWorkers {
    /// How many jobs to run at the same time [default: 2]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=64))]
    workers: Option<u32>,
}

impl RunWorkers {
    pub(crate) async fn run(self, global: GlobalOptions) -> Result<ExitCode, Failure> {
        let (settings, telemetry) = load_with_telemetry(global.overrides().set("workers", self.workers))?;
        if settings.workers == 0 {
            return Err(Failure::new(
                "the setting workers is 0, so there is nothing to run; use --workers 1 or more",
            ));
        }
        let shutdown = shutdown_requested()?;
        let installation = Installation::open(&settings, Attach::Command).await?;
        let engine = &installation.engine;
        if let Err(error) = engine.migrate().await {
            if error.is_database_misconfigured() {
                return Err(Failure::database_misconfigured(&error));
            }
            tracing::warn!(code = %error.problem().code, ?error, "the database is not ready; retrying");
        }
        let workers = Workers::start(engine, &settings);
        output::print(format!("Workers running: {}", settings.workers))?;
        tokio::select! {
            () = wait_until_true(shutdown) => {}
            () = engine.clone().watch_database() => {}
            () = report_queue_metrics(engine.clone()), if telemetry.is_some() => {}
        }
        workers.stop().await;
        Telemetry::stop(telemetry).await;
        installation.close().await?;
        Ok(ExitCode::SUCCESS)
    }
}
