//! The data of a new cluster. Tests copy it, because `initdb` takes longer than a copy.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use private_postgres::{Attach, PrivateCluster};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The code that creates the data. If it changes, the data is created again.
const INITIALIZE: &str = include_str!("../../private-postgres/src/initialize.rs");

/// Creates the data of a private PostgreSQL in a new data directory, which PostgreSQL's user can enter.
pub fn create_cluster_data(data_dir: &Path) {
    fs::create_dir_all(data_dir).unwrap();
    let copied = Command::new("cp")
        .args(["--archive", "-H"])
        .args([prepared_cluster().join("postgres"), data_dir.join("postgres")])
        .status()
        .unwrap();
    assert!(copied.success());
}

/// Deletes a data directory, and the directory of its PostgreSQL, which is elsewhere if PostgreSQL's user
/// cannot enter the data directory.
pub fn delete_data_directory(data_dir: &Path) {
    if let Ok(target) = fs::read_link(data_dir.join("postgres")) {
        let _ = fs::remove_dir_all(target);
    }
    let _ = fs::remove_dir_all(data_dir);
}

/// Returns the data directory, in cargo's target directory, that tests copy. Creates it unless it exists.
fn prepared_cluster() -> PathBuf {
    let version =
        Sha256::digest(INITIALIZE)[..4].iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let directory = target_directory().join("tmp");
    let prepared = directory.join(format!("cluster-{version}"));
    if !prepared.exists() {
        let new = directory.join(format!("cluster-{}", Uuid::now_v7().simple()));
        PrivateCluster::attach_or_start(&new, Attach::Command).unwrap().stop().unwrap();
        let _ = fs::remove_file(new.join("postgres/postgres.log"));
        // Another process may have been faster.
        if fs::rename(&new, &prepared).is_err() {
            delete_data_directory(&new);
        }
    }
    prepared
}

/// Cargo's target directory, from the path of the test: `target/debug/deps/name-hash`.
pub(crate) fn target_directory() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.ancestors().nth(3).expect("a test runs in a target directory").to_owned()
}
