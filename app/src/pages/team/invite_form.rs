use domain::{Role, access::TeamAction, paths::TEAM};
use leptos::{prelude::*, wasm_split::wasm_split};

use super::{result::refused_form, role_choices::role_choices};
use crate::{
    pages::plain_form::{FormProblems, HiddenFields, Input, RefusedForm, field_message},
    part::{Loaded, Part},
    ui::{Button, ButtonKind, Disclosure, Field, IconName, described_by, select_options},
};

/// The part that contains [`invite_form`]. Pages with few forms need no code of forms.
pub(super) static INVITE_FORM: Part = Part { name: "team_forms", load: || Box::pin(load()) };

/// [`InviteForm`] as a part. `result` is that of the page.
#[wasm_split(team_forms, wasm_split_path = ::leptos::wasm_split, fallible, preload(load))]
pub(super) fn invite_form(key: String, result: String) -> Loaded<AnyView> {
    let refused = refused_form(&result, TeamAction::Invite);
    Ok(view! { <InviteForm key refused /> }.into_any())
}

/// The form that invites an employee.
#[component]
fn InviteForm(key: String, refused: Option<RefusedForm>) -> impl IntoView {
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
                <form method="post" action=TEAM class="fields" data-testid="team-invite-form">
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
