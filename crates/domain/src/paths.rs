//! The public paths of pages, server functions and the JSON API. Routes, links, redirects and the
//! browser's requests all use these.

use crate::tenant_form::TenantForm;

/// The start page.
pub const HOME: &str = "/";
/// The provisioning form.
pub const PROVISION: &str = "/provision";
/// The history, and the prefix of the pages of requests; see [`request`].
pub const HISTORY: &str = "/provisioning";
/// The registry of tenants, and the prefix of the pages of tenants; see [`tenant`].
pub const TENANTS: &str = "/tenants";
/// The query parameter with the name of the form that the page of a tenant shows.
pub const FORM: &str = "edit";
/// The prefix of the style sheets with the colours of a branding; see [`portal_colors`].
pub const PORTAL_COLORS: &str = "/portal-colors";
/// The query parameter of a page in the portal after a form post was saved.
pub const SAVED: &str = "saved";
/// The page that imports tenants, and the prefix of the pages of imports; see [`import`].
pub const IMPORT: &str = "/import";
/// The page with the employees, the admin tokens and one's own sessions.
pub const TEAM: &str = "/team";
/// The audit log.
pub const AUDIT: &str = "/audit";
/// The page on which a super admin erases a person.
pub const ERASE_PERSON: &str = "/audit/erase";
/// The query parameter of that page with the pseudonym of an erased person.
pub const ERASED: &str = "erased";
/// The health page.
pub const HEALTH: &str = "/health";
/// The portal, where an account chooses among its tenants; see [`portal_page`].
pub const PORTAL: &str = "/portal";
/// The page on which a member changes the password and the address of their account.
pub const ACCOUNT: &str = "/account";
/// The sign-in page.
pub const LOGIN: &str = "/login";
/// Signs out; `POST` only.
pub const LOGOUT: &str = "/logout";
/// The prefix of the pages for setup links; see [`setup`].
pub const SETUP: &str = "/setup";
/// The prefix of the pages for invitations; see [`invitation`].
pub const INVITATION: &str = "/invitation";
/// The sign-up page, and the prefix of [`sign_up_verification`].
pub const SIGN_UP: &str = "/signup";
/// The page that requests a new password, and the prefix of [`password_reset`].
pub const PASSWORD_RESET: &str = "/password";
/// The page after a new password was requested.
pub const PASSWORD_RESET_SENT: &str = "/password-sent";
/// The page after the address of an account was changed.
pub const ADDRESS_CHANGED: &str = "/address-changed";
/// The page after a change of the address was cancelled.
pub const ADDRESS_KEPT: &str = "/address-kept";
/// The prefix of [`address_change`].
pub const ADDRESS_CHANGE: &str = "/address";
/// The style guide, in development builds.
pub const STYLE_GUIDE: &str = "/styleguide";

/// Whether the process runs.
pub const LIVENESS: &str = "/healthz";
/// Whether the server can handle requests.
pub const READINESS: &str = "/readyz";
/// The OpenAPI document of the JSON API.
pub const API_DOCUMENT: &str = "/openapi.json";
/// The OpenAPI document as a page.
pub const API_DOCUMENTATION: &str = "/docs";

/// The directory of the scripts, modules and style sheet of the console. Their names contain a hash of the
/// content.
pub const ASSETS: &str = "/pkg";

/// The JSON API.
pub const API: &str = "/api/v1";
/// The JSON API for admins.
pub const ADMIN_API: &str = "/api/v1/admin";
/// The server functions that pages call.
pub const SERVER_FUNCTIONS: &str = "/api/fn";
/// Every server function, by the last segment of its path, with the kind of its requests. A test of the
/// server compares this table with the functions that `app` registers.
pub const SERVER_FUNCTION_KINDS: [(&str, RequestKind); 54] = [
    ("open_erasure", RequestKind::User),
    ("check_slug", RequestKind::User),
    ("check_email", RequestKind::User),
    ("provision", RequestKind::User),
    ("find_by_key", RequestKind::User),
    ("read_estimate", RequestKind::User),
    ("list_requests", RequestKind::User),
    ("refresh_requests", RequestKind::Background),
    ("open_request", RequestKind::User),
    ("follow_request", RequestKind::Background),
    ("list_tenants", RequestKind::User),
    ("refresh_tenants", RequestKind::Background),
    ("open_tenant", RequestKind::User),
    ("open_imports", RequestKind::User),
    ("open_import", RequestKind::User),
    ("refresh_import", RequestKind::Background),
    ("retry_step", RequestKind::User),
    ("skip_step", RequestKind::User),
    ("rollback", RequestKind::User),
    ("suspend_tenant", RequestKind::User),
    ("resume_tenant", RequestKind::User),
    ("delete_tenant", RequestKind::User),
    ("restore_tenant", RequestKind::User),
    ("approve_tenant", RequestKind::User),
    ("decline_tenant", RequestKind::User),
    ("set_owner", RequestKind::User),
    ("change_owner_account", RequestKind::User),
    ("change_tenant", RequestKind::User),
    ("rename_tenant", RequestKind::User),
    ("create_key", RequestKind::User),
    ("rotate_key", RequestKind::User),
    ("revoke_key", RequestKind::User),
    ("resend_invitation", RequestKind::User),
    ("check_sign_up_slug", RequestKind::User),
    ("open_sign_up", RequestKind::User),
    ("create_from_sign_up", RequestKind::User),
    ("open_team", RequestKind::User),
    ("open_audit", RequestKind::User),
    ("refresh_audit", RequestKind::Background),
    ("read_health", RequestKind::User),
    ("refresh_health", RequestKind::Background),
    ("check_connector", RequestKind::User),
    ("typical_durations", RequestKind::User),
    ("portal_status", RequestKind::Background),
    ("open_portal_home", RequestKind::User),
    ("open_portal_settings", RequestKind::User),
    ("open_portal_branding", RequestKind::User),
    ("open_portal_segments", RequestKind::User),
    ("open_portal_packages", RequestKind::User),
    ("change_catalog", RequestKind::User),
    ("open_portal_keys", RequestKind::User),
    ("open_portal_usage", RequestKind::User),
    ("open_portal_members", RequestKind::User),
    ("open_portal_activity", RequestKind::User),
];
/// The last segment of the paths of event streams.
const EVENTS: &str = "/events";
/// The query string with which an event stream sends records in the format that pages read.
const PAGE_FORMAT: &str = "format=page";

/// A file in [`ASSETS`].
pub fn asset(name: &str) -> String {
    format!("{ASSETS}/{name}")
}

/// The page of a provisioning request.
pub fn request(id: impl std::fmt::Display) -> String {
    format!("{HISTORY}/{id}")
}

/// The provisioning form with the draft of a failed request.
pub fn reopen(request_id: impl std::fmt::Display) -> String {
    format!("{PROVISION}?request={request_id}")
}

/// The page of an import.
pub fn import(id: impl std::fmt::Display) -> String {
    format!("{IMPORT}/{id}")
}

/// An import in the API.
pub fn api_import(id: impl std::fmt::Display) -> String {
    format!("{ADMIN_API}/imports/{id}")
}

/// Whether the body of a request to this path is an upload: larger than other bodies, and read by the handler.
pub fn is_upload(path: &str) -> bool {
    path == IMPORT || path.strip_prefix(ADMIN_API) == Some("/imports")
}

/// The page of a tenant. `reference` is the code, the ID or the slug; the page redirects to the code.
pub fn tenant(reference: impl std::fmt::Display) -> String {
    format!("{TENANTS}/{reference}")
}

/// The file with the data of a tenant.
pub fn tenant_export(code: impl std::fmt::Display) -> String {
    format!("{ADMIN_API}/tenants/{code}/export")
}

/// The page of a tenant with one of its forms.
pub fn tenant_form(code: &str, form: TenantForm) -> String {
    format!("{TENANTS}/{code}?{FORM}={form}#{form}")
}

/// The style sheet that defines the colours of a branding, in its primary, secondary and accent colour.
pub fn portal_colors(colors: [&str; 3]) -> String {
    format!("{PORTAL_COLORS}/{}.css", colors.map(|color| color.trim_start_matches('#')).join("-"))
}

/// The sign-in page that continues to another page.
pub fn sign_in(next: &str) -> String {
    format!("{LOGIN}?next={next}")
}

/// The page of a setup link: the first admin creates their account, or a new employee chooses a password.
pub fn setup(token: &str) -> String {
    format!("{SETUP}/{token}")
}

/// The page on which an owner accepts an invitation.
pub fn invitation(token: &str) -> String {
    format!("{INVITATION}/{token}")
}

/// A message in the style guide: its number and `html` or `txt`, such as `3.html`.
pub fn mail_preview(file: impl std::fmt::Display) -> String {
    format!("{STYLE_GUIDE}/mail/{file}")
}

/// The page on which the owner of an account chooses a new password.
pub fn password_reset(token: &str) -> String {
    format!("{PASSWORD_RESET}/{token}")
}

/// The page that confirms or cancels a change of an account's e-mail address.
pub fn address_change(token: &str) -> String {
    format!("{ADDRESS_CHANGE}/{token}")
}

/// The page that verifies the e-mail address of a sign-up.
pub fn sign_up_verification(token: &str) -> String {
    format!("{SIGN_UP}/{token}")
}

/// Whether this is the sign-up page, or the page of one of its links. Visitors can open these pages, and
/// unlike the pages of [`is_signed_out_page`], browsers hydrate them.
pub fn is_sign_up_page(path: &str) -> bool {
    path == SIGN_UP || is_below(path, SIGN_UP)
}

/// Whether visitors who are not signed in can open a page, which works without WebAssembly.
pub fn is_signed_out_page(path: &str) -> bool {
    [LOGIN, PASSWORD_RESET, PASSWORD_RESET_SENT, ADDRESS_CHANGED, ADDRESS_KEPT].contains(&path)
        || [SETUP, INVITATION, PASSWORD_RESET, ADDRESS_CHANGE]
            .into_iter()
            .any(|parent| is_below(path, parent))
}

/// The page of a tenant in the portal. `page` is empty for its start page.
pub fn portal_page(slug: impl std::fmt::Display, page: &str) -> String {
    match page {
        "" => format!("{PORTAL}/{slug}"),
        page => format!("{PORTAL}/{slug}/{page}"),
    }
}

/// Whether this is a page of the portal.
pub fn is_portal(path: &str) -> bool {
    path == PORTAL || is_below(path, PORTAL)
}

/// Whether a page is for signed-in accounts that are not employees.
pub fn is_for_accounts(path: &str) -> bool {
    is_portal(path) || path == ACCOUNT
}

/// Whether a page has no scripts: its forms are plain posts.
pub fn is_without_scripts(path: &str) -> bool {
    is_signed_out_page(path) || path == ACCOUNT
}

/// Whether this is the page of a provisioning request.
pub fn is_request(path: &str) -> bool {
    is_below(path, HISTORY)
}

/// Whether this is the page of an import.
pub fn is_import(path: &str) -> bool {
    is_below(path, IMPORT)
}

/// Whether this is the page of a tenant.
pub fn is_tenant(path: &str) -> bool {
    is_below(path, TENANTS)
}

fn is_below(path: &str, parent: &str) -> bool {
    path.strip_prefix(parent).is_some_and(|rest| rest.starts_with('/'))
}

/// The cause of a request: a user action, or a page that updates automatically.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestKind {
    /// A user action. It extends the session.
    User,
    /// An open page, without a user action: polling or an event stream. It does not extend the session.
    Background,
}

impl RequestKind {
    /// The kind of a request to this path.
    pub fn of(path: &str) -> Self {
        let function = path.strip_prefix(SERVER_FUNCTIONS).and_then(|rest| rest.strip_prefix('/'));
        match function {
            _ if path.ends_with(EVENTS) => Self::Background,
            Some(name) => SERVER_FUNCTION_KINDS
                .iter()
                .find(|(function, _)| *function == name)
                .map_or(Self::User, |(_, kind)| *kind),
            None => Self::User,
        }
    }
}

/// Whether a path belongs to the server functions that pages call.
pub fn is_server_function(path: &str) -> bool {
    is_below(path, SERVER_FUNCTIONS)
}

/// A provisioning request in the API.
pub fn api_request(id: impl std::fmt::Display) -> String {
    format!("{ADMIN_API}/provisioning-requests/{id}")
}

/// The event stream of a provisioning request, for pages.
pub fn api_request_events(id: impl std::fmt::Display) -> String {
    format!("{}{EVENTS}?{PAGE_FORMAT}", api_request(id))
}

/// The event stream of the provisioning request with an idempotency key, for pages.
pub fn api_request_events_by_key(key: impl std::fmt::Display) -> String {
    format!("{ADMIN_API}/provisioning-requests/by-key/{key}{EVENTS}?{PAGE_FORMAT}")
}

/// The download of the history. The query string has the format and the filters.
pub fn api_request_export(query: &str) -> String {
    format!("{ADMIN_API}/provisioning-requests/export{query}")
}

/// The download of the audit log. The query string has the format and the filters.
pub fn api_audit_export(query: &str) -> String {
    format!("{ADMIN_API}/audit/export{query}")
}

/// The download of the registry. The query string has the format and the filters.
pub fn api_tenants_export(query: &str) -> String {
    format!("{ADMIN_API}/tenants/export{query}")
}
