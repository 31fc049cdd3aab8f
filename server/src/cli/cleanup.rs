use std::{process::ExitCode, time::Duration};

use clap::Args;
use engine::{
    Engine,
    pipeline::{MaintenanceReport, MaintenanceTimeouts, preview_maintenance, run_complete_maintenance},
};
use serde_json::json;

use super::{Failure, GlobalOptions, output, startup::with_settings};

/// Run maintenance once: mark stuck requests as failed, finish interrupted rollbacks and apply retention
///
/// Running servers and workers do the same every minute. Maintenance also suspends tenants whose trial has
/// ended, and begins the purge of tenants that were deleted 30 days ago. It never changes a database without
/// Tenantry's mark.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tenantry cleanup --older-than 30m --retention-days 90 --dry-run")]
pub(crate) struct Cleanup {
    /// Mark requests as failed that have been processing for longer than this, such as 90s, 10m, 2h or 1d
    #[arg(long, default_value = "10m", value_parser = parse_duration)]
    older_than: Duration,
    /// Roll back tenants whose dead step has waited for an admin for longer than this [default: never]
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    unattended_for: Option<Duration>,
    /// Remove personal data and attempts that are older than this [default: the setting retention_days]
    #[arg(long, value_name = "DAYS")]
    retention_days: Option<u64>,
    /// Change nothing, and report what would change
    #[arg(long)]
    dry_run: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Cleanup {
    pub(crate) async fn run(self, global: GlobalOptions) -> Result<ExitCode, Failure> {
        let overrides = global.overrides().set("retention_days", self.retention_days);
        with_settings(overrides, async |engine, settings| {
            let timeouts = MaintenanceTimeouts {
                stuck: self.older_than,
                unattended: self.unattended_for,
                retention: settings.retention(),
            };
            self.run_with(engine, timeouts).await
        })
        .await
    }

    async fn run_with(&self, engine: &Engine, timeouts: MaintenanceTimeouts) -> Result<ExitCode, Failure> {
        let report = match self.dry_run {
            true => preview_maintenance(engine, timeouts).await?,
            false => run_complete_maintenance(engine, timeouts).await?,
        };
        match self.json {
            true => self.print_json(&report)?,
            false => self.print_text(&report)?,
        }
        Ok(if report.failed_rollbacks.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    fn print_json(&self, report: &MaintenanceReport) -> Result<(), Failure> {
        output::print_json(&json!({
            "dryRun": self.dry_run,
            "failedRequests": report.failed_requests,
            "rolledBack": report.rolled_back,
            "failedRollbacks": report.failed_rollbacks,
            "suspendedTenants": report.suspended,
            "purgingTenants": report.purging,
            "redactedRequests": report.retention.redacted_requests,
            "redactedAttempts": report.retention.redacted_attempts,
            "cleanedJobs": report.retention.cleaned_jobs,
            "deletedMessages": report.retention.deleted_messages,
        }))
    }

    /// Prints a line for each request or job that changed, and the totals.
    fn print_text(&self, report: &MaintenanceReport) -> Result<(), Failure> {
        let MaintenanceReport {
            failed_requests,
            rolled_back,
            failed_rollbacks,
            suspended,
            purging,
            retention,
        } = report;
        if self.dry_run {
            output::print("Nothing was changed. Without --dry-run, the outcome would be:")?;
        }
        for (outcome, ids) in [
            ("marked as failed", failed_requests),
            ("rolled back", rolled_back),
            ("the rollback failed and will be retried", failed_rollbacks),
            ("suspended, because its trial has ended", suspended),
            ("its purge begins, because it can no longer be restored", purging),
        ] {
            for id in ids {
                output::print(format!("{id}: {outcome}"))?;
            }
        }
        let (failed, rolled_back) = (failed_requests.len(), rolled_back.len());
        output::print(format!("Requests marked as failed: {failed}, rolled back: {rolled_back}"))?;
        output::print(format!(
            "Personal data removed from requests: {}, from attempts: {}; jobs whose step attempts were deleted: {}; messages deleted: {}",
            retention.redacted_requests,
            retention.redacted_attempts,
            retention.cleaned_jobs,
            retention.deleted_messages
        ))
    }
}

fn parse_duration(text: &str) -> Result<Duration, String> {
    let units = [('s', 1), ('m', 60), ('h', 3600), ('d', 86_400)];
    units
        .iter()
        .find_map(|(unit, seconds)| Some((text.strip_suffix(*unit)?.parse::<u32>().ok()?, *seconds)))
        .map(|(count, seconds)| Duration::from_secs(u64::from(count) * seconds))
        .ok_or_else(|| "enter a whole number and a unit (s, m, h or d), such as 10m".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_a_number_and_a_unit() {
        assert_eq!(parse_duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(parse_duration("2h"), Ok(Duration::from_secs(7200)));
        for text in ["", "10", "m", "-1m", "1.5h", "10 m", "5w", "99999999999s"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }
}
