//! Secrets of tenants, encrypted at rest (SPEC section 10): each with a data key of its own, which the
//! master key wraps, both bound to tenant and field.

use std::sync::Arc;

use domain::jobs::StepFailure;
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    error::Unspecified,
};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use crate::{Engine, MasterKey};

/// Keeps what steps must know again and nobody may read.
#[derive(Debug, Clone)]
pub struct Vault {
    engine: Engine,
}

impl Vault {
    pub fn new(engine: Engine) -> Self {
        Self { engine }
    }

    /// What stands in the field of a tenant; `fresh()` if nothing did, which is kept first. Whoever
    /// asks at the same moment gets the same.
    ///
    /// # Errors
    /// When the database cannot be asked, or the master key is another than the one it was kept with.
    pub async fn keep(
        &self,
        tenant_id: Uuid,
        field: &str,
        fresh: impl FnOnce() -> SecretString + Send,
    ) -> Result<SecretString, StepFailure> {
        if let Some(there) = self.read(tenant_id, field).await? {
            return Ok(there);
        }
        let sealed = seal(&self.engine.master_key, tenant_id, field, fresh().expose_secret())
            .map_err(|_| StepFailure::permanent("a secret could not be encrypted"))?;
        sqlx::query!(
            "INSERT INTO tenant_secrets (tenant_id, field, wrapped_key, ciphertext) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            tenant_id,
            field,
            sealed.wrapped_key,
            sealed.ciphertext
        )
        .execute(&self.engine.pool())
        .await
        .map_err(unavailable)?;
        // Somebody else's, if they were first.
        let kept = self.read(tenant_id, field).await?;
        kept.ok_or_else(|| StepFailure::transient("a secret that was kept is not there"))
    }

    /// What stands in the field of a tenant.
    ///
    /// # Errors
    /// As [`keep`](Self::keep).
    pub async fn read(&self, tenant_id: Uuid, field: &str) -> Result<Option<SecretString>, StepFailure> {
        let row = sqlx::query!(
            "SELECT wrapped_key, ciphertext FROM tenant_secrets WHERE tenant_id = $1 AND field = $2",
            tenant_id,
            field
        )
        .fetch_optional(&self.engine.pool())
        .await
        .map_err(unavailable)?;
        row.map(|row| {
            let sealed = Sealed { wrapped_key: row.wrapped_key, ciphertext: row.ciphertext };
            open(&self.engine.master_key, tenant_id, field, &sealed)
                .map_err(|_| StepFailure::permanent("a secret was kept with another master key"))
        })
        .transpose()
    }
}

fn unavailable(error: sqlx::Error) -> StepFailure {
    tracing::warn!(?error, "the vault cannot be read");
    StepFailure::transient("the database cannot be asked")
}

struct Sealed {
    wrapped_key: Vec<u8>,
    ciphertext: Vec<u8>,
}

fn seal(master: &Arc<MasterKey>, tenant_id: Uuid, field: &str, secret: &str) -> Result<Sealed, Unspecified> {
    let bound = binding(tenant_id, field);
    let data_key: [u8; 32] = rand::random();
    Ok(Sealed {
        wrapped_key: encrypt(&master.wrapping_key(), &bound, &data_key)?,
        ciphertext: encrypt(&data_key, &bound, secret.as_bytes())?,
    })
}

fn open(
    master: &Arc<MasterKey>,
    tenant_id: Uuid,
    field: &str,
    sealed: &Sealed,
) -> Result<SecretString, Unspecified> {
    let bound = binding(tenant_id, field);
    let data_key: [u8; 32] =
        decrypt(&master.wrapping_key(), &bound, &sealed.wrapped_key)?.try_into().map_err(|_| Unspecified)?;
    let plain = decrypt(&data_key, &bound, &sealed.ciphertext)?;
    String::from_utf8(plain).map(Into::into).map_err(|_| Unspecified)
}

/// What a ciphertext belongs to: moved to another row it does not open.
fn binding(tenant_id: Uuid, field: &str) -> Vec<u8> {
    [tenant_id.as_bytes().as_slice(), field.as_bytes()].concat()
}

/// The nonce, then the ciphertext with its tag.
fn encrypt(key: &[u8; 32], bound: &[u8], plain: &[u8]) -> Result<Vec<u8>, Unspecified> {
    let nonce: [u8; NONCE_LEN] = rand::random();
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key)?);
    let mut text = plain.to_vec();
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(bound), &mut text)?;
    Ok([nonce.as_slice(), &text].concat())
}

fn decrypt(key: &[u8; 32], bound: &[u8], text: &[u8]) -> Result<Vec<u8>, Unspecified> {
    let (nonce, sealed) = text.split_at_checked(NONCE_LEN).ok_or(Unspecified)?;
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key)?);
    let mut sealed = sealed.to_vec();
    let plain = key.open_in_place(Nonce::try_assume_unique_for_key(nonce)?, Aad::from(bound), &mut sealed)?;
    Ok(plain.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_only_with_its_key_in_its_place() {
        let (key, other) = (Arc::new(MasterKey::new([7; 32])), Arc::new(MasterKey::new([8; 32])));
        let tenant = Uuid::now_v7();
        let sealed = seal(&key, tenant, "odoo", "correct horse").unwrap();
        assert_eq!(open(&key, tenant, "odoo", &sealed).unwrap().expose_secret(), "correct horse");
        assert!(open(&other, tenant, "odoo", &sealed).is_err());
        assert!(open(&key, Uuid::now_v7(), "odoo", &sealed).is_err());
        assert!(open(&key, tenant, "bridge", &sealed).is_err());
        let mut changed =
            Sealed { wrapped_key: sealed.wrapped_key.clone(), ciphertext: sealed.ciphertext.clone() };
        *changed.ciphertext.last_mut().unwrap() ^= 1;
        assert!(open(&key, tenant, "odoo", &changed).is_err());
        assert!(!sealed.ciphertext.windows(7).any(|part| part == b"correct"));
    }
}
