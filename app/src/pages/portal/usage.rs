use domain::{
    portal::PortalPage,
    usage::{Metric, Usage},
};
use leptos::prelude::*;

use super::frame::{portal_data, portal_page, use_slug};
use crate::{
    pages::tenant::quotas::{WARNING_PERCENT, quota},
    server_fns::{PortalTenant, open_portal_usage},
    ui::{Card, Note, Section, Tone},
};

/// The page with the use of a tenant's quotas.
#[component]
pub(crate) fn PortalUsagePage() -> impl IntoView {
    let slug = use_slug();
    let data = portal_data(move || slug.get(), open_portal_usage);
    let view = move |usage: Vec<Usage>, tenant: PortalTenant| {
        let warning = usage.iter().any(is_near_limit).then(|| {
            view! {
                <Note tone=Tone::Warn title="You are close to a limit">
                    <p>
                        "At a limit, further use is refused. Ask the platform for a larger plan before you reach it."
                    </p>
                </Note>
            }
            .into_any()
        });
        let plan = tenant.plan;
        let sentence = format!("What the {plan} plan includes, and how much of it you use.");
        let bars = usage.iter().map(|usage| quota(usage, period(usage))).collect::<Vec<_>>();
        view! {
            <div class="stack">
                {warning}
                <Card>
                    <Section title="Quotas" sentence>
                        <div class="quotas">{bars}</div>
                    </Section>
                </Card>
            </div>
        }
        .into_any()
    };
    portal_page(PortalPage::Usage, "How much of your quotas you use.", slug, data, None, view)
}

/// Whether so much of a limit is used that its bar warns.
pub(super) fn is_near_limit(usage: &Usage) -> bool {
    let Some(limit) = usage.limit else { return false };
    usage.used.unsigned_abs().saturating_mul(100) >= limit.unsigned_abs().saturating_mul(WARNING_PERCENT)
}

/// For how long the amount counts.
pub(super) fn period(usage: &Usage) -> String {
    match usage.metric {
        Metric::Users => "Members of this tenant".to_owned(),
        Metric::StorageBytes => "Files in use now".to_owned(),
        Metric::Quotes => "Starts again next month, in UTC".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_fifths_of_a_limit_are_near_it() {
        let usage = |used, limit| Usage { metric: Metric::Users, period: None, used, limit };
        assert!(is_near_limit(&usage(4, Some(5))));
        assert!(!is_near_limit(&usage(3, Some(5))));
        assert!(!is_near_limit(&usage(1_000, None)));
    }
}
