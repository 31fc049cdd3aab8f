use std::net::SocketAddr;

use domain::{
    ErrorCode, Problem,
    custom_domain::{DomainName, DomainProblem},
};

use crate::Error;

/// How domains are verified, and which ones belong to the platform.
#[derive(Debug, Clone, Default)]
pub struct DomainSettings {
    /// The DNS server to ask. `None` for those of the system.
    pub dns_server: Option<SocketAddr>,
    /// The domains of the platform. No tenant can have them or their subdomains.
    pub platform: Vec<DomainName>,
}

impl DomainSettings {
    /// Checks that a domain does not belong to the platform.
    pub(super) fn check(&self, domain: &DomainName) -> Result<(), Error> {
        if self.platform.iter().any(|platform| domain.is_within(platform.as_str())) {
            let errors = vec![DomainProblem::Platform.in_field("domain")];
            return Err(Problem { errors, ..ErrorCode::ValidationError.into() }.into());
        }
        Ok(())
    }
}
