use domain::{
    api_key::{ApiKey, ApiKeyKind},
    idempotency_key::IdempotencyKey,
    provisioning::{Draft, NewTenant},
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    MasterKey,
    secret::{hash, new_token},
};

/// A request to provision a tenant: a draft with its idempotency key.
#[derive(Debug, Clone)]
pub struct ProvisionRequest {
    /// The idempotency key.
    pub key: IdempotencyKey,
    /// The fields of the tenant, not validated yet.
    pub draft: Draft,
    /// Problems that were found while the draft was read, such as fields of a wrong type.
    pub problems: Vec<domain::FieldProblem>,
}

impl ProvisionRequest {
    /// The fingerprint of the draft. It does not depend on the rules for valid fields, so that a request can
    /// be replayed after the rules changed.
    pub(super) fn fingerprint(&self, master_key: &MasterKey) -> [u8; 32] {
        master_key.fingerprint(&self.draft.to_canonical())
    }
}

/// The arguments of the core: IDs, keys and hashes. A retry after a lost response passes the same values.
#[derive(Debug)]
pub(super) struct PreparedCall {
    pub key: Uuid,
    pub request_id: Uuid,
    pub tenant_id: Uuid,
    pub owner_id: Uuid,
    pub payload: Value,
    pub fingerprint: [u8; 32],
    pub public_key: String,
    pub secret_key: SecretString,
    pub invitation: SecretString,
}

impl PreparedCall {
    pub(crate) fn new(key: &IdempotencyKey, tenant: &NewTenant, fingerprint: [u8; 32]) -> Self {
        Self {
            key: key.uuid(),
            request_id: Uuid::now_v7(),
            tenant_id: Uuid::now_v7(),
            owner_id: Uuid::now_v7(),
            payload: tenant.to_payload(),
            fingerprint,
            public_key: ApiKey::assemble(ApiKeyKind::Public, &tenant.slug, &rand::random())
                .expose()
                .to_owned(),
            secret_key: ApiKey::assemble(ApiKeyKind::Secret, &tenant.slug, &rand::random())
                .expose()
                .to_owned()
                .into(),
            invitation: new_token(""),
        }
    }

    pub(crate) fn secret_hash(&self) -> [u8; 32] {
        hash(self.secret_key.expose_secret())
    }

    pub(crate) fn invitation_hash(&self) -> [u8; 32] {
        hash(self.invitation.expose_secret())
    }
}
