//! The server functions that pages call. Each function reads its context, parses its arguments, calls the
//! engine and converts the error. The functions contain no business rules.

mod audit;
mod availability;
mod dead_step_actions;
mod erasure;
mod health;
mod history;
mod imports;
mod portal;
mod provision;
mod request_record;
mod sign_up;
mod team;
mod tenant_access;
mod tenant_forms;
mod tenant_lifecycle;
mod tenants;

pub use audit::{
    AuditContent, AuditDay, AuditLine, ChangedValue, EditKind, FieldChange, LinePart, VerificationResult,
    VerificationStatus, VerificationView, open_audit, refresh_audit,
};
pub use availability::{check_email, check_slug};
pub use dead_step_actions::{retry_step, rollback, skip_step};
pub use erasure::{ErasureResult, Obstacle, OpenedErasure, open_erasure};
pub use health::{check_connector, read_health, refresh_health, typical_durations};
pub use history::{follow_request, list_requests, open_request, refresh_requests};
pub use imports::{OpenedImports, open_import, open_imports, refresh_import};
#[cfg(feature = "ssr")]
pub(crate) use portal::portal_tenants;
pub use portal::{
    BrandingContent, CatalogContent, HomeContent, KeysContent, MemberFilter, MembersContent, PortalContent,
    PortalTenant, PreviewTexts, change_catalog, open_packages, open_portal_activity, open_portal_branding,
    open_portal_home, open_portal_keys, open_portal_members, open_portal_settings, open_portal_usage,
    open_segments, portal_status,
};
#[cfg(feature = "ssr")]
pub use portal::{save_catalog_form, save_member_form};
pub use provision::{ProvisionOutcome, find_by_key, provision, read_estimate};
pub use request_record::RequestRecord;
#[cfg(feature = "ssr")]
pub use request_record::now_ms;
pub use sign_up::{OpenedSignUp, SignUpToComplete, check_sign_up_slug, create_from_sign_up, open_sign_up};
pub use team::{TeamContent, TeamResult, open_team};
#[cfg(feature = "ssr")]
pub use team::{TeamOutcome, save_team_form};
pub use tenant_access::{IssuedKeys, IssuedSecrets, create_key, resend_invitation, revoke_key, rotate_key};
#[cfg(feature = "ssr")]
pub use tenant_forms::save_form;
pub use tenant_forms::{FieldInput, FormField, OpenedForm, PostedForm, change_tenant, rename_tenant};
pub use tenant_lifecycle::{
    approve_tenant, change_owner_account, decline_tenant, delete_tenant, restore_tenant, resume_tenant,
    set_owner, suspend_tenant,
};
pub use tenants::{HiddenTenants, OpenedTenant, TenantsPage, list_tenants, open_tenant, refresh_tenants};
