use domain::{Problem, provisioning::Draft};

use crate::server_fns::ProvisionOutcome;

/// The result of a plain form post. The page at the same path shows it.
#[derive(Debug, Clone)]
pub enum FormResult {
    Login {
        email: String,
        next: String,
        problem: Problem,
    },
    Setup {
        name: String,
        email: String,
        problem: Problem,
    },
    /// `None` if the invitation was accepted.
    Invitation {
        problem: Option<Problem>,
    },
    Provision {
        draft: Box<Draft>,
        key: String,
        result: Result<Box<ProvisionOutcome>, Box<Problem>>,
    },
}
