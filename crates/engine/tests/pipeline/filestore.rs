//! The files of a database copy: Odoo's attachments, in one directory per database.

use std::{fs, path::PathBuf};

use connectors::{TenantStep, settings::PostgresCopies, steps::CopyDatabase};
use domain::jobs::FailureKind;
use uuid::Uuid;

use crate::copy::{CopyFixture, job};

/// A filestore that is removed when this value is dropped.
pub(crate) struct Filestore(pub PathBuf);

impl Filestore {
    /// A filestore with the template's directory.
    pub(crate) fn with_template(template: &str) -> Self {
        let root = std::env::temp_dir().join(format!("tenantry-files-{}", Uuid::now_v7().simple()));
        fs::create_dir_all(root.join(template).join("ab")).unwrap();
        fs::write(root.join(template).join("ab/abcdef"), "a logo").unwrap();
        Self(root)
    }

    pub(crate) fn directories(&self) -> Vec<String> {
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

fn step(fixture: &CopyFixture, files: &Filestore) -> CopyDatabase {
    let settings = PostgresCopies { filestore: Some(files.0.clone()), ..fixture.settings() };
    CopyDatabase::new(settings, vec![fixture.blueprint()])
}

#[tokio::test]
async fn a_copy_has_the_templates_files_and_a_rollback_removes_them() {
    let fixture = CopyFixture::new().await;
    let files = Filestore::with_template(&fixture.template);
    let (step, job) = (step(&fixture, &files), job());
    // An incomplete directory that a killed attempt left behind.
    fs::create_dir(files.0.join(format!("{}.0-unfinished", job.database()))).unwrap();
    step.act(&job).await.unwrap();
    assert_eq!(files.directories(), [job.database(), fixture.template.clone()]);
    let copied = files.0.join(job.database());
    assert_eq!(fs::read_to_string(copied.join("ab/abcdef")).unwrap(), "a logo");

    // Files that the tenant has added survive a late attempt.
    fs::write(copied.join("ab/new"), "foreign").unwrap();
    fixture.run(None, &format!("DROP DATABASE \"{}\"", job.database())).await;
    step.act(&job).await.unwrap();
    assert_eq!(fs::read_to_string(copied.join("ab/new")).unwrap(), "foreign");

    for _ in 0..2 {
        step.compensate(&job).await.unwrap();
    }
    assert_eq!(files.directories(), std::slice::from_ref(&fixture.template));
    fixture.clean_up(&[&job]).await;
}

#[tokio::test]
async fn a_directory_without_our_mark_is_never_changed() {
    let fixture = CopyFixture::new().await;
    let files = Filestore::with_template(&fixture.template);
    let (step, job) = (step(&fixture, &files), job());
    let foreign = files.0.join(job.database());
    fs::create_dir(&foreign).unwrap();
    fs::write(foreign.join("x"), "foreign").unwrap();
    let failure = step.act(&job).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Permanent, "{failure}");
    assert_eq!(step.probe(&job).await.unwrap(), None);
    step.compensate(&job).await.unwrap();
    assert_eq!(fs::read_to_string(foreign.join("x")).unwrap(), "foreign");
    fixture.clean_up(&[&job]).await;
}
