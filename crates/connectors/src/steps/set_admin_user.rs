use async_trait::async_trait;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use domain::jobs::StepFailure;
use domain::pipeline::Step;
use jobs::Resource;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use crate::{
    Outbound, TenantJob, TenantStep, Vault,
    odoo::{JsonRpc, redact, web_client},
    settings::Odoo18Settings,
};

/// The vault's field with the password of the admin user.
pub(super) const PASSWORD: &str = "odoo_admin_password";

/// Step 3: gives the tenant's database the address of the tenant, and its admin user the login and the name
/// of the owner, and a random password. The step stores the password in the vault before setting it in Odoo,
/// so that a crash cannot lose the password. It sets the password last: a database with the stored password is
/// complete.
#[derive(Debug)]
pub struct SetAdminUser {
    outbound: Outbound,
    settings: Odoo18Settings,
    vault: Vault,
}

impl SetAdminUser {
    /// Creates the step.
    pub fn new(outbound: Outbound, settings: Odoo18Settings, vault: Vault) -> Self {
        Self { outbound, settings, vault }
    }

    fn odoo(&self, job: &TenantJob) -> JsonRpc {
        JsonRpc::new(self.outbound.clone(), self.settings.url.clone(), job.database())
    }

    /// Returns the ID of the admin user: the reference of step 2, or the result of signing in.
    async fn admin_user_id(&self, job: &TenantJob) -> Result<i64, StepFailure> {
        if let Some(uid) = job.references.get(&Step::SignInToOdoo).and_then(|uid| uid.parse().ok()) {
            return Ok(uid);
        }
        let uid = self.odoo(job).authenticate(&self.settings.login, &self.settings.password).await?;
        uid.ok_or_else(|| admin_refused(&self.settings, job))
    }

    /// Stores the tenant's address as Odoo's base URL, and prevents Odoo from replacing it with the address
    /// that an admin's browser uses.
    async fn set_base_url(&self, job: &TenantJob, admin: i64) -> Result<(), StepFailure> {
        let Some(tenant_url) = &self.settings.tenant_url else { return Ok(()) };
        let address = tenant_url.address(&job.tenant.slug, &job.database());
        let (odoo, user) = (self.odoo(job), (admin, &self.settings.password));
        for (key, value) in [("web.base.url", address.as_str()), ("web.base.url.freeze", "True")] {
            let method = ("ir.config_parameter", "set_param");
            odoo.execute(user, method, json!([key, value]), json!({})).await?;
        }
        Ok(())
    }

    async fn write(
        &self,
        job: &TenantJob,
        (uid, password): (i64, &SecretString),
        values: Value,
    ) -> Result<(), StepFailure> {
        let args = json!([[uid], values]);
        self.odoo(job).execute((uid, password), ("res.users", "write"), args, json!({})).await.map(drop)
    }
}

#[async_trait]
impl TenantStep for SetAdminUser {
    async fn probe(&self, job: &TenantJob) -> Result<Option<String>, StepFailure> {
        let Some(password) = self.vault.get(job.tenant.id, PASSWORD).await? else {
            return Ok(None);
        };
        let uid = self.odoo(job).authenticate(&job.owner.email_canonical, &password).await?;
        Ok(uid.map(|uid| uid.to_string()))
    }

    async fn act(&self, job: &TenantJob) -> Result<(), StepFailure> {
        let password = self.vault.get_or_create(job.tenant.id, PASSWORD, random_password).await?;
        let values = json!({
            "login": job.owner.email_canonical,
            "name": job.owner.name,
            "email": job.owner.email,
            "password": password.expose_secret(),
        });
        let admin = self.admin_user_id(job).await?;
        let written = async {
            self.set_base_url(job, admin).await?;
            self.write(job, (admin, &self.settings.password), values).await
        };
        // If a superseded worker has set the password since the probe, Odoo refuses the old password, and the
        // effect exists.
        match written.await {
            Err(failure) if self.probe(job).await?.is_none() => Err(redact(failure, &[&password])),
            _ => Ok(()),
        }
    }

    /// Does nothing if the job copied the database, because the whole copy is deleted. A database that
    /// the job did not copy gets its original login and password back.
    async fn compensate(&self, job: &TenantJob) -> Result<(), StepFailure> {
        if job.references.contains_key(&Step::CopyDatabase) {
            return Ok(());
        }
        let (Some(uid), Some(password)) =
            (self.probe(job).await?, self.vault.get(job.tenant.id, PASSWORD).await?)
        else {
            return Ok(());
        };
        let uid = uid.parse().map_err(|_| admin_refused(&self.settings, job))?;
        let Odoo18Settings { login, password: original, .. } = &self.settings;
        let values = json!({"login": login, "password": original.expose_secret()});
        self.write(job, (uid, &password), values)
            .await
            .map_err(|failure| redact(failure, &[&password, original]))
    }

    fn resource(&self, job: &TenantJob, _reference: &str) -> Option<Resource> {
        let url = web_client(&self.settings.url).map(|mut url| {
            url.query_pairs_mut().append_pair("db", &job.database());
            url.into()
        });
        Some(Resource { kind: "odoo18_user", url })
    }
}

/// The failure if Odoo does not accept the admin user of the template.
pub(super) fn admin_refused(settings: &Odoo18Settings, job: &TenantJob) -> StepFailure {
    let (host, database) = (settings.url.authority(), job.database());
    StepFailure::permanent(format!(
        "Odoo at {host} refuses the login of the template's admin user in the database {database}"
    ))
}

/// A password of 256 random bits.
fn random_password() -> SecretString {
    let random: [u8; 32] = rand::random();
    BASE64_URL_SAFE_NO_PAD.encode(random).into()
}
