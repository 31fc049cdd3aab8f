//! The console: Leptos pages, components, and the server functions that connect pages to the engine. Pages
//! contain no SQL, and server functions contain no business rules.

#![expect(unreachable_pub, reason = "the macros of Leptos generate public items for private components")]

mod browser;
mod codec;
mod document;
mod failure;
#[cfg(feature = "ssr")]
mod form_result;
mod issued_secret;
mod page_context;
mod pages;
mod part;
#[cfg(feature = "ssr")]
mod response;
mod routes;
#[cfg(feature = "ssr")]
mod server_context;
pub mod server_fns;
mod ui;

pub use document::App;
#[cfg(feature = "ssr")]
pub use document::{api_docs, shell, styleguide};
pub use failure::Failure;
#[cfg(feature = "ssr")]
pub use form_result::FormResult;
pub use issued_secret::IssuedSecret;
#[cfg(feature = "hydrate")]
pub use routes::load_current_page;
#[cfg(feature = "ssr")]
pub use server_context::{
    AccountTenants, Assets, ClientAddress, Console, CurrentPerson, SessionToken, StyleSheets,
};
