//! `/team`: the employees, the admin tokens and one's own sessions. Each action is a form post, which also works
//! without scripts. The engine decides what a role may do; the page hides what the role of the employee does not allow.

mod consequences;
mod dialog;
mod invite_form;
mod manage;
mod people;
mod result;
mod role_choices;
mod sessions;
mod token_form;
mod tokens;

use domain::paths;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{hooks::use_query_map, params::ParamsMap};

use self::{
    people::People,
    result::{ACTION_RESULT, action_result},
    sessions::Sessions,
    tokens::Tokens,
};
use super::page_resource::ResourceView;
use crate::{
    codec::page_data,
    page_context::PageContext,
    server_fns::{TeamContent, open_team},
    ui::{AppShell, Crumb, PageHead},
};

/// The parts of the page.
#[cfg(feature = "hydrate")]
pub(crate) const PARTS: &[&crate::part::Part] =
    &[&invite_form::INVITE_FORM, &token_form::TOKEN_FORM, &result::ACTION_RESULT];

/// The page at `/team`.
#[component]
pub(crate) fn TeamPage() -> impl IntoView {
    let context = expect_context::<PageContext>();
    let query = use_query_map();
    let cursor = move |name: &str| query.with(|query| query.get(name)).unwrap_or_default();
    // One text, because other pages load their data by a text, too, and share its code.
    let cursors = move || format!("{} {}", cursor("employees"), cursor("tokens"));
    let team = page_data(cursors, |cursors: String| {
        let (employees, tokens) = cursors.split_once(' ').unwrap_or_default();
        open_team(employees.to_owned(), tokens.to_owned())
    });
    let done = query.with_untracked(|query| query.get(paths::SAVED)).unwrap_or_default();
    let done = RwSignal::new(done);
    let view = move |content: TeamContent| {
        let older = |list: &str, next: &str| {
            (!next.is_empty()).then(|| older_page(query.get_untracked(), list, next))
        };
        let older_employees = older("employees", &content.next_employees);
        let older_tokens = older("tokens", &content.next_tokens);
        view! { <Team content older_employees older_tokens done=done.get_untracked() /> }.into_any()
    };
    view! {
        <Title text="Team" />
        <AppShell
            current=paths::TEAM
            employee=context.employee_view()
            environment=context.environment
            breadcrumb=vec![Crumb::current("Team")]
        >
            <div data-testid="team-page">
                <PageHead title="Team" lead=|| "Who works with the console, what programs may do, and where you are signed in." />
                <ResourceView resource=team label="Loading the team" path=paths::TEAM view />
            </div>
        </AppShell>
    }
}

/// The URL with the next page of one list and the current page of the other.
fn older_page(mut query: ParamsMap, list: &str, next: &str) -> String {
    query.remove(paths::SAVED);
    query.replace(list.to_owned(), next.to_owned());
    format!("{}{}", paths::TEAM, query.to_query_string())
}

#[component]
fn Team(
    content: TeamContent,
    older_employees: Option<String>,
    older_tokens: Option<String>,
    done: String,
) -> impl IntoView {
    let TeamContent { own_id, role, employees, tokens, sessions, key, result, .. } = content;
    let people = role.may_see_employees().then(|| {
        view! {
            <People
                employees
                older=older_employees
                own_id=own_id.clone()
                may_manage=role.may_manage_access()
                key=key.clone()
                result=result.clone()
            />
        }
        .into_any()
    });
    let shown = {
        let result = result.clone();
        ACTION_RESULT.view(move || Box::pin(action_result(result.clone(), done.clone())))
    };
    view! {
        <div class="stack">
            {shown}
            {people}
            <Tokens tokens older=older_tokens role key result />
            <Sessions sessions />
        </div>
    }
}
