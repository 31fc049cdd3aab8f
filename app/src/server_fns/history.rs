use domain::history::{HistoryFilter, HistoryPage};
use leptos::prelude::*;

use super::RequestRecord;
use crate::{Failure, codec::Json};

/// One page of the history.
///
/// # Errors
/// `UNAUTHENTICATED`, or an error of the database.
#[server(prefix = "/api/fn", endpoint = "list_requests", input = Json, output = Json)]
pub async fn list_requests(filter: HistoryFilter) -> Result<HistoryPage, Failure> {
    use crate::server_context::{console, respond_with_error, signed_in_employee};
    use engine::{page::Limit, provisioning};
    signed_in_employee()?;
    let page = provisioning::list_requests(&console()?.engine, &filter, Limit::default()).await;
    page.map_err(respond_with_error)
}

/// Does the same as [`list_requests`] for polling, without extending the session.
///
/// # Errors
/// Same as [`list_requests`].
#[server(prefix = "/api/fn", endpoint = "refresh_requests", input = Json, output = Json)]
pub async fn refresh_requests(filter: HistoryFilter) -> Result<HistoryPage, Failure> {
    list_requests(filter).await
}

/// The record of one request.
///
/// # Errors
/// `UNAUTHENTICATED`, `RESOURCE_NOT_FOUND`, or an error of the database.
#[server(prefix = "/api/fn", endpoint = "open_request", input = Json, output = Json)]
pub async fn open_request(id: String) -> Result<RequestRecord, Failure> {
    use super::request_record::now_ms;
    use crate::server_context::{console, respond_with_error, signed_in_employee};
    let role = signed_in_employee()?.role;
    let (id, read_at) = (parse_id(&id)?, now_ms());
    let detail =
        engine::provisioning::find_request(&console()?.engine, id).await.map_err(respond_with_error)?;
    Ok(RequestRecord::new(detail.for_role(role), read_at))
}

/// Does the same as [`open_request`] for a page that watches the request, without extending the session.
///
/// # Errors
/// Same as [`open_request`].
#[server(prefix = "/api/fn", endpoint = "follow_request", input = Json, output = Json)]
pub async fn follow_request(id: String) -> Result<RequestRecord, Failure> {
    open_request(id).await
}

#[cfg(feature = "ssr")]
pub(super) fn parse_id(id: &str) -> Result<uuid::Uuid, Failure> {
    let not_found =
        |_| crate::server_context::respond_with_problem(domain::ErrorCode::ResourceNotFound.into());
    uuid::Uuid::parse_str(id).map_err(not_found)
}
