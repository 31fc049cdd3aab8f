use domain::{ErrorCode, paths};
use engine::access::AddressChange;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use super::form::FormProblems;
use crate::{
    Failure,
    pages::failure_state::FailureState,
    server_context::{console, respond_with_error},
    ui::{AuthLayout, Button, ButtonKind, ButtonLink},
};

/// The name of the form control with what the person decides.
const DECISION: &str = "decision";

/// The page of a link that confirms or cancels the change of an e-mail address. Opening the page changes nothing,
/// because mail scanners open links.
#[component]
pub(crate) fn AddressChangePage() -> impl IntoView {
    let problem = match use_context() {
        Some(crate::FormResult::AddressChange { problem }) => Some(problem),
        _ => None,
    };
    let token = use_params_map().with_untracked(|params| params.get("token")).unwrap_or_default();
    let content = async move {
        let action = paths::address_change(&token);
        match find(&token).await {
            Ok(change) if change.is_confirmed => view! { <WaitingForOther change action /> }.into_any(),
            Ok(change) => view! { <Decision change action problem /> }.into_any(),
            Err(failure) if failure.code() == Some(ErrorCode::ResourceNotFound) => {
                view! { <Ended /> }.into_any()
            }
            Err(failure) => view! {
                <AuthLayout title="Change of your e-mail address">
                    <FailureState failure path=action />
                </AuthLayout>
            }
            .into_any(),
        }
    };
    view! {
        <Title text="Change of your e-mail address" />
        <Suspense>{Suspend::new(content)}</Suspense>
    }
}

/// Returns the change of a link. Needs no session, because the token authorises the caller.
async fn find(token: &str) -> Result<AddressChange, Failure> {
    engine::access::find_address_change(&console()?.engine, token).await.map_err(respond_with_error)
}

#[component]
fn Decision(change: AddressChange, action: String, problem: Option<domain::Problem>) -> impl IntoView {
    let sentence = format!(
        "Your account gets the address {} when you have confirmed the change at both addresses.",
        change.new_email
    );
    view! {
        <AuthLayout title="Change your e-mail address?" sentence>
            <FormProblems problem />
            <form method="post" action=action class="stack">
                <Button kind=ButtonKind::Primary submit=true attr:name=DECISION attr:value="confirm">
                    "Confirm the change"
                </Button>
                <Button submit=true attr:name=DECISION attr:value="cancel">
                    "Keep the current address"
                </Button>
            </form>
        </AuthLayout>
    }
}

#[component]
fn WaitingForOther(change: AddressChange, action: String) -> impl IntoView {
    let other = match change.is_new {
        true => "at your current address".to_owned(),
        false => format!("at {}", change.new_email),
    };
    view! {
        <AuthLayout
            title="Confirmed at this address"
            sentence=format!("Now open the link in the mail that we sent you {other}.")
        >
            <form method="post" action=action>
                <Button submit=true attr:name=DECISION attr:value="cancel">
                    "Keep the current address"
                </Button>
            </form>
        </AuthLayout>
    }
}

#[component]
fn Ended() -> impl IntoView {
    view! {
        <AuthLayout
            title="There is nothing to confirm"
            sentence="The address was changed, the change was cancelled, or the link has expired."
        >
            <ButtonLink href=paths::ACCOUNT>"Open your account"</ButtonLink>
        </AuthLayout>
    }
}

/// The page after the address was changed.
#[component]
pub(crate) fn AddressChangedPage() -> impl IntoView {
    view! {
        <Title text="Your e-mail address is changed" />
        <AuthLayout
            title="Your e-mail address is changed"
            sentence="Sign in with the new address from now on. Your password stays the same."
        >
            <ButtonLink kind=ButtonKind::Primary href=paths::PORTAL>
                "Open the portal"
            </ButtonLink>
        </AuthLayout>
    }
}

/// The page after the change was cancelled.
#[component]
pub(crate) fn AddressKeptPage() -> impl IntoView {
    view! {
        <Title text="Your e-mail address stays the same" />
        <AuthLayout
            title="Your e-mail address stays the same"
            sentence="The change is cancelled. If you did not request it, change your password now."
        >
            <ButtonLink kind=ButtonKind::Primary href=paths::ACCOUNT>
                "Open your account"
            </ButtonLink>
        </AuthLayout>
    }
}
