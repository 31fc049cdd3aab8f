//! Admin tokens. Each token acts as its own service employee, so that the history names the token.

mod authenticate;
mod create;
mod list;
mod revoke;

pub use authenticate::{TokenBearer, authenticate_token, find_token};
pub use create::{FormerToken, IssuedToken, NewToken, create_token, create_token_once};
pub use list::list_tokens;
pub use revoke::revoke_token;

pub(super) use revoke::{lower_token_roles, revoke_tokens_of};

use domain::access::ApiScope;

use crate::Error;

/// Reads the stored scopes of a token.
fn parse_stored_scopes(stored: Option<Vec<String>>) -> Result<Option<Vec<ApiScope>>, Error> {
    let parse = |text: &String| ApiScope::from_text(text).ok_or_else(|| Error::unexpected("scope", text));
    stored.map(|texts| texts.iter().map(parse).collect()).transpose()
}
