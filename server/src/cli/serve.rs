use std::{net::SocketAddr, process::ExitCode, sync::Arc, time::Duration};

use clap::Args;
use domain::paths;
use engine::{
    Engine, access::issue_first_admin_link, adoption::hidden_earlier_system, pipeline::report_queue_metrics,
};
use private_postgres::Attach;
use secrecy::ExposeSecret;
use tokio::net::TcpListener;

use super::{Failure, GlobalOptions, output, startup::load_with_telemetry};
use crate::{
    config::Settings,
    http::{self, Site},
    installation::Installation,
    signals::{shutdown_requested, wait_until_true},
    telemetry::Telemetry,
    workers::Workers,
};

/// Run the console and the API
///
/// Without DATABASE_URL, the server starts a private PostgreSQL in the data directory and stops it on
/// shutdown. Until a super admin exists, each start prints a link that creates the first one.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tenantry serve --listen 127.0.0.1:8080 --data-dir /var/lib/tenantry")]
pub(crate) struct Serve {
    /// The address and port to listen on; port 0 chooses a free port [default: 127.0.0.1:3000]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// How many pipeline jobs to run at the same time; 0 leaves them to `tenantry worker` [default: 2]
    #[arg(long, value_name = "N")]
    workers: Option<u32>,
}

impl Serve {
    pub(crate) async fn run(self, global: GlobalOptions) -> Result<ExitCode, Failure> {
        let overrides = global.overrides().set("listen", self.listen).set("workers", self.workers);
        let (settings, telemetry) = load_with_telemetry(overrides)?;
        let (listener, site) = prepare(&settings).await?;
        tracing::info!(address = %listener.local_addr()?, "listening");
        let origin = site.origin.clone();
        let installation = Installation::open(&settings, Attach::Serve).await?;
        let engine = &installation.engine;
        let shutdown = shutdown_requested()?;
        let is_shutting_down = shutdown.clone();
        let workers = Workers::start(engine, &settings);
        let delay = Duration::from_secs(settings.shutdown_delay_seconds);
        // Workers stop first, so that other processes take over their steps while the last requests finish.
        let stop = async {
            wait_until_true(shutdown).await;
            tracing::info!("shutting down");
            tokio::join!(workers.stop(), tokio::time::sleep(delay));
        };
        let server = http::serve(listener, engine.clone(), site, is_shutting_down, stop);
        let result = tokio::select! {
            () = server => Ok(()),
            result = migrate_and_watch(engine.clone(), origin) => result,
            () = engine.clone().listen_for_changes() => Ok(()),
            () = report_queue_metrics(engine.clone()), if telemetry.is_some() => Ok(()),
        };
        Telemetry::stop(telemetry).await;
        installation.close().await?;
        result?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Checks the address, the site and the master key, and reports every problem at once.
async fn prepare(settings: &Settings) -> Result<(TcpListener, Site), Failure> {
    let listener = TcpListener::bind(settings.listen)
        .await
        .map_err(|error| format!("cannot listen on {}: {error}", settings.listen));
    let address = listener.as_ref().ok().and_then(|listener| listener.local_addr().ok());
    let site = Site::load(settings, address.unwrap_or(settings.listen)).map_err(|error| error.to_string());
    let key = settings.master_key(rand::random).map_err(|error| error.to_string());
    match (listener, site, key) {
        (Ok(listener), Ok(site), Ok(_)) => Ok((listener, site)),
        (listener, site, key) => {
            let problems = [listener.err(), site.err(), key.err()];
            Err(Failure::cannot_start(problems.into_iter().flatten()))
        }
    }
}

/// Migrates the database, prints the address of the console and the setup link, and watches the database
/// until the server stops. While the database is not available, the server already responds, and the link is
/// printed later.
async fn migrate_and_watch(engine: Engine, origin: Arc<str>) -> Result<(), Failure> {
    if let Err(error) = engine.migrate().await {
        if error.is_database_misconfigured() {
            return Err(Failure::database_misconfigured(&error));
        }
        tracing::warn!(code = %error.problem().code, ?error, "the database is not ready; retrying");
    }
    let printed = output::print(format!("Tenantry is running at {origin}"));
    tokio::join!(engine.clone().watch_database(), warn_about_earlier_system(&engine), async {
        if printed.and(print_setup_link(&engine, &origin).await).is_err() {
            tracing::warn!("standard output is closed, so the address and the setup link were not printed");
        }
    });
    Ok(())
}

/// Warns if the rows of the earlier system cannot be read. A failure of the database is not reported here,
/// because the watch reports it.
async fn warn_about_earlier_system(engine: &Engine) {
    if let Ok(Some(error)) = hidden_earlier_system(engine).await {
        tracing::warn!(%error, "slugs and addresses of the earlier system do not count as taken");
    }
}

/// Prints the one-time setup link as soon as the database is available.
async fn print_setup_link(engine: &Engine, origin: &str) -> Result<(), Failure> {
    loop {
        match issue_first_admin_link(engine).await {
            Ok(Some(token)) => {
                let path = paths::setup(token.expose_secret());
                return output::print(format!("Create the first admin at {origin}{path}"));
            }
            Ok(None) => return Ok(()),
            Err(_) => tokio::time::sleep(Duration::from_secs(1)).await,
        }
    }
}
