use domain::catalog::{CatalogAction, CatalogKind, VISIBLE};
use leptos::{ev, prelude::*};

use super::{CatalogState, FORM};
use crate::{
    browser,
    pages::{
        leave_dialog::{LeaveDialog, UNSAVED_CHANGES},
        tenant::refusal::RefusalNote,
    },
    ui::{
        Button, ButtonKind, ButtonLink, Card, Disclosure, ErrorSummary, Field, FieldStatus, InputGroup,
        Section, SummaryItem, described_by, select_options,
    },
};

/// The kind of a control.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) enum FieldKind {
    Line,
    Text,
    /// A price, with the code of its currency.
    Price(String),
    /// One of the choices: values with labels.
    Choice(Vec<(String, String)>),
}

/// A field of the form. The script reads its value when the form is saved.
#[component]
pub(in super::super) fn EntryField(
    state: CatalogState,
    name: &'static str,
    label: &'static str,
    #[prop(optional)] help: &'static str,
    value: String,
    kind: FieldKind,
) -> impl IntoView {
    let id = control_id(name);
    let status = Signal::derive(move || {
        let problem = state.problems.with(|problems| problems.iter().find(|p| p.field == name).cloned());
        problem.map(|problem| FieldStatus::Invalid(problem.message)).unwrap_or_default()
    });
    let invalid = move || status.with(FieldStatus::aria_invalid);
    let edit = move |_| {
        if state.problems.with_untracked(|problems| problems.iter().any(|problem| problem.field == name)) {
            state.problems.update(|problems| problems.retain(|problem| problem.field != name));
        }
    };
    let line = |mode: Option<&'static str>, value: String| {
        view! {
            <input
                class="input"
                id=control_id(name)
                name=name
                type="text"
                autocomplete="off"
                inputmode=mode
                value=value
                on:input=edit
                aria-describedby=described_by(&control_id(name))
                aria-invalid=invalid
            />
        }
        .into_any()
    };
    let control = match kind {
        FieldKind::Line => line(None, value),
        FieldKind::Price(currency) => {
            let control = line(Some("decimal"), value);
            view! { <InputGroup prefix=format!("{currency}\u{2002}")>{control}</InputGroup> }.into_any()
        }
        FieldKind::Text => view! {
            <textarea
                class="input"
                id=id.clone()
                name=name
                rows="3"
                on:input=edit
                aria-describedby=described_by(&id)
                aria-invalid=invalid
                inner_html=escape(&value)
            ></textarea>
        }
        .into_any(),
        FieldKind::Choice(choices) => view! {
            <select
                class="input"
                id=id.clone()
                name=name
                on:change=edit
                aria-describedby=described_by(&id)
                aria-invalid=invalid
            >
                {select_options(choices, &value)}
            </select>
        }
        .into_any(),
    };
    view! {
        <Field id label help=help status>
            {control}
        </Field>
    }
}

/// The form of an entry. The children are its fields.
#[component]
pub(in super::super) fn EntryForm(
    state: CatalogState,
    /// The slug of the entry. Empty for a new one.
    entry: String,
    /// The entity tag of the entry. Empty for a new one.
    version: String,
    /// The name of the entry, for the heading.
    name: String,
    currency: String,
    is_visible: bool,
    children: Children,
) -> impl IntoView {
    state.focus_reopened();
    let (noun, new_title) = match state.kind {
        CatalogKind::Segment => ("segment", "New segment"),
        CatalogKind::Package => ("package", "New package"),
    };
    let is_new = entry.is_empty();
    let title = if is_new { new_title.to_owned() } else { format!("Edit {name}") };
    let items = Signal::derive(move || {
        let item = |problem: &domain::FieldProblem| SummaryItem {
            field_id: control_id(&problem.field),
            text: problem.message.clone(),
        };
        state.problems.with(|problems| problems.iter().map(item).collect::<Vec<_>>())
    });
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        state.save(&currency);
    };
    let delete = (!is_new && state.kind == CatalogKind::Package)
        .then(|| view! { <DeletePackage state entry=entry.clone() name /> }.into_any());
    view! {
        <Card>
            <Section title attr:id="entry">
                <form
                    id="catalog-form"
                    class="stack"
                    method="post"
                    action=state.path()
                    novalidate
                    on:submit=submit
                    data-testid="catalog-form"
                >
                    <ErrorSummary title="Fix the highlighted fields" errors=items />
                    <Failed state />
                    <input type="hidden" name="action" value=CatalogAction::Save.as_str() />
                    <input type="hidden" name="slug" value=entry />
                    <input type="hidden" name="version" value=version />
                    <div class="fields">
                        {children()}
                        <label class="check">
                            <input type="checkbox" name="active" value=VISIBLE checked=is_visible />
                            <span>"Customers see this " {noun}</span>
                        </label>
                    </div>
                    <div class="cluster">
                        <Button
                            kind=ButtonKind::Primary
                            submit=true
                            pending=state.is_running
                            pending_text="Saving…"
                            attr:data-testid="catalog-save"
                        >
                            "Save "
                            {noun}
                        </Button>
                        <ButtonLink
                            kind=ButtonKind::Ghost
                            href=state.path()
                            keep_scroll=true
                            attr:data-unguarded=""
                        >
                            "Cancel"
                        </ButtonLink>
                    </div>
                </form>
            </Section>
            {delete}
        </Card>
        <LeaveDialog id="leave-form" path=state.path() is_guarded=unsaved_changes() texts=UNSAVED_CHANGES />
    }
}

/// Whether the form differs from what it was when it was rendered.
fn unsaved_changes() -> Callback<(), bool> {
    let rendered = StoredValue::new(Vec::new());
    Effect::new(move |_| rendered.set_value(browser::read_form_entries(FORM)));
    Callback::new(move |()| rendered.with_value(|rendered| *rendered != browser::read_form_entries(FORM)))
}

/// Why an action of the list was refused. A form shows its own refusal.
#[component]
pub(in super::super) fn ListFailure(state: CatalogState) -> impl IntoView {
    move || state.edited.with(String::is_empty).then(|| view! { <Failed state /> }.into_any())
}

/// Why a call was refused, if that does not belong to a field.
#[component]
fn Failed(state: CatalogState) -> impl IntoView {
    move || {
        state.failure.get().map(|failure| {
            let explanation = format!("{} Nothing was saved.", failure.explanation());
            view! { <RefusalNote failure id="catalog-failure" explanation /> }.into_any()
        })
    }
}

#[component]
fn DeletePackage(state: CatalogState, entry: String, name: String) -> impl IntoView {
    let values: Vec<(String, String)> =
        vec![("action".to_owned(), CatalogAction::Delete.to_string()), ("slug".to_owned(), entry.clone())];
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        state.call(values.clone().into(), "h1".to_owned());
    };
    view! {
        <Section
            title="Delete package"
            sentence="Customers can't book it any more. You can't undo this. To keep it for later, hide it instead."
        >
            <Disclosure summary="Delete this package…">
                <form method="post" action=state.path() on:submit=submit>
                    <input type="hidden" name="action" value=CatalogAction::Delete.as_str() />
                    <input type="hidden" name="slug" value=entry />
                    <Button
                        kind=ButtonKind::Danger
                        submit=true
                        pending=state.is_running
                        attr:data-testid="catalog-delete"
                    >
                        {format!("Delete {name}")}
                    </Button>
                </form>
            </Disclosure>
        </Section>
    }
}

/// The ID of the control of a field.
fn control_id(name: &str) -> String {
    format!("entry-{name}")
}

/// A text as HTML. A parser of documents removes one line feed at the beginning of a text area, which the
/// browser does not do for `innerHTML`.
fn escape(text: &str) -> String {
    let removed = if cfg!(feature = "ssr") { "\n" } else { "" };
    format!("{removed}{}", text.replace('&', "&amp;").replace('<', "&lt;"))
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn a_text_in_a_text_area_is_no_markup() {
        assert_eq!(escape("</textarea><b>&amp;"), "\n&lt;/textarea>&lt;b>&amp;amp;");
    }
}
