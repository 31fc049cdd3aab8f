use domain::{ErrorCode, access::ApiScope};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use super::{Employee, authenticate_token};
use crate::{Engine, Error, secret::hash};

/// The sender of a call that provisions a tenant.
#[derive(Debug, Clone)]
pub enum Caller {
    /// An employee who is already authenticated.
    Employee(Employee),
    /// The bearer of an admin token. The statement of the call authenticates the token, which saves a round
    /// trip.
    Token(SecretString),
}

impl Caller {
    /// Returns the employee. Authenticates a token, which needs the scope to create tenants.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` for an invalid token; `FORBIDDEN` for one without the scope; the database's error.
    pub async fn authenticate(&self, engine: &Engine) -> Result<Employee, Error> {
        match self {
            Self::Employee(employee) => Ok(employee.clone()),
            Self::Token(token) => {
                let bearer = authenticate_token(engine, token.expose_secret()).await?;
                let bearer = bearer.ok_or(ErrorCode::Unauthenticated)?;
                bearer.require_scope(Some(ApiScope::TenantsWrite))?;
                Ok(bearer.employee)
            }
        }
    }

    /// The ID of an authenticated employee. `None` for a token.
    pub(crate) fn employee_id(&self) -> Option<Uuid> {
        match self {
            Self::Employee(employee) => Some(employee.id),
            Self::Token(_) => None,
        }
    }

    /// The hash of a token. `None` for an authenticated employee.
    pub(crate) fn token_hash(&self) -> Option<[u8; 32]> {
        match self {
            Self::Employee(_) => None,
            Self::Token(token) => Some(hash(token.expose_secret())),
        }
    }
}

impl From<Employee> for Caller {
    fn from(employee: Employee) -> Self {
        Self::Employee(employee)
    }
}

impl From<&Employee> for Caller {
    fn from(employee: &Employee) -> Self {
        Self::Employee(employee.clone())
    }
}
