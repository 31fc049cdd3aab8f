use domain::{registry::TenantRecord, tenant_key::TenantKey};
use leptos::prelude::*;

use super::{
    action_state::ActionState,
    key_table::{KEY_TABLE, key_table},
};
use crate::ui::{Card, Section};

/// The API keys, newest first, for roles that may see them.
#[component]
pub(super) fn Keys(record: TenantRecord, keys: Option<Vec<TenantKey>>, state: ActionState) -> impl IntoView {
    let sentence = match record.key_count {
        0 => "No key works.".to_owned(),
        1 => "1 key works. Its secret was shown once, when it was created.".to_owned(),
        count => format!("{count} keys work. Their secrets were shown once, when they were created."),
    };
    let table = keys.map(|keys| {
        let code = record.code;
        KEY_TABLE.view(move || Box::pin(key_table(code.clone(), keys.clone(), state)))
    });
    view! {
        <Card>
            <Section title="API keys" sentence attr:id="keys">
                {table}
            </Section>
        </Card>
    }
}
