//! The rows and columns, and the table in Markdown.

use std::{collections::HashMap, fmt::Write};

use domain::pipeline::Step;

use crate::pipeline::counterpart::{Place, Spot};

/// A step, and by what it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Row {
    CopyByPostgres,
    CopyByService,
    SignInToOdoo,
    SetAdminUser,
    UpsertTenant,
    UpsertTenantUser,
    UpsertBridgeMetadata,
    Finalize,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Trouble {
    Timeout,
    Refused,
    Status500,
    Throttled,
    Status400,
    LostAnswer,
    KilledBefore,
    KilledDuring,
    KilledAfter,
    Stopped,
    BackendKilled,
}

impl Row {
    pub const ALL: [Self; 8] = [
        Self::CopyByPostgres,
        Self::CopyByService,
        Self::SignInToOdoo,
        Self::SetAdminUser,
        Self::UpsertTenant,
        Self::UpsertTenantUser,
        Self::UpsertBridgeMetadata,
        Self::Finalize,
    ];

    pub fn step(self) -> Step {
        match self {
            Self::CopyByPostgres | Self::CopyByService => Step::CopyDatabase,
            Self::SignInToOdoo => Step::SignInToOdoo,
            Self::SetAdminUser => Step::SetAdminUser,
            Self::UpsertTenant => Step::UpsertTenant,
            Self::UpsertTenantUser => Step::UpsertTenantUser,
            Self::UpsertBridgeMetadata => Step::UpsertBridgeMetadata,
            Self::Finalize => Step::Finalize,
        }
    }

    /// The step's place among the seven, from 1.
    pub fn position(self) -> usize {
        1 + Step::ALL.iter().position(|step| *step == self.step()).unwrap()
    }

    fn heading(self) -> String {
        let by = match self {
            Self::CopyByPostgres => ", by PostgreSQL",
            Self::CopyByService => ", by the copy service",
            _ => "",
        };
        format!("`{}`{by}", self.step())
    }

    /// What it calls over HTTP.
    pub fn place(self) -> Place {
        match self {
            Self::CopyByPostgres | Self::CopyByService => Place::Copies,
            Self::SignInToOdoo => Place::OdooSession,
            Self::SetAdminUser => Place::OdooUsers,
            Self::UpsertTenant | Self::Finalize => Place::Tenants,
            Self::UpsertTenantUser => Place::TenantUsers,
            Self::UpsertBridgeMetadata => Place::Bridge,
        }
    }

    /// The call that has the effect; signing in has none, and only looks.
    pub fn act(self) -> Spot {
        match self {
            Self::SignInToOdoo => self.place().look(),
            _ => self.place().make(),
        }
    }

    /// The call before it, on which a worker waits that then acts too late. A fresh admin user is
    /// not looked at.
    pub fn look(self) -> Spot {
        match self {
            Self::SetAdminUser => self.place().make(),
            _ => self.place().look(),
        }
    }
}

impl Trouble {
    pub const ALL: [Self; 11] = [
        Self::Timeout,
        Self::Refused,
        Self::Status500,
        Self::Throttled,
        Self::Status400,
        Self::LostAnswer,
        Self::KilledBefore,
        Self::KilledDuring,
        Self::KilledAfter,
        Self::Stopped,
        Self::BackendKilled,
    ];

    fn heading(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Refused => "connection refused",
            Self::Status500 => "500",
            Self::Throttled => "429 with `Retry-After`",
            Self::Status400 => "400",
            Self::LostAnswer => "answer lost after acting",
            Self::KilledBefore => "worker SIGKILLed before acting",
            Self::KilledDuring => "worker SIGKILLed during",
            Self::KilledAfter => "worker SIGKILLed after",
            Self::Stopped => "worker SIGSTOPped past its lease, then SIGCONTed",
            Self::BackendKilled => "database backend killed",
        }
    }

    /// PostgreSQL has no HTTP statuses.
    fn exists_for(self, row: Row) -> bool {
        row != Row::CopyByPostgres || !matches!(self, Self::Status500 | Self::Throttled | Self::Status400)
    }

    /// What is on record of the attempt that it struck.
    pub fn outcomes(self, row: Row) -> &'static str {
        match (self, row) {
            // Looks again at once, and finds its effect.
            (Self::LostAnswer, Row::SetAdminUser | Row::UpsertTenant | Row::UpsertTenantUser) => "succeeded",
            // What cannot be reached is the very database that keeps the record.
            (Self::Refused, Row::Finalize) => "lost",
            (Self::BackendKilled, Row::CopyByPostgres) => "failed",
            (
                Self::KilledBefore
                | Self::KilledDuring
                | Self::KilledAfter
                | Self::Stopped
                | Self::BackendKilled,
                _,
            ) => "lost",
            _ => "failed",
        }
    }
}

/// All cells there can be, or those that the environment names.
pub fn wanted() -> Vec<(Row, Trouble)> {
    let only = std::env::var("TENANTRY_FAULT_CELLS").unwrap_or_default().to_lowercase();
    let names = |row: Row, trouble: Trouble| {
        row.heading().to_lowercase().contains(&only) || trouble.heading().to_lowercase().contains(&only)
    };
    let all =
        Row::ALL.into_iter().flat_map(|row| Trouble::ALL.into_iter().map(move |trouble| (row, trouble)));
    all.filter(|(row, trouble)| trouble.exists_for(*row) && names(*row, *trouble)).collect()
}

/// How the cells ended.
#[derive(Debug, Default)]
pub struct Table(HashMap<(Row, Trouble), Result<(), String>>);

impl Table {
    pub fn enter(&mut self, row: Row, trouble: Trouble, outcome: Result<(), String>) {
        self.0.insert((row, trouble), outcome);
    }

    /// What is wrong, a line for each cell.
    pub fn wrong(&self) -> Vec<String> {
        let line = |((row, trouble), outcome): (&(Row, Trouble), &Result<(), String>)| {
            let words = outcome.as_ref().err()?;
            Some(format!("{} × {}: {words}", row.heading(), trouble.heading()))
        };
        self.0.iter().filter_map(line).collect()
    }

    fn words(&self, row: Row, trouble: Trouble) -> &'static str {
        match self.0.get(&(row, trouble)) {
            None if trouble.exists_for(row) => "not tried",
            None => "–",
            Some(Err(_)) => "**wrong**",
            Some(Ok(())) if trouble == Trouble::Status400 => "dead",
            Some(Ok(())) => "done",
        }
    }

    fn markdown(&self) -> String {
        let mut text = String::from("| fault");
        for row in Row::ALL {
            write!(text, " | {}", row.heading()).unwrap();
        }
        writeln!(text, " |\n| ---{} |", " | ---".repeat(Row::ALL.len())).unwrap();
        for trouble in Trouble::ALL {
            write!(text, "| {}", trouble.heading()).unwrap();
            for row in Row::ALL {
                write!(text, " | {}", self.words(row, trouble)).unwrap();
            }
            text.push_str(" |\n");
        }
        text
    }

    /// Prints the table, and writes it to the file that `TENANTRY_FAULT_MATRIX` names.
    pub fn publish(&self) {
        let text = self.markdown();
        println!("{text}");
        if let Ok(path) = std::env::var("TENANTRY_FAULT_MATRIX") {
            std::fs::write(path, text).unwrap();
        }
    }
}
