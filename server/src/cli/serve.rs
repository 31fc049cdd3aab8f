use std::{net::SocketAddr, process::ExitCode, sync::Arc, time::Duration};

use clap::Args;
use engine::{Engine, access::issue_first_admin_link, cluster::Attach};
use secrecy::ExposeSecret;
use tokio::net::TcpListener;

use super::{Failure, Global, load, output};
use crate::{
    http::{self, Site},
    installation::Installation,
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
}

impl Serve {
    pub async fn run(self, global: Global) -> Result<ExitCode, Failure> {
        let settings = load(global.overrides().set("listen", self.listen), false)?;
        let listener = TcpListener::bind(settings.listen)
            .await
            .map_err(|error| Failure::new(format!("cannot listen on {}: {error}", settings.listen)))?;
        let site = Site::of(&settings, listener.local_addr()?);
        tracing::info!(address = %listener.local_addr()?, "listening");
        let installation = Installation::open(&settings, Attach::Serve).await?;
        let announcing = announce(installation.engine.clone(), site.origin.clone());
        let result = tokio::select! {
            result = http::serve(listener, installation.engine.clone(), site) => result,
            () = announcing => Ok(()),
        };
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
