use std::sync::Arc;

use domain::slug::{Slug, slug_from_name};
use leptos::prelude::*;

use crate::{
    Failure, browser,
    page_context::PageContext,
    pages::{
        slug_suggestions::{ApplySlug, SlugSuggestions, apply_on_shortcut},
        value_check::{CheckResult, ServerCheck, check_on_pause, slug_problem, slug_result},
    },
    server_fns,
    ui::{Field, FieldStatus, InputGroup, described_by},
};

/// The slug of a sign-up, with the check while the person types.
#[derive(Debug, Clone, Copy)]
pub(super) struct SlugState {
    pub text: RwSignal<String>,
    /// Whether the person has edited the slug. Until then, it follows the company.
    is_edited: RwSignal<bool>,
    pub check: RwSignal<CheckResult>,
    /// Why the server refused the slug, until the next edit.
    pub refusal: RwSignal<Option<String>>,
    /// Notifies if the slug must be checked again, although it has not changed.
    recheck: RwSignal<()>,
}

impl SlugState {
    pub fn new(text: String, refusal: Option<String>) -> Self {
        Self {
            is_edited: RwSignal::new(!text.is_empty()),
            text: RwSignal::new(text),
            check: RwSignal::new(CheckResult::default()),
            refusal: RwSignal::new(refusal),
            recheck: RwSignal::new(()),
        }
    }

    /// Shows the result of a check by the server.
    pub fn show(self, check: CheckResult) {
        self.check.set(check);
    }

    /// Replaces the text. If the slug is empty, it follows the company again.
    pub fn edit(self, text: String) {
        self.is_edited.set(!text.is_empty());
        self.refusal.set(None);
        self.text.set(text);
    }

    fn apply(self) -> ApplySlug {
        Arc::new(move |slug: &Slug| {
            self.edit(slug.to_string());
            browser::focus("#slug");
        })
    }

    /// Checks the slug whenever typing pauses, and derives it from the company until it is edited.
    pub fn start(self, company: Signal<String>) {
        let text = Memo::new(move |_| self.text.get());
        let send = move |text: String| -> ServerCheck {
            let name = company.get_untracked();
            Box::pin(async move { slug_result(server_fns::check_sign_up_slug(text, name).await, None) })
        };
        check_on_pause(text, self.recheck, self.check, slug_problem, Arc::new(send));
        apply_on_shortcut(self.check, self.apply());
        Effect::new(move |_| {
            let slug = slug_from_name(&company.get());
            if !self.is_edited.get_untracked() && self.text.get_untracked() != slug {
                self.text.set(slug);
            }
        });
    }

    /// Shows a refusal by the server: available slugs, or the problem of the slug. Returns whether the
    /// refusal is about the slug.
    pub fn show_refusal(self, failure: &Failure) -> bool {
        let Failure::Problem(problem) = failure else { return false };
        let of_slug = problem.errors.iter().find(|error| error.field == "slug");
        if let Some(error) = of_slug {
            self.refusal.set(Some(error.message.clone()));
        } else if !problem.suggestions.is_empty() {
            self.refusal.set(Some(problem.detail()));
            self.show(CheckResult {
                status: FieldStatus::Taken { text: problem.detail(), link: None },
                suggestions: problem.suggestions.clone(),
            });
        } else {
            return false;
        }
        true
    }
}

#[component]
pub(super) fn SlugField(state: SlugState, #[prop(optional)] help: &'static str) -> impl IntoView {
    let host = expect_context::<PageContext>().host;
    let status =
        Signal::derive(move || match (state.check.with(|check| check.status.clone()), state.refusal.get()) {
            (FieldStatus::Empty | FieldStatus::Available, Some(refusal)) => FieldStatus::Invalid(refusal),
            (checked, _) => checked,
        });
    let has_suggestions = Memo::new(move |_| state.check.with(|check| !check.suggestions.is_empty()));
    let suggestions = move || {
        has_suggestions.get().then(|| {
            view! {
                <SlugSuggestions
                    check=state.check
                    apply=state.apply()
                    testid="signup-slug-suggestion"
                    has_shortcuts=true
                />
            }
            .into_any()
        })
    };
    view! {
        <Field
            id="slug"
            label="Address"
            help
            status
            status_testid=Some("signup-slug-status")
            extra=suggestions
        >
            <InputGroup prefix=format!("{host}/")>
                <input
                    class="input"
                    id="slug"
                    name="slug"
                    type="text"
                    autocomplete="off"
                    autocapitalize="none"
                    spellcheck="false"
                    value=state.text.get_untracked()
                    prop:value=state.text
                    on:input=move |event| state.edit(event_target_value(&event))
                    aria-describedby=described_by("slug")
                    aria-invalid=move || status.with(FieldStatus::aria_invalid)
                    data-testid="signup-slug"
                />
            </InputGroup>
        </Field>
    }
}
