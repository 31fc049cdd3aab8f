use leptos::prelude::*;

use super::{conflict::shown, rows::FormRows};
use crate::{
    codec::from_json,
    server_fns::{FieldInput, FormField, OpenedForm},
    ui::{Card, Fact, Facts, Section, Swatch},
};

/// The values of a form, for members who may not change them.
#[component]
pub(super) fn ReadOnlyForm(opened: OpenedForm) -> impl IntoView {
    let rows: FormRows = from_json(&opened.rows).unwrap_or_default();
    let fact = |field: FormField| {
        let text = match field.input {
            FieldInput::Color if field.value.is_empty() => "from the theme".to_owned(),
            _ if field.value.is_empty() => "–".to_owned(),
            _ => shown(&field, &field.value),
        };
        let swatch = (field.input == FieldInput::Color && !field.value.is_empty())
            .then(|| view! { <Swatch color=field.value.clone() /> " " }.into_any());
        view! {
            <Fact label=field.label.clone()>
                {swatch} <bdi>{text}</bdi>
            </Fact>
        }
        .into_any()
    };
    let facts = rows.into_iter().flatten().map(fact).collect::<Vec<_>>();
    view! {
        <Card>
            <Section title="Values" sentence="Owners and admins of this tenant can change them.">
                <Facts>{facts}</Facts>
            </Section>
        </Card>
    }
}
