use std::time::Duration;

use async_trait::async_trait;
use domain::jobs::StepFailure;
use domain::pipeline::Blueprint;
use jobs::Resource;
use secrecy::SecretString;
use serde_json::{Value, json};
use url::Url;

use super::managed_collection::{Lookup, ManagedCollection};
use crate::{Outbound, TenantJob, TenantStep, copies::template_of};

/// How long a copy may take.
const TIMEOUT: Duration = Duration::from_secs(600);
/// How often the state of a copy is read.
const POLL: Duration = Duration::from_secs(1);

/// Step 1 with a copy service: `PUT {url}/copies/{database}` starts a copy of the blueprint's template, and
/// `GET` returns its state. A copy contains the ID of the provisioning request, which distinguishes our copy
/// from others. If our copy is already running, the step waits for this copy.
#[derive(Debug)]
pub struct CopyByService {
    copies: ManagedCollection,
    blueprints: Vec<Blueprint>,
}

/// The state of a copy.
enum CopyState {
    Missing,
    /// Our copy, still in progress.
    Running,
    /// Our copy, which failed. The step can start the copy again.
    Failed,
    /// Our copy, complete.
    Ready,
}

impl CopyByService {
    /// Creates the step for the templates of these blueprints.
    pub fn new(outbound: Outbound, url: Url, token: SecretString, blueprints: Vec<Blueprint>) -> Self {
        Self { copies: ManagedCollection { outbound, url, token, name: "copies" }, blueprints }
    }

    /// Reads the state of our copy.
    ///
    /// # Errors
    /// A permanent failure if a copy of another request has the name. Also fails if the service refuses the
    /// call or cannot be reached.
    async fn find(&self, job: &TenantJob) -> Result<CopyState, StepFailure> {
        let database = job.database();
        match self.copies.find(&database, job.request_id).await? {
            Lookup::Missing => Ok(CopyState::Missing),
            Lookup::Foreign => {
                Err(StepFailure::permanent(format!("{database} exists but belongs to another request")))
            }
            Lookup::Ours(record) => self.state(&record),
        }
    }

    fn state(&self, record: &Value) -> Result<CopyState, StepFailure> {
        match record.get("state").and_then(Value::as_str) {
            Some("running") => Ok(CopyState::Running),
            Some("ready") => Ok(CopyState::Ready),
            Some("failed") => Ok(CopyState::Failed),
            _ => Err(StepFailure::transient(format!("{} sent an unknown state", self.copies.host()))),
        }
    }
}

#[async_trait]
impl TenantStep for CopyByService {
    async fn probe(&self, job: &TenantJob) -> Result<Option<String>, StepFailure> {
        Ok(match self.find(job).await? {
            CopyState::Ready => Some(job.database()),
            CopyState::Missing | CopyState::Running | CopyState::Failed => None,
        })
    }

    async fn act(&self, job: &TenantJob) -> Result<(), StepFailure> {
        let mut copy = self.find(job).await?;
        if matches!(copy, CopyState::Missing | CopyState::Failed) {
            let body = json!({ "template": template_of(&self.blueprints, &job.blueprint)?, "requestId": job.request_id });
            copy = self.state(&self.copies.put(&job.database(), &body).await?)?;
        }
        loop {
            match copy {
                CopyState::Ready => return Ok(()),
                CopyState::Running => {}
                CopyState::Failed => {
                    return Err(StepFailure::transient("the copy service reported that the copy failed"));
                }
                CopyState::Missing => return Err(StepFailure::transient("the copy service lost the copy")),
            }
            tokio::time::sleep(POLL).await;
            copy = self.find(job).await?;
        }
    }

    /// Deletes the copy and waits until it is gone.
    async fn compensate(&self, job: &TenantJob) -> Result<(), StepFailure> {
        let database = job.database();
        let mut deleted = false;
        while let Lookup::Ours(_) = self.copies.find(&database, job.request_id).await? {
            if deleted {
                tokio::time::sleep(POLL).await;
            } else {
                self.copies.delete(&database).await?;
                deleted = true;
            }
        }
        Ok(())
    }

    fn resource(&self, _job: &TenantJob, _reference: &str) -> Option<Resource> {
        Some(Resource { kind: "database", url: None })
    }

    fn timeout(&self) -> Duration {
        TIMEOUT
    }
}
