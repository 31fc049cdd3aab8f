//! The signed-out pages: plain forms. The browser does not hydrate them, so they load without WebAssembly.

mod account;
mod address_change;
mod form;
mod invitation;
mod login;
mod password_reset;
mod setup;

pub(crate) use account::AccountPage;
pub(crate) use address_change::{AddressChangePage, AddressChangedPage, AddressKeptPage};
pub(crate) use invitation::InvitationPage;
pub(crate) use login::LoginPage;
pub(crate) use password_reset::{PasswordResetPage, PasswordResetRequestPage, PasswordResetSentPage};
pub(crate) use setup::SetupPage;
