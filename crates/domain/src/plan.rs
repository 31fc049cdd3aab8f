//! Subscription plans, with their quotas and features (`docs/specification.md`, sections 4 and 7).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::Number;

use crate::{text_form::is_configured_name, whole_number::whole_number};

/// A subscription plan from the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "PlanTable")]
pub struct Plan {
    /// The identifier in drafts, the API and the database.
    pub name: String,
    /// The name on screen.
    pub label: String,
    /// The quotas of a tenant without overrides.
    pub quotas: Quotas,
    /// The features of a tenant without overrides.
    pub features: BTreeSet<String>,
}

/// A plan in the configuration file. A missing quota means unlimited.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlanTable {
    name: String,
    label: String,
    max_users: Option<u32>,
    max_monthly_quotes: Option<u32>,
    max_storage_gb: Option<u32>,
    #[serde(default)]
    features: BTreeSet<String>,
}

impl From<PlanTable> for Plan {
    fn from(table: PlanTable) -> Self {
        let PlanTable { name, label, max_users, max_monthly_quotes, max_storage_gb, features } = table;
        Self { name, label, quotas: Quotas { max_users, max_monthly_quotes, max_storage_gb }, features }
    }
}

/// The quotas of a plan or a tenant. A quota without a value is unlimited.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Quotas {
    /// The maximum number of accounts in the tenant.
    pub max_users: Option<u32>,
    /// The maximum number of price quotes in a calendar month.
    pub max_monthly_quotes: Option<u32>,
    /// The maximum file storage in GB (1,000,000,000 bytes).
    pub max_storage_gb: Option<u32>,
}

/// The quotas of a tenant that differ from those of its plan. A missing member has no effect, and null means
/// unlimited.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct QuotaOverrides {
    /// The maximum number of accounts in the tenant.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u32>, required = false))]
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub max_users: Option<Option<u32>>,
    /// The maximum number of price quotes in a calendar month.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u32>, required = false))]
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub max_monthly_quotes: Option<Option<u32>>,
    /// The maximum file storage in GB (1,000,000,000 bytes).
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u32>, required = false))]
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub max_storage_gb: Option<Option<u32>>,
}

/// Reads a member that is present, so that null differs from a missing member.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<u32>>, D::Error> {
    let Some(number) = Option::<Number>::deserialize(deserializer)? else { return Ok(Some(None)) };
    let limit = whole_number(&number).and_then(|limit| u32::try_from(limit).ok());
    limit.map(|limit| Some(Some(limit))).ok_or_else(|| D::Error::custom("a limit is a whole number"))
}

/// A problem in the configured plans.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanProblem {
    /// The name is not valid.
    #[error(
        "a plan's name must be 1 to 40 lowercase letters, digits or hyphens and start with a letter: {0:?}"
    )]
    Name(String),
    /// Two plans have the same name.
    #[error("the plan {0} is defined twice")]
    Duplicate(String),
    /// The label is empty or too long.
    #[error("the plan {0} needs a label of 1 to 40 characters")]
    Label(String),
    /// The name of a feature is not valid.
    #[error(
        "the plan {0} has a feature whose name is not 1 to 40 lowercase letters, digits or hyphens that start with a letter: {1:?}"
    )]
    Feature(String, String),
}

impl Plan {
    /// The plans that apply if none is configured, smallest first.
    pub fn defaults() -> Vec<Self> {
        let plan = |name: &str, label: &str, max_users, max_monthly_quotes, max_storage_gb| Self {
            name: name.into(),
            label: label.into(),
            quotas: Quotas { max_users, max_monthly_quotes, max_storage_gb: Some(max_storage_gb) },
            features: BTreeSet::new(),
        };
        vec![
            plan("lite", "Lite", Some(5), Some(100), 1),
            plan("pro", "Pro", Some(25), Some(1_000), 10),
            plan("enterprise", "Enterprise", None, None, 100),
        ]
    }

    /// Checks the configured plans.
    ///
    /// # Errors
    /// Every problem.
    pub fn check(plans: &[Self]) -> Result<(), Vec<PlanProblem>> {
        let mut problems = Vec::new();
        for (index, plan) in plans.iter().enumerate() {
            let name = &plan.name;
            if !Self::is_name(name) {
                problems.push(PlanProblem::Name(name.clone()));
            }
            if plans.iter().take(index).any(|earlier| earlier.name == *name) {
                problems.push(PlanProblem::Duplicate(name.clone()));
            }
            if !(1..=40).contains(&plan.label.chars().count()) {
                problems.push(PlanProblem::Label(name.clone()));
            }
            let invalid = plan.features.iter().filter(|feature| !is_configured_name(feature));
            problems.extend(invalid.map(|feature| PlanProblem::Feature(name.clone(), feature.clone())));
        }
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    /// Whether a text is a valid plan name.
    pub fn is_name(text: &str) -> bool {
        is_configured_name(text)
    }

    /// The features of a tenant: those of its plan, with the tenant's overrides.
    pub fn features_with(
        mut of_plan: BTreeSet<String>,
        overrides: &BTreeMap<String, bool>,
    ) -> BTreeSet<String> {
        for (feature, is_on) in overrides {
            match is_on {
                true => of_plan.insert(feature.clone()),
                false => of_plan.remove(feature),
            };
        }
        of_plan
    }
}

impl Quotas {
    /// The quotas of a tenant: those of its plan, with the tenant's overrides.
    #[must_use]
    pub fn with(self, overrides: &QuotaOverrides) -> Self {
        Self {
            max_users: overrides.max_users.unwrap_or(self.max_users),
            max_monthly_quotes: overrides.max_monthly_quotes.unwrap_or(self.max_monthly_quotes),
            max_storage_gb: overrides.max_storage_gb.unwrap_or(self.max_storage_gb),
        }
    }
}
