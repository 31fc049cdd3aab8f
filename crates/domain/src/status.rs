//! Statuses and roles. The database, the API and the pages use the same spelling.

use crate::text_form::text_enum;

text_enum! {
    /// The status of a provisioning request (`docs/specification.md`, section 4).
    RequestStatus {
        /// An attempt is running.
        Processing = "processing",
        /// The tenant was created.
        Completed = "completed",
        /// The last attempt failed. The same key may be used again.
        Failed = "failed",
        /// The tenant was created and then rolled back.
        RolledBack = "rolled_back",
    }
}

text_enum! {
    /// The status of a tenant (`docs/specification.md`, section 7).
    TenantStatus {
        /// The external pipeline is running.
        Provisioning = "provisioning",
        /// The tenant waits for an owner, or for an admin who approves it.
        PendingActivation = "pending_activation",
        /// An imported tenant lacks data, such as an owner.
        SetupIncomplete = "setup_incomplete",
        /// The tenant is in use.
        Active = "active",
        /// Access to the tenant is suspended.
        Suspended = "suspended",
        /// The tenant is deleted and waits to be purged.
        Deleted = "deleted",
    }
}

text_enum! {
    /// The state of a step of the external pipeline, and of a job (`docs/specification.md`, section 6).
    /// `docs/ARCHITECTURE.md` shows the transitions; `StepRecord` implements those of a step.
    StepState {
        /// The job waits until its tenant has an owner, or is no longer suspended or deleted. Only a job has this
        /// state. No worker claims the job.
        Blocked = "blocked",
        /// The step has not started.
        Pending = "pending",
        /// A worker is running the step.
        Running = "running",
        /// The effect exists and was verified.
        Succeeded = "succeeded",
        /// The step is not needed, or an admin skipped it.
        Skipped = "skipped",
        /// The step waits for its next attempt.
        Retrying = "retrying",
        /// The step is no longer retried automatically and waits for an admin.
        Dead = "dead",
        /// A rollback undid the effect.
        Compensated = "compensated",
    }
}

text_enum! {
    /// The role of an employee, which every request reads from `employees`.
    Role {
        /// May do everything, including managing employees.
        SuperAdmin = "SUPER_ADMIN",
        /// May provision tenants.
        Admin = "ADMIN",
        /// May read the history.
        Viewer = "VIEWER",
    }
}

impl StepState {
    /// Whether only a rollback can still change the state.
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Succeeded | Self::Skipped | Self::Compensated)
    }
}

impl Role {
    /// Whether this role may provision tenants. The database checks this as well.
    pub const fn may_provision(self) -> bool {
        matches!(self, Self::SuperAdmin | Self::Admin)
    }

    /// Whether this role may manage employees, and the tokens and sessions of all employees.
    pub const fn may_manage_access(self) -> bool {
        matches!(self, Self::SuperAdmin)
    }

    /// Whether this role may see the employees.
    pub const fn may_see_employees(self) -> bool {
        matches!(self, Self::SuperAdmin | Self::Admin)
    }

    /// Whether an employee with this role may assign the other role. Nobody may assign a role that is higher
    /// than their own.
    pub const fn may_assign(self, other: Self) -> bool {
        match self {
            Self::SuperAdmin => true,
            Self::Admin => matches!(other, Self::Admin | Self::Viewer),
            Self::Viewer => matches!(other, Self::Viewer),
        }
    }

    /// The display name.
    pub const fn label(self) -> &'static str {
        match self {
            Self::SuperAdmin => "Super admin",
            Self::Admin => "Admin",
            Self::Viewer => "Viewer",
        }
    }
}
