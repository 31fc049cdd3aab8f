//! Every change of a tenant's life in every status: with the API, and with the server functions of the page.

use domain::TenantStatus::{
    self, Active, Deleted, PendingActivation, Provisioning, SetupIncomplete, Suspended,
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Reply, TestServer, new_key, valid_body};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum EntryPoint {
    Api,
    Page,
}

#[derive(Debug, Clone, Copy)]
enum Change {
    Suspend,
    Resume,
    Delete,
    Restore,
    SetOwner,
    OwnerAccount,
}

const CHANGES: [Change; 6] = [
    Change::Suspend,
    Change::Resume,
    Change::Delete,
    Change::Restore,
    Change::SetOwner,
    Change::OwnerAccount,
];

impl Change {
    /// The status after this change, or the rule that refuses the change.
    fn expected(self, status: TenantStatus) -> Result<TenantStatus, &'static str> {
        match (self, status) {
            (Self::Suspend, Active) => Ok(Suspended),
            (Self::Suspend, _) => Err("not_active"),
            (Self::Resume, Suspended) => Ok(Active),
            (Self::Resume, _) => Err("not_suspended"),
            (Self::Restore, Deleted) => Ok(Active),
            (Self::Restore, _) => Err("not_deleted"),
            (Self::Delete | Self::SetOwner | Self::OwnerAccount, Provisioning) => Err("provisioning"),
            (Self::Delete | Self::SetOwner | Self::OwnerAccount, Deleted) => Err("deleted"),
            // These tenants have no owner.
            (Self::OwnerAccount, PendingActivation | SetupIncomplete) => Err("no_owner"),
            (Self::OwnerAccount, _) => Ok(status),
            (Self::Delete, _) => Ok(Deleted),
            (Self::SetOwner, Suspended) => Ok(Suspended),
            (Self::SetOwner, _) => Ok(Active),
        }
    }
}

/// A new tenant.
struct Tenant<'a> {
    server: &'a TestServer,
    token: &'a str,
    slug: String,
}

impl<'a> Tenant<'a> {
    /// Creates a tenant with this status. A tenant that is pending activation has no owner.
    async fn with_status(server: &'a TestServer, token: &'a str, status: TenantStatus) -> Self {
        let mut body = valid_body();
        if matches!(status, PendingActivation | SetupIncomplete) {
            body.as_object_mut().unwrap().remove("owner");
        }
        let reply = server.provision(token, &new_key(), &body).await;
        assert_eq!(reply.status, 201, "{}", reply.text);
        let tenant = Self { server, token, slug: body["slug"].as_str().unwrap().to_owned() };
        if !matches!(status, PendingActivation | Active) {
            tenant.force_status(status);
        }
        tenant
    }

    /// Sets the status without the guard, which refuses most of these changes.
    fn force_status(&self, status: TenantStatus) {
        self.server.data_directory.sql(&format!(
            "SET session_replication_role = replica;
             UPDATE tenants SET status = '{status}',
                 suspended_at = CASE '{status}' WHEN 'suspended' THEN now() END,
                 suspension_reason = CASE '{status}' WHEN 'suspended' THEN 'a test' END,
                 deleted_at = CASE '{status}' WHEN 'deleted' THEN now() END,
                 status_before_deletion = CASE '{status}' WHEN 'deleted' THEN 'active' END
             WHERE slug = '{}'",
            self.slug
        ));
    }

    /// The row of the tenant, and how many entries of the audit log are about it.
    fn stored(&self) -> Value {
        let sql = format!(
            "SELECT to_jsonb(t) || jsonb_build_object('audited', (
                 SELECT count(*) FROM audit_log a WHERE a.subject_id = t.id))
             FROM tenants t WHERE slug = '{}'",
            self.slug
        );
        serde_json::from_str(&self.server.data_directory.sql(&sql)).unwrap()
    }

    async fn send(&self, entry_point: EntryPoint, change: Change) -> Reply {
        let (name, email) = ("Nova Ray", format!("nova@{}.example", self.slug));
        match entry_point {
            EntryPoint::Api => {
                let (method, path, body) = match change {
                    Change::Suspend => (Method::POST, "/suspend", json!({ "reason": "Unpaid" })),
                    Change::Resume => (Method::POST, "/resume", Value::Null),
                    Change::Delete => (Method::DELETE, "", json!({ "slug": self.slug })),
                    Change::Restore => (Method::POST, "/restore", Value::Null),
                    Change::SetOwner => (Method::PUT, "/owner", json!({ "name": name, "email": email })),
                    Change::OwnerAccount => (Method::PATCH, "/owner", json!({ "email": email })),
                };
                let path = format!("/api/v1/admin/tenants/{}{path}", self.slug);
                let request = self.server.request(method, &path).bearer_auth(self.token);
                self.server.send(if body.is_null() { request } else { request.json(&body) }).await
            }
            EntryPoint::Page => {
                let (function, fields) = match change {
                    Change::Suspend => ("suspend_tenant", json!({ "reason": "Unpaid" })),
                    Change::Resume => ("resume_tenant", json!({})),
                    Change::Delete => ("delete_tenant", json!({ "slug": self.slug })),
                    Change::Restore => ("restore_tenant", json!({})),
                    Change::SetOwner => {
                        let use_existing = false;
                        let owner =
                            json!({ "name": name, "email": email, "use_existing_account": use_existing });
                        ("set_owner", owner)
                    }
                    Change::OwnerAccount => ("change_owner_account", json!({ "name": name, "email": email })),
                };
                let mut arguments = json!({ "tenant": self.slug });
                arguments.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
                self.server.call(function, self.token, &arguments).await
            }
        }
    }
}

/// The rule of the field `status` in a refusal.
fn refused_rule(entry_point: EntryPoint, reply: &Reply) -> String {
    assert_eq!(reply.status, 409, "{}", reply.text);
    let body = reply.json();
    let problem = if entry_point == EntryPoint::Api { &body } else { &body["Problem"] };
    assert_eq!(problem["code"], "INVALID_TRANSITION", "{body}");
    assert_eq!(problem["errors"][0]["field"], "status", "{body}");
    problem["errors"][0]["rule"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_tenant_is_changed_as_its_status_allows_and_a_refused_change_leaves_no_trace() {
    let server = TestServer::start();
    let token = server.token("ADMIN");
    for entry_point in [EntryPoint::Api, EntryPoint::Page] {
        for &status in TenantStatus::ALL {
            for change in CHANGES {
                let case = format!("{change:?} of a tenant that is {status}, {entry_point:?}");
                let tenant = Tenant::with_status(&server, &token, status).await;
                let before = tenant.stored();
                let reply = tenant.send(entry_point, change).await;
                let after = tenant.stored();
                match change.expected(status) {
                    Ok(expected) => {
                        assert!((200..300).contains(&reply.status), "{case}: {}", reply.text);
                        assert_eq!(after["status"], expected.as_str(), "{case}");
                        assert!(after["version"].as_u64() > before["version"].as_u64(), "{case}");
                        let entries = |row: &Value| row["audited"].as_u64().unwrap();
                        assert_eq!(entries(&after), entries(&before) + 1, "{case}");
                    }
                    Err(rule) => {
                        assert_eq!(refused_rule(entry_point, &reply), rule, "{case}");
                        assert_eq!(after, before, "{case}");
                    }
                }
                // A status that was forced on a tenant with a finished job breaks an invariant.
                if after["status"] == "provisioning" {
                    tenant.force_status(Active);
                }
            }
        }
    }
    assert_eq!(server.command_json(&["verify", "--json"])["ok"], true);
}
