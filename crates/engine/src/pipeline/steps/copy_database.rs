use std::time::Duration;

use async_trait::async_trait;
use domain::jobs::StepFailure;
use domain::pipeline::Blueprint;
use sqlx::PgConnection;

use crate::pipeline::{
    Job, StepWork,
    copies::{CopyServer, Files, drop_database, mark_of, publish, take},
    settings::PostgresCopies,
};

/// Copies of large templates take their time (SPEC section 6).
const TIMEOUT: Duration = Duration::from_secs(600);

/// Copies a template database, in PostgreSQL itself, or takes a copy that is ready.
///
/// A copy is made under a name that holds the request's id, so that whatever a kill leaves behind is
/// known to be ours; it gets its own identity and our mark there, and only then, in one
/// transaction, its name. Under its final name it is therefore whole, and a database of that name
/// without our mark is somebody else's and never touched.
#[derive(Debug)]
pub struct CopyDatabase {
    server: CopyServer,
    files: Files,
    blueprints: Vec<Blueprint>,
}

impl CopyDatabase {
    pub fn new(settings: PostgresCopies, blueprints: Vec<Blueprint>) -> Self {
        let files = Files::new(settings.filestore.clone());
        Self { server: CopyServer::new(settings), files, blueprints }
    }

    fn template(&self, job: &Job) -> Result<&str, StepFailure> {
        let blueprint = self.blueprints.iter().find(|blueprint| blueprint.name == job.blueprint);
        let template = blueprint.and_then(|blueprint| blueprint.template.as_deref());
        template
            .ok_or_else(|| StepFailure::permanent(format!("the blueprint {} has no template", job.blueprint)))
    }

    /// A whole copy under its unfinished name.
    async fn make(&self, server: &mut PgConnection, job: &Job, template: &str) -> Result<(), StepFailure> {
        let unfinished = unfinished_name(job);
        // What an earlier try left may be half prepared.
        drop_database(server, &unfinished).await?;
        if take(server, template, &unfinished).await? {
            return Ok(());
        }
        self.server.copy(server, &connection_name(job), template, &unfinished).await
    }
}

#[async_trait]
impl StepWork for CopyDatabase {
    async fn probe(&self, job: &Job) -> Result<Option<String>, StepFailure> {
        let mut server = self.server.connect(&connection_name(job), None).await?;
        match mark_of(&mut server, &job.database()).await? {
            None => Ok(None),
            Some(mark) if mark == mark_for(job) => Ok(Some(job.database())),
            Some(_) => {
                Err(StepFailure::permanent(format!("a database {} is there and is not ours", job.database())))
            }
        }
    }

    async fn act(&self, job: &Job) -> Result<(), StepFailure> {
        let (template, mark) = (self.template(job)?, mark_for(job));
        let mut server = self.server.connect_alone(&connection_name(job)).await?;
        // Whoever was thought lost may have been done a moment ago.
        if mark_of(&mut server, &job.database()).await?.as_deref() == Some(&mark) {
            return Ok(());
        }
        self.make(&mut server, job, template).await?;
        self.files.copy(template, &job.database(), &mark).await?;
        publish(&mut server, &unfinished_name(job), &job.database(), &mark).await
    }

    async fn compensate(&self, job: &Job) -> Result<(), StepFailure> {
        let mark = mark_for(job);
        let mut server = self.server.connect_alone(&connection_name(job)).await?;
        drop_database(&mut server, &unfinished_name(job)).await?;
        if mark_of(&mut server, &job.database()).await?.as_deref() == Some(&mark) {
            drop_database(&mut server, &job.database()).await?;
        }
        self.files.remove(&job.database(), &mark).await
    }

    fn timeout(&self) -> Duration {
        TIMEOUT
    }
}

/// The comment that says whose a database is.
fn mark_for(job: &Job) -> String {
    format!("tenantry:request:{}", job.request_id)
}

/// What the job's connections are called at the server.
fn connection_name(job: &Job) -> String {
    format!("tenantry copy {}", job.request_id.simple())
}

/// The name until it is whole; nobody else has one with our request's id.
fn unfinished_name(job: &Job) -> String {
    format!("{}--{}", job.database(), job.request_id.simple())
}
