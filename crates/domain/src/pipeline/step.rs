use serde::{Deserialize, Serialize};

use crate::jobs::StepName;

/// A step of a provisioning job. The order of the variants is the order of execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Step {
    /// Copies the template database.
    #[serde(rename = "STEP_1_COPY_DB")]
    CopyDatabase,
    /// Signs in to the copy in Odoo 18.
    #[serde(rename = "STEP_2_ODOO18_AUTH")]
    SignInToOdoo,
    /// Gives the copy's admin user the owner's login and name, and a new password.
    #[serde(rename = "STEP_3_ODOO18_UPDATE_ADMIN_USER")]
    SetAdminUser,
    /// Creates or updates the tenant in Odoo 19.
    #[serde(rename = "STEP_4_ODOO19_UPSERT_TENANT")]
    UpsertTenant,
    /// Creates or updates the tenant's user in Odoo 19.
    #[serde(rename = "STEP_5_ODOO19_UPSERT_TENANT_USER")]
    UpsertTenantUser,
    /// Creates or updates the tenant's metadata in the bridge.
    #[serde(rename = "STEP_6_BRIDGE_METADATA_UPSERT")]
    UpsertBridgeMetadata,
    /// Activates the tenant.
    #[serde(rename = "STEP_7_FINALIZE_TENANT")]
    Finalize,
}

/// The system that a step uses. Failures of a connector open its circuit breaker for every worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Connector {
    /// The server or service that copies databases.
    DatabaseCopy,
    /// The Odoo 18 server of the tenants.
    Odoo18,
    /// The Odoo 19 server with the tenant registry.
    Odoo19,
    /// The metadata bridge.
    Bridge,
    /// Tenantry's own database. It has no circuit breaker.
    Core,
}

impl Step {
    /// Every step, in the order of execution.
    pub const ALL: [Self; 7] = [
        Self::CopyDatabase,
        Self::SignInToOdoo,
        Self::SetAdminUser,
        Self::UpsertTenant,
        Self::UpsertTenantUser,
        Self::UpsertBridgeMetadata,
        Self::Finalize,
    ];

    /// The step as the database, the API and the log spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CopyDatabase => "STEP_1_COPY_DB",
            Self::SignInToOdoo => "STEP_2_ODOO18_AUTH",
            Self::SetAdminUser => "STEP_3_ODOO18_UPDATE_ADMIN_USER",
            Self::UpsertTenant => "STEP_4_ODOO19_UPSERT_TENANT",
            Self::UpsertTenantUser => "STEP_5_ODOO19_UPSERT_TENANT_USER",
            Self::UpsertBridgeMetadata => "STEP_6_BRIDGE_METADATA_UPSERT",
            Self::Finalize => "STEP_7_FINALIZE_TENANT",
        }
    }

    /// Parses the spelling of [`Self::as_str`].
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.as_str() == text)
    }

    /// The name on screen.
    pub const fn label(self) -> &'static str {
        match self {
            Self::CopyDatabase => "Copy database",
            Self::SignInToOdoo => "Sign in to Odoo 18",
            Self::SetAdminUser => "Set the admin user in Odoo 18",
            Self::UpsertTenant => "Create or update the tenant in Odoo 19",
            Self::UpsertTenantUser => "Create or update the tenant's user in Odoo 19",
            Self::UpsertBridgeMetadata => "Update the metadata bridge",
            Self::Finalize => "Activate the tenant",
        }
    }

    /// The words before and after the step's external reference on screen. They say what the reference
    /// identifies, as in `user 2 in Odoo 18`.
    pub const fn reference_words(self) -> (&'static str, &'static str) {
        match self {
            Self::CopyDatabase => ("database ", ""),
            Self::SignInToOdoo | Self::SetAdminUser => ("user ", " in Odoo 18"),
            Self::UpsertTenant => ("tenant ", " in Odoo 19"),
            Self::UpsertTenantUser => ("user ", " in Odoo 19"),
            Self::UpsertBridgeMetadata => ("entry ", " in the metadata bridge"),
            Self::Finalize => ("tenant ", ""),
        }
    }

    /// The name of the step of a purge that removes the effect of this step.
    pub fn purge_name(self) -> StepName {
        format!("{PURGE_PREFIX}{self}").into()
    }

    /// The name of that step on screen.
    const fn purge_label(self) -> &'static str {
        match self {
            Self::CopyDatabase => "Delete the database",
            Self::SignInToOdoo => "Sign out of Odoo 18",
            Self::SetAdminUser => "Reset the admin user in Odoo 18",
            Self::UpsertTenant => "Archive the tenant in Odoo 19",
            Self::UpsertTenantUser => "Archive the tenant's users in Odoo 19",
            Self::UpsertBridgeMetadata => "Delete the entry in the metadata bridge",
            Self::Finalize => "Deactivate the tenant",
        }
    }

    /// The steps whose effects a lifecycle job changes, when the tenant is suspended, resumed, deleted or
    /// restored.
    pub const WITH_ACCESS: [Self; 3] = [Self::CopyDatabase, Self::UpsertTenant, Self::UpsertBridgeMetadata];

    /// The name of the step of a lifecycle job that changes the effect of this step. `allowed` is whether the
    /// tenant may be used after the change.
    pub fn access_name(self, allowed: bool) -> StepName {
        let prefix = if allowed { RESUME_PREFIX } else { SUSPEND_PREFIX };
        format!("{prefix}{self}").into()
    }

    /// The name of that step on screen.
    const fn access_label(self, allowed: bool) -> &'static str {
        match (self, allowed) {
            (Self::CopyDatabase, false) => "Refuse connections to the database",
            (Self::CopyDatabase, true) => "Allow connections to the database",
            (Self::UpsertTenant, _) => "Set the sync status in Odoo 19",
            (Self::UpsertBridgeMetadata, _) => "Set the status in the metadata bridge",
            (_, false) => "Suspend the tenant",
            (_, true) => "Resume the tenant",
        }
    }

    /// The system that the step uses.
    pub const fn connector(self) -> Connector {
        match self {
            Self::CopyDatabase => Connector::DatabaseCopy,
            Self::SignInToOdoo | Self::SetAdminUser => Connector::Odoo18,
            Self::UpsertTenant | Self::UpsertTenantUser => Connector::Odoo19,
            Self::UpsertBridgeMetadata => Connector::Bridge,
            Self::Finalize => Connector::Core,
        }
    }
}

impl Connector {
    /// The connectors that can be configured.
    pub const EXTERNAL: [Self; 4] = [Self::DatabaseCopy, Self::Odoo18, Self::Odoo19, Self::Bridge];

    /// The connector as the database, the settings and the log spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DatabaseCopy => "database_copy",
            Self::Odoo18 => "odoo18",
            Self::Odoo19 => "odoo19",
            Self::Bridge => "bridge",
            Self::Core => "core",
        }
    }

    /// Parses the spelling of [`Self::as_str`].
    pub fn from_text(text: &str) -> Option<Self> {
        Self::EXTERNAL.into_iter().chain([Self::Core]).find(|connector| connector.as_str() == text)
    }

    /// The name on screen.
    pub const fn label(self) -> &'static str {
        match self {
            Self::DatabaseCopy => "Database copy",
            Self::Odoo18 => "Odoo 18",
            Self::Odoo19 => "Odoo 19",
            Self::Bridge => "Metadata bridge",
            Self::Core => "Tenantry",
        }
    }
}

/// The name of the last step of a purge, which deletes the data of the tenant.
pub const PURGE_TENANT: &str = "PURGE_TENANT";
/// The beginning of the names of the steps of a purge.
const PURGE_PREFIX: &str = "PURGE_";
/// The beginning of the names of steps that end the access to a tenant.
const SUSPEND_PREFIX: &str = "SUSPEND_";
/// The beginning of the names of steps that restore the access to a tenant.
const RESUME_PREFIX: &str = "RESUME_";

/// The name of a stored step on screen: its label, or the stored name if this version does not know the step.
pub fn step_label(name: &str) -> &str {
    let step_after = |prefix: &str| Step::from_text(name.strip_prefix(prefix)?);
    if name == PURGE_TENANT {
        "Delete the tenant's data"
    } else if let Some(step) = step_after("") {
        step.label()
    } else if let Some(step) = step_after(PURGE_PREFIX) {
        step.purge_label()
    } else if let Some(step) = step_after(SUSPEND_PREFIX) {
        step.access_label(false)
    } else if let Some(step) = step_after(RESUME_PREFIX) {
        step.access_label(true)
    } else {
        name
    }
}

impl From<Step> for StepName {
    fn from(step: Step) -> Self {
        step.as_str().into()
    }
}

impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::fmt::Display for Connector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
