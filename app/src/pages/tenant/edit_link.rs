use domain::{paths, registry::TenantRecord, tenant_form::TenantForm};
use leptos::prelude::*;

use super::edit_state::{EditState, edit_link_id};
use crate::{
    page_context::PageContext,
    ui::{ButtonLink, Icon, IconName},
};

/// Opens a form of the tenant, for admins. Also says that the form was saved.
#[component]
pub(super) fn EditLink(
    record: TenantRecord,
    form: TenantForm,
    edit: EditState,
    /// What the form changes, for screen readers.
    subject: &'static str,
    #[prop(optional)] small: bool,
) -> impl IntoView {
    let may_edit = expect_context::<PageContext>().may_provision && form.is_allowed(record.status);
    let saved = move || {
        (edit.saved.get() == form.as_str()).then(|| {
            view! {
                <span class="muted small nowrap cluster" data-testid="tenant-form-saved">
                    <Icon name=IconName::Check />
                    "Saved"
                </span>
            }
            .into_any()
        })
    };
    may_edit.then(|| {
        view! {
            <span class="cluster">
                {saved}
                // The form gets the focus, which scrolls it into view.
                <ButtonLink
                    id=edit_link_id(form)
                    href=paths::tenant_form(&record.code, form)
                    keep_scroll=true
                    icon=IconName::Edit
                    small
                >
                    "Edit"
                    <span class="visually-hidden">" " {subject}</span>
                </ButtonLink>
            </span>
        }
        .into_any()
    })
}
