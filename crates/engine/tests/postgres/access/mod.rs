//! Who may enter, and until when.

mod links;
mod sessions;

use domain::{Role, email::Email, password::Password};
use engine::{
    Engine,
    access::{NewEmployee, create_employee, parse_email, sign_in},
};
use secrecy::ExposeSecret;

use crate::support::{TestDatabase, created, draft, order};

const PASSWORD: &str = "correct horse battery";
const ADDRESS: &str = "192.0.2.1";

fn email(text: &str) -> Email {
    parse_email(text).unwrap()
}

fn password(text: &str) -> Password {
    Password::parse(text, &[]).unwrap()
}

/// Makes an admin with an account and signs them in.
async fn signed_in(engine: &Engine) -> String {
    let new = NewEmployee {
        name: "Ada",
        email: &email("ada@example.com"),
        password: &password(PASSWORD),
        role: Role::Admin,
    };
    create_employee(engine, new).await.unwrap();
    sign_in(engine, "ada@example.com", PASSWORD, ADDRESS).await.unwrap().expose_secret().to_owned()
}

/// The token of the invitation of a tenant made here.
async fn invitation(db: &TestDatabase) -> String {
    let made = created(db.provision(&db.admin().await, &order(draft("golden-spoon"))).await);
    made.owner.invitation_url.unwrap().rsplit_once('/').unwrap().1.to_owned()
}
