use std::{process::ExitCode, time::Duration};

use clap::Args;
use engine::{
    Engine,
    pipeline::{MaintenanceReport, MaintenanceTimeouts, run_maintenance},
};
use serde_json::json;

use super::{Failure, output};

/// Run maintenance once: mark stuck requests as failed and finish interrupted rollbacks
///
/// Running servers and workers do the same every minute. Maintenance never changes an active tenant, or a
/// database without Tenantry's mark.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tenantry cleanup --older-than 30m")]
pub(crate) struct Cleanup {
    /// Mark requests as failed that have been processing for longer than this, such as 90s, 10m, 2h or 1d
    #[arg(long, default_value = "10m", value_parser = parse_duration)]
    older_than: Duration,
    /// Roll back tenants whose dead step has waited for an admin for longer than this [default: never]
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    unattended_for: Option<Duration>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Cleanup {
    pub(crate) async fn run(self, engine: &Engine) -> Result<ExitCode, Failure> {
        let timeouts = MaintenanceTimeouts { stuck: self.older_than, unattended: self.unattended_for };
        let report = run_maintenance(engine, timeouts).await?;
        if self.json {
            output::print_json(&json!({
                "failedRequests": report.failed_requests,
                "rolledBack": report.rolled_back,
                "failedRollbacks": report.failed_rollbacks,
            }))?;
        } else {
            print_report(&report)?;
        }
        Ok(if report.failed_rollbacks.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// Prints a line for each request or job that changed, and the totals.
fn print_report(report: &MaintenanceReport) -> Result<(), Failure> {
    let MaintenanceReport { failed_requests, rolled_back, failed_rollbacks } = report;
    for (outcome, ids) in [
        ("marked as failed", failed_requests),
        ("rolled back", rolled_back),
        ("the rollback failed and will be retried", failed_rollbacks),
    ] {
        for id in ids {
            output::print(format!("{id}: {outcome}"))?;
        }
    }
    let (failed, rolled_back) = (failed_requests.len(), rolled_back.len());
    output::print(format!("Requests marked as failed: {failed}, rolled back: {rolled_back}"))
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
