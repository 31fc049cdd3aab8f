//! The plans that a tenant can be on, and what each allows (SPEC section 4).

use serde::{Deserialize, Serialize};

use crate::text_form::problems;

/// What a tenant has subscribed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Plan {
    /// The smallest.
    #[default]
    Lite,
    /// For a growing organisation.
    Pro,
    /// Without limits but for storage.
    Enterprise,
}

/// What a plan allows; `None` is unlimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Quotas {
    /// People with an account in the tenant.
    pub users: Option<u32>,
    /// Quotes written in a calendar month.
    pub monthly_quotes: Option<u32>,
    /// Stored files, in GB.
    pub storage_gb: u32,
}

problems! {
    /// Why a text is not a plan.
    PlanProblem {
        Unknown = "unknown", "The plan is one of lite, pro and enterprise. Choose one of them.";
    }
}

impl Plan {
    /// Every plan, the smallest first.
    pub const ALL: [Self; 3] = [Self::Lite, Self::Pro, Self::Enterprise];

    /// The spelling in the database, the API and addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lite => "lite",
            Self::Pro => "pro",
            Self::Enterprise => "enterprise",
        }
    }

    /// The name for people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Lite => "Lite",
            Self::Pro => "Pro",
            Self::Enterprise => "Enterprise",
        }
    }

    /// What the plan allows.
    pub const fn quotas(self) -> Quotas {
        match self {
            Self::Lite => Quotas { users: Some(5), monthly_quotes: Some(100), storage_gb: 1 },
            Self::Pro => Quotas { users: Some(25), monthly_quotes: Some(1_000), storage_gb: 10 },
            Self::Enterprise => Quotas { users: None, monthly_quotes: None, storage_gb: 100 },
        }
    }

    /// Reads the spelling of [`Self::as_str`].
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
