use std::sync::LazyLock;

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier},
};
use domain::{normalization::nfc, password::Password};

use crate::{Engine, Error};

/// A hash that is checked for an unknown account, so that the check takes as long as for a known account.
static DUMMY_HASH: LazyLock<Option<String>> =
    LazyLock::new(|| Argon2::default().hash_password(b"nobody's password").ok().map(|hash| hash.to_string()));

/// Hashes a password with Argon2id and the defaults of the library (19 MiB, two passes, one lane:
/// docs/specification.md, section 10). Runs on a blocking thread and respects the limit of concurrent hashes.
pub(crate) async fn hash(engine: &Engine, password: &Password) -> Result<String, Error> {
    let text = password.expose().to_owned();
    on_hashing_thread(engine, move || {
        Argon2::default().hash_password(text.as_bytes()).map(|hash| hash.to_string())
    })
    .await?
    .map_err(|error| Error::Hashing(error.to_string()))
}

/// Returns whether `text` is the password of `hash`. Without a hash, returns false after the same time.
///
/// Passwords are hashed in NFC. Version 0.2 hashed them as typed, so `text` is also compared as typed.
pub(super) async fn verify(engine: &Engine, text: &str, hash: Option<String>) -> Result<bool, Error> {
    let composed = nfc(text);
    let typed = (composed != text).then(|| text.to_owned());
    on_hashing_thread(engine, move || {
        let known = hash.is_some();
        let hash = hash.or_else(|| DUMMY_HASH.clone()).unwrap_or_default();
        let is_password =
            |text: &String| Argon2::default().verify_password(text.as_bytes(), hash.as_str()).is_ok();
        let matches = is_password(&composed) || typed.as_ref().is_some_and(is_password);
        known && matches
    })
    .await
}

async fn on_hashing_thread<T: Send + 'static>(
    engine: &Engine,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Error> {
    let permit =
        engine.hashing.clone().acquire_owned().await.map_err(|error| Error::Hashing(error.to_string()))?;
    // The task holds the permit, because the task continues when the caller is dropped.
    let bounded = move || {
        let _permit = permit;
        work()
    };
    tokio::task::spawn_blocking(bounded).await.map_err(|error| Error::Hashing(error.to_string()))
}
