use domain::{
    member::{MemberAction, MemberRole},
    portal::PortalPage,
};
use leptos::prelude::*;

use super::role_choices::role_choices;
use crate::{
    pages::plain_form::{FormProblems, Input, RefusedForm, field_message},
    ui::{Button, ButtonKind, Card, Field, IconName, Section, described_by, select_options},
};

/// The form that invites a person.
#[component]
pub(super) fn InviteForm(slug: String, role: MemberRole, posted: Option<RefusedForm>) -> impl IntoView {
    let posted = posted.filter(|posted| posted.action() == MemberAction::Invite.as_str());
    let value = |name: &str| posted.as_ref().map(|posted| posted.value(name)).unwrap_or_default();
    let problem = posted.as_ref().and_then(RefusedForm::problem);
    let problem_of = |field: &str| field_message(problem.as_ref(), field);
    let chosen = match value("role") {
        empty if empty.is_empty() => MemberRole::Member.as_str().to_owned(),
        chosen => chosen,
    };
    let roles = role_choices(role);
    let (name, email) = (value("name"), value("email"));
    let (name_problem, email_problem) = (problem_of("name"), problem_of("email"));
    view! {
        <Card>
            <Section title="Invite a person" sentence="The person gets a mail with a link, and chooses their own password.">
                <FormProblems problem=problem.clone() />
                <form method="post" action=PortalPage::Members.path(&slug) class="fields" data-testid="invite-form">
                    <input type="hidden" name="action" value=MemberAction::Invite.as_str() />
                    <Input id="name" label="Name" autocomplete="off" value=name problem=name_problem />
                    <Input
                        id="email"
                        label="E-mail"
                        kind="email"
                        autocomplete="off"
                        value=email
                        problem=email_problem
                    />
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
