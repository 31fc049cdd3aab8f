use domain::tenant_key::{DEFAULT_NAME, IssuedKey, KeyStatus, TenantKey};

use super::{CREATED, PUBLIC_KEY, days_later, id};

const NEXT_PUBLIC_KEY: &str = "pk_live_golden-spoon_1QVEt9JX3u70A2YUZbQWz5kfaiGsXRRZQ2DvLXZ";

pub(crate) fn key() -> TenantKey {
    TenantKey {
        id: id(3),
        name: DEFAULT_NAME.into(),
        public_key: PUBLIC_KEY.into(),
        status: KeyStatus::Active,
        created_at: CREATED,
        last_used_at: None,
        expires_at: None,
        revoked_at: None,
        replaced_by: None,
    }
}

pub(crate) fn created_key() -> IssuedKey {
    let rotated = rotated_key();
    IssuedKey { key: TenantKey { name: "Website".into(), ..rotated.key }, ..rotated }
}

pub(crate) fn rotated_key() -> IssuedKey {
    IssuedKey {
        key: TenantKey { id: id(4), public_key: NEXT_PUBLIC_KEY.into(), created_at: days_later(90), ..key() },
        secret_key: Some("sk_live_golden-spoon_…".into()),
        secret_key_revealed: false,
        next_step: None,
    }
}
