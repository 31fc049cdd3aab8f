//! What a tenant sells: segments of customers, and packages with prices (`docs/specification.md`, section 7).

mod package;
mod price;
mod segment;

pub use package::Package;
pub use price::format_price;
pub use segment::Segment;
