use domain::tenant_key::TenantKey;
use leptos::prelude::*;

use crate::ui::{Card, Column, Section, StatusBadge, Table, Time};

const COLUMNS: &[Column] =
    &[Column::text("Public key"), Column::text("Status"), Column::text("Created"), Column::text("Last used")];

/// The API keys, newest first, for roles that may see them. `count` is the number of keys that work.
#[component]
pub(super) fn Keys(keys: Option<Vec<TenantKey>>, count: u32) -> impl IntoView {
    let sentence = match count {
        0 => "No key works.".to_owned(),
        1 => "1 key works. Its secret was shown once, when it was created.".to_owned(),
        count => format!("{count} keys work. Their secrets were shown once, when they were created."),
    };
    let table = keys.filter(|keys| !keys.is_empty()).map(|keys| {
        view! {
            <Table label="API keys" columns=COLUMNS small=true>
                {keys.into_iter().map(row).collect_view()}
            </Table>
        }
        .into_any()
    });
    view! {
        <Card>
            <Section title="API keys" sentence attr:id="keys">
                {table}
            </Section>
        </Card>
    }
}

fn row(key: TenantKey) -> AnyView {
    let last_used = match key.last_used_at {
        Some(at) => view! { <Time ms=at.0 /> }.into_any(),
        None => view! { <span class="muted">"Never"</span> }.into_any(),
    };
    // A replaced key works until its overlap ends.
    let until = key.expires_at.filter(|_| key.revoked_at.is_none()).map(|at| {
        view! {
            <span class="sub">
                <Time ms=at.0 event=("Works until ", "Replaced") />
            </span>
        }
    });
    view! {
        <tr>
            <td class="cause">
                <code>{key.public_key}</code>
            </td>
            <td data-label="Status">
                <div>
                    <StatusBadge status=key.status.as_str() />
                    {until}
                </div>
            </td>
            <td data-label="Created">
                <Time ms=key.created_at.0 />
            </td>
            <td data-label="Last used">{last_used}</td>
        </tr>
    }
    .into_any()
}
