//! What people see: Leptos pages, components, and the server functions between them and the
//! engine. No page knows SQL, and no server function holds a rule.

mod browser;
mod codec;
mod document;
mod failure;
mod pages;
mod routes;
#[cfg(feature = "ssr")]
mod server_context;
pub mod server_fns;
pub mod ui;
mod visitor;

pub use document::App;
#[cfg(feature = "ssr")]
pub use document::{shell, styleguide};
pub use failure::Failure;
#[cfg(feature = "hydrate")]
pub use routes::load_current_page;
#[cfg(feature = "ssr")]
pub use server_context::{Assets, ClientAddress, Console, FormResult, Visitor};
