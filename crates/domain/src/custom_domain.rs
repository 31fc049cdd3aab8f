//! The custom domains of tenants and their verification (`docs/specification.md`, section 7).
//!
//! ```mermaid
//! stateDiagram-v2
//!     [*] --> pending: added
//!     pending --> verified: the DNS record has the value
//!     pending --> refused: another tenant verified the domain
//!     refused --> verified: the other tenant removed it, and the DNS record has the value
//!     refused --> pending: the other tenant removed it, and the DNS record lacks the value
//! ```

mod domain_name;
mod tenant_domain;

pub use domain_name::{DomainName, DomainProblem};
pub use tenant_domain::{CheckResult, DnsRecord, DomainCheck, DomainStatus, TenantDomain};

/// The label below which the DNS record of a domain is.
const CHALLENGE: &str = "_tenantry-challenge";
/// The beginning of the value of the DNS record. A random text follows.
pub const VALUE_PREFIX: &str = "tenantry-verification=";
/// How many domains a tenant can have.
pub const MAX_DOMAINS: u8 = 20;
