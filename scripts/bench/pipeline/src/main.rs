//! Takes one measurement of the external pipeline, in a database of its own, and prints it as a line of
//! JSON. `scripts/bench/pipeline.mjs` knows which to take how often, and makes a report of them.

mod copies;
mod database;
mod graphile;
mod pick_up;
mod plant;
mod steps;
mod take_over;

use std::{
    io::{Write, stdin, stdout},
    path::PathBuf,
};

use clap::Parser;
use serde_json::{Value, to_value};
use url::Url;

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// One measurement. `DATABASE_URL` names a PostgreSQL whose role may create databases.
#[derive(Debug, Parser)]
enum Measurement {
    /// Steps that do nothing, as fast as they go
    Steps { workers: u32, jobs: u32 },
    /// Jobs of graphile_worker that do nothing, as fast as they go
    GraphileJobs { workers: u32, jobs: u32 },
    /// From a new job to the begin of its first step, while nothing else is to do
    PickUp { workers: u32, jobs: u32 },
    /// The same of graphile_worker
    GraphilePickUp { workers: u32, jobs: u32 },
    /// From the kill of so many processes of the given program in a step, until another goes on
    TakeOver { program: PathBuf, processes: u32 },
    /// The step that copies a database, and a plain copy, in turns
    Copies { rounds: u32 },
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let measurement = Measurement::parse();
    let url: Url = std::env::var("DATABASE_URL")?.parse()?;
    tell(&measurement.take(&url).await?)
}

/// Prints `"begun"` when all is prepared, and `"ended"` before anything is cleared away, and goes on at a line
/// of input or its end: whoever started this may look meanwhile what the work between them costs.
fn mark(moment: &str) -> Outcome<()> {
    tell(&moment.into())?;
    stdin().read_line(&mut String::new())?;
    Ok(())
}

fn tell(what: &Value) -> Outcome<()> {
    Ok(writeln!(stdout(), "{what}")?)
}

impl Measurement {
    async fn take(self, url: &Url) -> Outcome<Value> {
        Ok(match self {
            Self::Steps { workers, jobs } => to_value(steps::measure(url, workers, jobs).await?)?,
            Self::GraphileJobs { workers, jobs } => to_value(graphile::measure(url, workers, jobs).await?)?,
            Self::PickUp { workers, jobs } => to_value(pick_up::measure(url, workers, jobs).await?)?,
            Self::GraphilePickUp { workers, jobs } => {
                to_value(graphile::measure_pick_up(url, workers, jobs).await?)?
            }
            Self::TakeOver { program, processes } => {
                to_value(take_over::measure(url, &program, processes).await?)?
            }
            Self::Copies { rounds } => to_value(copies::measure(url, rounds).await?)?,
        })
    }
}
