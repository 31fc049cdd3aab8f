//! The subscription plans and their quotas (`docs/specification.md`, section 4).

use serde::{Deserialize, Serialize};

use crate::text_form::problems;

/// A subscription plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Plan {
    /// The smallest plan.
    #[default]
    Lite,
    /// For a growing organisation.
    Pro,
    /// For a large organisation: unlimited, except for storage.
    Enterprise,
}

/// The quotas of a plan; `None` means unlimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Quotas {
    /// The maximum number of accounts in the tenant.
    pub users: Option<u32>,
    /// The maximum number of price quotes in a calendar month.
    pub monthly_quotes: Option<u32>,
    /// The maximum file storage in GB.
    pub storage_gb: u32,
}

problems! {
    /// The reason why a text is not a valid plan.
    PlanProblem {
        Unknown = "unknown", "This plan does not exist. Choose lite, pro or enterprise.";
    }
}

impl Plan {
    /// Every plan, smallest first.
    pub const ALL: [Self; 3] = [Self::Lite, Self::Pro, Self::Enterprise];

    /// The spelling in the database, the API and URLs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lite => "lite",
            Self::Pro => "pro",
            Self::Enterprise => "enterprise",
        }
    }

    /// The display name.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Lite => "Lite",
            Self::Pro => "Pro",
            Self::Enterprise => "Enterprise",
        }
    }

    /// The quotas of the plan.
    pub const fn quotas(self) -> Quotas {
        match self {
            Self::Lite => Quotas { users: Some(5), monthly_quotes: Some(100), storage_gb: 1 },
            Self::Pro => Quotas { users: Some(25), monthly_quotes: Some(1_000), storage_gb: 10 },
            Self::Enterprise => Quotas { users: None, monthly_quotes: None, storage_gb: 100 },
        }
    }

    /// Parses the spelling of [`Self::as_str`].
    ///
    /// # Errors
    /// [`PlanProblem::Unknown`] for anything else.
    pub fn parse(text: &str) -> Result<Self, PlanProblem> {
        Self::ALL.into_iter().find(|plan| plan.as_str() == text).ok_or(PlanProblem::Unknown)
    }
}

impl std::str::FromStr for Plan {
    type Err = PlanProblem;

    fn from_str(text: &str) -> Result<Self, PlanProblem> {
        Self::parse(text)
    }
}

impl std::fmt::Display for Plan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
