use domain::{RequestStatus, StepState};

use crate::{pages::stages::AttemptProgress, server_fns::RequestRecord, ui::DotState};

/// The phase of a request, as the page shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RequestPhase {
    /// The core is creating the tenant.
    Processing,
    /// The tenant exists and waits for its owner.
    WithoutOwner,
    /// The tenant exists and becomes active after the last step.
    SettingUp,
    /// A step is dead and waits for an action.
    ActionRequired,
    /// A rollback has started and is not finished.
    RollingBack,
    Ready,
    Failed,
    RolledBack,
}

impl RequestPhase {
    pub fn from_record(record: &RequestRecord) -> Self {
        let any = |states: &[StepState]| record.steps.iter().any(|step| states.contains(&step.state));
        match record.summary.status {
            RequestStatus::Processing => Self::Processing,
            RequestStatus::Failed => Self::Failed,
            RequestStatus::RolledBack => Self::RolledBack,
            RequestStatus::Completed if record.rollback.is_some() => Self::RollingBack,
            RequestStatus::Completed if any(&[StepState::Dead]) => Self::ActionRequired,
            RequestStatus::Completed if record.awaits_owner => Self::WithoutOwner,
            RequestStatus::Completed
                if any(&[StepState::Pending, StepState::Running, StepState::Retrying]) =>
            {
                Self::SettingUp
            }
            RequestStatus::Completed => Self::Ready,
        }
    }

    /// The page's title. If the admin has waited for the tenant (`was_awaited`), the title of a ready tenant
    /// ends with "is ready".
    pub fn title(self, name: &str, was_awaited: bool) -> String {
        match self {
            Self::Processing => format!("{name} is being created"),
            Self::WithoutOwner => format!("{name} waits for an owner"),
            Self::SettingUp => format!("{name} is being set up"),
            Self::ActionRequired => format!("{name}: action required"),
            Self::RollingBack => format!("{name} is being rolled back"),
            Self::Ready if was_awaited => format!("{name} is ready"),
            Self::Ready => name.to_owned(),
            Self::Failed => format!("{name} was not created"),
            Self::RolledBack => format!("{name} was rolled back"),
        }
    }

    /// The status that the badge shows.
    pub const fn status(self) -> &'static str {
        match self {
            Self::Processing => "processing",
            Self::WithoutOwner => "pending_activation",
            Self::SettingUp => "provisioning",
            Self::ActionRequired => "dead",
            Self::RollingBack => "rolling_back",
            Self::Ready => "completed",
            Self::Failed => "failed",
            Self::RolledBack => "rolled_back",
        }
    }

    pub const fn dot(self) -> DotState {
        match self {
            Self::Processing | Self::SettingUp | Self::RollingBack => DotState::Running,
            Self::ActionRequired | Self::Failed => DotState::Failed,
            Self::Ready => DotState::Done,
            Self::WithoutOwner => DotState::Waiting,
            Self::RolledBack => DotState::Undone,
        }
    }

    /// The progress of the latest attempt of the core.
    pub const fn attempt_progress(self) -> AttemptProgress {
        match self {
            Self::Processing => AttemptProgress::Running,
            Self::Failed => AttemptProgress::Failed,
            _ => AttemptProgress::Completed,
        }
    }

    /// Whether the tenant is not ready but can still become ready.
    pub const fn is_awaited(self) -> bool {
        matches!(self, Self::Processing | Self::WithoutOwner | Self::SettingUp | Self::ActionRequired)
    }
}
