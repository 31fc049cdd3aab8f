use leptos::{prelude::*, server_fn::codec::Json};
use serde::{Deserialize, Serialize};

use crate::Failure;

/// What an invitation's page tells its owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationView {
    pub owner_name: String,
    pub owner_email: String,
    pub tenant_name: String,
}

/// What an invitation's link leads to, while it can be used. Needs no sign-in: the link is the proof.
///
/// # Errors
/// `RESOURCE_NOT_FOUND`, or the database's.
#[server(prefix = "/api/fn", endpoint = "open_invitation", input = Json)]
pub async fn open_invitation(token: String) -> Result<InvitationView, Failure> {
    use crate::server_context::{console, fail};
    let found = engine::access::open_invitation(&console()?.engine, &token).await.map_err(fail)?;
    Ok(InvitationView { owner_name: found.owner_name, owner_email: found.owner_email, tenant_name: found.tenant_name })
}

/// Whether the link to make the first admin can still be used.
///
/// # Errors
/// The database's.
#[server(prefix = "/api/fn", endpoint = "setup_link_is_good", input = Json)]
pub async fn setup_link_is_good(token: String) -> Result<bool, Failure> {
    use crate::server_context::{console, fail, set_status};
    let good = engine::access::first_admin_link_is_good(&console()?.engine, &token).await.map_err(fail)?;
    if !good {
        set_status(404);
    }
    Ok(good)
}
