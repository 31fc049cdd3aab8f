use domain::paths;
use engine::access::{Account, Person};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::form::{FormProblems, Input, field_message};
use crate::{
    server_context::current_person,
    ui::{AuthLayout, Button, ButtonKind, ButtonLink, Note, Tone},
};

/// The page on which a member changes the password and the address of their account.
#[component]
pub(crate) fn AccountPage() -> impl IntoView {
    let done = use_query_map().with_untracked(|query| query.get("done")).unwrap_or_default();
    let Some(Person::Account(account)) = current_person() else {
        return view! { <AuthLayout title="Your account" sentence="This page is for members of tenants." /> }
            .into_any();
    };
    let (form, email, problem) = match use_context() {
        Some(crate::FormResult::Account { form, email, problem }) => (form, email, Some(problem)),
        _ => Default::default(),
    };
    let (password_problem, address_problem) = match form.as_str() {
        "address" => (None, problem),
        _ => (problem, None),
    };
    let note = match done.as_str() {
        "password" => Some("Your password is changed. Your other sessions have ended."),
        "address" => {
            Some("We sent a link to both addresses. Confirm the change at each of them within 24 hours.")
        }
        _ => None,
    };
    view! {
        <Title text="Your account" />
        <AuthLayout title="Your account" sentence=format!("{}, {}", account.name, account.email)>
            {note
                .map(|note| {
                    view! {
                        <div role="status">
                            <Note tone=Tone::Ok title="Done">
                                <p>{note}</p>
                            </Note>
                        </div>
                    }
                })}
            <PasswordSection account=account.clone() problem=password_problem />
            <AddressSection email problem=address_problem />
            <ButtonLink href=paths::PORTAL>"Back to the portal"</ButtonLink>
        </AuthLayout>
    }
    .into_any()
}

#[component]
fn PasswordSection(account: Account, problem: Option<domain::Problem>) -> impl IntoView {
    let current = field_message(problem.as_ref(), "currentPassword");
    let new = field_message(problem.as_ref(), "newPassword");
    view! {
        <section aria-labelledby="password-heading">
            <h2 id="password-heading">"Change your password"</h2>
            <FormProblems problem />
            <form method="post" action=paths::ACCOUNT>
                <input type="hidden" name="form" value="password" />
                // Password managers store the new password for this address.
                <input type="hidden" name="username" autocomplete="username" value=account.email />
                <Input
                    id="currentPassword"
                    label="Current password"
                    kind="password"
                    autocomplete="current-password"
                    problem=current
                />
                <Input
                    id="newPassword"
                    label="New password"
                    kind="password"
                    autocomplete="new-password"
                    help="At least 15 characters. A few words that you can remember work well."
                    problem=new
                />
                <Button kind=ButtonKind::Primary submit=true>
                    "Change password"
                </Button>
            </form>
        </section>
    }
}

#[component]
fn AddressSection(email: String, problem: Option<domain::Problem>) -> impl IntoView {
    let email_problem = field_message(problem.as_ref(), "email");
    let password_problem = field_message(problem.as_ref(), "password");
    view! {
        <section aria-labelledby="address-heading">
            <h2 id="address-heading">"Change your e-mail address"</h2>
            <FormProblems problem />
            <form method="post" action=paths::ACCOUNT>
                <input type="hidden" name="form" value="address" />
                <Input
                    id="email"
                    label="New e-mail address"
                    kind="email"
                    autocomplete="email"
                    help="You confirm the change at both addresses."
                    value=email
                    problem=email_problem
                />
                <Input
                    id="password"
                    label="Password"
                    kind="password"
                    autocomplete="current-password"
                    problem=password_problem
                />
                <Button kind=ButtonKind::Primary submit=true>
                    "Send the links"
                </Button>
            </form>
        </section>
    }
}
