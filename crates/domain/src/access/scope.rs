use crate::{FieldProblem, paths::ADMIN_API, text_form::text_enum};

text_enum! {
    /// What an admin token with scopes may do in the API. The role of the token limits it further. A scope to
    /// write does not include the scope to read.
    ApiScope {
        /// Read tenants, their settings, keys, invitations and domains, imports, and the availability of slugs.
        TenantsRead = "tenants:read",
        /// Create and change tenants, also by imports.
        TenantsWrite = "tenants:write",
        /// Read and follow provisioning requests.
        RequestsRead = "requests:read",
        /// Retry, skip and roll back dead steps.
        RequestsWrite = "requests:write",
        /// List employees.
        EmployeesRead = "employees:read",
        /// Invite and change employees.
        EmployeesWrite = "employees:write",
        /// List admin tokens.
        TokensRead = "tokens:read",
        /// Create and revoke admin tokens.
        TokensWrite = "tokens:write",
        /// List sessions.
        SessionsRead = "sessions:read",
        /// End sessions.
        SessionsWrite = "sessions:write",
        /// Read the audit log.
        AuditRead = "audit:read",
    }
}

/// The scopes of the calls below each segment of the admin API: to read, and to write. A call below any other
/// segment is refused for a token with scopes.
const AREAS: [(&str, ApiScope, Option<ApiScope>); 8] = [
    ("tenants", ApiScope::TenantsRead, Some(ApiScope::TenantsWrite)),
    ("availability", ApiScope::TenantsRead, None),
    ("imports", ApiScope::TenantsRead, Some(ApiScope::TenantsWrite)),
    ("provisioning-requests", ApiScope::RequestsRead, Some(ApiScope::RequestsWrite)),
    ("employees", ApiScope::EmployeesRead, Some(ApiScope::EmployeesWrite)),
    ("tokens", ApiScope::TokensRead, Some(ApiScope::TokensWrite)),
    ("sessions", ApiScope::SessionsRead, Some(ApiScope::SessionsWrite)),
    ("audit", ApiScope::AuditRead, None),
];

impl ApiScope {
    /// The scope that a call needs. `None` if no token with scopes may make the call: for pages, for server
    /// functions, and for calls that concern only a person, such as the change of one's own password.
    pub fn of_call(is_read: bool, path: &str) -> Option<Self> {
        let segment = path.strip_prefix(ADMIN_API)?.strip_prefix('/')?.split('/').next()?;
        let (_, read, write) = AREAS.iter().find(|(area, ..)| *area == segment)?;
        if is_read { Some(*read) } else { *write }
    }

    /// The area on the screen, such as "Tenants".
    pub const fn area(self) -> &'static str {
        match self {
            Self::TenantsRead | Self::TenantsWrite => "Tenants",
            Self::RequestsRead | Self::RequestsWrite => "Provisioning requests",
            Self::EmployeesRead | Self::EmployeesWrite => "Employees",
            Self::TokensRead | Self::TokensWrite => "Admin tokens",
            Self::SessionsRead | Self::SessionsWrite => "Sessions",
            Self::AuditRead => "Audit log",
        }
    }

    /// Whether the scope allows reading, and not writing.
    pub fn is_read(self) -> bool {
        self.as_str().ends_with(":read")
    }
}

/// Parses the scopes of a token, in the order of the table and without duplicates.
///
/// # Errors
/// The problem of the field `scopes`: an unknown scope, or none.
pub fn parse_scopes<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Vec<ApiScope>, FieldProblem> {
    let invalid = |rule: &str, message: &str| FieldProblem::new("scopes", rule, message);
    let chosen: Option<Vec<ApiScope>> = texts.into_iter().map(ApiScope::from_text).collect();
    let chosen = chosen.ok_or_else(|| {
        invalid("unknown", "A scope is unknown. Choose among those that the documentation lists.")
    })?;
    if chosen.is_empty() {
        return Err(invalid("required", "Choose at least one scope, or leave the scopes out."));
    }
    Ok(ApiScope::ALL.iter().copied().filter(|scope| chosen.contains(scope)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_needs_the_scope_of_its_area() {
        let scope = |is_read, path: &str| ApiScope::of_call(is_read, &format!("{ADMIN_API}{path}"));
        for (is_read, path, expected) in [
            (true, "/tenants", Some(ApiScope::TenantsRead)),
            (false, "/tenants/TEN-00000001/keys", Some(ApiScope::TenantsWrite)),
            (true, "/provisioning-requests/1/events", Some(ApiScope::RequestsRead)),
            (false, "/availability/slug", None),
            (false, "/me/password", None),
            (true, "/tenantsx", None),
            (true, "", None),
        ] {
            assert_eq!(scope(is_read, path), expected, "{path}");
        }
        for path in ["/api/fn/open_team", "/team", "/api/v1/administrators/tenants"] {
            assert_eq!(ApiScope::of_call(true, path), None, "{path}");
        }
    }

    #[test]
    fn scopes_are_sorted_and_listed_once() {
        let parsed = parse_scopes(["audit:read", "tenants:write", "audit:read"]).unwrap();
        assert_eq!(parsed, [ApiScope::TenantsWrite, ApiScope::AuditRead]);
        assert_eq!(parse_scopes(["tenants:admin"]).unwrap_err().rule, "unknown");
        assert_eq!(parse_scopes([]).unwrap_err().rule, "required");
    }

    #[test]
    fn the_documentation_lists_every_scope() {
        let api = include_str!("../../../../docs/API.md");
        for scope in ApiScope::ALL {
            assert!(api.contains(&format!("`{scope}`")), "{scope}");
        }
    }
}
