//! The bridge's step and the copy service's against each fault; and the counterpart itself.

mod bridge;
mod copy_service;
mod faults;
mod odoo;

use std::time::{Duration, Instant};

use connectors::{
    TenantJob, TenantStep,
    settings::CopySettings,
    steps::{CopyByService, UpsertBridgeMetadata},
};
use domain::jobs::StepFailure;
use domain::pipeline::Blueprint;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::counterpart::{Counterpart, Place};

const CODE: &str = "TEN-00000012";
const DATABASE: &str = "ten-00000012";

fn job() -> TenantJob {
    serde_json::from_value(json!({
        "id": Uuid::now_v7(),
        "requestId": Uuid::now_v7(),
        "blueprint": "standard",
        "tenant": {
            "id": Uuid::now_v7(), "code": CODE, "slug": "golden-spoon", "name": "Golden Spoon", "plan": "starter",
        },
        "owner": { "name": "Ann", "email": "ann@golden-spoon.example" },
        "references": {},
    }))
    .unwrap()
}

/// A step with what it needs to know of the counterpart.
struct Trial {
    outside: Counterpart,
    place: Place,
    key: &'static str,
    work: Box<dyn TenantStep>,
    job: TenantJob,
}

impl Trial {
    async fn of_bridge() -> Self {
        let outside = Counterpart::start().await;
        let work = Box::new(UpsertBridgeMetadata::new(outside.outbound(), outside.bridge_settings()));
        Self { outside, place: Place::Bridge, key: CODE, work, job: job() }
    }

    async fn of_copy_service() -> Self {
        let outside = Counterpart::start().await;
        let blueprints = vec![Blueprint { template: Some("template_18".into()), ..Blueprint::standard() }];
        let CopySettings::Service { url, token } = outside.copy_settings() else { unreachable!() };
        let work = Box::new(CopyByService::new(outside.outbound(), url, token, blueprints));
        Self { outside, place: Place::Copies, key: DATABASE, work, job: job() }
    }

    async fn both() -> [Self; 2] {
        [Self::of_bridge().await, Self::of_copy_service().await]
    }

    /// Probe, act, verify, as a worker does.
    async fn perform(&self) -> Result<String, StepFailure> {
        if let Some(reference) = self.work.probe(&self.job).await? {
            return Ok(reference);
        }
        self.work.act(&self.job).await?;
        Ok(self.work.probe(&self.job).await?.expect("the effect is there after acting"))
    }

    /// How many effects exist, how many were ever made, and how often one was asked for.
    fn counts(&self) -> (usize, usize, usize) {
        let Self { outside, place, .. } = self;
        (outside.effects(*place), outside.made(*place), outside.calls(place.make()).len())
    }

    /// What another's record looks like there.
    fn foreign(&self) -> Value {
        json!({ "code": CODE, "state": "ready", "requestId": Uuid::now_v7(), "template": "another" })
    }
}

/// Waits for a condition; 20 s at most.
async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < deadline, "{what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
