use domain::{ErrorCode, paths};
use engine::access::{Invitation, InvitationLink};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use super::form::PasswordForm;
use crate::{
    Failure,
    pages::failure_state::FailureState,
    server_context::{console, respond_with_error},
    ui::AuthLayout,
};

/// The page on which an owner accepts an invitation and chooses a password.
#[component]
pub(crate) fn InvitationPage() -> impl IntoView {
    let problem = match use_context() {
        Some(crate::FormResult::Invitation { problem }) => Some(problem),
        _ => None,
    };
    let token = use_params_map().with_untracked(|params| params.get("token")).unwrap_or_default();
    let content = async move {
        let action = paths::invitation(&token);
        match find_invitation(&token).await {
            Ok(InvitationLink::Open(Invitation { tenant_name, owner_name, owner_email, .. })) => view! {
                <PasswordForm
                    title=format!("Welcome to {tenant_name}")
                    sentence=format!("{owner_name}, choose a password for your account {owner_email}.")
                    problem
                    action
                />
            }
            .into_any(),
            Ok(InvitationLink::Accepted) => view! { <InvitationAccepted /> }.into_any(),
            Err(failure) if failure.code() == Some(ErrorCode::ResourceNotFound) => {
                view! { <InvalidInvitation /> }.into_any()
            }
            Err(failure) => view! {
                <AuthLayout title="Invitation">
                    <FailureState failure path=action />
                </AuthLayout>
            }
            .into_any(),
        }
    };
    view! {
        <Title text="Invitation" />
        <Suspense>{Suspend::new(content)}</Suspense>
    }
}

/// Returns the invitation with this token. Needs no session, because the token authorises the caller.
async fn find_invitation(token: &str) -> Result<InvitationLink, Failure> {
    engine::access::find_invitation(&console()?.engine, token).await.map_err(respond_with_error)
}

#[component]
fn InvalidInvitation() -> impl IntoView {
    view! {
        <AuthLayout
            title="This invitation is no longer valid"
            sentence="It has expired, or it was replaced or revoked. Ask the person who invited you for a new one."
        />
    }
}

#[component]
fn InvitationAccepted() -> impl IntoView {
    view! {
        <Title text="Welcome" />
        <AuthLayout
            title="Your password is set"
            sentence="The password of your account is set. This link cannot change it again. You can close this page."
        />
    }
}
