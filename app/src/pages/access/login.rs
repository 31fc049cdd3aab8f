use domain::{ErrorCode, Problem, paths};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::form::Input;
use crate::{
    page_context::PageContext,
    ui::{AuthLayout, Button, ButtonKind, Note, Tone},
};

/// The input and the problem of a refused sign-in.
#[derive(Debug, Default)]
struct RefusedInput {
    email: String,
    next: String,
    problem: Option<Problem>,
}

impl RefusedInput {
    fn from_request() -> Self {
        match use_context() {
            Some(crate::FormResult::Login { email, next, problem }) => {
                Self { email, next, problem: Some(problem) }
            }
            _ => Self::default(),
        }
    }
}

/// The page to sign in with e-mail and password.
#[component]
pub(crate) fn LoginPage() -> impl IntoView {
    let refused = RefusedInput::from_request();
    let context = expect_context::<PageContext>();
    let requested = use_query_map().with_untracked(|query| query.get("next"));
    let next = requested.unwrap_or(refused.next);
    let note = refused.problem.map(|problem| {
        let (title, sentence) = match problem.code {
            ErrorCode::Unauthenticated => {
                ("The e-mail or the password is wrong.".to_owned(), "Check both and try again.")
            }
            _ => (problem.detail(), problem.code.entry().next_step),
        };
        view! {
            <div role="alert">
                <Note tone=Tone::Bad title>
                    <p>{sentence}</p>
                </Note>
            </div>
        }
    });
    let is_open =
        use_context::<crate::Console>().is_some_and(|console| console.engine.sign_up().mode.is_open());
    let sign_up = is_open.then(|| {
        view! {
            <p class="muted small">
                "No account yet? " <a href=paths::SIGN_UP data-testid="login-signup">
                    "Create an account"
                </a>
            </p>
        }
    });
    view! {
        <Title text="Sign in" />
        <AuthLayout title="Sign in" footer=context.environment>
            {note}
            <form method="post" action=paths::LOGIN data-testid="login-form">
                <input type="hidden" name="next" value=next />
                <Input
                    id="email"
                    label="E-mail"
                    kind="email"
                    autocomplete="username"
                    value=refused.email
                    testid="login-email"
                />
                <Input
                    id="password"
                    label="Password"
                    kind="password"
                    autocomplete="current-password"
                    testid="login-password"
                />
                <Button kind=ButtonKind::Primary submit=true attr:data-testid="login-submit">
                    "Sign in"
                </Button>
            </form>
            <p class="small">
                <a href=paths::PASSWORD_RESET>"Forgot your password?"</a>
            </p>
            {sign_up}
        </AuthLayout>
    }
}
