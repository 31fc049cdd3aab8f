//! The branding of a tenant (`docs/specification.md`, section 7). The theme is in
//! [`defaults`](crate::defaults).

mod color;
mod contrast;
mod tenant_branding;

pub use color::{Color, ColorProblem};
pub use contrast::{ContrastLevel, ContrastPair, ratio_text};
pub use tenant_branding::TenantBranding;
