use domain::{paths, registry::TenantFilter};

use crate::pages::filter_query::{FieldAccessor, UrlFilter};

impl UrlFilter for TenantFilter {
    const PATH: &'static str = paths::TENANTS;
    const PARAMETERS: &'static [(&'static str, FieldAccessor<Self>)] = &[
        ("q", |filter| &mut filter.q),
        ("status", |filter| &mut filter.status),
        ("plan", |filter| &mut filter.plan),
        ("sort", |filter| &mut filter.sort),
        ("after", |filter| &mut filter.after),
    ];
}
