use std::{process::ExitCode, time::Duration};

use clap::Args;
use engine::{
    Engine,
    pipeline::{MaintenanceReport, MaintenanceTimeouts, run_maintenance},
};
use serde_json::json;

use super::{Failure, output};

/// Run maintenance once: end stuck requests and finish interrupted rollbacks
///
/// Every server does the same each minute. Active tenants, and databases without Tenantry's mark, are never
/// changed.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tenantry cleanup --older-than 30m")]
pub(crate) struct Cleanup {
    /// End requests that have been processing for longer: a number with s, m, h or d
    #[arg(long, default_value = "10m", value_parser = parse_duration)]
    older_than: Duration,
    /// Roll back tenants whose dead step has waited longer for an admin [default: never]
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    unattended_for: Option<Duration>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Cleanup {
    pub(crate) async fn run(self, engine: &Engine) -> Result<ExitCode, Failure> {
        let timeouts = MaintenanceTimeouts { stuck: self.older_than, unattended: self.unattended_for };
        let MaintenanceReport { ended, rolled_back, failed } = run_maintenance(engine, timeouts).await?;
        if self.json {
            output::print_json(
                &json!({ "ended": ended, "rolledBack": rolled_back, "notRolledBack": failed }),
            )?;
        } else {
            for (outcome, ids) in
                [("ended", &ended), ("rolled back", &rolled_back), ("not rolled back yet", &failed)]
            {
                for id in ids {
                    output::print(format!("{id}: {outcome}"))?;
                }
            }
            output::print(format!("Requests ended: {}, rolled back: {}", ended.len(), rolled_back.len()))?;
        }
        Ok(if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

fn parse_duration(text: &str) -> Result<Duration, String> {
    let units = [('s', 1), ('m', 60), ('h', 3600), ('d', 86_400)];
    units
        .iter()
        .find_map(|(unit, seconds)| Some((text.strip_suffix(*unit)?.parse::<u32>().ok()?, *seconds)))
        .map(|(count, seconds)| Duration::from_secs(u64::from(count) * seconds))
        .ok_or_else(|| "enter a whole number with s, m, h or d, such as 10m".to_owned())
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
