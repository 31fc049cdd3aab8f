use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{FieldProblem, TenantStatus, paths, provisioning::NewTenant, slug::Slug};
use engine::sign_up::{SignedUp, verify_sign_up};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Visitor, require_open};
use crate::{
    console::ClientAddress,
    http::{
        api::{examples, json_body, json_fields::JsonFields},
        authentication,
        error::ApiError,
        state::ServerState,
    },
};

/// The body that completes a sign-up.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes the body")]
struct VerificationBody {
    /// The token: the last segment of the link in the mail.
    token: String,
    #[schema(value_type = String, format = Password, min_length = 15, max_length = 128)]
    password: String,
    /// Replaces the slug of the sign-up, for example because it was taken meanwhile.
    slug: Option<Slug>,
}

/// The tenant of a completed sign-up.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VerificationResponse {
    tenant: SignedUpTenant,
    /// Where the owner is signed in.
    #[serde(rename = "portalUrl")]
    portal_url: String,
}

/// A tenant.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SignedUpTenant {
    /// The ID.
    id: Uuid,
    /// The code, such as `TEN-00000012`.
    code: String,
    /// The slug.
    slug: String,
    /// The status: `active`; `provisioning` while steps run; or `pending_activation` until an admin approves
    /// it.
    status: TenantStatus,
}

/// Complete a sign-up
///
/// Creates the tenant with its owner, sets the password of the owner, and opens a session. Safe to repeat: a
/// sign-up creates one tenant, and a repeated call with the same password opens another session. If the slug
/// was taken meanwhile, send the call again with one of the `suggestions`.
#[utoipa::path(
    post,
    path = "/auth/signup/verify",
    operation_id = "verifySignUp",
    tag = "Sign-up",
    security(()),
    request_body(content = VerificationBody, example = json!(examples::verification_body())),
    responses((
        status = 201,
        description = "The tenant exists, and its owner is signed in.",
        body = VerificationResponse,
        headers(("Set-Cookie" = String, description = "The session of the owner.")),
        example = json!(examples::verification()),
    )),
)]
pub(crate) async fn verify(
    State(server): State<ServerState>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, ApiError> {
    let console = &server.console;
    require_open(&console.engine)?;
    let headers = request.headers().clone();
    let mut fields = JsonFields::new(json_body::read(request).await?, &["token", "password", "slug"]);
    let token = fields.text("token").unwrap_or_default();
    if token.is_empty() {
        fields.refuse([FieldProblem::new("token", "required", "Send the token of the link in the mail.")]);
    }
    let password = fields.text("password").unwrap_or_default();
    let slug = fields.text("slug").filter(|slug| !slug.is_empty());
    let slug = slug.map(|slug| fields.check(NewTenant::parse_slug(&slug))).unwrap_or_default();
    fields.finish(Some(()))?;
    let (origin, address) = (&console.origin, &visitor.address);
    let signed_up = verify_sign_up(&console.engine, &token, password.into(), slug, origin, address).await?;
    let client = ClientAddress(address.clone());
    let cookie = authentication::begin_session(&server, &headers, &client, &signed_up.session).await;
    Ok(respond(&server, signed_up, cookie))
}

fn respond(server: &ServerState, signed_up: SignedUp, cookie: Option<HeaderValue>) -> Response {
    let SignedUp { session: _, tenant_id, code, slug, status } = signed_up;
    let body = VerificationResponse {
        tenant: SignedUpTenant { id: tenant_id, code, slug, status },
        portal_url: format!("{}{}", server.console.origin, paths::PORTAL),
    };
    let mut response = (StatusCode::CREATED, Json(body)).into_response();
    if let Some(cookie) = cookie {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}
