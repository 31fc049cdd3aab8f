use domain::Problem;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use super::{Input, Problems, problem_of};
use crate::{
    Failure,
    pages::wording::FailureState,
    server_context::{console, fail, set_status},
    ui::{AuthLayout, Button, ButtonKind, ButtonLink},
    visitor::PageContext,
};

/// What a refused set-up leaves on the page.
#[derive(Debug, Default)]
struct Refused {
    name: String,
    email: String,
    problem: Option<Problem>,
}

impl Refused {
    fn of_request() -> Self {
        match use_context() {
            Some(crate::FormResult::Setup { name, email, problem }) => {
                Self { name, email, problem: Some(problem) }
            }
            _ => Self::default(),
        }
    }
}

/// Making the first SUPER_ADMIN, by the link that the first start prints.
#[component]
pub(crate) fn SetupPage() -> impl IntoView {
    let refused = Refused::of_request();
    let token = use_params_map().with_untracked(|params| params.get("token")).unwrap_or_default();
    let content = async move {
        let action = format!("/setup/{token}");
        match link_is_good(&token).await {
            Ok(true) => view! { <SetupForm refused action /> }.into_any(),
            Ok(false) => view! { <LinkIsUsed /> }.into_any(),
            Err(failure) => view! {
                <AuthLayout title="Set up Tenantry">
                    <FailureState failure address=action />
                </AuthLayout>
            }
            .into_any(),
        }
    };
    view! {
        <Title text="Set up" />
        <Suspense>{Suspend::new(content)}</Suspense>
    }
}

async fn link_is_good(token: &str) -> Result<bool, Failure> {
    let good = engine::access::first_admin_link_is_good(&console()?.engine, token).await.map_err(fail)?;
    if !good {
        set_status(404);
    }
    Ok(good)
}

#[component]
fn SetupForm(refused: Refused, action: String) -> impl IntoView {
    let surroundings = expect_context::<PageContext>();
    let problem = |field| problem_of(refused.problem.as_ref(), field);
    let (name_problem, email_problem, password_problem) =
        (problem("name"), problem("email"), problem("password"));
    view! {
        <AuthLayout
            title="Set up Tenantry"
            sentence="You will be the first super admin. This link works once."
            foot=surroundings.environment
        >
            <Problems problem=refused.problem />
            <form method="post" action=action>
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
                <Input
                    id="password"
                    label="Password"
                    kind="password"
                    autocomplete="new-password"
                    help="15 characters or more. A few words you can remember do well."
                    problem=password_problem
                />
                <Button kind=ButtonKind::Primary submit=true>
                    "Create the super admin"
                </Button>
            </form>
        </AuthLayout>
    }
}

#[component]
fn LinkIsUsed() -> impl IntoView {
    view! {
        <AuthLayout
            title="This link is used or out of date"
            sentence="Restart Tenantry for a new one, or sign in if you have an account."
        >
            <ButtonLink href="/login">"Sign in"</ButtonLink>
        </AuthLayout>
    }
}
