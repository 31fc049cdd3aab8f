use async_trait::async_trait;
use domain::jobs::StepFailure;

use super::set_admin_user::{PASSWORD, admin_refused};
use crate::{Outbound, TenantJob, TenantStep, Vault, odoo::JsonRpc, settings::Odoo18Settings};

/// Step 2: signs in to the tenant's database as its admin, which proves that Odoo serves the database. The
/// external reference is the ID of the admin user.
#[derive(Debug)]
pub struct SignInToOdoo {
    outbound: Outbound,
    settings: Odoo18Settings,
    vault: Vault,
}

impl SignInToOdoo {
    /// Creates the step.
    pub fn new(outbound: Outbound, settings: Odoo18Settings, vault: Vault) -> Self {
        Self { outbound, settings, vault }
    }
}

#[async_trait]
impl TenantStep for SignInToOdoo {
    /// Tries the owner's e-mail with the password in the vault first, then the template's login and password.
    /// The next step stores the new password in the vault before it changes the admin user in Odoo, so either
    /// pair may be valid.
    async fn probe(&self, job: &TenantJob) -> Result<Option<String>, StepFailure> {
        let Odoo18Settings { url, login, password, .. } = &self.settings;
        let odoo = JsonRpc::new(self.outbound.clone(), url.clone(), job.database());
        if let Some(stored_password) = self.vault.get(job.tenant.id, PASSWORD).await?
            && let Some(uid) = odoo.authenticate(&job.owner.email_canonical, &stored_password).await?
        {
            return Ok(Some(uid.to_string()));
        }
        let uid = odoo.authenticate(login, password).await?;
        Ok(uid.map(|uid| uid.to_string()))
    }

    /// Always fails: the probe already tried to sign in.
    async fn act(&self, job: &TenantJob) -> Result<(), StepFailure> {
        Err(admin_refused(&self.settings, job))
    }

    /// Signing in has no effect to remove.
    async fn compensate(&self, _job: &TenantJob) -> Result<(), StepFailure> {
        Ok(())
    }
}
