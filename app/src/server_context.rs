//! The values that the server provides to pages and server functions through Leptos' context.

use std::{collections::HashMap, sync::Arc};

use domain::{ErrorCode, FieldProblem, Problem};
use engine::{
    Engine,
    access::{Account, Employee, Person},
};
use leptos::prelude::*;

use crate::{
    Failure, response,
    server_fns::{PortalTenant, portal_tenants},
};

/// The engine and the settings of the installation.
#[derive(Debug, Clone)]
pub struct Console {
    /// The engine.
    pub engine: Engine,
    /// The scheme and host of URLs, such as `https://console.example.com`, without a trailing slash.
    pub origin: Arc<str>,
    /// The name of the installation, such as `Production`.
    pub environment: Arc<str>,
    /// The URLs of the site's files.
    pub assets: Assets,
}

/// The URLs of the site's files.
#[derive(Debug, Clone)]
pub struct Assets {
    /// The path of the script.
    pub js: Arc<str>,
    /// The path of the main WebAssembly module.
    pub wasm: Arc<str>,
    /// The paths of the style sheets.
    pub css: StyleSheets,
    /// The file name, in `/pkg`, of the script that loads chunks.
    pub loader: Arc<str>,
    /// The chunks that each page or part of a page needs, by the name of its lazy function. A chunk is a file
    /// name in `/pkg` without `.wasm`.
    pub chunks: Arc<HashMap<String, Vec<String>>>,
}

/// The paths of the style sheets. A page needs one of them.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct StyleSheets {
    /// The style sheet of the console.
    pub console: Arc<str>,
    /// The style sheet of the portal.
    pub portal: Arc<str>,
    /// The style sheet of all other pages, which contains the other two.
    pub complete: Arc<str>,
}

/// The signed-in person, read from the database at the start of the request. `None` for a visitor.
#[derive(Debug, Clone)]
pub struct CurrentPerson(pub Option<Person>);

/// The tenants of the signed-in account, on pages of the portal.
#[derive(Debug, Clone, Default)]
pub struct AccountTenants(pub Vec<PortalTenant>);

impl AccountTenants {
    /// Reads the tenants of a person. An employee has none.
    ///
    /// # Errors
    /// The database's error.
    pub async fn of(engine: &Engine, person: Option<&Person>) -> Result<Self, engine::Error> {
        match person {
            Some(Person::Account(account)) => portal_tenants(engine, account).await.map(Self),
            Some(Person::Employee(_)) | None => Ok(Self::default()),
        }
    }
}

/// The token of the session that sends the request. `None` for a bearer token or a visitor.
#[derive(Debug, Clone)]
pub struct SessionToken(pub Option<String>);

/// The client's address, for throttling.
#[derive(Debug, Clone)]
pub struct ClientAddress(pub String);

/// Returns the network address of the client.
pub(crate) fn client_address() -> String {
    use_context::<ClientAddress>().map(|ClientAddress(address)| address).unwrap_or_default()
}

/// Returns the engine and the settings of the installation.
///
/// # Errors
/// `PROVISIONING_FAILED` outside a request, which is a bug.
pub(crate) fn console() -> Result<Console, Failure> {
    use_context().ok_or_else(|| ErrorCode::ProvisioningFailed.into())
}

/// Returns the signed-in person, if there is one.
pub(crate) fn current_person() -> Option<Person> {
    use_context::<CurrentPerson>().and_then(|CurrentPerson(person)| person)
}

/// Returns the signed-in employee.
///
/// # Errors
/// `UNAUTHENTICATED`; `FORBIDDEN` for another account.
pub(crate) fn signed_in_employee() -> Result<Employee, Failure> {
    match current_person() {
        Some(Person::Employee(employee)) => Ok(employee),
        Some(Person::Account(_)) => Err(respond_with_problem(ErrorCode::Forbidden.into())),
        None => Err(respond_with_problem(ErrorCode::Unauthenticated.into())),
    }
}

/// Returns the signed-in account of a person who is not an employee.
///
/// # Errors
/// `UNAUTHENTICATED`; `FORBIDDEN` for an employee.
pub(crate) fn signed_in_account() -> Result<Account, Failure> {
    match current_person() {
        Some(Person::Account(account)) => Ok(account),
        Some(Person::Employee(_)) => Err(respond_with_problem(ErrorCode::Forbidden.into())),
        None => Err(respond_with_problem(ErrorCode::Unauthenticated.into())),
    }
}

/// Returns the signed-in employee, if the role may provision tenants.
///
/// # Errors
/// `UNAUTHENTICATED`, `FORBIDDEN`.
pub(crate) fn signed_in_admin() -> Result<Employee, Failure> {
    let employee = signed_in_employee()?;
    employee.require_provisioning().map_err(respond_with_error)?;
    Ok(employee)
}

/// Sets the response's status for an engine error. Returns the failure, without internal details.
pub(crate) fn respond_with_error(error: engine::Error) -> Failure {
    respond_with_problem(error.report())
}

/// Sets the response's status for an invalid field. Returns the failure.
pub(crate) fn respond_with_invalid_field(problem: FieldProblem) -> Failure {
    respond_with_problem(Problem::from_fields(vec![problem]))
}

/// Sets the response's status and `Retry-After` for a problem. Returns the failure.
pub(crate) fn respond_with_problem(problem: Problem) -> Failure {
    response::set_problem(&problem);
    Failure::from(problem)
}
