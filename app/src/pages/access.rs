//! The pages before signing in: plain forms. They are not hydrated, so that they need no download.

mod form;
mod invitation;
mod login;
mod setup;

pub(crate) use invitation::InvitationPage;
pub(crate) use login::LoginPage;
pub(crate) use setup::SetupPage;
