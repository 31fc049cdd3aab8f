//! The metered use of a tenant, and its quotas (`docs/specification.md`, section 7).

use serde::{Deserialize, Serialize};

use crate::{FieldProblem, field::Parsed, plan::Quotas, text_form::text_enum};

/// The bytes in a GB of [`Quotas::max_storage_gb`].
pub const BYTES_PER_GB: i64 = 1_000_000_000;
/// The largest quantity of a report.
const MAX_QUANTITY: u64 = 1_000_000_000_000_000;

text_enum! {
    /// What is metered.
    Metric {
        /// The accounts in the tenant, which Tenantry counts itself.
        Users = "users",
        /// The price quotes of a calendar month in UTC. A report adds to them.
        Quotes = "quotes",
        /// The file storage in bytes. A report replaces the amount.
        StorageBytes = "storage_bytes",
    }
}

/// The use of one metric.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Usage {
    /// What is metered.
    pub metric: Metric,
    /// The month in UTC, such as `2026-11`. Null for a metric that is not counted by month.
    pub period: Option<String>,
    /// The amount that is used.
    pub used: i64,
    /// The maximum amount. Null means unlimited.
    pub limit: Option<i64>,
}

/// The use that the program of a tenant reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsageReport {
    /// The metric, which is not [`Metric::Users`].
    pub metric: Metric,
    /// For quotes, the number of further quotes. For the storage, the bytes in use now.
    pub quantity: i64,
}

impl UsageReport {
    /// The names of the fields in JSON.
    pub const FIELDS: [&'static str; 2] = ["metric", "quantity"];

    /// Parses a report.
    pub fn parse(metric: Option<&str>, quantity: Option<u64>) -> Parsed<Self> {
        let metric = metric.and_then(Metric::from_text).filter(|metric| *metric != Metric::Users);
        let quantity = quantity.filter(|quantity| *quantity <= MAX_QUANTITY);
        let quantity = quantity.and_then(|quantity| i64::try_from(quantity).ok());
        let mut problems = Vec::new();
        if metric.is_none() {
            problems.push(FieldProblem::new("metric", "unknown", "Send quotes or storage_bytes."));
        }
        if quantity.is_none() {
            let message = format!("Send a whole number from 0 to {MAX_QUANTITY}.");
            problems.push(FieldProblem::new("quantity", "out_of_range", &message));
        }
        let value = metric.zip(quantity).map(|(metric, quantity)| Self { metric, quantity });
        Parsed { value, problems }
    }

    /// The amount that is used after this report.
    pub const fn amount_after(&self, used: i64) -> i64 {
        match self.metric {
            Metric::Quotes => used.saturating_add(self.quantity),
            Metric::Users | Metric::StorageBytes => self.quantity,
        }
    }

    /// The problem of a report that exceeds the quota of `usage`.
    pub fn exceeds(&self, usage: &Usage) -> Option<FieldProblem> {
        let limit = usage.limit.filter(|limit| self.amount_after(usage.used) > *limit)?;
        let Usage { metric, used, .. } = usage;
        let period = usage.period.as_ref().map_or_else(String::new, |period| format!(" in {period}"));
        let message =
            format!("{used} of {limit} {metric} are used{period}. The reported quantity exceeds the quota.");
        Some(FieldProblem::new("quantity", "quota_exceeded", &message))
    }
}

impl Quotas {
    /// The maximum amount of a metric. `None` means unlimited.
    pub fn limit(&self, metric: Metric) -> Option<i64> {
        match metric {
            Metric::Users => self.max_users.map(i64::from),
            Metric::Quotes => self.max_monthly_quotes.map(i64::from),
            Metric::StorageBytes => self.max_storage_gb.map(|gb| i64::from(gb) * BYTES_PER_GB),
        }
    }
}
