use domain::{
    member::{MemberAction, MemberRole},
    portal::PortalPage,
};
use leptos::prelude::*;

use super::{refused_form::RefusedForm, role_choices::role_choices};
use crate::{
    Failure,
    ui::{
        Button, ButtonKind, Card, ErrorSummary, Field, FieldStatus, IconName, Note, Section, SummaryItem,
        Tone, described_by, select_options,
    },
};

/// The form that invites a person.
#[component]
pub(super) fn InviteForm(slug: String, role: MemberRole, posted: Option<RefusedForm>) -> impl IntoView {
    let posted = posted.filter(|posted| posted.action == Some(MemberAction::Invite));
    let value = |name: &str| {
        let typed = posted.as_ref().and_then(|posted| posted.values.get(name));
        typed.unwrap_or_default().to_owned()
    };
    let problem = |name: &str| posted.as_ref().and_then(|posted| posted.problem_of(name));
    let chosen = match value("role") {
        empty if empty.is_empty() => MemberRole::Member.as_str().to_owned(),
        chosen => chosen,
    };
    let roles = role_choices(role);
    let (name, email) = (value("name"), value("email"));
    let (name_problem, email_problem) = (problem("name"), problem("email"));
    view! {
        <Card>
            <Section title="Invite a person" sentence="The person gets a mail with a link, and chooses their own password.">
                <Problems posted=posted.clone() />
                <form method="post" action=PortalPage::Members.path(&slug) class="fields" data-testid="invite-form">
                    <input type="hidden" name="action" value=MemberAction::Invite.as_str() />
                    <TextField id="name" label="Name" kind="text" value=name problem=name_problem />
                    <TextField id="email" label="E-mail" kind="email" value=email problem=email_problem />
                    <Field id="role" label="Role">
                        <select class="input" id="role" name="role" aria-describedby=described_by("role")>
                            {select_options(roles, &chosen)}
                        </select>
                    </Field>
                    <div class="cluster">
                        <Button kind=ButtonKind::Primary submit=true icon=IconName::Mail>
                            "Send invitation"
                        </Button>
                    </div>
                </form>
            </Section>
        </Card>
    }
}

#[component]
fn TextField(
    id: &'static str,
    label: &'static str,
    kind: &'static str,
    value: String,
    problem: Option<String>,
) -> impl IntoView {
    let status = problem.map(FieldStatus::Invalid).unwrap_or_default();
    let invalid = status.aria_invalid();
    view! {
        <Field id label status>
            <input
                class="input"
                id=id
                name=id
                type=kind
                value=value
                autocomplete="off"
                required
                aria-describedby=described_by(id)
                aria-invalid=invalid
            />
        </Field>
    }
}

/// Why the invitation was refused.
#[component]
fn Problems(posted: Option<RefusedForm>) -> impl IntoView {
    let Some(posted) = posted else { return ().into_any() };
    let problems = match &posted.failure {
        Failure::Problem(problem) => problem.field_problems(),
        Failure::Unreachable => Vec::new(),
    };
    if problems.is_empty() {
        let title = posted.failure.title().to_owned();
        return view! {
            <div role="alert">
                <Note tone=Tone::Bad title>
                    <p>{posted.failure.detail()}</p>
                </Note>
            </div>
        }
        .into_any();
    }
    let items: Vec<_> = problems
        .into_iter()
        .map(|problem| SummaryItem { field_id: problem.field, text: problem.message })
        .collect();
    view! { <ErrorSummary errors=items /> }.into_any()
}
