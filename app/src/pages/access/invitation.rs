use domain::Problem;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use serde::{Deserialize, Serialize};

use super::{Input, Problems, problem_of};
use crate::{
    server_fns::{InvitationView, open_invitation},
    ui::{AuthLayout, Button, ButtonKind},
};

/// What a posted invitation ended with.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
enum Ended {
    #[default]
    Open,
    Accepted,
    Refused(Problem),
}

impl Ended {
    #[cfg(feature = "ssr")]
    fn of_request() -> Self {
        match use_context() {
            Some(crate::Posted::Invitation { problem: None }) => Self::Accepted,
            Some(crate::Posted::Invitation { problem: Some(problem) }) => Self::Refused(problem),
            _ => Self::Open,
        }
    }

    #[cfg(not(feature = "ssr"))]
    fn of_request() -> Self {
        Self::default()
    }
}

/// An owner picks their password. No admin ever does.
#[component]
pub(crate) fn InvitationPage() -> impl IntoView {
    let ended = SharedValue::new(Ended::of_request).into_inner();
    if let Ended::Accepted = ended {
        return view! {
            <Title text="Welcome"/>
            <AuthLayout title="Your password is set" sentence="Your account is ready. You can close this page."><span></span></AuthLayout>
        }
        .into_any();
    }
    let token = use_params_map().with_untracked(|params| params.get("token")).unwrap_or_default();
    let invitation = Resource::new_blocking(|| (), {
        let token = token.clone();
        move |()| open_invitation(token.clone())
    });
    let problem = if let Ended::Refused(problem) = ended { Some(problem) } else { None };
    let action = format!("/invitation/{token}");
    view! {
        <Title text="Invitation"/>
        <Suspense>
            {move || {
                let (problem, action) = (problem.clone(), action.clone());
                invitation.get().map(move |invitation| match invitation {
                    Ok(invitation) => view! { <InvitationForm invitation problem action/> }.into_any(),
                    Err(_) => view! {
                        <AuthLayout title="This invitation is used or out of date" sentence="Ask whoever invited you for a new one."><span></span></AuthLayout>
                    }.into_any(),
                })
            }}
        </Suspense>
    }
    .into_any()
}

#[component]
fn InvitationForm(invitation: InvitationView, problem: Option<Problem>, action: String) -> impl IntoView {
    let fault = problem_of(problem.as_ref(), "password");
    view! {
        <AuthLayout title=format!("Welcome to {}", invitation.tenant_name)
            sentence=format!("{}, choose the password you will sign in with as {}.", invitation.owner_name, invitation.owner_email)>
            <Problems problem/>
            <form method="post" action=action>
                <Input id="password" label="Password" kind="password" autocomplete="new-password"
                    help="15 characters or more. A few words you can remember do well." problem=fault/>
                <Button kind=ButtonKind::Primary submit=true>"Set my password"</Button>
            </form>
        </AuthLayout>
    }
}
