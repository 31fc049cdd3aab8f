//! The branding of a tenant (`docs/specification.md`, section 7). The theme is in
//! [`defaults`](crate::defaults).

mod color;
mod tenant_branding;

pub use color::{Color, ColorProblem};
pub use tenant_branding::TenantBranding;
