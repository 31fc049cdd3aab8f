//! A tenant to work for, and steps to work with.

use std::{collections::HashMap, sync::Arc};

use connectors::{
    JobOwner, JobTenant, Outbound, TenantJob, TenantStep, Vault,
    settings::{Odoo18Settings, Odoo19Settings},
    steps::{Finalize, SetAdminUser, SignInToOdoo, UpsertTenant, UpsertTenantUser},
};
use domain::{
    Role,
    idempotency_key::IdempotencyKey,
    jobs::{FailureKind, StepFailure},
    pipeline::Step,
    provisioning::Draft,
};
use engine::{
    Engine,
    access::Principal,
    provisioning::{ProvisionOutcome, ProvisionRequest, provision},
};
use secrecy::SecretString;
use serde_json::json;
use url::Url;
use uuid::Uuid;

use crate::{
    older::without_json2,
    server::{OPS, Odoo, odoo},
};

/// The template's admin.
pub const ADMIN: &str = "admin";

pub struct Case {
    pub odoo: &'static Odoo,
    pub job: TenantJob,
    /// Where the list of tenants is called, and which it is.
    pub list_url: Url,
    pub list: String,
    /// By JSON-2 the key alone counts; so nobody's login shows that it was used.
    pub list_login: &'static str,
    engine: Engine,
    vault: Vault,
}

impl Case {
    /// A fresh tenant; none where there is no Odoo.
    pub async fn new() -> Option<Self> {
        let odoo = odoo().await?;
        let engine = odoo.engine();
        engine.check_schema().await.unwrap();
        let job = tenant(odoo, &engine).await;
        let vault = engine.vault().clone();
        Some(Self {
            odoo,
            job,
            list_url: odoo.url.clone(),
            list: OPS.into(),
            list_login: "nobody",
            engine,
            vault,
        })
    }

    /// … with a copy of the template for it.
    pub async fn with_copy() -> Option<Self> {
        let case = Self::new().await?;
        case.odoo.copy_template(&case.job.database()).await;
        Some(case)
    }

    /// The list of tenants in an Odoo without JSON-2, if so wanted.
    #[must_use]
    pub async fn with_older_list(mut self, older: bool) -> Self {
        if older {
            self.list_url = without_json2(&self.odoo.url).await;
            self.list_login = ADMIN;
        }
        self
    }

    /// The same Odoo, and another tenant.
    pub async fn another(&self) -> Self {
        let job = tenant(self.odoo, &self.engine).await;
        Self {
            odoo: self.odoo,
            job,
            list_url: self.list_url.clone(),
            list: self.list.clone(),
            list_login: self.list_login,
            engine: self.engine.clone(),
            vault: self.vault.clone(),
        }
    }

    /// The job once a step is done.
    pub async fn done(&mut self, step: Step, work: &dyn TenantStep) -> String {
        let reference = perform(work, &self.job).await.unwrap();
        self.job.references.insert(step, reference.clone());
        reference
    }

    pub fn sign_in(&self, url: &Url, password: &str) -> SignInToOdoo {
        SignInToOdoo::new(outbound(url), template_admin(url, password), self.vault.clone())
    }

    pub fn set_admin(&self) -> SetAdminUser {
        self.set_admin_with(ADMIN)
    }

    pub fn set_admin_with(&self, password: &str) -> SetAdminUser {
        let url = &self.odoo.url;
        SetAdminUser::new(outbound(url), template_admin(url, password), self.vault.clone())
    }

    pub fn upsert_tenant(&self) -> UpsertTenant {
        self.upsert_tenant_with(&self.odoo.key)
    }

    pub fn upsert_tenant_with(&self, key: &str) -> UpsertTenant {
        UpsertTenant::new(outbound(&self.list_url), self.list_settings(key))
    }

    pub fn upsert_user(&self) -> UpsertTenantUser {
        UpsertTenantUser::new(outbound(&self.list_url), self.list_settings(&self.odoo.key))
    }

    pub fn finalize(&self) -> Finalize {
        let settings = self.list_settings(&self.odoo.key);
        Finalize::new(Arc::new(self.engine.activation())).with_registry(outbound(&self.list_url), settings)
    }

    fn list_settings(&self, key: &str) -> Odoo19Settings {
        Odoo19Settings {
            url: self.list_url.clone(),
            database: self.list.clone(),
            login: self.list_login.into(),
            key: key.into(),
            business_base_url: "https://shop.example.com/".into(),
        }
    }

    /// What stands in the vault for the admin user.
    pub async fn kept_password(&self) -> SecretString {
        self.vault.get(self.job.tenant.id, "odoo_admin_password").await.unwrap().unwrap()
    }

    /// Whether somebody can sign in to the tenant's copy, as Odoo itself says.
    pub async fn can_sign_in(&self, login: &str, password: &str) -> bool {
        let args = json!([self.job.database(), login, password, {}]);
        let params = json!({"service": "common", "method": "authenticate", "args": args});
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": "call", "params": params});
        let url = self.odoo.url.join("jsonrpc").unwrap();
        let reply = outbound(&url).json(reqwest::Method::POST, &url, None, Some(&body)).await.unwrap();
        reply.body["result"].is_i64()
    }

    /// The tenant's records in the list.
    pub async fn listed(&self) -> Vec<serde_json::Value> {
        let code = &self.job.tenant.code;
        let sql = format!("SELECT * FROM vendor_ops_tenant WHERE code = '{code}' ORDER BY id");
        self.odoo.rows(&self.list, &sql).await
    }

    /// The users below the tenant's records in the list.
    pub async fn listed_users(&self) -> Vec<serde_json::Value> {
        let code = &self.job.tenant.code;
        let sql = format!(
            "SELECT u.* FROM vendor_ops_tenant_user u JOIN vendor_ops_tenant t ON t.id = u.tenant_id
             WHERE t.code = '{code}' ORDER BY u.id"
        );
        self.odoo.rows(&self.list, &sql).await
    }

    /// Enters a record by hand, as people do.
    pub async fn enter(&self, notes: &str) {
        let code = &self.job.tenant.code;
        let sql = format!(
            "INSERT INTO vendor_ops_tenant (name, code, notes) VALUES ('By hand', '{code}', '{notes}')"
        );
        self.odoo.run(&self.list, &sql).await;
    }
}

/// A client that may call this server alone.
pub fn outbound(url: &Url) -> Outbound {
    Outbound::new([url.to_string()]).unwrap()
}

/// Probe, act, verify, as a worker does it.
pub async fn perform(work: &dyn TenantStep, job: &TenantJob) -> Result<String, StepFailure> {
    if let Some(reference) = work.probe(job).await? {
        return Ok(reference);
    }
    work.act(job).await?;
    Ok(work.probe(job).await?.expect("the effect is not there after acting"))
}

/// Asserts that a failure will stay, and answers its words.
#[track_caller]
pub fn lasting<T: std::fmt::Debug>(result: Result<T, StepFailure>) -> String {
    let failure = result.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Permanent, "{failure}");
    failure.message
}

/// Asserts that a failure may pass.
#[track_caller]
pub fn passing<T: std::fmt::Debug>(result: Result<T, StepFailure>) {
    let failure = result.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Transient, "{failure}");
}

fn template_admin(url: &Url, password: &str) -> Odoo18Settings {
    Odoo18Settings { url: url.clone(), login: ADMIN.into(), password: password.into() }
}

/// A tenant of Tenantry's own, as the core makes it.
async fn tenant(odoo: &Odoo, engine: &Engine) -> TenantJob {
    let by = Principal { employee_id: Uuid::now_v7(), name: "Test".into(), role: Role::Admin };
    let sql = "INSERT INTO tenantry.employees (id, kind, name, role) VALUES";
    odoo.run("tenantry", &format!("{sql} ('{}', 'service', 'Test', '{}')", by.employee_id, by.role)).await;
    let slug = format!("t{}", &Uuid::new_v4().simple().to_string()[..12]);
    let draft = Draft {
        name: format!("The {slug} company"),
        slug: slug.clone(),
        owner_name: "Olive Owner".into(),
        owner_email: format!("olive@{slug}.example.com"),
        ..Draft::default()
    };
    let key = IdempotencyKey::from_uuid(Uuid::new_v4()).unwrap();
    let order = ProvisionRequest { key, draft: draft.clone(), problems: Vec::new() };
    let ProvisionOutcome::Created(made) =
        provision(engine, &by, order, "https://console.example.com").await.unwrap()
    else {
        panic!("a new key was replayed");
    };
    let sql = format!("SELECT id FROM tenantry.jobs WHERE request_id = '{}'", made.request_id);
    let id = odoo.rows("tenantry", &sql).await[0]["id"].as_str().unwrap().parse().unwrap();
    TenantJob {
        id,
        request_id: made.request_id,
        blueprint: "standard".into(),
        tenant: JobTenant {
            id: made.tenant.id,
            code: made.tenant.code,
            slug,
            name: draft.name,
            plan: "lite".into(),
        },
        owner: JobOwner { name: draft.owner_name, email: draft.owner_email },
        references: HashMap::new(),
    }
}
