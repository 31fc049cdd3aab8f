use std::hash::{DefaultHasher, Hash, Hasher};

use domain::{RequestStatus, Role, StepState, history::RequestDetail};

/// What an event tells: the state at one moment.
#[derive(Debug)]
pub struct News {
    pub name: &'static str,
    pub data: String,
    /// Stands for the name and the data, in any process of this version; from another version the
    /// same may be told once more.
    pub id: String,
    /// Whether nothing more is to come.
    pub is_last: bool,
}

impl News {
    /// Of what was found, for whoever has this role.
    pub fn of(found: Option<&RequestDetail>, role: Role) -> Option<Self> {
        let (name, data) = match found {
            Some(detail) => ("request", serde_json::to_string(&detail.clone().for_role(role)).ok()?),
            None => ("waiting", "{}".to_owned()),
        };
        let mut hasher = DefaultHasher::new();
        (name, &data).hash(&mut hasher);
        let id = format!("{:016x}", hasher.finish());
        Some(Self { name, data, id, is_last: found.is_some_and(is_over) })
    }
}

/// Whether neither a worker nor a decision about a dead step will change the request.
fn is_over(detail: &RequestDetail) -> bool {
    let ended = [StepState::Succeeded, StepState::Skipped, StepState::Compensated];
    detail.summary.status != RequestStatus::Processing
        && detail.steps.iter().all(|step| ended.contains(&step.state))
}
