use domain::{
    Timestamp,
    custom_domain::{CheckResult, DnsRecord, DomainCheck, DomainName, DomainStatus, TenantDomain},
};

use super::{CREATED, id};

/// A domain whose record has another value. Always `Some`, because the domain is valid.
pub(crate) fn domain() -> Option<TenantDomain> {
    let name = DomainName::parse_ascii("shop.goldenspoon.example").ok()?;
    let record = DnsRecord::challenge(&name, "b3JkZXIgb2YgdGhlIGdvbGRlbiBzcG9vbiwgMjAyNi4");
    let found = vec!["v=spf1 -all".to_owned()];
    let check = DomainCheck {
        at: Timestamp(CREATED.0 + 60_000),
        result: CheckResult::Mismatch,
        message: record.describe(CheckResult::Mismatch, &found),
        found,
    };
    Some(TenantDomain {
        id: id(20),
        domain: name,
        status: DomainStatus::Pending,
        record,
        created_at: CREATED,
        verified_at: None,
        last_check: Some(check),
    })
}

/// The same domain before the first check.
pub(crate) fn new_domain() -> Option<TenantDomain> {
    domain().map(|domain| TenantDomain { last_check: None, ..domain })
}
