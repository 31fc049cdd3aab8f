use std::{
    io::{self, BufRead, IsTerminal, Write},
    process::ExitCode,
};

use clap::Args;
use domain::{
    email::Email,
    erasure::{ErasureOutcome, ErasureReport},
};
use engine::{
    Engine,
    access::{Actor, parse_email},
    erasure::{Erasure, erase_person},
};

use crate::cli::{Failure, output};

/// Erase a person: replace the personal data everywhere by a pseudonym, and end the access
///
/// Finds the address, the names and the former addresses of the person in every table, and in the audit log, which
/// remains verifiable. Ends the sessions, links and tokens of the person. This cannot be undone. Backups, the data in
/// external systems, delivered mails and log files are not changed.
///
/// The exit status is 1 if the person cannot be erased: the last owner of a tenant that is not deleted, and the last
/// SUPER_ADMIN with a password. A repeated call finds nothing to erase.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  tenantry person erase anna@example.com --dry-run\n  \
                        tenantry person erase anna@example.com --yes --reference DSR-2026-014")]
pub(crate) struct Erase {
    /// The current or a former e-mail address of the person
    #[arg(value_parser = parse_email)]
    email: Email,
    /// Print what would be erased, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Erase without asking; required if standard input is not a terminal
    #[arg(long)]
    yes: bool,
    /// The number of the person's request, for the audit log
    #[arg(long, value_name = "TEXT")]
    reference: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Erase {
    pub(super) async fn run(self, engine: &Engine) -> Result<ExitCode, Failure> {
        if !self.dry_run && !self.yes && !self.confirm()? {
            return Err(Failure::new("the person was not erased: the address was not confirmed"));
        }
        let erasure =
            Erasure { email: &self.email, reference: self.reference.as_deref(), dry_run: self.dry_run };
        let report = erase_person(engine, &Actor::Operator, erasure).await?;
        match self.json {
            true => output::print_json(&report)?,
            false => self.print(&report)?,
        }
        Ok(match report.outcome {
            ErasureOutcome::Refused => ExitCode::FAILURE,
            ErasureOutcome::Erased | ErasureOutcome::Nothing => ExitCode::SUCCESS,
        })
    }

    /// Asks for the address.
    ///
    /// # Errors
    /// If standard input is not a terminal.
    fn confirm(&self) -> Result<bool, Failure> {
        if !io::stdin().is_terminal() {
            return Err(Failure::new(
                "erasing a person cannot be undone. Add --yes to erase, or --dry-run to see what would be erased",
            ));
        }
        let mut stderr = io::stderr();
        write!(stderr, "This cannot be undone. Type {} to erase the person: ", self.email)?;
        stderr.flush()?;
        let mut answer = String::new();
        io::stdin().lock().read_line(&mut answer)?;
        Ok(parse_email(&answer).is_ok_and(|email| email == self.email))
    }

    fn print(&self, report: &ErasureReport) -> Result<(), Failure> {
        let email = &self.email;
        match report.outcome {
            ErasureOutcome::Nothing => {
                return output::print(format!("Nothing to erase: the database has no data of {email}."));
            }
            ErasureOutcome::Refused => {
                output::print(format!("{email} cannot be erased:"))?;
                return report
                    .refusals
                    .iter()
                    .try_for_each(|refusal| output::print(format!("  - {}", refusal.message())));
            }
            ErasureOutcome::Erased => {}
        }
        match &report.pseudonym {
            Some(pseudonym) => output::print(format!("{email} was erased. The pseudonym is {pseudonym}."))?,
            None => output::print(format!("{email} was not erased. These rows would be changed:"))?,
        }
        let rows: Vec<_> = report
            .places
            .iter()
            .map(|place| [place.label(), place.place.clone(), place.rows.to_string()])
            .collect();
        output::print_table(["DATA", "TABLE", "ROWS"], &rows)
    }
}
