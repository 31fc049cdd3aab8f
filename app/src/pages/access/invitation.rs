use domain::{ErrorCode, paths};
use engine::access::{Invitation, InvitationLink, Person};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use super::form::PasswordForm;
use crate::{
    Failure,
    pages::failure_state::FailureState,
    server_context::{console, current_person, respond_with_error},
    ui::{AuthLayout, Button, ButtonKind, ButtonLink},
};

/// The page on which a person accepts an invitation: by choosing a password or, with an account that has one, by
/// joining the tenant.
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
            Ok(InvitationLink::Open(Invitation { tenant_name, name, email })) => view! {
                <PasswordForm
                    title=format!("Welcome to {tenant_name}")
                    sentence=format!("{name}, choose a password for your account {email}.")
                    problem
                    action
                />
            }
            .into_any(),
            Ok(InvitationLink::Join { account_id, tenant_name, .. }) => match current_person() {
                Some(Person::Account(account)) if account.id == account_id => {
                    view! { <JoinForm tenant_name action /> }.into_any()
                }
                Some(_) => view! { <OtherAccount tenant_name /> }.into_any(),
                None => view! { <SignInToJoin tenant_name action /> }.into_any(),
            },
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

/// For the signed-in account that is invited.
#[component]
fn JoinForm(tenant_name: String, action: String) -> impl IntoView {
    let label = format!("Join {tenant_name}");
    view! {
        <AuthLayout title=label.clone() sentence="You are signed in to the account that is invited.">
            <form method="post" action=action>
                <Button kind=ButtonKind::Primary submit=true>
                    {label.clone()}
                </Button>
            </form>
        </AuthLayout>
    }
}

/// For a visitor whose account has a password.
#[component]
fn SignInToJoin(tenant_name: String, action: String) -> impl IntoView {
    view! {
        <AuthLayout
            title=format!("Join {tenant_name}")
            sentence="You already have an account. Sign in with it to accept the invitation."
        >
            <ButtonLink kind=ButtonKind::Primary href=paths::sign_in(&action)>
                "Sign in"
            </ButtonLink>
        </AuthLayout>
    }
}

/// For a person who is signed in with another account.
#[component]
fn OtherAccount(tenant_name: String) -> impl IntoView {
    view! {
        <AuthLayout
            title=format!("Join {tenant_name}")
            sentence="This invitation is for another account. Sign out, and open the link again."
        >
            <form method="post" action=paths::LOGOUT>
                <Button submit=true>"Sign out"</Button>
            </form>
        </AuthLayout>
    }
}

#[component]
fn InvitationAccepted() -> impl IntoView {
    view! {
        <Title text="Welcome" />
        <AuthLayout
            title="You have accepted this invitation"
            sentence="This link does nothing more. Sign in to open your portal."
        >
            <ButtonLink kind=ButtonKind::Primary href=paths::PORTAL>
                "Open the portal"
            </ButtonLink>
        </AuthLayout>
    }
}
