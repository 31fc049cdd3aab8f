//! Performs the events of the demonstration with the functions of the engine.

use std::{collections::HashMap, time::Duration};

use domain::{
    ErrorCode, Timestamp,
    field::Parsed,
    idempotency_key::IdempotencyKey,
    lifecycle::TenantChanges,
    member::NewMember,
    password::Password,
    pipeline::Step,
    provisioning::Draft,
    rollback::RollbackConfirmation,
    tenant_key::Overlap,
    usage::{Metric, UsageReport},
};
use rand::distr::{Alphanumeric, SampleString};
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    clock::Clock,
    external::ExternalSystems,
    schedule::{Event, Refusal, Repair, Scheduled, failures_of},
};
use crate::{
    Engine, Error,
    access::{Actor, Employee, accept_invitation, idn_to_ascii},
    mail,
    pipeline::{DeadStepAction, apply_dead_step_action, rollback},
    provisioning::{ProvisionOutcome, ProvisionRequest, provision},
    tenants::{
        NewDomain, NewKey, Precondition, Rotation, TenantCaller, add_domain, create_key, delete_tenant,
        find_branding, find_settings, invite_member, replace_branding, replace_settings, report_usage,
        resume_tenant, rotate_key, suspend_tenant, update_tenant,
    },
};

/// The start of the links in the mails, which nobody gets.
const ORIGIN: &str = "https://console.example";
const DAY_MS: i64 = 24 * 3_600_000;

/// A tenant of the demonstration.
#[derive(Debug, Default)]
struct Known {
    request_id: Uuid,
    invitation: Option<String>,
}

/// Performs the events one after the other.
pub(super) struct Performer<'a> {
    pub engine: &'a Engine,
    pub systems: &'a ExternalSystems,
    pub clock: &'a mut Clock,
    /// The admins.
    pub employees: Vec<Employee>,
    known: HashMap<&'static str, Known>,
    /// The number of idempotency keys.
    keys: u32,
}

impl<'a> Performer<'a> {
    pub(super) fn new(
        engine: &'a Engine,
        systems: &'a ExternalSystems,
        clock: &'a mut Clock,
        employees: Vec<Employee>,
    ) -> Self {
        Self { engine, systems, clock, employees, known: HashMap::new(), keys: 0 }
    }

    /// The tenants that exist.
    pub(super) fn slugs(&self) -> Vec<String> {
        let mut slugs: Vec<_> = self.known.keys().map(|slug| (*slug).to_owned()).collect();
        slugs.sort();
        slugs
    }

    pub(super) async fn perform(&mut self, scheduled: &Scheduled) -> Result<(), Error> {
        let slug = scheduled.organisation.slug;
        let employee = self.employee(scheduled.index)?;
        let actor = Actor::from(employee.clone());
        let caller = TenantCaller::actor(actor.clone(), slug);
        let engine = self.engine;
        match scheduled.event {
            Event::Provision { has_owner } => self.provision(scheduled, &employee, has_owner).await?,
            Event::Refused(refusal) => self.refuse(scheduled, &employee, refusal).await?,
            Event::Repair(repair) => self.repair(slug, &employee, repair).await?,
            Event::OwnerJoins => {
                if let Some(link) = self.known.get_mut(slug).and_then(|known| known.invitation.take()) {
                    accept(engine, &link).await?;
                }
            }
            Event::InviteTeam => self.invite_team(scheduled, &caller).await?,
            Event::Settings => {
                let mut settings = find_settings(engine, &caller).await?.value;
                settings.support_email = Some(format!("help@{slug}.example"));
                settings.website_url = Some(format!("https://www.{slug}.example"));
                let new = Parsed { value: Some(settings), problems: Vec::new() };
                replace_settings(engine, &caller, &Precondition::Any, new).await?;
            }
            Event::Branding => {
                let mut branding = find_branding(engine, &caller).await?.value;
                "#0f766e".clone_into(&mut branding.color_primary);
                let new = Parsed { value: Some(branding), problems: Vec::new() };
                replace_branding(engine, &caller, &Precondition::Any, new).await?;
            }
            Event::NewKey => {
                let idempotency_key = Some(self.next_key()?);
                create_key(engine, &caller, &NewKey { name: "Website".to_owned(), idempotency_key }).await?;
            }
            Event::RotateKey => {
                let idempotency_key = Some(self.next_key()?);
                let rotation = Rotation { key_id: None, overlap: Overlap::default(), idempotency_key };
                rotate_key(engine, &caller, &rotation).await?;
            }
            Event::Domain => {
                let domain = format!("www.{slug}.example").parse();
                let domain = domain.map_err(|_| Error::unexpected("domain", slug))?;
                let idempotency_key = Some(self.next_key()?);
                add_domain(engine, &actor, slug, &NewDomain { domain, idempotency_key }).await?;
            }
            Event::Usage => self.report_usage(scheduled, &caller).await?,
            Event::Trial { days } => {
                let end = super::clock::now(engine).await? / 1000 + days * DAY_MS;
                let changes =
                    TenantChanges { trial_ends_at: Some(Some(Timestamp(end))), ..Default::default() };
                update_tenant(engine, &actor, slug, &Precondition::Any, &changes).await?;
            }
            Event::Upgrade => {
                let plan = engine.plans().last().map(|plan| plan.name.clone());
                let changes = TenantChanges { plan, ..Default::default() };
                update_tenant(engine, &actor, slug, &Precondition::Any, &changes).await?;
            }
            Event::Suspend => {
                suspend_tenant(engine, &actor, slug, "Invoice unpaid for 60 days").await?;
            }
            Event::Resume => {
                resume_tenant(engine, &actor, slug).await?;
            }
            Event::Delete => {
                delete_tenant(engine, &actor, slug, slug).await?;
            }
        }
        self.wait_for_jobs().await
    }

    /// The admins take turns.
    fn employee(&self, index: usize) -> Result<Employee, Error> {
        let employee = self.employees.get(index % self.employees.len().max(1)).cloned();
        employee.ok_or_else(|| ErrorCode::Forbidden.into())
    }

    /// The idempotency keys are the same in each run, so that a run that was interrupted can be repeated.
    fn next_key(&mut self) -> Result<IdempotencyKey, Error> {
        self.keys += 1;
        let digest = Sha256::digest(format!("tenantry demo {}", self.keys));
        let bytes = digest.first_chunk::<16>().copied().unwrap_or_default();
        let key = IdempotencyKey::from_uuid(uuid::Builder::from_custom_bytes(bytes).into_uuid());
        Ok(key.map_err(ErrorCode::from)?)
    }

    fn draft(&self, scheduled: &Scheduled) -> Draft {
        let organisation = scheduled.organisation;
        let plan = match self.engine.plan(organisation.plan) {
            Some(plan) => plan.name.clone(),
            None => self.engine.plans().first().map(|plan| plan.name.clone()).unwrap_or_default(),
        };
        let blueprint = self.engine.pipeline().blueprints.first();
        Draft {
            name: organisation.name.to_owned(),
            slug: organisation.slug.to_owned(),
            plan,
            time_zone: organisation.time_zone.to_owned(),
            currency: organisation.currency.to_owned(),
            owner_name: organisation.owner.to_owned(),
            owner_email: format!("owner@{}.example", organisation.slug),
            blueprint: blueprint.map(|first| first.name.clone()).unwrap_or_default(),
            ..Draft::default()
        }
    }

    async fn provision(
        &mut self,
        scheduled: &Scheduled,
        employee: &Employee,
        has_owner: bool,
    ) -> Result<(), Error> {
        let slug = scheduled.organisation.slug;
        if !self.known.contains_key(slug)
            && let Some((step, failures)) = failures_of(slug)
        {
            self.systems.fail(slug, step, failures);
        }
        let request =
            ProvisionRequest { has_owner, ..ProvisionRequest::new(self.next_key()?, self.draft(scheduled)) };
        let outcome = provision(self.engine, employee, request, ORIGIN).await?;
        let (ProvisionOutcome::Created(provisioned) | ProvisionOutcome::Replayed(provisioned)) = outcome;
        let invitation = provisioned.owner.and_then(|owner| owner.invitation_url);
        self.known.insert(slug, Known { request_id: provisioned.request_id, invitation });
        Ok(())
    }

    /// Sends a request that must be refused.
    async fn refuse(
        &mut self,
        scheduled: &Scheduled,
        employee: &Employee,
        refusal: Refusal,
    ) -> Result<(), Error> {
        let mut draft = self.draft(scheduled);
        match refusal {
            Refusal::DuplicateSlug => draft.owner_email = format!("office@{}.example", draft.slug),
            Refusal::DuplicateEmail => draft.slug.push_str("-2"),
            Refusal::ReservedSlug => "support".clone_into(&mut draft.slug),
            Refusal::InvalidEmail => draft.owner_email = format!("owner.{}.example", draft.slug),
            Refusal::UnknownTimeZone => {
                draft.slug.push_str("-new");
                draft.owner_email = format!("new@{}.example", draft.slug);
                "Mars/Olympus_Mons".clone_into(&mut draft.time_zone);
            }
        }
        match provision(self.engine, employee, ProvisionRequest::new(self.next_key()?, draft), ORIGIN).await {
            Ok(_) => Err(Error::unexpected("outcome", "created")),
            Err(Error::Refused(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn repair(&mut self, slug: &str, employee: &Employee, repair: Repair) -> Result<(), Error> {
        let Some(request_id) = self.known.get(slug).map(|known| known.request_id) else { return Ok(()) };
        let blueprint = self.engine.pipeline().blueprints.first();
        let may_skip = blueprint.is_some_and(|first| first.may_skip(Step::UpsertBridgeMetadata));
        match repair {
            Repair::RollBack => {
                let confirmation = RollbackConfirmation::parse(slug, "Wrong template; created again");
                let confirmation = confirmation.map_err(domain::Problem::from_fields)?;
                rollback(self.engine, employee, request_id, &confirmation).await
            }
            Repair::Skip if may_skip => {
                apply_dead_step_action(self.engine, employee, request_id, DeadStepAction::Skip).await
            }
            Repair::Skip | Repair::Retry => {
                apply_dead_step_action(self.engine, employee, request_id, DeadStepAction::Retry).await
            }
        }
    }

    async fn invite_team(&mut self, scheduled: &Scheduled, caller: &TenantCaller) -> Result<(), Error> {
        const TEAM: [[&str; 3]; 4] = [
            ["Nora Lindgren", "nora", "admin"],
            ["Mateo Silva", "mateo", "member"],
            ["Yuki Mori", "yuki", "member"],
            ["Sam Ade", "sam", "owner"],
        ];
        let count = 2 + scheduled.index % 3;
        for (position, [name, local, role]) in TEAM.into_iter().enumerate().take(count) {
            let email = format!("{local}@{}.example", scheduled.organisation.slug);
            let new = NewMember::parse(name, &email, role, idn_to_ascii);
            let new = new.map_err(domain::Problem::from_fields)?;
            let key = self.next_key()?;
            let invited = invite_member(self.engine, caller, &new, Some(&key), ORIGIN).await?;
            self.clock.advance(self.engine, 600).await?;
            if position + 1 < count
                && let Some(link) = invited.invitation_url
            {
                accept(self.engine, &link).await?;
            }
        }
        Ok(())
    }

    /// Reports the use of a part of the quota, for some tenants nearly all of it.
    async fn report_usage(&mut self, scheduled: &Scheduled, caller: &TenantCaller) -> Result<(), Error> {
        let percent = [97, 42, 88, 15, 71, 99][scheduled.index % 6];
        let quotas = crate::tenants::list_usage(self.engine, caller).await?;
        for usage in quotas {
            let limit = usage.limit.unwrap_or(5_000);
            let quantity = limit.saturating_mul(percent) / 100;
            if usage.metric == Metric::Users || usage.used > 0 {
                continue;
            }
            let report = UsageReport { metric: usage.metric, quantity };
            let body = json!({ "metric": usage.metric, "quantity": quantity });
            let key = self.next_key()?;
            report_usage(self.engine, caller, report, &key, &body).await?;
        }
        Ok(())
    }

    /// Waits until all jobs have ended or are dead. Time passes before each retry.
    async fn wait_for_jobs(&mut self) -> Result<(), Error> {
        loop {
            let row = sqlx::query!(
                r#"SELECT count(*) FILTER (WHERE state IN ('pending', 'running') OR due_at <= now()) AS "active!",
                     count(*) FILTER (WHERE state = 'retrying' AND due_at > now()) AS "retrying!"
                   FROM jobs WHERE state IN ('pending', 'running', 'retrying') AND rollback_began_at IS NULL"#
            )
            .fetch_one(&self.engine.pool())
            .await?;
            match (row.active, row.retrying) {
                (0, 0) => return Ok(()),
                (0, _) => {
                    self.clock.advance(self.engine, 20).await?;
                    sqlx::query!(
                        "UPDATE jobs SET due_at = now() WHERE state = 'retrying' AND due_at > now()"
                    )
                    .execute(&self.engine.pool())
                    .await?;
                    self.engine.queue().wake_worker();
                }
                _ => {
                    // A worker that misses the notification of a job would wait for its next poll.
                    self.engine.queue().wake_worker();
                    mail::wake_worker(self.engine);
                    tokio::time::sleep(Duration::from_millis(3)).await;
                }
            }
        }
    }
}

/// Accepts an invitation with a password that nobody knows.
async fn accept(engine: &Engine, link: &str) -> Result<(), Error> {
    let token = link.rsplit('/').next().unwrap_or_default();
    accept_invitation(engine, token, &random_password()?, ORIGIN).await.map(drop)
}

/// A password that nobody knows.
pub(super) fn random_password() -> Result<Password, Error> {
    let text = Alphanumeric.sample_string(&mut rand::rng(), 40);
    Password::parse(&text, &[]).map_err(|problem| Error::unexpected("password", problem))
}
