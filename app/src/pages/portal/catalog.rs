//! What the pages of segments and packages share: a list with actions, and a form. Both work without scripts,
//! as form posts.

mod entry_form;
mod entry_list;
mod row_action;

use domain::{
    FieldProblem,
    catalog::{CatalogAction, CatalogKind},
    paths,
    portal::PortalPage,
    tenant_form::FormValues,
};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};

pub(super) use self::{
    entry_form::{EntryField, EntryForm, FieldKind},
    entry_list::{EntryList, ListTexts, Visibility},
    row_action::RowActions,
};
use crate::{
    Failure, browser,
    codec::from_json,
    pages::tenant::action_state::{ActionState, is_outdated},
    server_fns::{PostedForm, change_catalog},
};

/// The selector of the form.
const FORM: &str = "#catalog-form";

/// The selector of the first control of the form.
const FIRST_CONTROL: &str = "#catalog-form .input";

/// The value of the query parameter that opens the form of a new entry.
pub(super) const NEW: &str = "new";

/// The state of a page. It exists as long as the page, while each change renders the list and the form again.
#[derive(Debug, Clone, Copy)]
pub(super) struct CatalogState {
    pub kind: CatalogKind,
    pub slug: Memo<String>,
    pub actions: ActionState,
    /// The slug of the entry in the form, or [`NEW`]. Empty without a form.
    pub edited: Memo<String>,
    /// The problems of the last submit.
    problems: RwSignal<Vec<FieldProblem>>,
    /// Why the last call was refused, if that does not belong to a field.
    failure: RwSignal<Option<Failure>>,
    is_running: RwSignal<bool>,
    /// Whether another form was opened on this page, so that it gets the focus when it is rendered.
    is_reopened: RwSignal<bool>,
}

impl CatalogState {
    pub fn new(kind: CatalogKind, slug: Memo<String>, actions: ActionState) -> Self {
        let query = use_query_map();
        let edited = Memo::new(move |_| query.with(|query| query.get(paths::FORM)).unwrap_or_default());
        let (problems, failure) = (RwSignal::new(Vec::new()), RwSignal::new(None));
        let is_reopened = RwSignal::new(false);
        // Another form has other problems.
        Effect::new(move |former: Option<String>| {
            let current = edited.get();
            if former.is_some_and(|former| former != current) {
                problems.set(Vec::new());
                failure.set(None);
                is_reopened.set(true);
                if !current.is_empty() {
                    browser::focus(FIRST_CONTROL);
                }
            }
            current
        });
        Self { kind, slug, actions, edited, problems, failure, is_running: RwSignal::new(false), is_reopened }
    }

    /// Whether the page shows the form. `posted` is a form that was refused.
    pub fn has_form(self, posted: Option<&FormValues>) -> bool {
        posted.is_some() || !self.edited.with(String::is_empty)
    }

    /// Moves the focus to a form that was opened on this page. Its code may have been downloaded first.
    fn focus_reopened(self) {
        Effect::new(move |_| {
            if self.is_reopened.get_untracked() {
                browser::focus(FIRST_CONTROL);
            }
        });
    }

    /// The path of the page.
    pub fn path(self) -> String {
        let page = match self.kind {
            CatalogKind::Segment => PortalPage::Segments,
            CatalogKind::Package => PortalPage::Packages,
        };
        page.path(&self.slug.get_untracked())
    }

    /// The path of the page with the form of an entry.
    pub fn form_path(self, entry: &str) -> String {
        format!("{}?{}={entry}", self.path(), paths::FORM)
    }

    /// Shows why a form was refused that was posted without JavaScript. Returns what was typed, if it was a form
    /// and not an action of the list.
    pub fn show_posted(self, posted: &str) -> Option<FormValues> {
        let PostedForm { values, failure, .. } = from_json(posted).ok()?;
        self.show(failure);
        let is_form = values.get("action") == Some(CatalogAction::Save.as_str());
        is_form.then_some(values)
    }

    fn show(self, failure: Failure) {
        let problems = match &failure {
            Failure::Problem(problem) => problem.field_problems(),
            Failure::Unreachable => Vec::new(),
        };
        let is_of_field = problems.iter().any(|problem| !problem.field.is_empty());
        self.problems.set(if is_of_field { problems } else { Vec::new() });
        self.failure.set(Some(failure).filter(|_| !is_of_field));
    }

    /// Saves the form, after a check with the same rules as on the server.
    fn save(self, currency: &str) {
        let values = FormValues::from(browser::read_form_entries(FORM));
        let problems = self.kind.problems(&values, currency);
        if problems.is_empty() {
            self.call(values, "h1".to_owned());
        } else {
            self.failure.set(None);
            self.problems.set(problems);
            browser::focus("#catalog-form .error-summary");
        }
    }

    /// Runs an action. `focus` is the selector of what gets the focus when the page was loaded again.
    fn call(self, values: FormValues, focus: String) {
        if self.is_running.get_untracked() {
            return;
        }
        self.is_running.set(true);
        self.problems.set(Vec::new());
        self.failure.set(None);
        self.actions.refusal.set(None);
        self.actions.announcement.set("");
        let action = CatalogAction::from_text(values.get("action").unwrap_or_default());
        let (navigate, path) = (use_navigate(), self.path());
        let tenant = self.slug.get_untracked();
        spawn_local(async move {
            let result = change_catalog(tenant, self.kind, values).await;
            if self.is_running.is_disposed() {
                return;
            }
            self.is_running.set(false);
            match result {
                Ok(_) => {
                    self.actions.announcement.set(announcement(self.kind, action));
                    if !self.edited.get_untracked().is_empty() {
                        let options =
                            NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() };
                        navigate(&path, options);
                    }
                    self.actions.reload_and_focus(focus);
                }
                Err(failure) if is_outdated(&failure) => self.actions.refuse(failure),
                Err(failure) => {
                    self.show(failure);
                    browser::focus("#catalog-form .error-summary, #catalog-failure");
                }
            }
        });
    }
}

/// What screen readers announce after an action.
const fn announcement(kind: CatalogKind, action: Option<CatalogAction>) -> &'static str {
    match (kind, action) {
        (CatalogKind::Segment, Some(CatalogAction::Save)) => "The segment is saved.",
        (CatalogKind::Package, Some(CatalogAction::Save)) => "The package is saved.",
        (_, Some(CatalogAction::Show)) => "Customers see it now.",
        (_, Some(CatalogAction::Hide)) => "Customers do not see it any more.",
        (_, Some(CatalogAction::Up)) => "Moved up.",
        (_, Some(CatalogAction::Down)) => "Moved down.",
        (_, Some(CatalogAction::Delete)) => "The package is deleted.",
        (_, None) => "",
    }
}
