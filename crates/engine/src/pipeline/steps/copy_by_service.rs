use std::time::Duration;

use async_trait::async_trait;
use domain::jobs::StepFailure;
use domain::pipeline::Blueprint;
use secrecy::SecretString;
use serde_json::{Value, json};
use url::Url;

use super::upsert_bridge_metadata::{Collection, Found};
use crate::pipeline::{Job, Outbound, StepWork};

/// How long a copy may take (SPEC section 6).
const WHOLE: Duration = Duration::from_secs(600);
/// How often the service is asked whether a copy is ready.
const POLL: Duration = Duration::from_secs(1);

/// Step 1 by an external service: `PUT {url}/copies/{database}` begins a copy of the blueprint's
/// template, `GET` tells its state. A copy carries the id of the request that it is for, which tells
/// ours from another's. One that runs when a worker comes to it is waited for, not begun again.
#[derive(Debug)]
pub struct CopyByService {
    copies: Collection,
    blueprints: Vec<Blueprint>,
}

/// How far a copy is.
enum Copy {
    Missing,
    /// Ours, and the service works on it.
    Running,
    /// Ours, and the service gave it up: it may be begun again.
    Failed,
    /// Ours.
    Ready,
}

impl CopyByService {
    /// Copies the templates of these blueprints.
    pub fn new(outbound: Outbound, url: Url, token: SecretString, blueprints: Vec<Blueprint>) -> Self {
        Self { copies: Collection { outbound, url, token, name: "copies" }, blueprints }
    }

    fn template(&self, job: &Job) -> Result<&str, StepFailure> {
        let name = &job.blueprint;
        let blueprint = self.blueprints.iter().find(|blueprint| blueprint.name == *name);
        let blueprint = blueprint
            .ok_or_else(|| StepFailure::permanent(format!("the blueprint {name} is not configured here")))?;
        let template = blueprint.template.as_deref();
        template.ok_or_else(|| StepFailure::permanent(format!("the blueprint {name} names no template")))
    }

    /// Looks how far our copy is. A lasting failure when another's is there.
    async fn look(&self, job: &Job) -> Result<Copy, StepFailure> {
        let database = job.database();
        match self.copies.look(&database, job.request_id).await? {
            Found::Nothing => Ok(Copy::Missing),
            Found::Foreign => Err(StepFailure::permanent(format!("{database} is there and is not ours"))),
            Found::Ours(record) => self.state(&record),
        }
    }

    fn state(&self, record: &Value) -> Result<Copy, StepFailure> {
        match record.get("state").and_then(Value::as_str) {
            Some("running") => Ok(Copy::Running),
            Some("ready") => Ok(Copy::Ready),
            Some("failed") => Ok(Copy::Failed),
            _ => Err(StepFailure::transient(format!(
                "{} answered a state that is not known",
                self.copies.host()
            ))),
        }
    }
}

#[async_trait]
impl StepWork for CopyByService {
    async fn probe(&self, job: &Job) -> Result<Option<String>, StepFailure> {
        Ok(match self.look(job).await? {
            Copy::Ready => Some(job.database()),
            Copy::Missing | Copy::Running | Copy::Failed => None,
        })
    }

    async fn act(&self, job: &Job) -> Result<(), StepFailure> {
        let mut copy = self.look(job).await?;
        if matches!(copy, Copy::Missing | Copy::Failed) {
            let order = json!({ "template": self.template(job)?, "requestId": job.request_id });
            copy = self.state(&self.copies.put(&job.database(), &order).await?)?;
        }
        loop {
            match copy {
                Copy::Ready => return Ok(()),
                Copy::Running => {}
                Copy::Failed => return Err(StepFailure::transient("the service gave the copy up")),
                Copy::Missing => return Err(StepFailure::transient("the copy is gone from the service")),
            }
            tokio::time::sleep(POLL).await;
            copy = self.look(job).await?;
        }
    }

    /// Also waits until the service has removed it.
    async fn compensate(&self, job: &Job) -> Result<(), StepFailure> {
        let database = job.database();
        let mut asked = false;
        while let Found::Ours(_) = self.copies.look(&database, job.request_id).await? {
            if asked {
                tokio::time::sleep(POLL).await;
            } else {
                self.copies.delete(&database).await?;
                asked = true;
            }
        }
        Ok(())
    }

    fn timeout(&self) -> Duration {
        WHOLE
    }
}
