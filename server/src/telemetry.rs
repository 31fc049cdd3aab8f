//! Traces and metrics to a collector, by OpenTelemetry, where one is configured; log lines stay on
//! standard error. What is measured is the engine's matter: here is where it goes.

mod courier;

use std::{thread, time::Duration};

use opentelemetry::{KeyValue, global, trace::TracerProvider};
use opentelemetry_otlp::{
    ExporterBuildError, MetricExporter, Protocol, SpanExporter, WithExportConfig, WithHttpConfig,
};
use opentelemetry_sdk::{
    Resource,
    metrics::SdkMeterProvider,
    resource::{EnvResourceDetector, TelemetryResourceDetector},
    trace::SdkTracerProvider,
};
use tokio::sync::oneshot;
use tracing::{Metadata, Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{Layer, filter::FilterFn, registry::LookupSpan};
use url::Url;

use self::courier::OtlpHttpClient;
use crate::config::Settings;

/// How long the end of the process may be held up for what was not sent yet.
const FLUSHING: Duration = Duration::from_secs(2);

/// Why what the settings ask for cannot be exported.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("traces and metrics cannot be exported: {0}")]
    Exporter(#[from] ExporterBuildError),
    #[error("traces and metrics cannot be exported: {0}")]
    Client(#[from] reqwest::Error),
}

/// What gathers traces and metrics and sends them off, by threads of its own. Where the collector
/// does not keep up, or is not there, they are dropped: nothing waits for it.
#[derive(Debug)]
pub struct Telemetry {
    traces: SdkTracerProvider,
    metrics: SdkMeterProvider,
}

impl Telemetry {
    /// Starts exporting if an endpoint is configured, reachable or not. Before anything is measured:
    /// what was made earlier measures nothing. OpenTelemetry's variables for intervals, sampling and
    /// headers count too.
    ///
    /// # Errors
    /// [`StartError`], whichever applies.
    pub fn start(settings: &Settings) -> Result<Option<Self>, StartError> {
        let Some(otlp) = &settings.otlp else { return Ok(None) };
        let courier = OtlpHttpClient::new(otlp)?;
        let resource = resource(&settings.environment_name);
        let traces = SpanExporter::builder()
            .with_http()
            .with_http_client(courier.clone())
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(signal(&otlp.endpoint, "traces"))
            .build()?;
        let metrics = MetricExporter::builder()
            .with_http()
            .with_http_client(courier)
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(signal(&otlp.endpoint, "metrics"))
            .build()?;
        let traces =
            SdkTracerProvider::builder().with_batch_exporter(traces).with_resource(resource.clone()).build();
        let metrics =
            SdkMeterProvider::builder().with_periodic_exporter(metrics).with_resource(resource).build();
        global::set_meter_provider(metrics.clone());
        Ok(Some(Self { traces, metrics }))
    }

    /// Has our own spans exported. Not the events within them, which may name people, and not the
    /// spans of libraries, such as those of the export itself.
    pub fn layer<S: Subscriber + for<'a> LookupSpan<'a>>(&self) -> impl Layer<S> + use<S> {
        tracing_opentelemetry::layer()
            .with_tracer(self.traces.tracer("tenantry"))
            .with_context_activation(false)
            .with_location(false)
            .with_target(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_filter(FilterFn::new(is_our_span).with_max_level_hint(LevelFilter::DEBUG))
    }

    /// Sends what was not sent yet, as far as that is possible in a moment.
    pub async fn stop(telemetry: Option<Self>) {
        let Some(Self { traces, metrics }) = telemetry else { return };
        let ended = async {
            tokio::join!(
                apart(move || drop(traces.shutdown_with_timeout(FLUSHING))),
                apart(move || drop(metrics.shutdown_with_timeout(FLUSHING)))
            )
        };
        if tokio::time::timeout(FLUSHING, ended).await.is_err() {
            tracing::info!("the last traces and metrics could not be exported in time");
        }
    }
}

/// Runs what blocks in a thread that nobody waits for longer than they want. The runtime would wait
/// for one of its own, and the metrics' end takes no limit.
async fn apart(work: impl FnOnce() + Send + 'static) {
    let (done, ended) = oneshot::channel();
    let started = thread::Builder::new().spawn(move || {
        work();
        let _ = done.send(());
    });
    if started.is_ok() {
        let _ = ended.await;
    }
}

fn is_our_span(metadata: &Metadata<'_>) -> bool {
    let module = metadata.target().split("::").next();
    metadata.is_span()
        && module.is_some_and(|module| {
            ["app", "connectors", "database", "engine", "jobs", "tenantry"].contains(&module)
        })
}

/// Who it is that is measured. What `OTEL_RESOURCE_ATTRIBUTES` and `OTEL_SERVICE_NAME` say wins.
fn resource(environment_name: &str) -> Resource {
    let ours = [
        KeyValue::new("service.name", "tenantry"),
        KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
        KeyValue::new("service.instance.id", uuid::Uuid::new_v4().to_string()),
        KeyValue::new("deployment.environment.name", environment_name.to_owned()),
    ];
    let name = std::env::var("OTEL_SERVICE_NAME").ok().filter(|name| !name.is_empty());
    Resource::builder_empty()
        .with_attributes(ours)
        .with_detectors(&[Box::new(TelemetryResourceDetector), Box::new(EnvResourceDetector::new())])
        .with_attributes(name.map(|name| KeyValue::new("service.name", name)))
        .build()
}

/// Where a collector takes one kind of signal.
fn signal(endpoint: &Url, kind: &str) -> String {
    format!("{}/v1/{kind}", endpoint.as_str().trim_end_matches('/'))
}
