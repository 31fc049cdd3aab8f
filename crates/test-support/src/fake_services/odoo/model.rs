//! The implemented models, as `scripts/odoo/addons/vendor_ops` defines them.

use super::super::fault::{CallKind, Endpoint};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in super::super) enum Model {
    Users,
    Tenants,
    TenantUsers,
}

impl Model {
    const ALL: [Self; 3] = [Self::Users, Self::Tenants, Self::TenantUsers];

    const fn name(self) -> &'static str {
        match self {
            Self::Users => "res.users",
            Self::Tenants => "vendor.ops.tenant",
            Self::TenantUsers => "vendor.ops.tenant.user",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|model| model.name() == name)
    }

    pub(super) const fn endpoint(self) -> Endpoint {
        match self {
            Self::Users => Endpoint::OdooUsers,
            Self::Tenants => Endpoint::Tenants,
            Self::TenantUsers => Endpoint::TenantUsers,
        }
    }

    /// The endpoint of the model with this name, or `Unknown` if no model has this name.
    pub(in super::super) fn endpoint_of(name: &str) -> Endpoint {
        Self::named(name).map_or(Endpoint::Unknown, Self::endpoint)
    }

    pub(in super::super) fn kind_of(method: &str) -> CallKind {
        match method {
            "create" | "write" => CallKind::Write,
            "unlink" => CallKind::Delete,
            _ => CallKind::Read,
        }
    }

    pub(super) fn at(endpoint: Endpoint) -> Option<Self> {
        Self::ALL.into_iter().find(|model| model.endpoint() == endpoint)
    }

    /// All fields except for `id` and `display_name`.
    pub(super) const fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Users => &["login", "name", "email", "password", "active"],
            Self::Tenants => &[
                "name",
                "code",
                "subdomain",
                "plan",
                "bridge_sync_status",
                "business_base_url",
                "notes",
                "active",
            ],
            Self::TenantUsers => {
                &["tenant_id", "email", "name", "role", "odoo18_user_id", "odoo18_login", "active"]
            }
        }
    }

    pub(super) const fn required(self) -> &'static [&'static str] {
        match self {
            Self::Users => &["login"],
            Self::Tenants => &["name", "code"],
            Self::TenantUsers => &["tenant_id", "email"],
        }
    }

    /// The fields that are unique together.
    pub(super) const fn unique(self) -> &'static [&'static str] {
        match self {
            Self::Users => &["login"],
            Self::Tenants => &["code"],
            Self::TenantUsers => &["tenant_id", "email"],
        }
    }

    /// The field by which tests find a record.
    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::Users => "login",
            Self::Tenants => "code",
            Self::TenantUsers => "email",
        }
    }

    /// The names of a method's arguments in order, or `None` if the method is not implemented.
    pub(super) fn arguments(method: &str) -> Option<&'static [&'static str]> {
        Some(match method {
            "search" => &["domain", "offset", "limit", "order"],
            "search_read" => &["domain", "fields", "offset", "limit", "order"],
            "search_count" => &["domain", "limit"],
            "read" => &["ids", "fields", "load"],
            "fields_get" => &["allfields", "attributes"],
            "create" => &["vals_list"],
            "write" => &["ids", "vals"],
            "unlink" => &["ids"],
            _ => return None,
        })
    }
}
