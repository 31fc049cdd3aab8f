use domain::{ErrorCode, FieldProblem, Problem, access::ApiScope};

use super::{create::PREFIX, parse_stored_scopes};
use crate::{Engine, Error, access::Employee, secret::hash};

/// The bearer of an admin token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenBearer {
    /// The service employee of the token.
    pub employee: Employee,
    /// What the token may do in the API. `None` if only the role limits the token.
    pub scopes: Option<Vec<ApiScope>>,
}

impl TokenBearer {
    /// Checks that the token has the scope that a call needs. `None` if no token with scopes may make the call.
    ///
    /// # Errors
    /// `FORBIDDEN`, which names the scope.
    pub fn require_scope(&self, needed: Option<ApiScope>) -> Result<(), Error> {
        let Some(scopes) = &self.scopes else { return Ok(()) };
        match needed {
            Some(needed) if scopes.contains(&needed) => Ok(()),
            Some(needed) => {
                let message = format!("The token lacks the scope {needed}. Create a token that has it.");
                Err(missing_scope(&message).into())
            }
            None => Err(missing_scope("A token with scopes can't make this call.").into()),
        }
    }
}

fn missing_scope(message: &str) -> Problem {
    Problem { errors: vec![FieldProblem::new("", "missing_scope", message)], ..ErrorCode::Forbidden.into() }
}

/// Returns the bearer of a token that is neither expired nor revoked. Records the time of use, at most once a
/// minute.
///
/// # Errors
/// The database's error.
pub async fn authenticate_token(engine: &Engine, token: &str) -> Result<Option<TokenBearer>, Error> {
    if !token.starts_with(PREFIX) {
        return Ok(None);
    }
    let row = sqlx::query!(
        r#"SELECT id AS "id!", name AS "name!", role AS "role!", scopes FROM authenticate_token($1)
           WHERE id IS NOT NULL"#,
        &hash(token)[..]
    )
    .fetch_optional(&engine.pool())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let employee = Employee::from_row(row.id, row.name, &row.role)?;
    Ok(Some(TokenBearer { employee, scopes: parse_stored_scopes(row.scopes)? }))
}

/// Like [`authenticate_token`], but without the scopes.
///
/// # Errors
/// The database's error.
pub async fn find_token(engine: &Engine, token: &str) -> Result<Option<Employee>, Error> {
    Ok(authenticate_token(engine, token).await?.map(|bearer| bearer.employee))
}
