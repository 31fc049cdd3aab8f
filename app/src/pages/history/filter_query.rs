use domain::{history::HistoryFilter, paths};

use crate::pages::filter_query::{FieldAccessor, UrlFilter};

impl UrlFilter for HistoryFilter {
    const PATH: &'static str = paths::HISTORY;
    const PARAMETERS: &'static [(&'static str, FieldAccessor<Self>)] = &[
        ("q", |filter| &mut filter.q),
        ("status", |filter| &mut filter.status),
        ("code", |filter| &mut filter.code),
        ("admin", |filter| &mut filter.admin),
        ("days", |filter| &mut filter.days),
        ("after", |filter| &mut filter.after),
    ];
}
