use async_trait::async_trait;
use domain::jobs::StepFailure;

use super::set_admin_user::PASSWORD;
use crate::pipeline::{Job, Outbound, StepWork, Vault, odoo::JsonRpc, settings::Odoo18Settings};

/// Signs in to the tenant's copy as its admin: Odoo serves it, and we may change it. The reference is
/// the admin user's id.
#[derive(Debug)]
pub struct SignInToOdoo {
    outbound: Outbound,
    settings: Odoo18Settings,
    vault: Vault,
}

impl SignInToOdoo {
    pub fn new(outbound: Outbound, settings: Odoo18Settings, vault: Vault) -> Self {
        Self { outbound, settings, vault }
    }
}

#[async_trait]
impl StepWork for SignInToOdoo {
    /// A password in the vault may be set by now, or may not: the next step keeps it first.
    async fn probe(&self, job: &Job) -> Result<Option<String>, StepFailure> {
        let Odoo18Settings { url, login, password } = &self.settings;
        let odoo = JsonRpc::new(self.outbound.clone(), url.clone(), job.database());
        if let Some(own) = self.vault.read(job.tenant.id, PASSWORD).await?
            && let Some(uid) = odoo.authenticate(&job.owner.email, &own).await?
        {
            return Ok(Some(uid.to_string()));
        }
        let uid = odoo.authenticate(login, password).await?;
        Ok(uid.map(|uid| uid.to_string()))
    }

    /// There is nothing to do but to look; so what was refused stays refused.
    async fn act(&self, job: &Job) -> Result<(), StepFailure> {
        let (place, database) = (self.settings.url.authority(), job.database());
        Err(StepFailure::permanent(format!("Odoo at {place} refuses the template's admin in {database}")))
    }

    /// Signing in leaves nothing behind.
    async fn compensate(&self, _job: &Job) -> Result<(), StepFailure> {
        Ok(())
    }
}
