//! The latest mails to the people of a tenant.

use domain::mail::MailRecord;
use leptos::{prelude::*, wasm_split::wasm_split};

use crate::{
    part::{Loaded, Part},
    ui::{Card, Column, Section, StatusBadge, Table, Time},
};

const COLUMNS: &[Column] = &[Column::text("Message"), Column::text("State"), Column::text("Stored")];

/// The part that contains the code of this module.
pub(super) static MESSAGES: Part = Part { name: "tenant_details", load: || Box::pin(load()) };

/// The latest messages, newest first. Nothing without messages.
#[wasm_split(tenant_details, wasm_split_path = ::leptos::wasm_split, fallible, preload(load))]
pub(super) fn messages(messages: Vec<MailRecord>) -> Loaded<AnyView> {
    let row = |message: MailRecord| {
        view! {
            <tr data-testid="tenant-message" data-status=message.status.as_str()>
                <td class="cause">
                    <b>{message.kind.label()}</b>
                    <span class="sub">{message.to}</span>
                </td>
                <td data-label="State">
                    <span class="cause">
                        <StatusBadge status=message.status.as_str() />
                        {message.error.map(|error| view! { <span class="sub">{error}</span> })}
                    </span>
                </td>
                <td data-label="Stored">
                    <Time ms=message.created_at.0 />
                </td>
            </tr>
        }
        .into_any()
    };
    let view = view! {
        <Card>
            <Section title="Mail" sentence="The latest messages to the owner and the members." attr:id="mail">
                <Table label="Messages" columns=COLUMNS small=true>
                    {messages.into_iter().map(row).collect_view()}
                </Table>
            </Section>
        </Card>
    };
    Ok(view.into_any())
}
