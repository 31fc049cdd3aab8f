use domain::{paths, registry::TenantRecord};
use leptos::prelude::*;

use crate::ui::{ButtonLink, IconName};

/// The actions at the top of the page.
#[component]
pub(super) fn TenantActions(record: TenantRecord) -> impl IntoView {
    view! {
        <ButtonLink href=paths::request(record.request_id) icon=IconName::History>
            "Open the request"
        </ButtonLink>
    }
}
