//! A tenant and the steps under test.

use std::{collections::HashMap, sync::Arc};

use connectors::{
    JobOwner, JobTenant, Outbound, TenantJob, TenantStep, Vault,
    settings::{Odoo18Settings, Odoo19Settings, TenantUrl},
    steps::{Finalize, SetAdminUser, SignInToOdoo, UpsertTenant, UpsertTenantUser},
};
use domain::{
    Role,
    jobs::{FailureKind, StepFailure},
    pipeline::Step,
};
use engine::{Engine, access::Employee, provisioning::provision};
use secrecy::SecretString;
use serde_json::{Value, json};
use test_support::{
    requests::{assert_created, draft, provision_request},
    run_step::run_step,
    test_database::ORIGIN,
};
use url::Url;
use uuid::Uuid;

use crate::{
    server::{OPS, Odoo, odoo},
    without_json2::without_json2,
};

/// The login and password of the template's admin.
pub(crate) const ADMIN: &str = "admin";

/// The protocol over which the steps call the tenant registry.
#[derive(Debug, Clone, Copy)]
pub(crate) enum RegistryProtocol {
    Json2,
    /// The Odoo of the registry does not have JSON-2.
    JsonRpc,
}

impl RegistryProtocol {
    pub(crate) const ALL: [Self; 2] = [Self::Json2, Self::JsonRpc];
}

#[derive(Clone)]
pub(crate) struct OdooFixture {
    pub odoo: &'static Odoo,
    pub job: TenantJob,
    /// The URL of the Odoo with the tenant registry.
    pub registry_url: Url,
    /// The database with the tenant registry.
    pub registry_database: String,
    /// Invalid by default. JSON-2 ignores the login, so a test with this login fails if the step uses
    /// JSON-RPC.
    pub registry_login: &'static str,
    engine: Engine,
    vault: Vault,
}

impl OdooFixture {
    /// Provisions a tenant. Returns `None` if no Odoo server is available.
    pub(crate) async fn new() -> Option<Self> {
        let odoo = odoo().await?;
        let engine = odoo.engine();
        engine.check_schema().await.unwrap();
        let job = provision_tenant(odoo, &engine).await;
        let vault = engine.vault().clone();
        Some(Self {
            odoo,
            job,
            registry_url: odoo.url.clone(),
            registry_database: OPS.into(),
            registry_login: "nobody",
            engine,
            vault,
        })
    }

    /// Provisions a tenant that has a copy of the template.
    pub(crate) async fn with_copy() -> Option<Self> {
        let fixture = Self::new().await?;
        fixture.odoo.copy_template(&fixture.job.database()).await;
        Some(fixture)
    }

    /// Uses a tenant registry with this protocol.
    #[must_use]
    pub(crate) async fn with_registry_protocol(mut self, protocol: RegistryProtocol) -> Self {
        match protocol {
            RegistryProtocol::Json2 => self,
            RegistryProtocol::JsonRpc => {
                self.registry_url = without_json2(&self.odoo.url).await;
                self.registry_login = ADMIN;
                self
            }
        }
    }

    /// Returns a fixture for another tenant on the same Odoo.
    pub(crate) async fn another(&self) -> Self {
        Self { job: provision_tenant(self.odoo, &self.engine).await, ..self.clone() }
    }

    /// Runs a step and adds its reference to the job.
    pub(crate) async fn finish_step(&mut self, step: Step, work: &dyn TenantStep) -> String {
        let reference = run_step(work, &self.job).await.unwrap();
        self.job.references.insert(step, reference.clone());
        reference
    }

    pub(crate) fn sign_in(&self, url: &Url, password: &str) -> SignInToOdoo {
        SignInToOdoo::new(outbound(url), template_admin(url, password), self.vault.clone())
    }

    pub(crate) fn set_admin(&self) -> SetAdminUser {
        self.set_admin_with(ADMIN)
    }

    pub(crate) fn set_admin_with(&self, password: &str) -> SetAdminUser {
        let url = &self.odoo.url;
        SetAdminUser::new(outbound(url), template_admin(url, password), self.vault.clone())
    }

    /// The step with an address for each tenant.
    pub(crate) fn set_admin_with_tenant_url(&self, tenant_url: &str) -> SetAdminUser {
        let url = &self.odoo.url;
        let settings =
            Odoo18Settings { tenant_url: TenantUrl::parse(tenant_url), ..template_admin(url, ADMIN) };
        SetAdminUser::new(outbound(url), settings, self.vault.clone())
    }

    pub(crate) fn upsert_tenant(&self) -> UpsertTenant {
        self.upsert_tenant_with(&self.odoo.key)
    }

    pub(crate) fn upsert_tenant_with(&self, key: &str) -> UpsertTenant {
        UpsertTenant::new(outbound(&self.registry_url), self.registry_settings(key))
    }

    pub(crate) fn upsert_user(&self) -> UpsertTenantUser {
        UpsertTenantUser::new(outbound(&self.registry_url), self.registry_settings(&self.odoo.key))
    }

    pub(crate) fn finalize(&self) -> Finalize {
        let settings = self.registry_settings(&self.odoo.key);
        Finalize::new(Arc::new(self.engine.activation()))
            .with_registry(outbound(&self.registry_url), settings)
    }

    fn registry_settings(&self, key: &str) -> Odoo19Settings {
        Odoo19Settings {
            url: self.registry_url.clone(),
            database: self.registry_database.clone(),
            login: self.registry_login.into(),
            key: key.into(),
            business_base_url: "https://shop.example.com/".parse().unwrap(),
            plan_map: vec![("pro".into(), "growth".into())],
            owner_role: "admin".into(),
        }
    }

    /// The admin user's password in the vault.
    pub(crate) async fn stored_password(&self) -> SecretString {
        self.vault.get(self.job.tenant.id, "odoo_admin_password").await.unwrap().unwrap()
    }

    /// Whether Odoo accepts a login and a password for the tenant's copy. Like a browser, the call tells Odoo
    /// the address that it uses.
    pub(crate) async fn can_sign_in(&self, login: &str, password: &str) -> bool {
        let agent = json!({"base_location": "http://browser.example"});
        let args = json!([self.job.database(), login, password, agent]);
        let params = json!({"service": "common", "method": "authenticate", "args": args});
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": "call", "params": params});
        let url = self.odoo.url.join("jsonrpc").unwrap();
        let reply = outbound(&url).json(reqwest::Method::POST, &url, None, Some(&body)).await.unwrap();
        reply.body["result"].is_i64()
    }

    /// The tenant's records in the tenant registry.
    pub(crate) async fn registry_tenants(&self) -> Vec<Value> {
        let code = &self.job.tenant.code;
        let sql = format!("SELECT * FROM vendor_ops_tenant WHERE code = '{code}' ORDER BY id");
        self.odoo.rows(&self.registry_database, &sql).await
    }

    /// The users of the tenant's records in the tenant registry.
    pub(crate) async fn registry_users(&self) -> Vec<Value> {
        let code = &self.job.tenant.code;
        let sql = format!(
            "SELECT u.* FROM vendor_ops_tenant_user u JOIN vendor_ops_tenant t ON t.id = u.tenant_id
             WHERE t.code = '{code}' ORDER BY u.id"
        );
        self.odoo.rows(&self.registry_database, &sql).await
    }

    /// Inserts a tenant record directly into the registry database.
    pub(crate) async fn insert_registry_tenant(&self, notes: &str) {
        let code = &self.job.tenant.code;
        let sql = format!(
            "INSERT INTO vendor_ops_tenant (name, code, notes, active) VALUES ('By hand', '{code}', '{notes}', true)"
        );
        self.odoo.run(&self.registry_database, &sql).await;
    }
}

/// A client that may call only this server.
pub(crate) fn outbound(url: &Url) -> Outbound {
    Outbound::new([url.to_string()]).unwrap()
}

/// Asserts that a failure is permanent, and returns its message.
#[track_caller]
pub(crate) fn assert_permanent<T: std::fmt::Debug>(result: Result<T, StepFailure>) -> String {
    let failure = result.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Permanent, "{failure}");
    failure.message
}

/// Asserts that a record has these values.
#[track_caller]
pub(crate) fn assert_values(record: &Value, expected: &Value) {
    for (field, value) in expected.as_object().unwrap() {
        assert_eq!(&record[field], value, "{field}");
    }
}

/// Asserts that a failure is transient.
#[track_caller]
pub(crate) fn assert_transient<T: std::fmt::Debug>(result: Result<T, StepFailure>) {
    let failure = result.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Transient, "{failure}");
}

fn template_admin(url: &Url, password: &str) -> Odoo18Settings {
    Odoo18Settings { url: url.clone(), login: ADMIN.into(), password: password.into(), tenant_url: None }
}

/// Provisions a tenant and returns its job.
async fn provision_tenant(odoo: &Odoo, engine: &Engine) -> TenantJob {
    let by = Employee { id: Uuid::now_v7(), name: "Test".into(), role: Role::Admin };
    let sql = "INSERT INTO tenantry.employees (id, kind, name, role) VALUES";
    odoo.run("tenantry", &format!("{sql} ('{}', 'service', 'Test', '{}')", by.id, by.role)).await;
    let draft = draft(&format!("t{}", &Uuid::new_v4().simple().to_string()[..12]));
    let provisioned = assert_created(provision(engine, &by, provision_request(draft.clone()), ORIGIN).await);
    let sql = format!("SELECT id FROM tenantry.jobs WHERE request_id = '{}'", provisioned.request_id);
    let id = odoo.rows("tenantry", &sql).await[0]["id"].as_str().unwrap().parse().unwrap();
    TenantJob {
        id,
        request_id: provisioned.request_id,
        blueprint: "standard".into(),
        tenant: JobTenant {
            request_id: None,
            id: provisioned.tenant.id,
            code: provisioned.tenant.code,
            slug: draft.slug,
            name: draft.name,
            plan: "lite".into(),
            industry: None,
            status: Some(domain::TenantStatus::Active),
        },
        owner: JobOwner {
            name: draft.owner_name,
            email_canonical: draft.owner_email.to_lowercase(),
            email: draft.owner_email,
        },
        references: HashMap::new(),
    }
}
