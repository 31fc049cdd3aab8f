//! Performs the events of the demo data with the functions of the engine.

use std::collections::HashMap;

use domain::{
    ErrorCode, Timestamp, idempotency_key::IdempotencyKey, lifecycle::TenantChanges, password::Password,
    pipeline::Step, provisioning::Draft, rollback::RollbackConfirmation,
};
use rand::distr::{Alphanumeric, SampleString};
use uuid::Uuid;

use super::{
    clock::Clock,
    external::ExternalSystems,
    schedule::{Event, Refusal, Repair, ScheduledEvent, failures_of},
};
use crate::{
    Engine, Error,
    access::{Actor, Employee, accept_invitation},
    pipeline::{DeadStepAction, apply_dead_step_action, rollback},
    provisioning::{ImportOptions, ProvisionOutcome, ProvisionRequest, provision},
    tenants::{Precondition, delete_tenant, resume_tenant, suspend_tenant, update_tenant},
};

/// The start of the links in the mails, which nobody gets.
pub(super) const ORIGIN: &str = "https://console.example";
const DAY_MS: i64 = 24 * 3_600_000;

/// A tenant of the demo data.
#[derive(Debug, Default)]
struct DemoTenant {
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
    tenants: HashMap<&'static str, DemoTenant>,
}

impl<'a> Performer<'a> {
    pub(super) fn new(
        engine: &'a Engine,
        systems: &'a ExternalSystems,
        clock: &'a mut Clock,
        employees: Vec<Employee>,
    ) -> Self {
        Self { engine, systems, clock, employees, tenants: HashMap::new() }
    }

    /// The tenants that exist.
    pub(super) fn slugs(&self) -> Vec<String> {
        let mut slugs: Vec<_> = self.tenants.keys().map(|slug| (*slug).to_owned()).collect();
        slugs.sort();
        slugs
    }

    pub(super) async fn perform(&mut self, scheduled: &ScheduledEvent) -> Result<(), Error> {
        let slug = scheduled.organisation.slug;
        let employee = self.employee(scheduled.index)?;
        let actor = Actor::from(employee.clone());
        let engine = self.engine;
        match scheduled.event {
            Event::Provision { has_owner } => {
                let request = ProvisionRequest::new(new_key()?, self.draft(scheduled));
                self.provision(scheduled, &employee, ProvisionRequest { has_owner, ..request }).await?;
            }
            Event::Import => {
                let options = ImportOptions::default();
                let request =
                    ProvisionRequest::from_import(new_key()?, self.draft(scheduled), false, options);
                self.provision(scheduled, &employee, request).await?;
            }
            Event::Refused(refusal) => self.refuse(scheduled, &employee, refusal).await?,
            Event::Repair(repair) => self.repair(slug, &employee, repair).await?,
            Event::OwnerJoins => {
                if let Some(link) = self.tenants.get_mut(slug).and_then(|tenants| tenants.invitation.take()) {
                    accept(engine, &link).await?;
                }
            }
            Event::Activity(activity) => self.act(scheduled, &actor, activity).await?,
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

    fn draft(&self, scheduled: &ScheduledEvent) -> Draft {
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
        scheduled: &ScheduledEvent,
        employee: &Employee,
        request: ProvisionRequest,
    ) -> Result<(), Error> {
        let slug = scheduled.organisation.slug;
        if !self.tenants.contains_key(slug)
            && let Some((step, failures)) = failures_of(slug)
        {
            self.systems.fail(slug, step, failures);
        }
        let outcome = provision(self.engine, employee, request, ORIGIN).await?;
        let (ProvisionOutcome::Created(provisioned) | ProvisionOutcome::Replayed(provisioned)) = outcome;
        let invitation = provisioned.owner.and_then(|owner| owner.invitation_url);
        self.tenants.insert(slug, DemoTenant { request_id: provisioned.request_id, invitation });
        Ok(())
    }

    /// Sends a request that must be refused.
    async fn refuse(
        &mut self,
        scheduled: &ScheduledEvent,
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
        match provision(self.engine, employee, ProvisionRequest::new(new_key()?, draft), ORIGIN).await {
            Ok(_) => Err(Error::unexpected("outcome", "created")),
            Err(Error::Refused(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn repair(&mut self, slug: &str, employee: &Employee, repair: Repair) -> Result<(), Error> {
        let Some(request_id) = self.tenants.get(slug).map(|tenants| tenants.request_id) else {
            return Ok(());
        };
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
}

/// A new idempotency key.
pub(super) fn new_key() -> Result<IdempotencyKey, Error> {
    Ok(IdempotencyKey::from_uuid(Uuid::new_v4()).map_err(ErrorCode::from)?)
}

/// Accepts an invitation with a password that nobody knows.
pub(super) async fn accept(engine: &Engine, link: &str) -> Result<(), Error> {
    let token = link.rsplit('/').next().unwrap_or_default();
    accept_invitation(engine, token, &random_password()?, ORIGIN).await.map(drop)
}

/// A password that nobody knows.
pub(super) fn random_password() -> Result<Password, Error> {
    let text = Alphanumeric.sample_string(&mut rand::rng(), 40);
    Password::parse(&text, &[]).map_err(|problem| Error::unexpected("password", problem))
}
