//! The queue as OpenTelemetry gauges. The callback of a gauge cannot wait for the database, so a task reads
//! the values every few seconds and the gauges report the latest values.

use std::time::Duration;

use opentelemetry::{KeyValue, metrics::Meter};
use tokio::sync::watch;

use crate::{
    Error, Queue,
    metrics::meter,
    queue::{WORKER_TIMEOUT, interval},
};

/// How often the values are read.
const INTERVAL: Duration = Duration::from_secs(5);
/// How soon the values are read again after an error.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);

/// Updates the gauges until the future is dropped. While the database cannot be reached, the gauges report
/// nothing. `connectors` names the connectors whose circuit breakers are reported.
pub async fn report_queue_metrics(queue: Queue, connectors: Vec<&'static str>) {
    let (latest, metrics) = watch::channel(None);
    register_gauges(&meter(), &metrics);
    loop {
        let values = read(&queue, &connectors)
            .await
            .inspect_err(|error| tracing::debug!(?error, "could not read the queue metrics"));
        let wait = if values.is_ok() { INTERVAL } else { RETRY_INTERVAL };
        latest.send_replace(values.ok());
        tokio::time::sleep(wait).await;
    }
}

/// The values of the whole installation at one moment. Every process reports the same values.
#[derive(Debug)]
struct QueueMetrics {
    /// Unfinished jobs by state.
    jobs: [(&'static str, i64); 5],
    /// The age of the job that has been due longest and has no worker.
    oldest_seconds: f64,
    workers: i64,
    /// Each connector, and whether its circuit breaker is open or half-open.
    breakers: Vec<(&'static str, bool)>,
}

/// A gauge and the function that derives its values.
struct Gauge {
    name: &'static str,
    unit: &'static str,
    description: &'static str,
    read: fn(&QueueMetrics) -> Vec<Measurement>,
}

/// A value, and its attribute if the gauge has several values.
type Measurement = (f64, Option<KeyValue>);

const GAUGES: [Gauge; 4] = [
    Gauge {
        name: "tenantry.queue.jobs",
        unit: "{job}",
        description: "Unfinished jobs, by state",
        read: |metrics| {
            let state = |name| Some(KeyValue::new("tenantry.job.state", name));
            metrics.jobs.map(|(name, count)| (count as f64, state(name))).to_vec()
        },
    },
    Gauge {
        name: "tenantry.queue.oldest.age",
        unit: "s",
        description: "Age of the job that has been due longest and has no worker",
        read: |metrics| vec![(metrics.oldest_seconds, None)],
    },
    Gauge {
        name: "tenantry.worker.count",
        unit: "{worker}",
        description: "Workers with a recent heartbeat",
        read: |metrics| vec![(metrics.workers as f64, None)],
    },
    Gauge {
        name: "tenantry.breaker.open",
        unit: "{breaker}",
        description: "Whether the circuit breaker of a connector is open or half-open: 1 or 0",
        read: |metrics| {
            let connector = |name| Some(KeyValue::new("tenantry.connector", name));
            metrics
                .breakers
                .iter()
                .map(|(name, open)| (f64::from(u8::from(*open)), connector(*name)))
                .collect()
        },
    },
];

fn register_gauges(meter: &Meter, metrics: &watch::Receiver<Option<QueueMetrics>>) {
    for Gauge { name, unit, description, read } in GAUGES {
        let latest = metrics.clone();
        meter
            .f64_observable_gauge(name)
            .with_unit(unit)
            .with_description(description)
            .with_callback(move |gauge| {
                for (value, attribute) in latest.borrow().iter().flat_map(read) {
                    gauge.observe(value, attribute.as_slice());
                }
            })
            .build();
    }
}

/// Reads all values in one round trip. Each count uses a partial index, so finished jobs are not scanned.
async fn read(queue: &Queue, connectors: &[&'static str]) -> Result<QueueMetrics, Error> {
    let row = sqlx::query!(
        r#"SELECT count(*) FILTER (WHERE state <> 'running' AND due_at > now()) AS "later!",
             count(*) FILTER (WHERE due_at <= now()) AS "due!",
             count(*) FILTER (WHERE state = 'running' AND due_at > now()) AS "running!",
             coalesce(extract(epoch FROM now() - min(due_at) FILTER (WHERE due_at <= now())), 0)::float8
                 AS "oldest_seconds!",
             (SELECT count(*) FROM jobs WHERE waiting_for IS NOT NULL) AS "waiting_for_connector!",
             (SELECT count(*) FROM jobs WHERE state = 'dead') AS "dead!",
             (SELECT count(*) FROM workers WHERE last_seen_at > now() - $1::interval) AS "workers!",
             ARRAY(SELECT connector FROM breakers WHERE state <> 'closed') AS "open!"
           FROM jobs WHERE state IN ('pending', 'running', 'retrying') AND waiting_for IS NULL"#,
        interval(WORKER_TIMEOUT)
    )
    .fetch_one(&queue.pool())
    .await?;
    let is_open = |connector: &str| row.open.iter().any(|open| open == connector);
    Ok(QueueMetrics {
        jobs: [
            ("waiting", row.later),
            ("waiting_for_connector", row.waiting_for_connector),
            ("due", row.due),
            ("running", row.running),
            ("dead", row.dead),
        ],
        oldest_seconds: row.oldest_seconds,
        workers: row.workers,
        breakers: connectors.iter().map(|connector| (*connector, is_open(connector))).collect(),
    })
}
