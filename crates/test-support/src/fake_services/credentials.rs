//! The credentials that the fake services accept.

/// The bearer token of the bridge and of the copy service.
pub const TOKEN: &str = "fake-service-token";
/// The login of the admin user in a new copy of the template.
pub const ODOO18_LOGIN: &str = "admin";
/// The password of the admin user in a new copy of the template.
pub const ODOO18_PASSWORD: &str = "admin-of-the-template";
/// The name of the Odoo 19 database that contains the tenant registry.
pub const ODOO19_DATABASE: &str = "operations";
/// The login of the user that writes the tenant registry.
pub const ODOO19_LOGIN: &str = "tenantry";
/// The API key of the user that writes the tenant registry.
pub const ODOO19_KEY: &str = "fake-odoo-key";
