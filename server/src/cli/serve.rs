use private_postgres::Attach;
use std::{net::SocketAddr, process::ExitCode, sync::Arc, time::Duration};

use clap::Args;
use engine::{
    Engine,
    access::issue_first_admin_link,
    pipeline::{report_figures, steps},
};
use secrecy::ExposeSecret;
use tokio::net::TcpListener;

use super::{Failure, Global, load_watched, output};
use crate::{
    http::{self, Site},
    installation::Installation,
    signals::shutdown_requested,
    telemetry::Telemetry,
    workers::Workers,
};

/// Run the console and the API
///
/// Without DATABASE_URL it starts its own private PostgreSQL in the data directory, and stops it
/// at the end. At the first start it prints a link for creating the first super admin.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tenantry serve --listen 127.0.0.1:8080 --data-dir /var/lib/tenantry")]
pub struct Serve {
    /// The address and port to listen on; port 0 takes a free one [default: 127.0.0.1:3000]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Jobs of the external pipeline to work on at once; 0 leaves them to `tenantry worker` [default: 2]
    #[arg(long, value_name = "N")]
    workers: Option<u32>,
}

impl Serve {
    pub async fn run(self, global: Global) -> Result<ExitCode, Failure> {
        let overrides = global.overrides().set("listen", self.listen).set("workers", self.workers);
        let (settings, telemetry) = load_watched(overrides)?;
        let listener = TcpListener::bind(settings.listen)
            .await
            .map_err(|error| Failure::new(format!("cannot listen on {}: {error}", settings.listen)))?;
        let site = Site::of(&settings, listener.local_addr()?);
        tracing::info!(address = %listener.local_addr()?, "listening");
        let origin = site.origin.clone();
        let installation = Installation::open(&settings, Attach::Serve).await?;
        let engine = &installation.engine;
        let steps = Arc::new(steps::build(engine).map_err(|error| Failure::new(error.to_string()))?);
        let told = shutdown_requested()?;
        let workers = Workers::start(engine, &steps, &settings);
        // The workers first: others can take their steps while the last requests end.
        let stop = async {
            told.await;
            tracing::info!("told to stop; finishing what was begun");
            workers.stop().await;
        };
        let result = tokio::select! {
            result = http::serve(listener, engine.clone(), steps, site, stop) => result,
            () = announce(engine.clone(), origin) => Ok(()),
            () = engine.clone().listen_for_changes() => Ok(()),
            () = report_figures(engine.clone()), if telemetry.is_some() => Ok(()),
        };
        Telemetry::stop(telemetry).await;
        installation.close().await?;
        result?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Migrates, says where the console is and how the first admin gets in, and from then on watches
/// the database, without end. A database that cannot be reached yet delays the link, not the server.
async fn announce(engine: Engine, origin: Arc<str>) {
    if let Err(error) = engine.migrate().await {
        tracing::warn!(code = %error.problem().code, ?error, "the database is not ready; trying on");
    }
    let said = output::say(format!("Tenantry is running at {origin}"));
    tokio::join!(engine.clone().watch_database(), async {
        if said.and(invite_first_admin(&engine, &origin).await).is_err() {
            tracing::warn!("standard output is closed: the address and the link were not told");
        }
    });
}

/// Prints the one-time link as soon as the database can make it.
async fn invite_first_admin(engine: &Engine, origin: &str) -> Result<(), Failure> {
    loop {
        match issue_first_admin_link(engine).await {
            Ok(Some(token)) => {
                return output::say(format!(
                    "Create the first admin at {origin}/setup/{}",
                    token.expose_secret()
                ));
            }
            Ok(None) => return Ok(()),
            Err(_) => tokio::time::sleep(Duration::from_secs(1)).await,
        }
    }
}
