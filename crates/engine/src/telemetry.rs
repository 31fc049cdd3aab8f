//! What is measured, by OpenTelemetry's interface: where the process has no exporter, nothing is
//! kept. docs/OPERATIONS.md lists every metric.

use std::time::Duration;

use domain::{ErrorCode, pipeline::Step};
use opentelemetry::{
    KeyValue, global,
    metrics::{Counter, Histogram, Meter},
};

/// Upper bounds in seconds, from 5 ms to the 10 minutes that a copy may take.
const STEP_TIMES: [f64; 15] =
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 600.0];
/// Upper bounds in seconds around the 25 ms and 100 ms of SPEC section 11.
const PROVISIONING_TIMES: [f64; 12] =
    [0.005, 0.01, 0.015, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// Where everything is measured. Without an exporter, when this is called, that leads nowhere.
pub(crate) fn meter() -> Meter {
    global::meter("tenantry")
}

/// What counts and measures as things happen.
#[derive(Debug)]
pub(crate) struct Instruments {
    step_attempts: Counter<u64>,
    step_duration: Histogram<f64>,
    requests: Counter<u64>,
    request_duration: Histogram<f64>,
}

impl Instruments {
    pub(crate) fn new(meter: &Meter) -> Self {
        Self {
            step_attempts: meter
                .u64_counter("tenantry.step.attempts")
                .with_unit("{attempt}")
                .with_description("Attempts of steps that ended")
                .build(),
            step_duration: meter
                .f64_histogram("tenantry.step.duration")
                .with_unit("s")
                .with_description("How long attempts of steps took")
                .with_boundaries(STEP_TIMES.to_vec())
                .build(),
            requests: meter
                .u64_counter("tenantry.provisioning.requests")
                .with_unit("{request}")
                .with_description("Calls to provision a tenant")
                .build(),
            request_duration: meter
                .f64_histogram("tenantry.provisioning.duration")
                .with_unit("s")
                .with_description("How long calls to provision a tenant took")
                .with_boundaries(PROVISIONING_TIMES.to_vec())
                .build(),
        }
    }

    /// An attempt of a step ended. `outcome` is one of a few words, `code` why it failed.
    pub(crate) fn step_ended(
        &self,
        step: Step,
        outcome: &'static str,
        code: Option<ErrorCode>,
        took: Duration,
    ) {
        let ended = [KeyValue::new("tenantry.step", step.as_str()), KeyValue::new(OUTCOME, outcome)];
        self.step_duration.record(took.as_secs_f64(), &ended);
        self.step_attempts.add(1, &with_code(ended, code));
    }

    /// A call to provision ended. `outcome` is one of a few words, `code` why it failed.
    pub(crate) fn provisioning_ended(&self, outcome: &'static str, code: Option<ErrorCode>, took: Duration) {
        let ended = [KeyValue::new(OUTCOME, outcome)];
        self.request_duration.record(took.as_secs_f64(), &ended);
        self.requests.add(1, &with_code(ended, code));
    }
}

const OUTCOME: &str = "tenantry.outcome";

/// OpenTelemetry's own attribute for causes, which is not there where nothing failed.
fn with_code<const N: usize>(ended: [KeyValue; N], code: Option<ErrorCode>) -> Vec<KeyValue> {
    let code = code.map(|code| KeyValue::new("error.type", code.as_str()));
    ended.into_iter().chain(code).collect()
}
