use async_trait::async_trait;
use domain::jobs::StepFailure;
use domain::pipeline::Step;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use crate::{
    pipeline::{
        Job, Outbound, StepWork, Vault,
        odoo::{JsonRpc, conceal},
        settings::Odoo18Settings,
    },
    secret::new_token,
};

/// The vault's field for the admin user's password.
pub(super) const PASSWORD: &str = "odoo_admin_password";

/// Makes the copy's admin user the owner's: login, name, and a strong random password that stands in
/// the vault before it is set, so that no kill can set one that nobody knows.
#[derive(Debug)]
pub struct SetAdminUser {
    outbound: Outbound,
    settings: Odoo18Settings,
    vault: Vault,
}

impl SetAdminUser {
    pub fn new(outbound: Outbound, settings: Odoo18Settings, vault: Vault) -> Self {
        Self { outbound, settings, vault }
    }

    fn odoo(&self, job: &Job) -> JsonRpc {
        JsonRpc::new(self.outbound.clone(), self.settings.url.clone(), job.database())
    }

    fn refused(&self, job: &Job) -> StepFailure {
        let (place, database) = (self.settings.url.authority(), job.database());
        StepFailure::permanent(format!("Odoo at {place} refuses the template's admin in {database}"))
    }

    /// The admin user's id: that which signing in found; else found now.
    async fn admin(&self, job: &Job) -> Result<i64, StepFailure> {
        if let Some(uid) = job.references.get(&Step::SignInToOdoo).and_then(|uid| uid.parse().ok()) {
            return Ok(uid);
        }
        let uid = self.odoo(job).authenticate(&self.settings.login, &self.settings.password).await?;
        uid.ok_or_else(|| self.refused(job))
    }

    async fn write(
        &self,
        job: &Job,
        (uid, with): (i64, &SecretString),
        values: Value,
    ) -> Result<(), StepFailure> {
        let args = json!([[uid], values]);
        self.odoo(job).execute((uid, with), ("res.users", "write"), args, json!({})).await.map(drop)
    }
}

#[async_trait]
impl StepWork for SetAdminUser {
    async fn probe(&self, job: &Job) -> Result<Option<String>, StepFailure> {
        let Some(password) = self.vault.read(job.tenant.id, PASSWORD).await? else {
            return Ok(None);
        };
        let uid = self.odoo(job).authenticate(&job.owner.email, &password).await?;
        Ok(uid.map(|uid| uid.to_string()))
    }

    async fn act(&self, job: &Job) -> Result<(), StepFailure> {
        let password = self.vault.keep(job.tenant.id, PASSWORD, || new_token("")).await?;
        let values = json!({
            "login": job.owner.email,
            "name": job.owner.name,
            "password": password.expose_secret(),
        });
        let admin = self.admin(job).await?;
        let written = self.write(job, (admin, &self.settings.password), values).await;
        // A worker that was thought lost may have done it a moment ago: then the old password fails.
        match written {
            Err(failure) if self.probe(job).await?.is_none() => Err(conceal(failure, &[&password])),
            _ => Ok(()),
        }
    }

    /// A copy of ours goes as a whole. One that was there before gets its admin's login and password
    /// back, so that what stands in the vault opens nothing any more.
    async fn compensate(&self, job: &Job) -> Result<(), StepFailure> {
        if job.references.contains_key(&Step::CopyDatabase) {
            return Ok(());
        }
        let (Some(uid), Some(password)) =
            (self.probe(job).await?, self.vault.read(job.tenant.id, PASSWORD).await?)
        else {
            return Ok(());
        };
        let uid = uid.parse().map_err(|_| self.refused(job))?;
        let Odoo18Settings { login, password: old, .. } = &self.settings;
        let values = json!({"login": login, "password": old.expose_secret()});
        self.write(job, (uid, &password), values).await.map_err(|failure| conceal(failure, &[&password, old]))
    }
}
