use domain::{Timestamp, access::TeamAction};
use serde::{Deserialize, Serialize};

/// A token or a setup link that was just created.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuedSecret {
    /// What created the secret.
    pub action: TeamAction,
    /// The name of the token or the employee.
    pub name: String,
    /// The secret, which is shown once. `None` if an earlier post of the same form has shown it.
    pub secret: Option<String>,
    /// When the secret expires.
    pub expires_at: Option<Timestamp>,
}
