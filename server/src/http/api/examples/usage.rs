use domain::usage::{Metric, Usage};
use serde_json::{Value, json};

use super::QUOTAS;

pub(crate) fn usage() -> Vec<Usage> {
    let usage = |metric, period: Option<&str>, used| Usage {
        metric,
        period: period.map(str::to_owned),
        used,
        limit: QUOTAS.limit(metric),
    };
    vec![
        usage(Metric::Users, None, 1),
        usage(Metric::Quotes, Some("2026-11"), 3),
        usage(Metric::StorageBytes, None, 1_500_000_000),
    ]
}

/// The body that reports usage.
pub(crate) fn usage_report() -> Value {
    json!({ "metric": Metric::Quotes, "quantity": 3 })
}
