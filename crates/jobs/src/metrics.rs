//! Measurements of attempts. `docs/OPERATIONS.md` lists every metric.

use std::time::Duration;

use domain::{ErrorCode, jobs::StepName};
use opentelemetry::{
    KeyValue, global,
    metrics::{Counter, Histogram, Meter},
};

/// Upper bounds in seconds, from 5 ms to the 10 minutes that a database copy may take.
const DURATION_BOUNDS: [f64; 15] =
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 600.0];

/// The meter of the process. Without an exporter it discards every measurement.
pub(crate) fn meter() -> Meter {
    global::meter("tenantry")
}

/// The instruments that measure attempts.
#[derive(Debug)]
pub(crate) struct StepMetrics {
    attempts: Counter<u64>,
    duration: Histogram<f64>,
}

impl Default for StepMetrics {
    fn default() -> Self {
        let meter = meter();
        Self {
            attempts: meter
                .u64_counter("tenantry.step.attempts")
                .with_unit("{attempt}")
                .with_description("Finished attempts of steps")
                .build(),
            duration: meter
                .f64_histogram("tenantry.step.duration")
                .with_unit("s")
                .with_description("Duration of attempts of steps")
                .with_boundaries(DURATION_BOUNDS.to_vec())
                .build(),
        }
    }
}

impl StepMetrics {
    /// Records a finished attempt. `code` is the cause of a failure.
    pub(crate) fn record_attempt(
        &self,
        step: &StepName,
        outcome: &'static str,
        code: Option<ErrorCode>,
        elapsed: Duration,
    ) {
        let attributes = [
            KeyValue::new("tenantry.step", step.as_str().to_owned()),
            KeyValue::new("tenantry.outcome", outcome),
        ];
        self.duration.record(elapsed.as_secs_f64(), &attributes);
        let code = code.map(|code| KeyValue::new("error.type", code.as_str()));
        self.attempts.add(1, &attributes.into_iter().chain(code).collect::<Vec<_>>());
    }
}
