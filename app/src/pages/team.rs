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
use leptos_router::hooks::use_query_map;

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
    let view = move |content: TeamContent| view! { <Team content done=done.get_untracked() /> }.into_any();
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

#[component]
fn Team(content: TeamContent, done: String) -> impl IntoView {
    let TeamContent { own_id, role, employees, next_employees, tokens, next_tokens, sessions, key, result } =
        content;
    let people = role.may_see_employees().then(|| {
        view! {
            <People
                employees
                next=next_employees
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
            <Tokens tokens next=next_tokens role key result />
            <Sessions sessions />
        </div>
    }
}
