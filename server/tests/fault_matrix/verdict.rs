//! What has to be true when a cell is over.

use std::time::{Duration, Instant};

use engine::{
    integrity,
    pipeline::{DeadStepAction, apply_dead_step_action},
};
use secrecy::ExposeSecret;
use serde_json::json;

use crate::{
    cell::Cell,
    pipeline::counterpart::{Place, Spot},
    table::{Row, Trouble},
};

/// One of each effect, the trouble on record, and no invariant broken.
pub async fn check(cell: &Cell, row: Row, trouble: Trouble) {
    was_struck(cell, row, trouble).await;
    is_whole(cell).await;
    match row {
        Row::CopyByPostgres => one_database(cell).await,
        _ => one_of(cell, Place::Copies),
    }
    for place in [Place::Tenants, Place::TenantUsers, Place::Bridge] {
        one_of(cell, place);
    }
    assert_eq!(cell.outside.effects(Place::OdooUsers), 1, "admin users that are no longer the template's");
    let listed = cell.outside.record(Place::Tenants, &cell.made.tenant.code).expect("the tenant in the list");
    assert_eq!(listed["bridge_sync_status"], "ok");
    vault_opens_odoo(cell).await;
}

/// The attempt that the trouble struck ended as it should, and a later one succeeded.
async fn was_struck(cell: &Cell, row: Row, trouble: Trouble) {
    let sql = format!(
        "SELECT string_agg(outcome, ' ' ORDER BY number) FROM step_attempts WHERE position = {}",
        row.position()
    );
    let outcomes = cell.db.text(&sql).await;
    let expected = trouble.outcomes(row);
    assert!(
        outcomes.starts_with(expected) && outcomes.ends_with("succeeded"),
        "{outcomes:?} instead of {expected:?}"
    );
    assert!(outcomes.split(' ').count() <= 5, "{outcomes}");
}

async fn is_whole(cell: &Cell) {
    assert_eq!(cell.db.text("SELECT string_agg(DISTINCT state, ' ') FROM job_steps").await, "succeeded");
    assert_eq!(cell.db.text("SELECT string_agg(status, ' ') FROM tenants").await, "active");
    assert_eq!(cell.db.number("SELECT count(*) FROM audit_log WHERE action = 'tenant.activated'").await, 1);
    let engine = cell.db.engine().await;
    assert_eq!(integrity::verify(&engine).await.unwrap(), []);
    engine.close().await;
}

fn one_of(cell: &Cell, place: Place) {
    let (effects, made) = (cell.outside.effects(place), cell.outside.made(place));
    assert_eq!((effects, made), (1, 1), "effects there, and ever made, at {place:?}");
}

/// Exactly one, marked as ours, with an identity of its own; nothing unfinished beside it.
async fn one_database(cell: &Cell) {
    let name = cell.database();
    let names = format!("SELECT string_agg(datname, ' ') FROM pg_database WHERE datname LIKE '{name}%'");
    assert_eq!(cell.db.text(&names).await, name);
    let mark =
        format!("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '{name}'");
    assert_eq!(cell.db.text(&mark).await, format!("tenantry:request:{}", cell.made.request_id));
    let mut copy = cell.ground.connect(&name).await;
    let left = "SELECT count(*) FROM ir_config_parameter WHERE value = 'the template'";
    let left: i64 = sqlx::query_scalar(left).fetch_one(&mut copy).await.unwrap();
    assert_eq!(left, 0, "parts of the template's identity");
}

/// The password that is kept is the one that was set.
async fn vault_opens_odoo(cell: &Cell) {
    let engine = cell.db.engine().await;
    let kept = engine.vault().get(cell.made.tenant.id, "odoo_admin_password").await.unwrap();
    engine.close().await;
    let user = cell.outside.record(Place::OdooUsers, &cell.database()).expect("the admin user");
    assert_eq!(user["password"], json!(kept.expect("a password").expose_secret()));
    assert_eq!(user["login"], json!(cell.made.owner.email));
}

impl Cell {
    /// Waits until the step is a dead letter, at its first try.
    pub async fn dies(&self, row: Row) {
        let dead = format!(
            "SELECT FROM job_steps WHERE position = {} AND state = 'dead' AND tries = 1",
            row.position()
        );
        self.db.wait_until(&format!("EXISTS ({dead})")).await;
        assert_eq!(self.db.text("SELECT string_agg(status, ' ') FROM tenants").await, "provisioning");
    }

    /// Waits until the job waits for most of the time that `Retry-After` asks for; then it need not.
    pub async fn waits_as_told(&self) {
        let waits = "SELECT FROM jobs WHERE state = 'retrying' AND due_at > now() + interval '25 s'";
        self.db.wait_until(&format!("EXISTS ({waits})")).await;
    }

    /// What an admin does about a dead letter.
    pub async fn try_again(&self) {
        let engine = self.db.engine().await;
        apply_dead_step_action(&engine, &self.admin, self.made.request_id, DeadStepAction::Retry)
            .await
            .unwrap();
        assert_eq!(integrity::verify(&engine).await.unwrap(), []);
        engine.close().await;
    }

    /// Waits until every call there has been acted on, also for callers that are gone.
    pub async fn late_calls_are_over(&self, spot: impl Into<Spot>) {
        let (spot, end) = (spot.into(), Instant::now() + Duration::from_secs(10));
        while self.outside.calls(spot).iter().any(|call| call.status.is_none()) {
            assert!(Instant::now() < end, "{:?}", self.outside.calls(spot));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}
