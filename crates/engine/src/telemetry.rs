//! Measurements of provisioning calls. `docs/OPERATIONS.md` lists every metric.

use std::time::Duration;

use domain::ErrorCode;
use opentelemetry::{
    KeyValue, global,
    metrics::{Counter, Histogram, Meter},
};

/// Upper bounds in seconds. 20 ms and 60 ms are goals (`docs/specification.md`, section 11).
const DURATION_BOUNDS: [f64; 12] = [0.005, 0.01, 0.015, 0.02, 0.04, 0.06, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// The meter of the process. Without an exporter it discards every measurement.
pub(crate) fn meter() -> Meter {
    global::meter("tenantry")
}

/// The instruments that measure provisioning calls.
#[derive(Debug)]
pub(crate) struct Instruments {
    requests: Counter<u64>,
    request_duration: Histogram<f64>,
}

impl Instruments {
    pub(crate) fn new(meter: &Meter) -> Self {
        Self {
            requests: meter
                .u64_counter("tenantry.provisioning.requests")
                .with_unit("{request}")
                .with_description("Calls to provision a tenant")
                .build(),
            request_duration: meter
                .f64_histogram("tenantry.provisioning.duration")
                .with_unit("s")
                .with_description("Duration of calls to provision a tenant")
                .with_boundaries(DURATION_BOUNDS.to_vec())
                .build(),
        }
    }

    /// Records a finished call. `code` is the cause of a refusal or failure.
    pub(crate) fn record_provisioning(
        &self,
        outcome: &'static str,
        code: Option<ErrorCode>,
        elapsed: Duration,
    ) {
        let outcome = KeyValue::new("tenantry.outcome", outcome);
        self.request_duration.record(elapsed.as_secs_f64(), std::slice::from_ref(&outcome));
        let code = code.map(|code| KeyValue::new("error.type", code.as_str()));
        self.requests.add(1, &[Some(outcome), code].into_iter().flatten().collect::<Vec<_>>());
    }
}
