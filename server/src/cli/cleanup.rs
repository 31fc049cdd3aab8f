use std::{process::ExitCode, time::Duration};

use clap::Args;
use engine::{Engine, provisioning::cleanup_stuck};
use serde_json::json;

use super::{Failure, output};

/// End requests that have been processing for too long; never touches a tenant
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tenantry cleanup --older-than 30m")]
pub struct Cleanup {
    /// A number with s, m, h or d
    #[arg(long, default_value = "10m", value_parser = parse_duration)]
    older_than: Duration,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
}

impl Cleanup {
    pub async fn run(self, engine: &Engine) -> Result<ExitCode, Failure> {
        let ended = cleanup_stuck(engine, self.older_than).await?;
        if self.json {
            output::say_json(&json!({ "ended": ended }))?;
        } else {
            for id in &ended {
                output::say(id)?;
            }
            output::say(format!("Requests ended: {}", ended.len()))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn parse_duration(text: &str) -> Result<Duration, String> {
    let units = [('s', 1), ('m', 60), ('h', 3600), ('d', 86_400)];
    units
        .iter()
        .find_map(|(unit, seconds)| Some((text.strip_suffix(*unit)?.parse::<u32>().ok()?, *seconds)))
        .map(|(count, seconds)| Duration::from_secs(u64::from(count) * seconds))
        .ok_or_else(|| "write a whole number with s, m, h or d, such as 10m".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_number_and_a_unit() {
        assert_eq!(parse_duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(parse_duration("2h"), Ok(Duration::from_secs(7200)));
        for text in ["", "10", "m", "-1m", "1.5h", "10 m", "5w", "99999999999s"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }
}
