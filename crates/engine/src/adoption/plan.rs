//! Decides which tenants of the earlier system can be adopted, and how.
//!
//! A tenant whose slug or name Tenantry cannot accept is not adopted. A tenant whose owner Tenantry cannot accept
//! is adopted without an owner, so that its slug is secured: it is `pending_activation` until an admin names an
//! owner (`docs/specification.md`, section 7).

mod finding;
mod parse;

use std::collections::{HashMap, HashSet};

use domain::{idempotency_key::IdempotencyKey, provisioning::Draft};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use self::{
    finding::finding,
    parse::{ParsedTenant, parse},
};
use super::{
    known::ExistingRecords,
    report::{Finding, Reason},
    source::{EarlierData, EarlierLink, EarlierTenant},
};
use crate::{Engine, Error};

const LINKS: &str = "public.auto_provisioning";
/// The values of `status` with which a tenant is suspended, or deleted. Every other value means active.
const SUSPENDED: [&str; 5] = ["suspended", "inactive", "disabled", "paused", "blocked"];
const DELETED: [&str; 5] = ["deleted", "archived", "cancelled", "canceled", "closed"];

/// A tenant that can be adopted.
#[derive(Debug)]
pub(super) struct Candidate {
    pub earlier_id: String,
    pub key: IdempotencyKey,
    pub draft: Draft,
    pub has_owner: bool,
    pub is_suspended: bool,
}

/// What a run will do.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub candidates: Vec<Candidate>,
    /// The codes of tenants that were adopted, and are suspended in the earlier system since.
    pub to_suspend: Vec<String>,
    pub unchanged: usize,
    pub not_adopted: Vec<Finding>,
    pub notes: Vec<Finding>,
}

/// The idempotency key of a tenant's adoption.
fn key_of(earlier_id: &str) -> Uuid {
    let digest = Sha256::digest(format!("tenantry adoption of {earlier_id}"));
    let bytes = digest.first_chunk::<16>().copied().unwrap_or_default();
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

impl Plan {
    /// Decides about all tenants. Reads what Tenantry has already.
    pub(super) async fn new(engine: &Engine, data: &EarlierData) -> Result<Self, Error> {
        let mut links: HashMap<&str, Vec<&EarlierLink>> = HashMap::new();
        for link in &data.links {
            links.entry(link.tenant_id.as_deref().unwrap_or_default()).or_default().push(link);
        }
        let links_of = |tenant: &EarlierTenant| links.get(tenant.id.as_str()).map_or(&[][..], Vec::as_slice);
        let parsed: Vec<_> =
            data.tenants.iter().map(|tenant| parse(engine, data, tenant, links_of(tenant))).collect();
        let keys: Vec<_> = data.tenants.iter().map(|tenant| key_of(&tenant.id)).collect();
        let valid = || parsed.iter().filter_map(|parsed| parsed.new.as_ref().ok());
        let slugs: Vec<_> = valid().map(|new| new.slug.to_string()).collect();
        let emails: Vec<_> =
            valid().filter_map(|new| Some(new.owner.as_ref()?.email.canonical().to_owned())).collect();
        let known = ExistingRecords::read(engine, &keys, &slugs, &emails).await?;
        let mut plan = Self::default();
        let mut earlier_slugs = HashMap::new();
        let mut account_of_email = HashMap::new();
        for parsed in parsed {
            plan.add(parsed, &known, &mut earlier_slugs, &mut account_of_email);
        }
        plan.add_orphans(data);
        Ok(plan)
    }

    fn add<'a>(
        &mut self,
        mut parsed: ParsedTenant<'a>,
        known: &ExistingRecords,
        earlier_slugs: &mut HashMap<String, &'a str>,
        account_of_email: &mut HashMap<String, &'a str>,
    ) {
        let tenant = parsed.tenant;
        let is_suspended = has_status(tenant, &SUSPENDED);
        require_own_email(&mut parsed, known, account_of_email);
        let first = earlier_slugs.entry(parsed.draft.slug.clone()).or_insert(&tenant.id);
        let is_duplicate = *first != tenant.id;
        if let Some(adopted) = known.adopted.get(&tenant.id) {
            self.unchanged += 1;
            if is_suspended && adopted.may_be_suspended {
                self.to_suspend.push(adopted.code.clone());
            }
            if !adopted.has_owner {
                self.notes.extend(parsed.notes.into_iter().filter(|note| lacks_owner(note.reason)));
            }
            return;
        }
        let key = key_of(&tenant.id);
        let refusal = if known.used_keys.contains(&key) {
            Some((
                Reason::RemovedFromTenantry,
                "It was adopted, and was purged or rolled back in Tenantry since.".to_owned(),
            ))
        } else if has_status(tenant, &DELETED) {
            Some((Reason::DeletedInEarlierSystem, "It was deleted in the earlier system.".to_owned()))
        } else if let Err(refusal) = &parsed.new {
            Some(refusal.clone())
        } else if is_duplicate {
            Some((Reason::DuplicateSlug, format!("Tenant {first} of the earlier system has the same slug.")))
        } else {
            let holder = known.slugs.get(&parsed.draft.slug);
            holder.map(|holder| (Reason::SlugTaken, format!("{holder} has this slug in Tenantry.")))
        };
        if let Some((reason, detail)) = refusal {
            self.not_adopted.push(finding(tenant, reason, detail));
            return;
        }
        let (Ok(new), Ok(key)) = (parsed.new, IdempotencyKey::from_uuid(key)) else { return };
        self.notes.append(&mut parsed.notes);
        self.candidates.push(Candidate {
            earlier_id: tenant.id.clone(),
            key,
            draft: parsed.draft,
            has_owner: new.owner.is_some(),
            is_suspended,
        });
    }

    /// Reports the rows of `auto_provisioning` that belong to no tenant.
    fn add_orphans(&mut self, data: &EarlierData) {
        let ids: HashSet<_> = data.tenants.iter().map(|tenant| tenant.id.as_str()).collect();
        let is_orphan = |link: &&EarlierLink| !link.tenant_id.as_deref().is_some_and(|id| ids.contains(id));
        self.notes.extend(data.links.iter().filter(is_orphan).map(|link| Finding {
            table: LINKS,
            id: link.user_id.clone(),
            slug: link.restaurant_slug.clone(),
            reason: Reason::Orphaned,
            detail: match &link.tenant_id {
                Some(id) => format!("Its tenant {id} does not exist. Its slug counts as taken."),
                None => "It names no tenant. Its slug counts as taken.".to_owned(),
            },
        }));
    }
}

fn has_status(tenant: &EarlierTenant, values: &[&str]) -> bool {
    let status = tenant.status.as_deref().unwrap_or_default().trim().to_lowercase();
    values.contains(&status.as_str())
}

/// Whether a tenant is adopted without an owner for this reason.
fn lacks_owner(reason: Reason) -> bool {
    use Reason::{DuplicateEmail, EmailOfEmployee, InvalidEmail, NoOwner, OwnerMissing, OwnerWithoutEmail};
    matches!(
        reason,
        NoOwner | OwnerMissing | OwnerWithoutEmail | InvalidEmail | DuplicateEmail | EmailOfEmployee
    )
}

/// Removes the owner whose address belongs to an employee, or to an account of the earlier system that came
/// first.
fn require_own_email<'a>(
    parsed: &mut ParsedTenant<'a>,
    known: &ExistingRecords,
    account_of_email: &mut HashMap<String, &'a str>,
) {
    let (Ok(new), Some(owner_id)) = (&mut parsed.new, parsed.owner_id) else { return };
    let Some(owner) = &new.owner else { return };
    let canonical = owner.email.canonical().to_owned();
    let (reason, text) = if known.employees.contains(&canonical) {
        (Reason::EmailOfEmployee, "belongs to an employee of Tenantry, who cannot own a tenant.")
    } else if *account_of_email.entry(canonical.clone()).or_insert(owner_id) != owner_id {
        (Reason::DuplicateEmail, "is also the address of another account of the earlier system.")
    } else {
        return;
    };
    new.owner = None;
    parsed.notes.push(finding(
        parsed.tenant,
        reason,
        format!("{canonical} {text} It has no owner in Tenantry."),
    ));
}
