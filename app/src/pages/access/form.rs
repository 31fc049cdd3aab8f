use domain::Problem;
use leptos::prelude::*;

use crate::ui::{AuthLayout, Button, ButtonKind};

pub(super) use crate::pages::plain_form::{FormProblems, Input, field_message};

/// The page of a setup link or an invitation, on which a person chooses a password.
#[component]
pub(super) fn PasswordForm(
    #[prop(into)] title: String,
    #[prop(into)] sentence: String,
    /// The line under the form.
    #[prop(optional, into)]
    footer: String,
    /// Why the form was refused.
    problem: Option<Problem>,
    action: String,
    #[prop(default = "Set password")] submit: &'static str,
    /// The inputs above the password.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let password_problem = field_message(problem.as_ref(), "password");
    view! {
        <AuthLayout title sentence footer>
            <FormProblems problem />
            <form method="post" action=action>
                {children.map(|children| children())}
                <Input
                    id="password"
                    label="Password"
                    kind="password"
                    autocomplete="new-password"
                    help="At least 15 characters. A few words that you can remember work well."
                    problem=password_problem
                />
                <Button kind=ButtonKind::Primary submit=true>
                    {submit}
                </Button>
            </form>
        </AuthLayout>
    }
}
