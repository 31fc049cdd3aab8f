//! The files of a copy: Odoo's attachments, in a folder for each database.

use std::{fs, path::PathBuf};

use connectors::{TenantStep, settings::PostgresCopies, steps::CopyDatabase};
use domain::jobs::FailureKind;
use uuid::Uuid;

use crate::copy::{Server, job};

/// A filestore that goes with this value.
struct Filestore(PathBuf);

impl Filestore {
    /// With a folder of the template's.
    fn of(template: &str) -> Self {
        let root = std::env::temp_dir().join(format!("tenantry-files-{}", Uuid::now_v7().simple()));
        fs::create_dir_all(root.join(template).join("ab")).unwrap();
        fs::write(root.join(template).join("ab/abcdef"), "a logo").unwrap();
        Self(root)
    }

    fn folders(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Filestore {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn step(server: &Server, files: &Filestore) -> CopyDatabase {
    let settings = PostgresCopies { filestore: Some(files.0.clone()), ..server.settings() };
    CopyDatabase::new(settings, vec![server.blueprint()])
}

#[tokio::test]
async fn a_copy_gets_the_templates_files_and_a_roll_back_takes_them_away() {
    let server = Server::new().await;
    let files = Filestore::of(&server.template);
    let (step, job) = (step(&server, &files), job());
    // As a killed try leaves it.
    fs::create_dir(files.0.join(format!("{}.0-unfinished", job.database()))).unwrap();
    step.act(&job).await.unwrap();
    assert_eq!(files.folders(), [job.database(), server.template.clone()]);
    let copied = files.0.join(job.database());
    assert_eq!(fs::read_to_string(copied.join("ab/abcdef")).unwrap(), "a logo");

    // What the tenant has added since survives a step that comes late.
    fs::write(copied.join("ab/new"), "theirs").unwrap();
    server.run(None, &format!("DROP DATABASE \"{}\"", job.database())).await;
    step.act(&job).await.unwrap();
    assert_eq!(fs::read_to_string(copied.join("ab/new")).unwrap(), "theirs");

    for _ in 0..2 {
        step.compensate(&job).await.unwrap();
    }
    assert_eq!(files.folders(), std::slice::from_ref(&server.template));
    server.end(&[&job]).await;
}

#[tokio::test]
async fn a_folder_that_is_not_ours_is_never_touched() {
    let server = Server::new().await;
    let files = Filestore::of(&server.template);
    let (step, job) = (step(&server, &files), job());
    let theirs = files.0.join(job.database());
    fs::create_dir(&theirs).unwrap();
    fs::write(theirs.join("x"), "theirs").unwrap();
    let failure = step.act(&job).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Permanent, "{failure}");
    assert_eq!(step.probe(&job).await.unwrap(), None);
    step.compensate(&job).await.unwrap();
    assert_eq!(fs::read_to_string(theirs.join("x")).unwrap(), "theirs");
    server.end(&[&job]).await;
}
