use domain::{ErrorCode, paths};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use super::form::{FormProblems, Input, PasswordForm, field_message};
use crate::{
    Failure,
    pages::failure_state::FailureState,
    server_context::{console, respond_with_error},
    ui::{AuthLayout, Button, ButtonKind, ButtonLink},
};

/// The page on which a person who forgot the password requests a link.
#[component]
pub(crate) fn PasswordResetRequestPage() -> impl IntoView {
    let (email, problem) = match use_context() {
        Some(crate::FormResult::PasswordResetRequest { email, problem }) => (email, Some(problem)),
        _ => (String::new(), None),
    };
    let email_problem = field_message(problem.as_ref(), "email");
    view! {
        <Title text="Choose a new password" />
        <AuthLayout
            title="Choose a new password"
            sentence="Enter the address of your account. We send you a link that works for one hour."
        >
            <FormProblems problem />
            <form method="post" action=paths::PASSWORD_RESET>
                <Input
                    id="email"
                    label="E-mail"
                    kind="email"
                    autocomplete="username"
                    value=email
                    problem=email_problem
                />
                <Button kind=ButtonKind::Primary submit=true>
                    "Send the link"
                </Button>
            </form>
        </AuthLayout>
    }
}

/// The page after a request. It does not say whether the address has an account.
#[component]
pub(crate) fn PasswordResetSentPage() -> impl IntoView {
    view! {
        <Title text="Check your mail" />
        <AuthLayout
            title="Check your mail"
            sentence="If the address has an account, a link is on its way. It works for one hour. No mail after a few \
            minutes? Check the spam folder, then request the link again."
        >
            <ButtonLink href=paths::PASSWORD_RESET>"Request the link again"</ButtonLink>
        </AuthLayout>
    }
}

/// The page of a link, on which the person chooses the new password.
#[component]
pub(crate) fn PasswordResetPage() -> impl IntoView {
    let problem = match use_context() {
        Some(crate::FormResult::PasswordReset { problem }) => Some(problem),
        _ => None,
    };
    let token = use_params_map().with_untracked(|params| params.get("token")).unwrap_or_default();
    let content = async move {
        let action = paths::password_reset(&token);
        match find(&token).await {
            Ok(account) => view! {
                <PasswordForm
                    title="Choose a new password"
                    sentence=format!("{}, choose a new password for your account {}.", account.name, account.email)
                    problem
                    action
                />
            }
            .into_any(),
            Err(failure) if failure.code() == Some(ErrorCode::ResourceNotFound) => {
                view! { <InvalidLink /> }.into_any()
            }
            Err(failure) => view! {
                <AuthLayout title="Choose a new password">
                    <FailureState failure path=action />
                </AuthLayout>
            }
            .into_any(),
        }
    };
    view! {
        <Title text="Choose a new password" />
        <Suspense>{Suspend::new(content)}</Suspense>
    }
}

/// Returns the account of a link. Needs no session, because the token authorises the caller.
async fn find(token: &str) -> Result<engine::access::PasswordReset, Failure> {
    engine::access::find_password_reset(&console()?.engine, token).await.map_err(respond_with_error)
}

#[component]
fn InvalidLink() -> impl IntoView {
    view! {
        <AuthLayout
            title="This link is no longer valid"
            sentence="It has expired, was used, or was replaced by a newer one."
        >
            <ButtonLink kind=ButtonKind::Primary href=paths::PASSWORD_RESET>
                "Request a new link"
            </ButtonLink>
        </AuthLayout>
    }
}
