use domain::{
    Role,
    access::{ApiScope, DEFAULT_TOKEN_DAYS, TeamAction},
    paths::TEAM,
};
use leptos::{prelude::*, wasm_split::wasm_split};

use super::{result::refused_form, role_choices::role_choices};
use crate::{
    pages::plain_form::{FormProblems, HiddenFields, RefusedForm, field_message},
    part::{Loaded, Part},
    ui::{Button, ButtonKind, Disclosure, Field, FieldStatus, described_by, select_options},
};

/// The part that contains [`token_form`].
pub(super) static TOKEN_FORM: Part = Part { name: "team_forms", load: || Box::pin(load()) };

/// [`TokenForm`] as a part. `result` is that of the page.
#[wasm_split(team_forms, wasm_split_path = ::leptos::wasm_split, fallible, preload(load))]
pub(super) fn token_form(role: Role, key: String, result: String) -> Loaded<AnyView> {
    let refused = refused_form(&result, TeamAction::CreateToken);
    Ok(view! { <TokenForm role key refused /> }.into_any())
}

/// The form that creates an admin token with at most the role of the employee.
#[component]
fn TokenForm(role: Role, key: String, refused: Option<RefusedForm>) -> impl IntoView {
    let value = |name: &str, other: String| {
        let typed = refused.as_ref().map(|refused| refused.value(name)).unwrap_or_default();
        if typed.is_empty() { other } else { typed }
    };
    let (name, days) = (value("name", String::new()), value("days", DEFAULT_TOKEN_DAYS.to_string()));
    let chosen_role = value("role", Role::Viewer.to_string());
    let problem = refused.as_ref().and_then(RefusedForm::problem);
    let status =
        |field: &str| field_message(problem.as_ref(), field).map(FieldStatus::Invalid).unwrap_or_default();
    let (name_status, days_status) = (status("token-name"), status("days"));
    let (name_invalid, days_invalid) = (name_status.aria_invalid(), days_status.aria_invalid());
    let fields = vec![("action", TeamAction::CreateToken.to_string()), ("key", key)];
    view! {
        <Disclosure summary="Create a token" open=refused.is_some()>
            <div class="team-form">
                <FormProblems problem=problem.clone() />
                <form method="post" action=TEAM class="fields" data-testid="team-token-form">
                    <HiddenFields fields />
                    <Field id="token-name" label="Name" help="The history shows this name." status=name_status>
                        <input
                            class="input"
                            id="token-name"
                            name="name"
                            value=name
                            autocomplete="off"
                            required
                            aria-describedby=described_by("token-name")
                            aria-invalid=name_invalid
                        />
                    </Field>
                    <div class="field-row">
                        <Field id="token-role" label="Role">
                            <select
                                class="input"
                                id="token-role"
                                name="role"
                                aria-describedby=described_by("token-role")
                            >
                                {select_options(role_choices(role), &chosen_role)}
                            </select>
                        </Field>
                        <Field id="days" label="Valid for, in days" status=days_status>
                            <input
                                class="input"
                                id="days"
                                name="days"
                                inputmode="numeric"
                                value=days
                                autocomplete="off"
                                required
                                aria-describedby=described_by("days")
                                aria-invalid=days_invalid
                            />
                        </Field>
                    </div>
                    <Scopes refused=refused.clone() />
                    <div class="cluster">
                        <Button kind=ButtonKind::Secondary submit=true attr:data-testid="team-create-token">
                            "Create token"
                        </Button>
                    </div>
                </form>
            </div>
        </Disclosure>
    }
}

/// The choice of scopes: a row for each area.
#[component]
fn Scopes(refused: Option<RefusedForm>) -> impl IntoView {
    let is_chosen = move |scope: ApiScope| {
        refused.as_ref().is_some_and(|refused| refused.values.get(scope.as_str()).is_some())
    };
    let choice = move |scope: &ApiScope| {
        let scope = *scope;
        let verb = if scope.is_read() { "read" } else { "change" };
        view! {
            <label class="check">
                <input type="checkbox" name=scope.as_str() checked=is_chosen(scope) />
                <span>
                    {scope.area()} ": " {verb} " " <code class="muted">{scope.as_str()}</code>
                </span>
            </label>
        }
        .into_any()
    };
    view! {
        <fieldset class="scopes">
            <legend class="field-label">
                "Scopes" <span class="muted">" (optional)"</span>
            </legend>
            <p class="field-help">"Without a choice, the token may do everything that its role allows."</p>
            <div class="scope-list">{ApiScope::ALL.iter().map(choice).collect_view()}</div>
        </fieldset>
    }
}
