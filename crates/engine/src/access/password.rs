use std::sync::LazyLock;

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier},
};
use domain::password::Password;

use crate::{Engine, Error};

/// What an unknown account's password is compared with, so that it takes as long as a known one's.
static DUMMY_HASH: LazyLock<Option<String>> =
    LazyLock::new(|| Argon2::default().hash_password(b"nobody's password").ok().map(|hash| hash.to_string()));

/// Argon2id with the library's defaults (19 MiB, two passes, one lane: SPEC section 10), under
/// the limit on concurrent hashes and off the threads that serve requests.
pub(super) async fn hash(engine: &Engine, password: &Password) -> Result<String, Error> {
    let text = password.expose().to_owned();
    on_hashing_thread(engine, move || {
        Argon2::default().hash_password(text.as_bytes()).map(|hash| hash.to_string())
    })
    .await?
    .map_err(|error| Error::Hashing(error.to_string()))
}

/// Whether `text` is the password of `hash`. Without a hash it takes as long and is false.
pub(super) async fn verify(engine: &Engine, text: &str, hash: Option<String>) -> Result<bool, Error> {
    let text = text.to_owned();
    on_hashing_thread(engine, move || {
        let known = hash.is_some();
        let hash = hash.or_else(|| DUMMY_HASH.clone()).unwrap_or_default();
        let matches = Argon2::default().verify_password(text.as_bytes(), hash.as_str()).is_ok();
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
    // The permit goes along: a caller that gives up does not end the work.
    let bounded = move || {
        let _permit = permit;
        work()
    };
    tokio::task::spawn_blocking(bounded).await.map_err(|error| Error::Hashing(error.to_string()))
}
