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

use domain::{access::TeamAction, paths};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use self::{people::People, result::ActionResult, sessions::Sessions, tokens::Tokens};
use super::{page_resource::ResourceView, plain_form::RefusedForm};
use crate::{
    codec::page_data,
    page_context::PageContext,
    server_fns::{TeamContent, TeamResult, open_team},
    ui::{AppShell, Crumb, PageHead},
};

/// The parts of the page.
#[cfg(feature = "hydrate")]
pub(crate) const PARTS: &[&crate::part::Part] =
    &[&invite_form::INVITE_FORM, &token_form::TOKEN_FORM, &result::ISSUED_SECRET];

/// The page at `/team`.
#[component]
pub(crate) fn TeamPage() -> impl IntoView {
    let context = expect_context::<PageContext>();
    let query = use_query_map();
    let cursor = move |name: &str| query.with(|query| query.get(name)).unwrap_or_default();
    let cursors = Memo::new(move |_| (cursor("employees"), cursor("tokens")));
    let team = page_data(move || cursors.get(), |(employees, tokens)| open_team(employees, tokens));
    let done = query.with_untracked(|query| query.get(paths::SAVED)).unwrap_or_default();
    let done = StoredValue::new(done);
    let view = move |content: TeamContent| view! { <Team content done=done.get_value() /> }.into_any();
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
    let refused = match &result {
        Some(TeamResult::Refused { values, failure }) => {
            Some(RefusedForm { values: values.clone(), failure: failure.clone() })
        }
        _ => None,
    };
    let refused_by =
        |action: TeamAction| refused.clone().filter(|refused| refused.action() == action.as_str());
    let (invitation, token) = (refused_by(TeamAction::Invite), refused_by(TeamAction::CreateToken));
    let people = role.may_see_employees().then(|| {
        view! {
            <People
                employees
                next=next_employees
                own_id=own_id.clone()
                may_manage=role.may_manage_access()
                key=key.clone()
                refused=invitation
            />
        }
        .into_any()
    });
    view! {
        <div class="stack">
            <ActionResult result done />
            {people}
            <Tokens tokens next=next_tokens role key refused=token />
            <Sessions sessions />
        </div>
    }
}
