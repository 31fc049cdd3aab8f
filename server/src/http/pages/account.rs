use axum::response::Response;
use domain::{Problem, paths};
use engine::access::{
    self, Account, AddressConfirmation, NewAddress, PasswordChange, Person, cancel_address_change,
    confirm_address_change,
};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{PageRequest, form::Fields, page_request::see_other};
use crate::{console::FormResult, http::session_cookie};

/// The forms of the account's page.
#[derive(Debug, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct AccountForm {
    form: String,
    email: String,
    password: SecretString,
    current_password: SecretString,
    new_password: SecretString,
}

impl Default for AccountForm {
    fn default() -> Self {
        let [password, current_password, new_password] = [(); 3].map(|()| String::new().into());
        Self { form: String::new(), email: String::new(), password, current_password, new_password }
    }
}

/// Changes the password of the signed-in account, or requests the change of its address.
pub(crate) async fn save(page: PageRequest, Fields(form): Fields<AccountForm>) -> Response {
    let Some(account) = page.account() else {
        return page.show().await;
    };
    let saved = match form.form.as_str() {
        "address" => request_address_change(&page, &account, &form).await.map(|()| "address"),
        _ => change_password(&page, &account, &form).await.map(|()| "password"),
    };
    match saved {
        Ok(done) => see_other(&format!("{}?done={done}", paths::ACCOUNT), None),
        Err(problem) => {
            let form_result =
                FormResult::Account { form: form.form, email: form.email, problem: problem.clone() };
            page.render_problem(&problem, form_result).await
        }
    }
}

async fn change_password(page: &PageRequest, account: &Account, form: &AccountForm) -> Result<(), Problem> {
    let change = PasswordChange {
        current: form.current_password.expose_secret(),
        new: form.new_password.expose_secret(),
        session: session_cookie::read(page.headers(), page.server.is_https),
        address: &page.address.0,
        origin: &page.server.console.origin,
    };
    let person = Person::Account(account.clone());
    access::change_password(&page.server.console.engine, &person, change)
        .await
        .map_err(|error| error.report())
}

async fn request_address_change(
    page: &PageRequest,
    account: &Account,
    form: &AccountForm,
) -> Result<(), Problem> {
    let email = access::parse_email(&form.email)
        .map_err(|problem| Problem::from_fields(vec![problem.in_field("email")]))?;
    let console = &page.server.console;
    let new = NewAddress {
        email: &email,
        password: form.password.expose_secret(),
        address: &page.address.0,
        origin: &console.origin,
    };
    access::request_address_change(&console.engine, account, new).await.map_err(|error| error.report())
}

/// The form on the page of a link.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct DecisionForm {
    decision: String,
}

/// Confirms or cancels the change of an address with the link of the page.
pub(crate) async fn decide(page: PageRequest, Fields(form): Fields<DecisionForm>) -> Response {
    let (engine, token) = (&page.server.console.engine, page.token());
    let decided = match form.decision.as_str() {
        "confirm" => confirm_address_change(engine, &token).await.map(|confirmation| match confirmation {
            AddressConfirmation::Waiting => paths::address_change(&token),
            AddressConfirmation::Changed => paths::ADDRESS_CHANGED.to_owned(),
        }),
        _ => cancel_address_change(engine, &token).await.map(|()| paths::ADDRESS_KEPT.to_owned()),
    };
    match decided {
        Ok(path) => see_other(&path, None),
        Err(error) => {
            let problem = error.report();
            page.render_problem(&problem, FormResult::AddressChange { problem: problem.clone() }).await
        }
    }
}
