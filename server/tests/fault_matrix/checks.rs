//! The checks at the end of a scenario.

use engine::{
    integrity,
    pipeline::{DeadStepAction, apply_dead_step_action},
};
use secrecy::ExposeSecret;
use serde_json::json;

use test_support::{
    fake_services::{Endpoint, Matcher},
    wait::wait_for,
};

use crate::{
    scenario::Scenario,
    table::{Fault, Target},
};

/// Asserts that each effect exists once, that the fault is recorded, and that all invariants hold.
pub(crate) async fn check(scenario: &Scenario, target: Target, fault: Fault) {
    assert_fault_is_recorded(scenario, target, fault).await;
    assert_tenant_is_active(scenario).await;
    match target {
        target if target.is_copy_by_postgres() => assert_one_database(scenario).await,
        _ => assert_one_effect(scenario, Endpoint::Copies),
    }
    for endpoint in [Endpoint::Tenants, Endpoint::TenantUsers, Endpoint::Bridge] {
        assert_one_effect(scenario, endpoint);
    }
    assert_eq!(
        scenario.services.effects(Endpoint::OdooUsers),
        1,
        "databases whose admin user differs from the template's"
    );
    let listed = scenario
        .services
        .record(Endpoint::Tenants, &scenario.provisioned.tenant.code)
        .expect("the tenant is in Odoo 19");
    assert_eq!(listed["bridge_sync_status"], "ok");
    assert_vault_password_matches_odoo(scenario).await;
}

/// The attempt that the fault affected has the expected outcome, and the last attempt succeeded.
async fn assert_fault_is_recorded(scenario: &Scenario, target: Target, fault: Fault) {
    let sql = format!(
        "SELECT string_agg(outcome, ' ' ORDER BY number) FROM step_attempts WHERE position = {}",
        target.position()
    );
    let outcomes = scenario.db.text(&sql).await;
    let expected = fault.expected_outcome(target);
    assert!(
        outcomes.starts_with(expected) && outcomes.ends_with("succeeded"),
        "{outcomes:?} instead of {expected:?}"
    );
    assert!(outcomes.split(' ').count() <= fault.max_attempts(), "{outcomes}");
}

/// Every step succeeded, the tenant was activated once, and all invariants hold.
async fn assert_tenant_is_active(scenario: &Scenario) {
    assert_eq!(
        scenario
            .db
            .text("SELECT string_agg(DISTINCT state, ' ') FROM job_steps WHERE connector <> 'mail'")
            .await,
        "succeeded"
    );
    assert_eq!(scenario.db.text("SELECT string_agg(status, ' ') FROM tenants").await, "active");
    assert_eq!(
        scenario.db.number("SELECT count(*) FROM audit_log WHERE action = 'tenant.activated'").await,
        1
    );
    let engine = scenario.db.engine().await;
    assert_eq!(integrity::verify(&engine).await.unwrap(), []);
    engine.close().await;
}

fn assert_one_effect(scenario: &Scenario, endpoint: Endpoint) {
    let (effects, created) = (scenario.services.effects(endpoint), scenario.services.created(endpoint));
    assert_eq!((effects, created), (1, 1), "existing and created effects at {endpoint:?}");
}

/// One database exists, has the request's mark and its own identity, and no incomplete copy exists.
async fn assert_one_database(scenario: &Scenario) {
    let name = scenario.tenant_database();
    let names = format!("SELECT string_agg(datname, ' ') FROM pg_database WHERE datname LIKE '{name}%'");
    assert_eq!(scenario.db.text(&names).await, name);
    let mark =
        format!("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '{name}'");
    assert_eq!(
        scenario.db.text(&mark).await,
        format!("tenantry:request:{}", scenario.provisioned.request_id)
    );
    let mut copy = scenario.cluster.connect(&name).await;
    let remaining = "SELECT count(*) FROM ir_config_parameter WHERE value = 'the template'";
    let remaining: i64 = sqlx::query_scalar(remaining).fetch_one(&mut copy).await.unwrap();
    assert_eq!(remaining, 0, "values of the template's identity");
}

/// The password in the vault is the one that was set in Odoo.
async fn assert_vault_password_matches_odoo(scenario: &Scenario) {
    let engine = scenario.db.engine().await;
    let stored = engine.vault().get(scenario.provisioned.tenant.id, "odoo_admin_password").await.unwrap();
    engine.close().await;
    let user =
        scenario.services.record(Endpoint::OdooUsers, &scenario.tenant_database()).expect("the admin user");
    assert_eq!(user["password"], json!(stored.expect("a password").expose_secret()));
    assert_eq!(user["login"], json!(scenario.provisioned.owner.as_ref().unwrap().email));
}

impl Scenario {
    /// Waits until the step is dead after its first attempt.
    pub(crate) async fn wait_for_dead_step(&self, target: Target) {
        let dead = format!(
            "SELECT FROM job_steps WHERE position = {} AND state = 'dead' AND failed_attempts = 1",
            target.position()
        );
        self.db.wait_until(&format!("EXISTS ({dead})")).await;
        assert_eq!(self.db.text("SELECT string_agg(status, ' ') FROM tenants").await, "provisioning");
    }

    /// Waits until the next attempt of the step is delayed, as `Retry-After` asks.
    pub(crate) async fn wait_for_throttled_job(&self) {
        let waits = "SELECT FROM jobs WHERE state = 'retrying' AND due_at > now() + interval '5 min'";
        self.db.wait_until(&format!("EXISTS ({waits})")).await;
    }

    /// Retries the dead step, as an admin does.
    pub(crate) async fn retry_dead_step(&self) {
        let engine = self.db.engine().await;
        apply_dead_step_action(&engine, &self.admin, self.provisioned.request_id, DeadStepAction::Retry)
            .await
            .unwrap();
        assert_eq!(integrity::verify(&engine).await.unwrap(), []);
        engine.close().await;
    }

    /// Waits until every matching call has been handled, even if its caller has disconnected.
    pub(crate) async fn wait_for_pending_calls(&self, matcher: impl Into<Matcher>) {
        let matcher = matcher.into();
        wait_for(&format!("all calls of {matcher:?} to be handled"), || {
            self.services.calls(matcher).iter().all(|call| call.status.is_some())
        })
        .await;
    }
}
