use domain::{
    Role, Timestamp,
    access::{
        ApiScope, EmployeeName, EmployeeStatus, EmployeeSummary, SessionSummary, SetupInvitation,
        TokenStatus, TokenSummary,
    },
    invitation::InvitationStatus,
};
use serde_json::{Value, json};

use super::{CREATED, days_later, id};

pub(crate) fn employee() -> EmployeeSummary {
    EmployeeSummary {
        id: id(6),
        name: "Ada Park".into(),
        email: "ada@example.com".into(),
        role: Role::Admin,
        status: EmployeeStatus::Active,
        has_password: false,
        invitation: Some(SetupInvitation {
            status: InvitationStatus::Pending,
            sent_at: Some(CREATED),
            expires_at: Some(days_later(7)),
        }),
        sessions: 0,
        tokens: 0,
        last_seen_at: None,
        created_at: CREATED,
    }
}

pub(crate) fn employee_with_link() -> Value {
    let mut employee = json!(employee());
    employee["setupUrl"] = format!("https://console.example.com{}", domain::paths::setup("…")).into();
    employee["setupUrlRevealed"] = false.into();
    employee["setupExpiresAt"] = json!(days_later(7));
    employee
}

pub(crate) fn token() -> TokenSummary {
    TokenSummary {
        id: id(7),
        name: "ci".into(),
        role: Role::Admin,
        scopes: Some(vec![ApiScope::TenantsRead, ApiScope::RequestsRead]),
        status: TokenStatus::Active,
        created_by: Some(EmployeeName { id: id(6), name: "Ada Park".into() }),
        created_at: CREATED,
        expires_at: days_later(90),
        last_used_at: None,
        revoked_at: None,
    }
}

pub(crate) fn created_token() -> Value {
    json!({
        "id": id(7), "name": "ci", "role": Role::Viewer, "scopes": ["tenants:read", "requests:read"], "token": "tnt_admin_…", "tokenRevealed": false,
        "expiresAt": days_later(30),
    })
}

pub(crate) fn session() -> SessionSummary {
    SessionSummary {
        id: id(8),
        employee: EmployeeName { id: id(6), name: "Ada Park".into() },
        created_at: CREATED,
        last_seen_at: CREATED,
        expires_at: Timestamp(CREATED.0 + 8 * 3_600_000),
        device: Some("Firefox on Linux".into()),
        client_address: Some("192.0.2.7".into()),
        is_current: true,
    }
}
