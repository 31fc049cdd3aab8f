//! Secrets of tenants, encrypted in the database. Each secret has its own data key, which is wrapped by
//! the installation's key. Both ciphertexts are bound to the tenant and the field.

use std::sync::Arc;

use database::Database;
use domain::jobs::StepFailure;
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    error::Unspecified,
};
use secrecy::{ExposeSecret, SecretBox, SecretString};
use uuid::Uuid;

/// The key that wraps the data keys of secrets. Cheap to clone.
#[derive(Debug, Clone)]
pub struct WrappingKey(Arc<SecretBox<[u8; 32]>>);

impl WrappingKey {
    /// Wraps the 32 bytes of an AES-256 key.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Arc::new(SecretBox::new(Box::new(bytes))))
    }

    fn expose(&self) -> &[u8; 32] {
        self.0.expose_secret()
    }
}

/// Stores secrets that steps need again. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Vault {
    database: Arc<Database>,
    key: WrappingKey,
}

impl Vault {
    /// Creates a vault in Tenantry's database.
    pub fn new(database: Arc<Database>, key: WrappingKey) -> Self {
        Self { database, key }
    }

    /// Returns the secret in a field of a tenant. If the field is empty, stores the value of `generate`
    /// first. Concurrent callers get the same secret.
    ///
    /// # Errors
    /// If the database cannot be reached, or the secret was stored with another key.
    pub async fn get_or_create(
        &self,
        tenant_id: Uuid,
        field: &str,
        generate: impl FnOnce() -> SecretString + Send,
    ) -> Result<SecretString, StepFailure> {
        if let Some(secret) = self.get(tenant_id, field).await? {
            return Ok(secret);
        }
        let sealed = seal(&self.key, tenant_id, field, generate().expose_secret())
            .map_err(|_| StepFailure::permanent("a secret could not be encrypted"))?;
        sqlx::query!(
            "INSERT INTO tenant_secrets (tenant_id, field, wrapped_key, ciphertext) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            tenant_id,
            field,
            sealed.wrapped_key,
            sealed.ciphertext
        )
        .execute(&self.database.pool())
        .await
        .map_err(unavailable)?;
        // A concurrent caller may have stored another value first.
        let stored = self.get(tenant_id, field).await?;
        stored.ok_or_else(|| StepFailure::transient("a stored secret is missing"))
    }

    /// Returns the secret in a field of a tenant, if there is one.
    ///
    /// # Errors
    /// As [`get_or_create`](Self::get_or_create).
    pub async fn get(&self, tenant_id: Uuid, field: &str) -> Result<Option<SecretString>, StepFailure> {
        let row = sqlx::query!(
            "SELECT wrapped_key, ciphertext FROM tenant_secrets WHERE tenant_id = $1 AND field = $2",
            tenant_id,
            field
        )
        .fetch_optional(&self.database.pool())
        .await
        .map_err(unavailable)?;
        row.map(|row| {
            let sealed = EncryptedSecret { wrapped_key: row.wrapped_key, ciphertext: row.ciphertext };
            open(&self.key, tenant_id, field, &sealed)
                .map_err(|_| StepFailure::permanent("a secret was encrypted with another master key"))
        })
        .transpose()
    }
}

fn unavailable(error: sqlx::Error) -> StepFailure {
    tracing::warn!(?error, "could not access the vault");
    StepFailure::transient("the database cannot be reached")
}

struct EncryptedSecret {
    wrapped_key: Vec<u8>,
    ciphertext: Vec<u8>,
}

fn seal(
    key: &WrappingKey,
    tenant_id: Uuid,
    field: &str,
    secret: &str,
) -> Result<EncryptedSecret, Unspecified> {
    let binding = binding(tenant_id, field);
    let data_key: [u8; 32] = rand::random();
    Ok(EncryptedSecret {
        wrapped_key: encrypt(key.expose(), &binding, &data_key)?,
        ciphertext: encrypt(&data_key, &binding, secret.as_bytes())?,
    })
}

fn open(
    key: &WrappingKey,
    tenant_id: Uuid,
    field: &str,
    sealed: &EncryptedSecret,
) -> Result<SecretString, Unspecified> {
    let binding = binding(tenant_id, field);
    let data_key: [u8; 32] =
        decrypt(key.expose(), &binding, &sealed.wrapped_key)?.try_into().map_err(|_| Unspecified)?;
    let plaintext = decrypt(&data_key, &binding, &sealed.ciphertext)?;
    String::from_utf8(plaintext).map(Into::into).map_err(|_| Unspecified)
}

/// The associated data of a ciphertext. A ciphertext that is moved to another row cannot be decrypted.
fn binding(tenant_id: Uuid, field: &str) -> Vec<u8> {
    [tenant_id.as_bytes().as_slice(), field.as_bytes()].concat()
}

/// Returns the nonce, the ciphertext and its tag.
fn encrypt(key: &[u8; 32], binding: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, Unspecified> {
    let nonce: [u8; NONCE_LEN] = rand::random();
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key)?);
    let mut text = plaintext.to_vec();
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(binding), &mut text)?;
    Ok([nonce.as_slice(), &text].concat())
}

fn decrypt(key: &[u8; 32], binding: &[u8], text: &[u8]) -> Result<Vec<u8>, Unspecified> {
    let (nonce, sealed) = text.split_at_checked(NONCE_LEN).ok_or(Unspecified)?;
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key)?);
    let mut sealed = sealed.to_vec();
    let plaintext =
        key.open_in_place(Nonce::try_assume_unique_for_key(nonce)?, Aad::from(binding), &mut sealed)?;
    Ok(plaintext.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_only_with_its_key_tenant_and_field() {
        let (key, other) = (WrappingKey::new([7; 32]), WrappingKey::new([8; 32]));
        let tenant = Uuid::now_v7();
        let sealed = seal(&key, tenant, "odoo", "correct horse").unwrap();
        assert_eq!(open(&key, tenant, "odoo", &sealed).unwrap().expose_secret(), "correct horse");
        assert!(open(&other, tenant, "odoo", &sealed).is_err());
        assert!(open(&key, Uuid::now_v7(), "odoo", &sealed).is_err());
        assert!(open(&key, tenant, "bridge", &sealed).is_err());
        let mut changed = EncryptedSecret {
            wrapped_key: sealed.wrapped_key.clone(),
            ciphertext: sealed.ciphertext.clone(),
        };
        *changed.ciphertext.last_mut().unwrap() ^= 1;
        assert!(open(&key, tenant, "odoo", &changed).is_err());
        assert!(!sealed.ciphertext.windows(7).any(|part| part == b"correct"));
    }
}
