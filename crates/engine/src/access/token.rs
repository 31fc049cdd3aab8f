//! Admin tokens. Each token acts as its own service employee, so that the history names the token.

mod create;
mod list;
mod revoke;

pub use create::{FormerToken, IssuedToken, NewToken, create_token, create_token_once, find_token};
pub use list::list_tokens;
pub use revoke::revoke_token;

pub(super) use revoke::{lower_token_roles, revoke_tokens_of};
