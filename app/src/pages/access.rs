//! The signed-out pages: plain forms. The browser does not hydrate them, so they load without WebAssembly.

mod form;
mod invitation;
mod login;
mod setup;

pub(crate) use invitation::InvitationPage;
pub(crate) use login::LoginPage;
pub(crate) use setup::SetupPage;
