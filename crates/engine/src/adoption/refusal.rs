use domain::ErrorCode;

/// Whether a refusal is about the tenant, which somebody has changed after the plan.
pub(super) fn is_about_tenant(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::InvalidTransition
            | ErrorCode::TenantNotFound
            | ErrorCode::TenantSuspended
            | ErrorCode::TenantNotActive
    )
}
