use domain::member::TenantMember;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::PortalContent;
use crate::{Failure, codec::Json};

/// What the page of the members shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberFilter {
    /// The start of a name or an address, or empty for all members.
    pub q: String,
    /// The cursor of the page, or empty.
    pub after: String,
}

/// The members of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MembersContent {
    /// One page of the members and invitations, newest first, or the members that the search has found.
    pub members: Vec<TenantMember>,
    /// The cursor of the next page, or empty.
    pub next: String,
    /// Whether more people match the search than are shown.
    pub has_more: bool,
    /// The ID of the signed-in account.
    pub own_id: String,
    /// A form that was refused: [`super::super::PostedForm`] as JSON, or empty.
    pub posted: String,
}

/// The members of a tenant.
///
/// # Errors
/// See [`portal_status`](super::portal_status); `VALIDATION_ERROR` for an invalid cursor.
#[server(prefix = "/api/fn", endpoint = "open_portal_members", input = Json, output = Json)]
pub async fn open_portal_members(
    tenant: String,
    filter: MemberFilter,
) -> Result<PortalContent<MembersContent>, Failure> {
    let read = async |engine: &engine::Engine, caller: &engine::tenants::TenantCaller| {
        change::read(engine, caller, &filter).await
    };
    super::caller::Opened::find(&tenant).await?.with(read).await
}

#[cfg(feature = "ssr")]
pub use self::change::save_member_form;

#[cfg(feature = "ssr")]
mod change {
    use domain::{
        ErrorCode, FieldProblem, Problem,
        member::{MemberAction, NewMember, parse_role},
        tenant_form::FormValues,
    };
    use engine::{
        Engine, Error,
        access::idn_to_ascii,
        page::PageRequest,
        tenants::{
            TenantCaller, change_member_role, invite_member, list_members, remove_member, resend_invitation,
            revoke_invitation, search_members, transfer_ownership,
        },
    };
    use leptos::prelude::use_context;
    use uuid::Uuid;

    use super::{MemberFilter, MembersContent};
    use crate::{FormResult, server_fns::PostedForm};

    pub(super) async fn read(
        engine: &Engine,
        caller: &TenantCaller,
        filter: &MemberFilter,
    ) -> Result<MembersContent, Error> {
        let (members, next, has_more) = if filter.q.trim().is_empty() {
            let request = PageRequest::parse("200", &filter.after).map_err(Problem::from_fields)?;
            let page = list_members(engine, caller, request).await?;
            (page.rows, page.next.map(|next| next.to_string()).unwrap_or_default(), false)
        } else {
            let found = search_members(engine, caller, &filter.q).await?;
            (found.members, String::new(), found.has_more)
        };
        let posted = match use_context() {
            Some(FormResult::Members { values, problem }) => {
                let posted = PostedForm { version: String::new(), values, failure: problem.into() };
                serde_json::to_string(&posted).unwrap_or_default()
            }
            _ => String::new(),
        };
        let own_id = match caller {
            TenantCaller::Member { account, .. } => account.id.to_string(),
            _ => String::new(),
        };
        Ok(MembersContent { members, next, has_more, own_id, posted })
    }

    /// Does what a form of the page with the members says, and returns the action. `origin` is the start of the
    /// links in invitations.
    ///
    /// # Errors
    /// The errors of the functions for members in `engine::tenants`; `VALIDATION_ERROR` for an unknown action.
    pub async fn save_member_form(
        engine: &Engine,
        caller: &TenantCaller,
        values: &FormValues,
        origin: &str,
    ) -> Result<MemberAction, Error> {
        let value = |name: &str| values.get(name).unwrap_or_default();
        let Some(action) = MemberAction::from_text(value("action")) else {
            let problem =
                FieldProblem::new("", "unknown", "Open the page again, and send the form once more.");
            return Err(Problem::from_fields(vec![problem]).into());
        };
        let id = || Uuid::parse_str(value("member")).map_err(|_| Error::from(ErrorCode::ResourceNotFound));
        match action {
            MemberAction::Invite => {
                let new = NewMember::parse(value("name"), value("email"), value("role"), idn_to_ascii)
                    .map_err(Problem::from_fields)?;
                invite_member(engine, caller, &new, None, origin).await?;
            }
            MemberAction::Resend => {
                resend_invitation(engine, caller, Some(id()?), origin).await?;
            }
            MemberAction::Revoke => revoke_invitation(engine, caller, Some(id()?)).await?,
            MemberAction::ChangeRole => {
                let role =
                    parse_role(value("role")).map_err(|problem| Problem::from_fields(vec![problem]))?;
                change_member_role(engine, caller, id()?, role).await?;
            }
            MemberAction::Remove | MemberAction::Leave => remove_member(engine, caller, id()?).await?,
            MemberAction::Transfer => transfer_ownership(engine, caller, id()?).await?,
        }
        Ok(action)
    }
}
