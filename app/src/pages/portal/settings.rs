use domain::portal::PortalPage;
use leptos::prelude::*;

use super::frame::{portal_data, portal_page, use_slug};
use crate::{
    pages::tenant::{
        action_state::ActionState,
        edit_state::EditState,
        form::{FORM, FormPlace, tenant_form},
    },
    server_fns::{OpenedForm, PortalTenant, open_portal_settings},
};

/// The page with the settings of a tenant.
#[component]
pub(crate) fn PortalSettingsPage() -> impl IntoView {
    let slug = use_slug();
    let data = portal_data(move || slug.get(), open_portal_settings);
    let actions = ActionState::new(data);
    let edit = EditState::new(actions);
    close_for_another_tenant(slug, edit);
    let view = move |opened: OpenedForm, tenant: PortalTenant| {
        let (place, may_edit) = (FormPlace::Portal { slug: tenant.slug.clone() }, tenant.may_change());
        FORM.view(move || Box::pin(tenant_form(place.clone(), opened.clone(), edit, may_edit)))
    };
    let sentence = "What customers see, and how your calendar and prices work.";
    portal_page(PortalPage::Settings, sentence, slug, data, Some(actions), view)
}

/// Discards what was typed for one tenant on the page of another one.
pub(super) fn close_for_another_tenant(slug: Memo<String>, edit: EditState) {
    Effect::new(move |former: Option<String>| {
        let current = slug.get();
        if former.is_some_and(|former| former != current) {
            edit.actions.secrets.clear();
            edit.actions.refusal.set(None);
            edit.close();
        }
        current
    });
}
