use axum::{
    Json,
    extract::{Request, State},
    http::StatusCode,
};
use domain::{
    email::Email,
    sign_up::{SignUpInput, parse_sign_up_email},
    slug::Slug,
};
use engine::{
    access::idn_to_ascii,
    sign_up::{request_sign_up, resend_sign_up},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Visitor, require_open};
use crate::http::{
    api::{examples, json_body, json_fields::JsonFields},
    error::ApiError,
    state::ServerState,
};

/// The body that signs up.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes the body")]
struct SignUpBody {
    /// The name of the organisation.
    company: String,
    /// The name of the person, who becomes the owner.
    name: String,
    #[schema(value_type = Email)]
    email: String,
    /// The slug. Derived from the company if it is missing.
    slug: Option<Slug>,
}

/// The body that sends the mail again.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes the body")]
struct ResendBody {
    #[schema(value_type = Email)]
    email: String,
}

/// What happens next. The same for every address.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SignUpResponse {
    message: &'static str,
}

const REQUESTED: &str = "A mail is on its way to this address. Open the link in it to continue.";
const RESENT: &str = "If this address has a sign-up, a mail with a new link is on its way.";

/// Sign up
///
/// Sends a mail to the address, and creates nothing else. The link in it verifies the address. The response
/// is the same for every address: the owner of an address that has an account learns so from the mail. An
/// address and a network can call this a limited number of times.
#[utoipa::path(
    post,
    path = "/auth/signup",
    operation_id = "signUp",
    tag = "Sign-up",
    security(()),
    request_body(content = SignUpBody, example = json!(examples::sign_up_body())),
    responses((
        status = 202,
        description = "A mail is on its way.",
        body = SignUpResponse,
        example = json!({ "message": REQUESTED }),
    )),
)]
pub(crate) async fn sign_up(
    State(server): State<ServerState>,
    visitor: Visitor,
    request: Request,
) -> Result<(StatusCode, Json<SignUpResponse>), ApiError> {
    let console = &server.console;
    require_open(&console.engine)?;
    let mut fields = JsonFields::new(json_body::read(request).await?, &["company", "name", "email", "slug"]);
    let mut text = |name| fields.text(name).unwrap_or_default();
    let (company, name, email, slug) = (text("company"), text("name"), text("email"), text("slug"));
    let parsed = SignUpInput { company, slug, name, email }.parse(idn_to_ascii);
    let parsed = parsed.map_err(|problems| fields.refuse(problems)).ok();
    let sign_up = fields.finish(parsed)?;
    request_sign_up(&console.engine, &sign_up, &console.origin, &visitor.address).await?;
    Ok((StatusCode::ACCEPTED, Json(SignUpResponse { message: REQUESTED })))
}

/// Send the mail of a sign-up again
///
/// The new link replaces the former one. The response is the same for every address.
#[utoipa::path(
    post,
    path = "/auth/signup/resend",
    operation_id = "resendSignUp",
    tag = "Sign-up",
    security(()),
    request_body(content = ResendBody, example = json!({ "email": examples::SIGN_UP_EMAIL })),
    responses((
        status = 202,
        description = "If the address has a sign-up, a mail is on its way.",
        body = SignUpResponse,
        example = json!({ "message": RESENT }),
    )),
)]
pub(crate) async fn resend(
    State(server): State<ServerState>,
    visitor: Visitor,
    request: Request,
) -> Result<(StatusCode, Json<SignUpResponse>), ApiError> {
    let console = &server.console;
    require_open(&console.engine)?;
    let mut fields = JsonFields::new(json_body::read(request).await?, &["email"]);
    let email = fields.text("email").unwrap_or_default();
    let email = fields.check(parse_sign_up_email(&email, idn_to_ascii));
    let email = fields.finish(email)?;
    resend_sign_up(&console.engine, &email, &console.origin, &visitor.address).await?;
    Ok((StatusCode::ACCEPTED, Json(SignUpResponse { message: RESENT })))
}
