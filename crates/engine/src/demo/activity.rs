//! The activities of the members of a tenant.

use domain::{
    field::Parsed,
    member::NewMember,
    tenant_key::Overlap,
    usage::{Metric, UsageReport},
};
use serde_json::json;

use super::{
    perform::{ORIGIN, Performer, accept, new_key},
    schedule::{Activity, ScheduledEvent},
};
use crate::{
    Error,
    access::{Actor, idn_to_ascii},
    tenants::{
        NewDomain, NewKey, Precondition, Rotation, TenantCaller, add_domain, create_key, find_branding,
        find_settings, invite_member, list_usage, replace_branding, replace_settings, report_usage,
        rotate_key,
    },
};

impl Performer<'_> {
    /// Performs an activity of the members of an active tenant. The actor is an employee who helps them.
    pub(super) async fn act(
        &mut self,
        scheduled: &ScheduledEvent,
        actor: &Actor,
        activity: Activity,
    ) -> Result<(), Error> {
        let slug = scheduled.organisation.slug;
        let caller = TenantCaller::actor(actor.clone(), slug);
        let engine = self.engine;
        match activity {
            Activity::InviteTeam => self.invite_team(scheduled, &caller).await?,
            Activity::Settings => {
                let mut settings = find_settings(engine, &caller).await?.value;
                settings.support_email = Some(format!("help@{slug}.example"));
                settings.website_url = Some(format!("https://www.{slug}.example"));
                let new = Parsed { value: Some(settings), problems: Vec::new() };
                replace_settings(engine, &caller, &Precondition::Any, new).await?;
            }
            Activity::Branding => {
                let mut branding = find_branding(engine, &caller).await?.value;
                "#0f766e".clone_into(&mut branding.color_primary);
                let new = Parsed { value: Some(branding), problems: Vec::new() };
                replace_branding(engine, &caller, &Precondition::Any, new).await?;
            }
            Activity::NewKey => {
                let idempotency_key = Some(new_key()?);
                create_key(engine, &caller, &NewKey { name: "Website".to_owned(), idempotency_key }).await?;
            }
            Activity::RotateKey => {
                let idempotency_key = Some(new_key()?);
                let rotation = Rotation { key_id: None, overlap: Overlap::default(), idempotency_key };
                rotate_key(engine, &caller, &rotation).await?;
            }
            Activity::Domain => {
                let domain = format!("www.{slug}.example").parse();
                let domain = domain.map_err(|_| Error::unexpected("domain", slug))?;
                let idempotency_key = Some(new_key()?);
                add_domain(engine, actor, slug, &NewDomain { domain, idempotency_key }).await?;
            }
            Activity::Usage => self.report_usage(scheduled, &caller).await?,
        }
        Ok(())
    }

    async fn invite_team(&mut self, scheduled: &ScheduledEvent, caller: &TenantCaller) -> Result<(), Error> {
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
            let key = new_key()?;
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
    async fn report_usage(&mut self, scheduled: &ScheduledEvent, caller: &TenantCaller) -> Result<(), Error> {
        let percent = [97, 42, 88, 15, 71, 99][scheduled.index % 6];
        let quotas = list_usage(self.engine, caller).await?;
        for usage in quotas {
            let limit = usage.limit.unwrap_or(5_000);
            let quantity = limit.saturating_mul(percent) / 100;
            if usage.metric == Metric::Users || usage.used > 0 {
                continue;
            }
            let report = UsageReport { metric: usage.metric, quantity };
            let body = json!({ "metric": usage.metric, "quantity": quantity });
            let key = new_key()?;
            report_usage(self.engine, caller, report, &key, &body).await?;
        }
        Ok(())
    }
}
