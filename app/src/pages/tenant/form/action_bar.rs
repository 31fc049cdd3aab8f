use domain::tenant_form::FormValues;
use leptos::prelude::*;

use super::{controls::contrast_problem, loaded_form::LoadedForm, rows::FormRows};
use crate::{
    browser,
    pages::tenant::edit_state::{EditDraft, EditState},
    ui::{Button, ButtonKind},
};

/// The bar below a form that stays open: what has changed, what is left to fix, and the buttons. Hidden while
/// nothing has changed, unless the browser has no scripts.
#[component]
pub(super) fn ActionBar(
    loaded: LoadedForm,
    rows: FormRows,
    edit: EditState,
    button: &'static str,
) -> impl IntoView {
    let labels: Vec<(String, String)> =
        rows.into_iter().flatten().map(|field| (field.name, field.label)).collect();
    let values = loaded.values.clone();
    let changed =
        Memo::new(move |_| edit.draft.with(|draft| changed_labels(draft.as_ref(), &values, &labels)));
    let left = Memo::new(move |_| left_to_fix(edit));
    let discard = move |_| {
        edit.problems.set(Vec::new());
        edit.failure.set(None);
        edit.draft.set(Some(loaded.draft()));
        browser::focus("h1");
    };
    let text = move || {
        let changed = changed.get();
        let count = match changed.len() {
            0 => return view! { "No unsaved changes" }.into_any(),
            1 => "1 unsaved change:".to_owned(),
            count => format!("{count} unsaved changes:"),
        };
        let left = left.get().map(|label| format!(" Fix the {label} to save."));
        view! {
            <b>{count}</b>
            " "
            {enumerate(&changed)}
            "."
            {left}
        }
        .into_any()
    };
    view! {
        <div
            class="action-bar"
            role="region"
            aria-label="Unsaved changes"
            data-clean=move || changed.with(Vec::is_empty).then_some("")
            data-testid="action-bar"
        >
            <p aria-live="polite">{text}</p>
            <Button
                kind=ButtonKind::Ghost
                on:click=discard
                attr:data-scripted=""
                attr:data-testid="tenant-form-discard"
            >
                "Discard"
            </Button>
            <Button
                kind=ButtonKind::Primary
                submit=true
                pending=edit.is_saving
                pending_text="Saving…"
                attr:data-testid="tenant-form-save"
            >
                {button}
            </Button>
        </div>
    }
}

/// The labels of the fields whose text differs from the loaded one, in lower case.
fn changed_labels(
    draft: Option<&EditDraft>,
    loaded: &FormValues,
    labels: &[(String, String)],
) -> Vec<String> {
    let Some(draft) = draft else { return Vec::new() };
    let is_changed = |name: &str| draft.values.get(name).is_some_and(|text| loaded.get(name) != Some(text));
    labels.iter().filter(|(name, _)| is_changed(name)).map(|(_, label)| lower_first(label)).collect()
}

/// The colours of the branding that can be too light.
const COLORS: [(&str, &str); 2] =
    [("colorPrimary", "primary colour"), ("colorSecondary", "secondary colour")];

/// The name of the colour that is too light. Other problems are shown when the form is saved.
fn left_to_fix(edit: EditState) -> Option<&'static str> {
    let low = COLORS.iter().find(|(field, _)| contrast_problem(edit, field).is_some())?;
    Some(low.1)
}

/// A list in a sentence: "a, b and c".
fn enumerate(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// The label in the middle of a sentence.
fn lower_first(label: &str) -> String {
    match label.split_at_checked(1) {
        Some((first, rest)) => first.to_ascii_lowercase() + rest,
        None => label.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_changes_are_named_in_a_sentence() {
        let items = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        assert_eq!(enumerate(&items(&["theme"])), "theme");
        assert_eq!(enumerate(&items(&["theme", "logo", "accent colour"])), "theme, logo and accent colour");
    }
}
