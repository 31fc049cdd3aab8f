//! Runs one measurement of the external pipeline in a temporary database, and prints the result as a line of
//! JSON. `scripts/bench/pipeline.mjs` runs all measurements and reports the results.

mod bench_result;
mod copies;
mod database;
mod fixture;
mod graphile;
mod output;
mod pick_up;
mod steps;
mod takeover;

use std::path::PathBuf;

use clap::Parser;
use serde_json::{Value, to_value};
use url::Url;

use bench_result::BenchResult;
use output::print;

/// One measurement. `DATABASE_URL` names a PostgreSQL whose role may create databases.
#[derive(Debug, Parser)]
enum Measurement {
    /// Throughput of no-op steps. Each job runs its last `steps` steps.
    Steps {
        workers: u32,
        jobs: u32,
        #[arg(default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=7))]
        steps: u32,
    },
    /// Throughput of no-op jobs in graphile_worker
    GraphileJobs { workers: u32, jobs: u32 },
    /// Time from the creation of a job until an idle worker starts its first step
    PickUp { workers: u32, jobs: u32 },
    /// Time from the creation of a job until an idle graphile_worker starts it
    GraphilePickUp { workers: u32, jobs: u32 },
    /// Time from the SIGKILL of worker processes until their steps are taken over
    Takeover { program: PathBuf, processes: u32 },
    /// The copy step and the plain statement, alternating
    Copies { rounds: u32 },
}

#[tokio::main]
async fn main() -> BenchResult<()> {
    let measurement = Measurement::parse();
    let url: Url = std::env::var("DATABASE_URL")?.parse()?;
    print(&measurement.run(&url).await?)
}

impl Measurement {
    async fn run(self, url: &Url) -> BenchResult<Value> {
        Ok(match self {
            Self::Steps { workers, jobs, steps } => {
                to_value(steps::measure(url, workers, jobs, steps).await?)?
            }
            Self::GraphileJobs { workers, jobs } => to_value(graphile::measure(url, workers, jobs).await?)?,
            Self::PickUp { workers, jobs } => to_value(pick_up::measure(url, workers, jobs).await?)?,
            Self::GraphilePickUp { workers, jobs } => {
                to_value(graphile::measure_pick_up(url, workers, jobs).await?)?
            }
            Self::Takeover { program, processes } => {
                to_value(takeover::measure(url, &program, processes).await?)?
            }
            Self::Copies { rounds } => to_value(copies::measure(url, rounds).await?)?,
        })
    }
}
