//! Applies the rules of the crate `domain` to a tenant of the earlier system.

use domain::{
    FieldProblem,
    provisioning::{Draft, DraftField, NewTenant},
};

use super::finding::finding;
use crate::{
    Engine,
    access::idn_to_ascii,
    adoption::{
        EXTERNAL_ID_PREFIX,
        report::{Finding, Reason},
        source::{EarlierData, EarlierLink, EarlierTenant},
    },
};

/// A tenant after the rules of the crate `domain` were applied to it.
pub(super) struct ParsedTenant<'a> {
    pub tenant: &'a EarlierTenant,
    pub draft: Draft,
    /// The valid tenant, or why it is not valid.
    pub new: Result<NewTenant, (Reason, String)>,
    /// The account of the owner.
    pub owner_id: Option<&'a str>,
    pub notes: Vec<Finding>,
}

/// Applies the rules to a tenant. `links` are its rows of `auto_provisioning`.
pub(super) fn parse<'a>(
    engine: &Engine,
    data: &'a EarlierData,
    tenant: &'a EarlierTenant,
    links: &[&'a EarlierLink],
) -> ParsedTenant<'a> {
    let mut notes = Vec::new();
    let plan = plan_of(engine, tenant, &mut notes);
    let mut draft = Draft {
        name: name_of(tenant, links.first().copied()),
        slug: tenant.slug.to_lowercase(),
        plan,
        blueprint: engine.pipeline().blueprints.first().map(|first| first.name.clone()).unwrap_or_default(),
        external_id: format!("{EXTERNAL_ID_PREFIX}{}", tenant.id),
        ..Draft::default()
    };
    if draft.slug != tenant.slug {
        notes.push(finding(tenant, Reason::SlugInLowerCase, format!("It is adopted as {}.", draft.slug)));
    }
    let owner_id = owner_of(data, tenant, links, &mut draft, &mut notes);
    let new =
        NewTenant::parse(&draft, owner_id.is_some(), idn_to_ascii).map_err(|problems| refusal(&problems));
    ParsedTenant { tenant, draft, new, owner_id, notes }
}

/// The plan with the same name, or the default plan.
fn plan_of(engine: &Engine, tenant: &EarlierTenant, notes: &mut Vec<Finding>) -> String {
    let default = || {
        let usual = Draft::default().plan;
        let first = engine.plans().first().map(|plan| plan.name.clone());
        if engine.plan(&usual).is_some() { usual } else { first.unwrap_or(usual) }
    };
    let Some(earlier) = tenant.plan.as_deref().map(str::trim).filter(|plan| !plan.is_empty()) else {
        return default();
    };
    match engine.plan(&earlier.to_lowercase()) {
        Some(plan) => plan.name.clone(),
        None => {
            let plan = default();
            let detail = format!("The plan {earlier} is not configured. It gets the plan {plan}.");
            notes.push(finding(tenant, Reason::UnknownPlan, detail));
            plan
        }
    }
}

/// The name of the tenant or, if it is empty, that of its row in `auto_provisioning`.
fn name_of(tenant: &EarlierTenant, link: Option<&EarlierLink>) -> String {
    match (tenant.name.trim(), link) {
        ("", Some(link)) => link.restaurant_name.trim().to_owned(),
        (name, _) => name.to_owned(),
    }
}

/// Fills in the owner, and returns the ID of the account. `None`, with a note, if the tenant is adopted without
/// an owner.
fn owner_of<'a>(
    data: &'a EarlierData,
    tenant: &EarlierTenant,
    links: &[&'a EarlierLink],
    draft: &mut Draft,
    notes: &mut Vec<Finding>,
) -> Option<&'a str> {
    let mut without_owner = |reason, text: &str| {
        notes.push(finding(tenant, reason, format!("{text} It has no owner in Tenantry.")));
    };
    let Some(link) = links.first() else {
        without_owner(Reason::NoOwner, "No row of auto_provisioning names its owner.");
        return None;
    };
    let Some(account) = data.accounts.get(&link.user_id) else {
        without_owner(Reason::OwnerMissing, &format!("The account {} does not exist.", link.user_id));
        return None;
    };
    if account.email.trim().is_empty() {
        without_owner(Reason::OwnerWithoutEmail, &format!("The account {} has no address.", link.user_id));
        return None;
    }
    if let Err(problem) = NewTenant::parse_email(&account.email, idn_to_ascii) {
        without_owner(
            Reason::InvalidEmail,
            &format!("The address {:?} is not valid. {}", account.email, problem.message),
        );
        return None;
    }
    let local_part = account.email.split('@').next().unwrap_or_default().trim();
    draft.owner_email.clone_from(&account.email);
    draft.owner_name = account.name.trim().to_owned();
    if !is_valid_name(&draft.owner_name) {
        draft.owner_name = local_part.to_owned();
    }
    if links.iter().any(|other| other.user_id != link.user_id) {
        let detail =
            format!("The accounts {} own it. The first one is its owner in Tenantry.", user_ids(links));
        notes.push(finding(tenant, Reason::SeveralOwners, detail));
    }
    Some(&link.user_id)
}

pub(super) fn user_ids(links: &[&EarlierLink]) -> String {
    links.iter().map(|link| link.user_id.as_str()).collect::<Vec<_>>().join(", ")
}

/// Whether a person may have this name in Tenantry.
fn is_valid_name(name: &str) -> bool {
    domain::field::parse_line("owner.name", "the owner's name", name, domain::provisioning::MAX_NAME).is_ok()
}

/// Why a tenant is not valid: its slug or its name, since the owner was checked before.
fn refusal(problems: &[FieldProblem]) -> (Reason, String) {
    let of = |field: DraftField| problems.iter().find(|problem| problem.field == field.path());
    match (of(DraftField::Slug), of(DraftField::Name)) {
        (Some(problem), _) => (Reason::InvalidSlug, problem.message.clone()),
        (None, Some(problem)) => (Reason::InvalidName, problem.message.clone()),
        (None, None) => {
            let messages: Vec<_> = problems.iter().map(|problem| problem.message.as_str()).collect();
            (Reason::Refused, messages.join(" "))
        }
    }
}
