//! Sign-in, sessions, tokens, one-time links, and who may manage them.

mod address_changes;
mod creation;
mod employees;
mod event_streams;
mod links;
mod managed_sessions;
mod password_resets;
mod passwords;
mod sessions;
mod setup_links;
mod team;
mod tokens;

use domain::{Role, email::Email, password::Password};
use engine::{
    Engine,
    access::{Actor, Employee, Invitee, NewEmployee, NewToken, create_employee, parse_email, sign_in},
};
use secrecy::ExposeSecret;

use test_support::{
    requests::{assert_created, draft, provision_request},
    test_database::{ORIGIN, TestDatabase},
};

const PASSWORD: &str = "correct horse battery";
const ADDRESS: &str = "192.0.2.1";

fn email(text: &str) -> Email {
    parse_email(text).unwrap()
}

fn password(text: &str) -> Password {
    Password::parse(text, &[]).unwrap()
}

/// A token that is valid for 30 days.
fn token(name: &str, role: Role) -> NewToken<'_> {
    NewToken { name, role, days: 30, scopes: None }
}

/// An employee to invite.
fn invitee<'a>(name: &'a str, email: &'a Email, role: Role) -> Invitee<'a> {
    Invitee { name, email, role, origin: ORIGIN }
}

/// Creates a person with this role, whose address is `name@example.com`.
async fn person(db: &TestDatabase, name: &str, role: Role) -> Employee {
    let email = email(&format!("{name}@example.com"));
    let new = NewEmployee { name, email: &email, password: &password(PASSWORD), role };
    let id = create_employee(&db.engine, new).await.unwrap();
    Employee { id, name: name.to_owned(), role }
}

/// Signs a person in and returns the session's token.
async fn session_of(db: &TestDatabase, person: &Employee) -> String {
    let email = format!("{}@example.com", person.name);
    sign_in(&db.engine, &email, PASSWORD, ADDRESS).await.unwrap().expose_secret().to_owned()
}

/// The actions in the audit log with their actors, in order.
async fn audited(db: &TestDatabase) -> Vec<(String, String)> {
    sqlx::query_as("SELECT action, actor_name FROM audit_log ORDER BY id").fetch_all(&db.pool).await.unwrap()
}

/// Creates an admin with an account, signs them in, and returns the session's token.
pub(crate) async fn sign_in_new_admin(engine: &Engine) -> String {
    let new = NewEmployee {
        name: "Ada",
        email: &email("ada@example.com"),
        password: &password(PASSWORD),
        role: Role::Admin,
    };
    create_employee(engine, new).await.unwrap();
    sign_in(engine, "ada@example.com", PASSWORD, ADDRESS).await.unwrap().expose_secret().to_owned()
}

/// Provisions a tenant and returns the token of its owner's invitation.
async fn invitation(db: &TestDatabase) -> String {
    let provisioned =
        assert_created(db.provision(&db.admin().await, &provision_request(draft("golden-spoon"))).await);
    provisioned.owner.unwrap().invitation_url.unwrap().rsplit_once('/').unwrap().1.to_owned()
}
