use domain::portal::PortalPage;
use leptos::prelude::*;

use super::frame::{portal_data, portal_page, use_slug};
use crate::{
    pages::tenant::{
        action_state::ActionState,
        key_table::{KEY_TABLE, key_table},
    },
    server_fns::{KeysContent, PortalTenant, open_portal_keys},
    ui::{Card, EmptyState, IconName, Section},
};

/// The page with the API keys of a tenant.
#[component]
pub(crate) fn PortalKeysPage() -> impl IntoView {
    let slug = use_slug();
    let data = portal_data(move || slug.get(), open_portal_keys);
    let actions = ActionState::new(data);
    let view = move |KeysContent { keys }: KeysContent, tenant: PortalTenant| {
        let empty = keys.is_empty().then(|| {
            view! {
                <EmptyState
                    icon=IconName::Key
                    title="No API keys"
                    sentence="Create a key for each program that reads or changes your tenant."
                />
            }
            .into_any()
        });
        let slug = tenant.slug;
        let table = KEY_TABLE.view(move || Box::pin(key_table(slug.clone(), keys.clone(), actions)));
        view! {
            <Card>
                <Section
                    title="Key pairs"
                    sentence="A secret key is shown once, when it is created. Give each program its own, so that you can replace or revoke it alone."
                    attr:id="keys"
                >
                    {empty}
                    {table}
                </Section>
            </Card>
        }
        .into_any()
    };
    let sentence = "Your programs use these keys to read and change your tenant.";
    portal_page(PortalPage::Keys, sentence, slug, data, Some(actions), view)
}
