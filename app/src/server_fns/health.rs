use domain::pipeline::{PipelineHealth, UsualTime};
use leptos::prelude::*;

use crate::{Failure, codec::Json};

/// How the pipeline is doing.
///
/// # Errors
/// `UNAUTHENTICATED`, or the database's.
#[server(prefix = "/api/fn", endpoint = "read_health", input = Json, output = Json)]
pub async fn read_health() -> Result<PipelineHealth, Failure> {
    use crate::server_context::{console, fail, principal};
    let role = principal()?.role;
    let health = engine::pipeline::pipeline_health(&console()?.engine).await.map_err(fail)?;
    Ok(health.for_role(role))
}

/// The same, asked for by a page that was left open: no use of the session.
///
/// # Errors
/// As [`read_health`].
#[server(prefix = "/api/fn", endpoint = "unattended/read_health", input = Json, output = Json)]
pub async fn refresh_health() -> Result<PipelineHealth, Failure> {
    read_health().await
}

/// Lets the next step try a connector whose breaker is open, at once; answers how the pipeline is
/// doing then.
///
/// # Errors
/// `UNAUTHENTICATED`, `FORBIDDEN`, `RESOURCE_NOT_FOUND` for no connector, `INVALID_TRANSITION` where
/// its breaker is not open, or the database's.
#[server(prefix = "/api/fn", endpoint = "check_connector", input = Json, output = Json)]
pub async fn check_connector(connector: String) -> Result<PipelineHealth, Failure> {
    use crate::server_context::{console, fail, provisioner, refuse};
    let by = provisioner()?;
    let connector = domain::pipeline::Connector::from_text(&connector)
        .ok_or_else(|| refuse(domain::ErrorCode::ResourceNotFound.into()))?;
    engine::pipeline::test_connector_now(&console()?.engine, &by, connector).await.map_err(fail)?;
    read_health().await
}

/// How long each step takes, as far as past runs tell.
///
/// # Errors
/// `UNAUTHENTICATED`, or the database's.
#[server(prefix = "/api/fn", endpoint = "usual_times", input = Json, output = Json)]
pub async fn usual_times() -> Result<Vec<UsualTime>, Failure> {
    use crate::server_context::{console, fail, principal};
    principal()?;
    engine::pipeline::usual_times(&console()?.engine).await.map_err(fail)
}
