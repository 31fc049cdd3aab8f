use domain::{RequestStatus, StepState};

use crate::{pages::stages::Run, server_fns::Record, ui::DotState};

/// Where a request stands, for whoever waits for its tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RequestPhase {
    /// Its tenant is being made.
    Processing,
    /// Its tenant is there and becomes active with the last step.
    SettingUp,
    /// A step gave up: nothing goes on by itself.
    NeedsDecision,
    /// A rollback was begun and is not done.
    RollingBack,
    Ready,
    NotMade,
    RolledBack,
}

impl RequestPhase {
    pub fn of(record: &Record) -> Self {
        let any = |states: &[StepState]| record.steps.iter().any(|step| states.contains(&step.state));
        match record.summary.status {
            RequestStatus::Processing => Self::Processing,
            RequestStatus::Failed => Self::NotMade,
            RequestStatus::RolledBack => Self::RolledBack,
            RequestStatus::Completed if record.rollback.is_some() => Self::RollingBack,
            RequestStatus::Completed if any(&[StepState::Dead]) => Self::NeedsDecision,
            RequestStatus::Completed
                if any(&[StepState::Pending, StepState::Running, StepState::Retrying]) =>
            {
                Self::SettingUp
            }
            RequestStatus::Completed => Self::Ready,
        }
    }

    /// The page's title. Of a tenant that became ready while somebody waited for it, it says so.
    pub fn title(self, name: &str, was_awaited: bool) -> String {
        match self {
            Self::Processing => format!("{name} is being made"),
            Self::SettingUp => format!("{name} is being set up"),
            Self::NeedsDecision => format!("{name} needs a decision"),
            Self::RollingBack => format!("{name} is being rolled back"),
            Self::Ready if was_awaited => format!("{name} is ready"),
            Self::Ready => name.to_owned(),
            Self::NotMade => format!("{name} was not made"),
            Self::RolledBack => format!("{name} was rolled back"),
        }
    }

    /// The status of its badge, one of the table's.
    pub const fn status(self) -> &'static str {
        match self {
            Self::Processing => "processing",
            Self::SettingUp => "provisioning",
            Self::NeedsDecision => "dead",
            Self::RollingBack => "rolling_back",
            Self::Ready => "completed",
            Self::NotMade => "failed",
            Self::RolledBack => "rolled_back",
        }
    }

    pub const fn dot(self) -> DotState {
        match self {
            Self::Processing | Self::SettingUp | Self::RollingBack => DotState::Running,
            Self::NeedsDecision | Self::NotMade => DotState::Failed,
            Self::Ready => DotState::Done,
            Self::RolledBack => DotState::Undone,
        }
    }

    /// How far its stages have come.
    pub const fn run(self) -> Run {
        match self {
            Self::Processing => Run::Running,
            Self::NotMade => Run::Failed,
            _ => Run::Completed,
        }
    }

    /// Whether somebody waits for its tenant.
    pub const fn is_awaited(self) -> bool {
        matches!(self, Self::Processing | Self::SettingUp | Self::NeedsDecision)
    }
}
