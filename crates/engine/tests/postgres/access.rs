//! Sign-in, sessions, tokens and one-time links.

mod links;
mod sessions;

use domain::{Role, email::Email, password::Password};
use engine::{
    Engine,
    access::{NewEmployee, create_employee, parse_email, sign_in},
};
use secrecy::ExposeSecret;

use test_support::{
    requests::{assert_created, draft, provision_request},
    test_database::TestDatabase,
};

const PASSWORD: &str = "correct horse battery";
const ADDRESS: &str = "192.0.2.1";

fn email(text: &str) -> Email {
    parse_email(text).unwrap()
}

fn password(text: &str) -> Password {
    Password::parse(text, &[]).unwrap()
}

/// Creates an admin with an account, signs them in, and returns the session's token.
async fn sign_in_new_admin(engine: &Engine) -> String {
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
    provisioned.owner.invitation_url.unwrap().rsplit_once('/').unwrap().1.to_owned()
}
