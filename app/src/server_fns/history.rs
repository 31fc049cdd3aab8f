use domain::history::{HistoryFilter, HistoryPage};
use leptos::prelude::*;

use super::Record;
use crate::{Failure, codec::Json};

/// One page of the history.
///
/// # Errors
/// `UNAUTHENTICATED`, or the database's.
#[server(prefix = "/api/fn", endpoint = "list_requests", input = Json, output = Json)]
pub async fn list_requests(filter: HistoryFilter) -> Result<HistoryPage, Failure> {
    use crate::server_context::{console, fail, principal};
    principal()?;
    engine::provisioning::list_requests(&console()?.engine, &filter).await.map_err(fail)
}

/// The same, asked for by a page that was left open: that is no use of the session, which ends in
/// its time.
///
/// # Errors
/// As [`list_requests`].
#[server(prefix = "/api/fn", endpoint = "unattended/list_requests", input = Json, output = Json)]
pub async fn refresh_requests(filter: HistoryFilter) -> Result<HistoryPage, Failure> {
    list_requests(filter).await
}

/// Everything on record about one request.
///
/// # Errors
/// `UNAUTHENTICATED`, `RESOURCE_NOT_FOUND`, or the database's.
#[server(prefix = "/api/fn", endpoint = "open_request", input = Json, output = Json)]
pub async fn open_request(id: String) -> Result<Record, Failure> {
    use super::record::now_ms;
    use crate::server_context::{console, fail, principal};
    let role = principal()?.role;
    let (id, read_at) = (parse_id(&id)?, now_ms());
    let detail = engine::provisioning::find_request(&console()?.engine, id).await.map_err(fail)?;
    Ok(Record::of(detail.for_role(role), read_at))
}

/// The same, asked for by a page that follows it: no use of the session.
///
/// # Errors
/// As [`open_request`].
#[server(prefix = "/api/fn", endpoint = "unattended/open_request", input = Json, output = Json)]
pub async fn follow_request(id: String) -> Result<Record, Failure> {
    open_request(id).await
}

#[cfg(feature = "ssr")]
pub(super) fn parse_id(id: &str) -> Result<uuid::Uuid, Failure> {
    let refused = |_| crate::server_context::refuse(domain::ErrorCode::ResourceNotFound.into());
    uuid::Uuid::parse_str(id).map_err(refused)
}
