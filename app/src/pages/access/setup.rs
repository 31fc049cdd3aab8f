use domain::{Problem, paths};
use engine::access::SetupLink;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use super::form::{Input, PasswordForm, field_message};
use crate::{
    Failure,
    page_context::PageContext,
    pages::failure_state::FailureState,
    response::set_status,
    server_context::{console, respond_with_error},
    ui::{AuthLayout, ButtonLink},
};

/// The input and the problem of a refused setup.
#[derive(Debug, Default)]
struct RefusedInput {
    name: String,
    email: String,
    problem: Option<Problem>,
}

impl RefusedInput {
    fn from_request() -> Self {
        match use_context() {
            Some(crate::FormResult::Setup { name, email, problem }) => {
                Self { name, email, problem: Some(problem) }
            }
            _ => Self::default(),
        }
    }
}

/// The page of a setup link. The link of the first super admin, which each start of the server prints until a
/// super admin exists, leads to a form that creates the account. The link of a new employee leads to a form
/// for the password.
#[component]
pub(crate) fn SetupPage() -> impl IntoView {
    let refused = RefusedInput::from_request();
    let environment = expect_context::<PageContext>().environment;
    let token = use_params_map().with_untracked(|params| params.get("token")).unwrap_or_default();
    let content = async move {
        let action = paths::setup(&token);
        match find_setup_link(&token).await {
            Ok(Some(SetupLink::FirstAdmin)) => view! { <SetupForm environment refused action /> }.into_any(),
            Ok(Some(SetupLink::Employee { name, email })) => view! {
                <PasswordForm
                    title="Welcome to Tenantry"
                    sentence=format!("{name}, choose a password for your account {email}. This link works once.")
                    footer=environment
                    problem=refused.problem
                    action
                />
            }
            .into_any(),
            Ok(None) => view! { <InvalidLink /> }.into_any(),
            Err(failure) => view! {
                <AuthLayout title="Set up Tenantry">
                    <FailureState failure path=action />
                </AuthLayout>
            }
            .into_any(),
        }
    };
    view! {
        <Title text="Setup" />
        <Suspense>{Suspend::new(content)}</Suspense>
    }
}

async fn find_setup_link(token: &str) -> Result<Option<SetupLink>, Failure> {
    let link =
        engine::access::find_setup_link(&console()?.engine, token).await.map_err(respond_with_error)?;
    if link.is_none() {
        set_status(404);
    }
    Ok(link)
}

#[component]
fn SetupForm(environment: String, refused: RefusedInput, action: String) -> impl IntoView {
    let problem = |field| field_message(refused.problem.as_ref(), field);
    let (name_problem, email_problem) = (problem("name"), problem("email"));
    view! {
        <PasswordForm
            title="Set up Tenantry"
            sentence="You will be the first super admin. This link works once."
            footer=environment
            problem=refused.problem
            action
            submit="Create super admin"
        >
            <Input
                id="name"
                label="Your name"
                autocomplete="name"
                value=refused.name
                problem=name_problem
            />
            <Input
                id="email"
                label="E-mail"
                kind="email"
                autocomplete="username"
                value=refused.email
                problem=email_problem
            />
        </PasswordForm>
    }
}

#[component]
fn InvalidLink() -> impl IntoView {
    view! {
        <AuthLayout
            title="This link is no longer valid"
            sentence="It was used or replaced, or it has expired. Sign in if you have an account. Otherwise ask a super admin for a new link, or restart Tenantry if there is no super admin yet."
        >
            <ButtonLink href=paths::LOGIN>"Sign in"</ButtonLink>
        </AuthLayout>
    }
}
