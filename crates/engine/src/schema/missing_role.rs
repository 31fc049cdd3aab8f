use std::fmt;

/// What an administrator of the cluster has to do, because the role of `DATABASE_URL` may not create roles.
#[derive(Debug)]
pub struct MissingRole {
    /// The statements that create the roles.
    pub(super) statements: String,
}

impl fmt::Display for MissingRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let statements = &self.statements;
        write!(f, "the role of DATABASE_URL may not create roles. As a superuser, run: {statements}")
    }
}

impl std::error::Error for MissingRole {}
