use leptos::prelude::*;

use super::{CatalogState, NEW, entry_form::ListFailure};
use crate::ui::{Badge, ButtonKind, ButtonLink, Card, Column, EmptyState, IconName, Section, Table, Tone};

/// What the lists of segments and packages say.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct ListTexts {
    /// The heading.
    pub title: &'static str,
    /// The name of the table for screen readers.
    pub label: &'static str,
    /// The link to the form of a new entry.
    pub create: &'static str,
    /// The icon, the title and the sentence of an empty list.
    pub empty: (IconName, &'static str, &'static str),
}

/// The list of the entries, or what it says without entries, and the link to the form of a new one.
#[component]
pub(in super::super) fn EntryList(
    state: CatalogState,
    may_change: bool,
    texts: ListTexts,
    columns: &'static [Column],
    /// A row of the table for each entry.
    rows: Vec<AnyView>,
) -> impl IntoView {
    let (icon, title, sentence) = texts.empty;
    let content = match rows.is_empty() {
        true => view! { <EmptyState icon title sentence /> }.into_any(),
        false => view! {
            <Table label=texts.label columns small=true>
                {rows}
            </Table>
        }
        .into_any(),
    };
    // The form has the primary button of the page.
    let create = move || {
        (may_change && !state.has_form(None)).then(|| {
            view! {
                <ButtonLink
                    href=state.form_path(NEW)
                    kind=ButtonKind::Primary
                    icon=IconName::Plus
                    small=true
                    attr:data-testid="catalog-new"
                >
                    {texts.create}
                </ButtonLink>
            }
        })
    };
    view! {
        <ListFailure state />
        <Card>
            <Section title=texts.title sentence="In the order of your booking page." aside=move || create>
                {content}
            </Section>
        </Card>
    }
}

/// Whether customers see an entry.
#[component]
pub(in super::super) fn Visibility(active: bool) -> impl IntoView {
    match active {
        true => view! { <Badge tone=Tone::Ok icon=IconName::Check>"Visible"</Badge> }.into_any(),
        false => view! { <Badge icon=IconName::Pause>"Hidden"</Badge> }.into_any(),
    }
}
