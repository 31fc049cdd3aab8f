use domain::{Role, access::TeamAction};
use leptos::prelude::*;

use super::{PATH, role_choices::role_choices};
use crate::{
    pages::plain_form::{FormProblems, HiddenFields, Input, RefusedForm, field_message},
    ui::{Button, ButtonKind, Disclosure, Field, IconName, described_by, select_options},
};

/// The form that invites an employee.
#[component]
pub(super) fn InviteForm(key: String, refused: Option<RefusedForm>) -> impl IntoView {
    let value = |name: &str| refused.as_ref().map(|refused| refused.value(name)).unwrap_or_default();
    let (name, email, role) = (value("name"), value("email"), value("role"));
    let role = if role.is_empty() { Role::Viewer.to_string() } else { role };
    let problem = refused.as_ref().and_then(RefusedForm::problem);
    let problem_of = |field: &str| field_message(problem.as_ref(), field);
    let (name_problem, email_problem) = (problem_of("name"), problem_of("email"));
    let fields = vec![("action", TeamAction::Invite.to_string()), ("key", key)];
    view! {
        <Disclosure summary="Invite an employee" open=refused.is_some()>
            <div class="team-form">
                <FormProblems problem=problem.clone() />
                <form method="post" action=PATH class="fields" data-testid="team-invite-form">
                    <HiddenFields fields />
                    <div class="field-row">
                        <Input id="name" label="Name" autocomplete="off" value=name problem=name_problem />
                        <Input
                            id="email"
                            label="E-mail"
                            kind="email"
                            autocomplete="off"
                            value=email
                            problem=email_problem
                        />
                    </div>
                    <Field id="role" label="Role">
                        <select class="input" id="role" name="role" aria-describedby=described_by("role")>
                            {select_options(role_choices(Role::SuperAdmin), &role)}
                        </select>
                    </Field>
                    <div class="cluster">
                        <Button
                            kind=ButtonKind::Primary
                            submit=true
                            icon=IconName::Mail
                            attr:data-testid="team-invite"
                        >
                            "Send invitation"
                        </Button>
                    </div>
                </form>
            </div>
        </Disclosure>
    }
}
