//! Encrypted secrets. Each secret has its own data key, which the [`WrappingKey`] encrypts. Both ciphertexts
//! are bound to an ID and a field: the ID of a tenant or of a message of the outbox. A [`SecretStore`] stores
//! the secrets of tenants; the outbox stores those of messages.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
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

/// The form in which a secret is stored.
#[derive(Debug, Clone)]
pub struct EncryptedSecret {
    /// The data key, encrypted with the [`WrappingKey`]. Starts with the nonce.
    pub wrapped_key: Vec<u8>,
    /// The secret, encrypted with the data key. Starts with the nonce.
    pub ciphertext: Vec<u8>,
}

/// Stores the encrypted secrets of tenants. The engine implements this trait with Tenantry's database.
#[async_trait]
pub trait SecretStore: fmt::Debug + Send + Sync {
    /// Returns the secret in a field of a tenant, if there is one.
    ///
    /// # Errors
    /// If the database cannot be reached.
    async fn find(&self, tenant_id: Uuid, field: &str) -> Result<Option<EncryptedSecret>, StepFailure>;

    /// Stores a secret in a field of a tenant. Does nothing if the field has a secret.
    ///
    /// # Errors
    /// If the database cannot be reached.
    async fn insert_if_missing(
        &self,
        tenant_id: Uuid,
        field: &str,
        secret: EncryptedSecret,
    ) -> Result<(), StepFailure>;
}

/// The secrets of tenants that later attempts or steps need. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Vault {
    store: Arc<dyn SecretStore>,
    key: WrappingKey,
}

impl Vault {
    /// Creates a vault that stores its secrets in `store`.
    pub fn new(store: Arc<dyn SecretStore>, key: WrappingKey) -> Self {
        Self { store, key }
    }

    /// Returns the secret in a field of a tenant. If the field has none, stores the result of `generate`
    /// first. Concurrent callers get the same secret.
    ///
    /// # Errors
    /// If the database cannot be reached, or the secret was encrypted with another key.
    pub async fn get_or_create(
        &self,
        tenant_id: Uuid,
        field: &str,
        generate: impl FnOnce() -> SecretString + Send,
    ) -> Result<SecretString, StepFailure> {
        if let Some(secret) = self.get(tenant_id, field).await? {
            return Ok(secret);
        }
        let secret = self.seal(tenant_id, field, &generate())?;
        self.store.insert_if_missing(tenant_id, field, secret).await?;
        // A concurrent caller may have stored another value first.
        let stored = self.get(tenant_id, field).await?;
        stored.ok_or_else(|| StepFailure::transient("a stored secret is missing"))
    }

    /// Returns the secret in a field of a tenant, if there is one.
    ///
    /// # Errors
    /// The errors of [`get_or_create`](Self::get_or_create).
    pub async fn get(&self, tenant_id: Uuid, field: &str) -> Result<Option<SecretString>, StepFailure> {
        let found = self.store.find(tenant_id, field).await?;
        found.map(|secret| self.open(tenant_id, field, &secret)).transpose()
    }

    /// Encrypts a secret, bound to an ID and a field.
    ///
    /// # Errors
    /// If the secret cannot be encrypted.
    pub fn seal(&self, id: Uuid, field: &str, secret: &SecretString) -> Result<EncryptedSecret, StepFailure> {
        seal(&self.key, id, field, secret.expose_secret())
            .map_err(|_| StepFailure::permanent("a secret could not be encrypted"))
    }

    /// Decrypts a secret that [`seal`](Self::seal) has encrypted for the same ID and field.
    ///
    /// # Errors
    /// A permanent failure if the secret was encrypted with another key, or for another ID or field.
    pub fn open(&self, id: Uuid, field: &str, secret: &EncryptedSecret) -> Result<SecretString, StepFailure> {
        open(&self.key, id, field, secret)
            .map_err(|_| StepFailure::permanent("a secret was encrypted with another master key"))
    }
}

fn seal(key: &WrappingKey, id: Uuid, field: &str, secret: &str) -> Result<EncryptedSecret, Unspecified> {
    let binding = binding(id, field);
    let data_key: [u8; 32] = rand::random();
    Ok(EncryptedSecret {
        wrapped_key: encrypt(key.expose(), &binding, &data_key)?,
        ciphertext: encrypt(&data_key, &binding, secret.as_bytes())?,
    })
}

fn open(
    key: &WrappingKey,
    id: Uuid,
    field: &str,
    sealed: &EncryptedSecret,
) -> Result<SecretString, Unspecified> {
    let binding = binding(id, field);
    let data_key: [u8; 32] =
        decrypt(key.expose(), &binding, &sealed.wrapped_key)?.try_into().map_err(|_| Unspecified)?;
    let plaintext = decrypt(&data_key, &binding, &sealed.ciphertext)?;
    String::from_utf8(plaintext).map(Into::into).map_err(|_| Unspecified)
}

/// The associated data of a ciphertext. A ciphertext that is moved to another row cannot be decrypted.
fn binding(id: Uuid, field: &str) -> Vec<u8> {
    [id.as_bytes().as_slice(), field.as_bytes()].concat()
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
        let mut changed = sealed.clone();
        *changed.ciphertext.last_mut().unwrap() ^= 1;
        assert!(open(&key, tenant, "odoo", &changed).is_err());
        assert!(!sealed.ciphertext.windows(7).any(|part| part == b"correct"));
    }
}
