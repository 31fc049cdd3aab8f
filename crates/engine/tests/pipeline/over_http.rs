//! Steps that call external systems over HTTP, with every fault, and the fake services themselves.

mod bridge;
mod copy_service;
mod fake_odoo;
mod faults;
mod lifecycle;

use connectors::{
    TenantJob, TenantStep,
    settings::CopySettings,
    steps::{CopyByService, UpsertBridgeMetadata},
};
use domain::jobs::StepFailure;
use domain::pipeline::Blueprint;
use serde_json::{Value, json};
use test_support::{
    fake_services::{Endpoint, FakeServices},
    run_step::run_step,
};
use uuid::Uuid;

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
        "owner": { "name": "Ann", "email": "Ann@Golden-Spoon.example", "emailCanonical": "ann@golden-spoon.example" },
        "references": {},
    }))
    .unwrap()
}

/// A step, the services that it calls, and the endpoint and the key of its effect.
struct StepFixture {
    services: FakeServices,
    endpoint: Endpoint,
    key: &'static str,
    work: Box<dyn TenantStep>,
    job: TenantJob,
}

/// The effects of a step, and the calls that requested them.
#[derive(Debug, PartialEq, Eq)]
struct Counts {
    /// How many effects exist.
    existing: usize,
    /// How many effects were created in total.
    created: usize,
    /// How many calls requested an effect.
    write_calls: usize,
}

impl StepFixture {
    async fn bridge() -> Self {
        let services = FakeServices::start().await;
        let work = Box::new(UpsertBridgeMetadata::new(services.outbound(), services.bridge_settings()));
        Self { services, endpoint: Endpoint::Bridge, key: CODE, work, job: job() }
    }

    async fn copy_service() -> Self {
        let services = FakeServices::start().await;
        let blueprints = vec![Blueprint { template: Some("template_18".into()), ..Blueprint::standard() }];
        let CopySettings::Service { url, token } = services.copy_settings() else { unreachable!() };
        let work = Box::new(CopyByService::new(services.outbound(), url, token, blueprints));
        Self { services, endpoint: Endpoint::Copies, key: DATABASE, work, job: job() }
    }

    async fn both() -> [Self; 2] {
        [Self::bridge().await, Self::copy_service().await]
    }

    /// Runs the step as a worker does.
    async fn run(&self) -> Result<String, StepFailure> {
        run_step(self.work.as_ref(), &self.job).await
    }

    fn counts(&self) -> Counts {
        let Self { services, endpoint, .. } = self;
        Counts {
            existing: services.effects(*endpoint),
            created: services.created(*endpoint),
            write_calls: services.calls(endpoint.writes()).len(),
        }
    }

    /// A record that belongs to another request.
    fn foreign_record(&self) -> Value {
        json!({ "code": CODE, "state": "ready", "requestId": Uuid::now_v7(), "template": "another" })
    }
}
