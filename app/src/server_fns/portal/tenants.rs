use domain::portal::mark_of;
use engine::{Engine, Error, access::Account, tenants::list_memberships};

use super::PortalTenant;

/// The tenants of an account, in the order of their names.
pub(crate) async fn portal_tenants(engine: &Engine, account: &Account) -> Result<Vec<PortalTenant>, Error> {
    let memberships = list_memberships(engine, account).await?;
    let tenant = |membership: domain::member::Membership| PortalTenant {
        mark: mark_of(&membership.name),
        color: membership.color_primary,
        plan: engine.plan(&membership.plan).map_or(membership.plan.clone(), |plan| plan.label.clone()),
        slug: membership.slug,
        code: membership.code,
        name: membership.name,
        role: membership.role,
        status: membership.status,
        has_joined: membership.has_joined,
    };
    Ok(memberships.into_iter().map(tenant).collect())
}
