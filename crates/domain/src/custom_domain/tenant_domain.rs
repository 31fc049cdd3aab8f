use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{DomainName, VALUE_PREFIX};
use crate::{Timestamp, text_form::text_enum};

text_enum! {
    /// The status of a domain of a tenant.
    DomainStatus {
        /// Nobody has proved the control of the domain.
        Pending = "pending",
        /// The tenant controls the domain. No other tenant can verify it.
        Verified = "verified",
        /// Another tenant verified the domain.
        Refused = "refused",
    }
}

text_enum! {
    /// The result of a check of the DNS record.
    CheckResult {
        /// The record has the value.
        Verified = "verified",
        /// The record does not exist.
        NotFound = "not_found",
        /// The record exists, with other values.
        Mismatch = "mismatch",
        /// DNS returned no answer.
        DnsError = "dns_error",
        /// Another tenant verified the domain, so that DNS was not asked.
        Claimed = "claimed",
    }
}

/// A domain of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TenantDomain {
    /// The ID of the domain.
    pub id: Uuid,
    /// The domain: ASCII, in lowercase.
    pub domain: DomainName,
    /// The status.
    pub status: DomainStatus,
    /// The DNS record that proves the control of the domain. It is not needed after the verification.
    pub record: DnsRecord,
    /// When the domain was added.
    pub created_at: Timestamp,
    /// When the domain was verified.
    pub verified_at: Option<Timestamp>,
    /// The last check of the DNS record. Null before the first one.
    pub last_check: Option<DomainCheck>,
}

/// A DNS record to set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DnsRecord {
    /// The type: `TXT`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The name, such as `_tenantry-challenge.shop.example.com`.
    pub name: String,
    /// The value.
    pub value: String,
}

/// A check of the DNS record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DomainCheck {
    /// When DNS was asked.
    pub at: Timestamp,
    /// The result.
    pub result: CheckResult,
    /// The values that DNS returned, at most ten.
    pub found: Vec<String>,
    /// What was found, as a sentence.
    pub message: String,
}

impl DnsRecord {
    /// The record that proves the control of a domain. `token` is the random part of its value.
    pub fn challenge(domain: &DomainName, token: &str) -> Self {
        Self {
            kind: "TXT".to_owned(),
            name: domain.challenge_name(),
            value: format!("{VALUE_PREFIX}{token}"),
        }
    }

    /// What a check of this record found, as a sentence.
    pub fn describe(&self, result: CheckResult, found: &[String]) -> String {
        let Self { kind, name, value } = self;
        match result {
            CheckResult::Verified => format!("The {kind} record {name} has the value {value}."),
            CheckResult::NotFound => {
                format!(
                    "DNS has no {kind} record {name}. Set it to {value}; a new record can take minutes to appear."
                )
            }
            CheckResult::Mismatch => {
                let found: Vec<_> = found.iter().map(|text| format!("\"{text}\"")).collect();
                format!("The {kind} record {name} has {}, and not \"{value}\".", found.join(", "))
            }
            CheckResult::DnsError => {
                format!(
                    "DNS gave no answer about {name}: {}.",
                    found.first().map_or("unknown", String::as_str)
                )
            }
            CheckResult::Claimed => "Another tenant verified this domain.".to_owned(),
        }
    }
}
