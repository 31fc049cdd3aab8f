//! The targets (columns) and faults (rows) of the matrix, and its table in Markdown.

use std::{collections::HashMap, fmt::Write};

use domain::pipeline::Step;

use test_support::fake_services::{Endpoint, Matcher};

/// A step, and the service that performs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Target {
    CopyByPostgres,
    /// A client connects to every database in a loop.
    CopyDuringConnections,
    CopyByService,
    SignInToOdoo,
    SetAdminUser,
    UpsertTenant,
    UpsertTenantUser,
    UpsertBridgeMetadata,
    /// The database backends of the first worker stop responding while it waits for the copy of step 1.
    BridgeWithStoppedBackends,
    Finalize,
}

/// The fault of a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Fault {
    Timeout,
    Refused,
    Status500,
    Throttled,
    Status400,
    ByteByByte,
    DownFor40Seconds,
    DownFor5Minutes,
    ResponseLost,
    KilledBefore,
    KilledDuring,
    KilledAfter,
    WorkerPaused,
    BackendKilled,
}

impl Target {
    pub(crate) const ALL: [Self; 10] = [
        Self::CopyByPostgres,
        Self::CopyDuringConnections,
        Self::CopyByService,
        Self::SignInToOdoo,
        Self::SetAdminUser,
        Self::UpsertTenant,
        Self::UpsertTenantUser,
        Self::UpsertBridgeMetadata,
        Self::BridgeWithStoppedBackends,
        Self::Finalize,
    ];

    /// Whether PostgreSQL copies the database, instead of an HTTP service.
    pub(crate) fn is_copy_by_postgres(self) -> bool {
        matches!(self, Self::CopyByPostgres | Self::CopyDuringConnections)
    }

    pub(crate) fn step(self) -> Step {
        match self {
            Self::CopyByPostgres | Self::CopyDuringConnections | Self::CopyByService => Step::CopyDatabase,
            Self::SignInToOdoo => Step::SignInToOdoo,
            Self::SetAdminUser => Step::SetAdminUser,
            Self::UpsertTenant => Step::UpsertTenant,
            Self::UpsertTenantUser => Step::UpsertTenantUser,
            Self::UpsertBridgeMetadata | Self::BridgeWithStoppedBackends => Step::UpsertBridgeMetadata,
            Self::Finalize => Step::Finalize,
        }
    }

    /// The step's position, from 1 to 7.
    pub(crate) fn position(self) -> usize {
        1 + Step::ALL.iter().position(|step| *step == self.step()).unwrap()
    }

    fn heading(self) -> String {
        let by = match self {
            Self::CopyByPostgres => ", by PostgreSQL",
            Self::CopyDuringConnections => {
                ", by PostgreSQL, while a client connects to every database in a loop"
            }
            Self::CopyByService => ", by the copy service",
            Self::BridgeWithStoppedBackends => ", after the worker's database backends were SIGSTOPped",
            _ => "",
        };
        format!("`{}`{by}", self.step())
    }

    /// The endpoint that the step calls.
    pub(crate) fn endpoint(self) -> Endpoint {
        match self {
            Self::CopyByPostgres | Self::CopyDuringConnections | Self::CopyByService => Endpoint::Copies,
            Self::SignInToOdoo => Endpoint::OdooSession,
            Self::SetAdminUser => Endpoint::OdooUsers,
            Self::UpsertTenant | Self::Finalize => Endpoint::Tenants,
            Self::UpsertTenantUser => Endpoint::TenantUsers,
            Self::UpsertBridgeMetadata | Self::BridgeWithStoppedBackends => Endpoint::Bridge,
        }
    }

    /// The call that has the effect. Signing in has no effect; its only call is returned.
    pub(crate) fn effect_call(self) -> Matcher {
        match self {
            Self::SignInToOdoo => self.endpoint().reads(),
            _ => self.endpoint().writes(),
        }
    }

    /// The call during which a worker is paused: the probe, or the write of the admin user, because the first
    /// probe of that step makes no call.
    pub(crate) fn paused_call(self) -> Matcher {
        match self {
            Self::SetAdminUser => self.endpoint().writes(),
            _ => self.endpoint().reads(),
        }
    }
}

impl Fault {
    pub(crate) const ALL: [Self; 14] = [
        Self::Timeout,
        Self::Refused,
        Self::Status500,
        Self::Throttled,
        Self::Status400,
        Self::ByteByByte,
        Self::DownFor40Seconds,
        Self::DownFor5Minutes,
        Self::ResponseLost,
        Self::KilledBefore,
        Self::KilledDuring,
        Self::KilledAfter,
        Self::WorkerPaused,
        Self::BackendKilled,
    ];

    fn heading(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Refused => "connection refused",
            Self::Status500 => "500",
            Self::Throttled => "429 with `Retry-After`",
            Self::Status400 => "400",
            Self::ByteByByte => "response byte by byte",
            Self::DownFor40Seconds => "external system down for 40 s",
            Self::DownFor5Minutes => "external system down for 5 min",
            Self::ResponseLost => "response lost after acting",
            Self::KilledBefore => "worker SIGKILLed before acting",
            Self::KilledDuring => "worker SIGKILLed while acting",
            Self::KilledAfter => "worker SIGKILLed after acting",
            Self::WorkerPaused => "worker SIGSTOPped past its lease, then SIGCONTed",
            Self::BackendKilled => "database backend killed",
        }
    }

    /// Whether the fault can occur at this target. PostgreSQL has no HTTP responses.
    fn applies_to(self, target: Target) -> bool {
        !target.is_copy_by_postgres()
            || !matches!(self, Self::Status500 | Self::Throttled | Self::Status400 | Self::ByteByByte)
    }

    /// Whether a scenario mostly waits, so that it does not slow down others.
    pub(crate) fn mostly_waits(self) -> bool {
        matches!(self, Self::ByteByByte | Self::DownFor40Seconds)
    }

    /// The maximum number of attempts until the step succeeds.
    pub(crate) fn max_attempts(self) -> usize {
        match self {
            Self::DownFor40Seconds | Self::DownFor5Minutes => 25,
            _ => 5,
        }
    }

    /// The recorded outcome of the attempt that the fault affected.
    pub(crate) fn expected_outcome(self, target: Target) -> &'static str {
        match (self, target) {
            // These steps look for their effect immediately after a lost response, and find it.
            (Self::ResponseLost, Target::SetAdminUser | Target::UpsertTenant | Target::UpsertTenantUser) => {
                "succeeded"
            }
            // The worker cannot store the outcome, because the database is unreachable.
            (Self::Refused, Target::Finalize) => "lost",
            (Self::BackendKilled, target) if target.is_copy_by_postgres() => "failed",
            (
                Self::KilledBefore
                | Self::KilledDuring
                | Self::KilledAfter
                | Self::WorkerPaused
                | Self::BackendKilled,
                _,
            ) => "lost",
            _ => "failed",
        }
    }
}

/// All scenarios, or those whose step or fault contains the text in `TENANTRY_FAULT_SCENARIOS`.
pub(crate) fn selected_scenarios() -> Vec<(Target, Fault)> {
    let filter = std::env::var("TENANTRY_FAULT_SCENARIOS").unwrap_or_default().to_lowercase();
    let is_selected = |target: Target, fault: Fault| {
        target.heading().to_lowercase().contains(&filter) || fault.heading().to_lowercase().contains(&filter)
    };
    let all =
        Target::ALL.into_iter().flat_map(|target| Fault::ALL.into_iter().map(move |fault| (target, fault)));
    all.filter(|(target, fault)| fault.applies_to(*target) && is_selected(*target, *fault)).collect()
}

/// The results of the scenarios.
#[derive(Debug, Default)]
pub(crate) struct Table(HashMap<(Target, Fault), Result<(), String>>);

impl Table {
    pub(crate) fn insert(&mut self, target: Target, fault: Fault, result: Result<(), String>) {
        self.0.insert((target, fault), result);
    }

    /// One line for each failed scenario.
    pub(crate) fn failures(&self) -> Vec<String> {
        let line = |((target, fault), result): (&(Target, Fault), &Result<(), String>)| {
            let message = result.as_ref().err()?;
            Some(format!("{} × {}: {message}", target.heading(), fault.heading()))
        };
        self.0.iter().filter_map(line).collect()
    }

    fn cell(&self, target: Target, fault: Fault) -> &'static str {
        match self.0.get(&(target, fault)) {
            None if fault.applies_to(target) => "not tried",
            None => "–",
            Some(Err(_)) => "**failed**",
            Some(Ok(())) if fault == Fault::Status400 => "dead",
            Some(Ok(())) => "done",
        }
    }

    fn markdown(&self) -> String {
        let mut text = String::from("| fault");
        for target in Target::ALL {
            write!(text, " | {}", target.heading()).unwrap();
        }
        writeln!(text, " |\n| ---{} |", " | ---".repeat(Target::ALL.len())).unwrap();
        for fault in Fault::ALL {
            write!(text, "| {}", fault.heading()).unwrap();
            for target in Target::ALL {
                write!(text, " | {}", self.cell(target, fault)).unwrap();
            }
            text.push_str(" |\n");
        }
        text
    }

    /// Prints the table, and writes it to the file in `TENANTRY_FAULT_MATRIX`.
    pub(crate) fn publish(&self) {
        let text = self.markdown();
        println!("{text}");
        if let Ok(path) = std::env::var("TENANTRY_FAULT_MATRIX") {
            std::fs::write(path, text).unwrap();
        }
    }
}
