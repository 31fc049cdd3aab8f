use domain::{ErrorCode, paths};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use super::{closed::Closed, link_form::LinkForm};
use crate::{
    Failure,
    codec::{JsonText, page_data},
    pages::failure_state::FailureState,
    server_fns::{OpenedSignUp, open_sign_up},
    ui::{AuthLayout, ButtonLink, Skeleton},
};

/// The page of the link in the mail.
#[component]
pub(crate) fn SignUpLinkPage() -> impl IntoView {
    let token = use_params_map().with_untracked(|params| params.get("token")).unwrap_or_default();
    let refused = SharedValue::<_, JsonText>::new_with_encoding(posted_refusal).into_inner();
    let requested = token.clone();
    let opened = page_data(move || requested.clone(), open_sign_up);
    let view = move |opened: Result<OpenedSignUp, Failure>| match opened {
        Ok(OpenedSignUp::Closed) => view! { <Closed /> }.into_any(),
        Ok(OpenedSignUp::Open(sign_up)) => {
            view! { <LinkForm token=token.clone() sign_up=*sign_up refused=refused.clone() /> }.into_any()
        }
        Ok(OpenedSignUp::HasAccount) => view! { <HasAccount /> }.into_any(),
        Err(failure) if failure.code() == Some(ErrorCode::ResourceNotFound) => {
            view! { <InvalidLink /> }.into_any()
        }
        Err(failure) => view! {
            <AuthLayout title="Sign-up">
                <FailureState failure path=paths::sign_up_verification(&token) />
            </AuthLayout>
        }
        .into_any(),
    };
    view! {
        <Title text="Create an account" />
        <div data-testid="signup-link-page">
            <Suspense fallback=|| view! { <Skeleton label="Loading" /> }>
                {move || opened.get().map(view.clone())}
            </Suspense>
        </div>
    }
}

/// Why the form that was posted was refused, with the slug as typed.
#[cfg(feature = "ssr")]
fn posted_refusal() -> Option<(String, Failure)> {
    match use_context() {
        Some(crate::FormResult::SignUpLink { slug, problem }) => Some((slug, problem.into())),
        _ => None,
    }
}

#[cfg(not(feature = "ssr"))]
fn posted_refusal() -> Option<(String, Failure)> {
    None
}

#[component]
fn InvalidLink() -> impl IntoView {
    view! {
        <Title text="This link is no longer valid" />
        <AuthLayout
            title="This link is no longer valid"
            sentence="It has expired, or a newer mail has replaced it. Open the link in the newest mail, or start over."
        >
            <ButtonLink href=paths::SIGN_UP attr:rel="external">
                "Start over"
            </ButtonLink>
        </AuthLayout>
    }
}

#[component]
fn HasAccount() -> impl IntoView {
    view! {
        <Title text="You have an account" />
        <AuthLayout
            title="You have an account"
            sentence="Your e-mail address has an account with a password. No link changes it. Sign in to continue."
        >
            <ButtonLink href=paths::LOGIN attr:rel="external" attr:data-testid="signup-has-account">
                "Sign in"
            </ButtonLink>
        </AuthLayout>
    }
}
