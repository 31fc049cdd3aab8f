//! The pipeline's figures as gauges. A reader of metrics wants an answer at once, so they are looked
//! up every few seconds and told from there.

use std::time::Duration;

use domain::pipeline::Connector;
use opentelemetry::{KeyValue, metrics::Meter};
use tokio::sync::watch;

use crate::{Engine, Error, telemetry};

/// How old a figure may be.
const EVERY: Duration = Duration::from_secs(5);
/// How soon it is looked again where there was none.
const AGAIN: Duration = Duration::from_secs(1);

/// Keeps the gauges at what the database says, without end. For processes that export metrics; while
/// the database cannot be asked, the gauges say nothing.
pub async fn report_figures(engine: Engine) {
    let (latest, figures) = watch::channel(None);
    offer(&telemetry::meter(), &figures);
    loop {
        let found = look(&engine).await.inspect_err(|error| tracing::debug!(?error, "there are no figures"));
        let wait = if found.is_ok() { EVERY } else { AGAIN };
        latest.send_replace(found.ok());
        tokio::time::sleep(wait).await;
    }
}

/// The whole pipeline's, as of one moment: every process has the same.
#[derive(Debug)]
struct Figures {
    /// Jobs by state.
    jobs: [(&'static str, i64); 4],
    /// For how long the job waits that is due longest and that no worker has taken.
    oldest_seconds: f64,
    workers: i64,
    /// Each connector that is configured, and whether it is left alone.
    breakers: Vec<(Connector, bool)>,
}

struct Gauge {
    name: &'static str,
    unit: &'static str,
    description: &'static str,
    read: fn(&Figures) -> Vec<Point>,
}

/// A value, and what it is the value of where there are several.
type Point = (f64, Option<KeyValue>);

const GAUGES: [Gauge; 4] = [
    Gauge {
        name: "tenantry.queue.jobs",
        unit: "{job}",
        description: "Jobs that are not done, by state",
        read: |figures| {
            let state = |name| Some(KeyValue::new("tenantry.job.state", name));
            figures.jobs.map(|(name, count)| (count as f64, state(name))).to_vec()
        },
    },
    Gauge {
        name: "tenantry.queue.oldest.age",
        unit: "s",
        description: "How long the job waits that is due longest and that no worker has taken",
        read: |figures| vec![(figures.oldest_seconds, None)],
    },
    Gauge {
        name: "tenantry.worker.count",
        unit: "{worker}",
        description: "Workers with a recent sign of life",
        read: |figures| vec![(figures.workers as f64, None)],
    },
    Gauge {
        name: "tenantry.breaker.open",
        unit: "{breaker}",
        description: "Whether a connector is left alone: 1 or 0",
        read: |figures| {
            let of = |connector: Connector| Some(KeyValue::new("tenantry.connector", connector.as_str()));
            figures.breakers.iter().map(|(name, open)| (f64::from(u8::from(*open)), of(*name))).collect()
        },
    },
];

/// Has a reader of metrics told the latest figures, while there are any.
fn offer(meter: &Meter, figures: &watch::Receiver<Option<Figures>>) {
    for Gauge { name, unit, description, read } in GAUGES {
        let latest = figures.clone();
        meter
            .f64_observable_gauge(name)
            .with_unit(unit)
            .with_description(description)
            .with_callback(move |gauge| {
                for (value, of) in latest.borrow().iter().flat_map(read) {
                    gauge.observe(value, of.as_slice());
                }
            })
            .build();
    }
}

/// One round trip. Each count has its own partial index: finished jobs are not looked at.
async fn look(engine: &Engine) -> Result<Figures, Error> {
    let row = sqlx::query!(
        r#"SELECT waiting.later AS "later!", waiting.due AS "due!",
             coalesce(extract(epoch FROM now() - waiting.oldest), 0)::float8 AS "oldest_seconds!",
             (SELECT count(*) FROM jobs WHERE state = 'running') AS "running!",
             (SELECT count(*) FROM jobs WHERE state = 'dead') AS "dead!",
             (SELECT count(*) FROM workers WHERE seen_at > now() - interval '45 seconds') AS "workers!",
             ARRAY(SELECT connector FROM breakers WHERE state <> 'closed') AS "open!"
           FROM (SELECT count(*) FILTER (WHERE due_at > now()) AS later,
                   count(*) FILTER (WHERE due_at <= now()) AS due,
                   min(due_at) FILTER (WHERE due_at <= now()) AS oldest
                 FROM jobs WHERE state IN ('pending', 'retrying')) waiting"#
    )
    .fetch_one(&engine.pool())
    .await?;
    let configured = Connector::EXTERNAL.into_iter().filter(|connector| engine.pipeline().has(*connector));
    let is_open = |connector: Connector| row.open.iter().any(|name| name == connector.as_str());
    Ok(Figures {
        jobs: [("waiting", row.later), ("due", row.due), ("running", row.running), ("dead", row.dead)],
        oldest_seconds: row.oldest_seconds,
        workers: row.workers,
        breakers: configured.map(|connector| (connector, is_open(connector))).collect(),
    })
}
