//! Exports traces and metrics to the configured OpenTelemetry collector. The crates `engine` and `jobs`
//! define the spans and instruments.

mod otlp_http_client;

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

use self::otlp_http_client::OtlpHttpClient;
use crate::config::Settings;

/// How long shutdown may wait for the last export.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(2);

/// Why exporting cannot start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TelemetryError {
    #[error("traces and metrics cannot be exported: {0}")]
    Exporter(#[from] ExporterBuildError),
    #[error("traces and metrics cannot be exported: {0}")]
    Client(#[from] reqwest::Error),
}

/// Collects traces and metrics and exports them on separate threads. Data is dropped while the collector is
/// slow or unavailable, so no request waits for an export.
#[derive(Debug)]
pub(crate) struct Telemetry {
    traces: SdkTracerProvider,
    metrics: SdkMeterProvider,
}

impl Telemetry {
    /// Starts exporting if a collector is configured. The collector need not be reachable. Instruments that
    /// were created before this call record nothing. OpenTelemetry's variables for intervals, sampling and
    /// headers apply.
    ///
    /// # Errors
    /// When an exporter or the HTTP client cannot be created.
    pub(crate) fn start(settings: &Settings) -> Result<Option<Self>, TelemetryError> {
        let Some(otlp) = &settings.otlp else { return Ok(None) };
        let client = OtlpHttpClient::new(otlp)?;
        let resource = resource(&settings.environment_name);
        let traces = SpanExporter::builder()
            .with_http()
            .with_http_client(client.clone())
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(signal_url(&otlp.endpoint, "traces"))
            .build()?;
        let metrics = MetricExporter::builder()
            .with_http()
            .with_http_client(client)
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(signal_url(&otlp.endpoint, "metrics"))
            .build()?;
        let traces =
            SdkTracerProvider::builder().with_batch_exporter(traces).with_resource(resource.clone()).build();
        let metrics =
            SdkMeterProvider::builder().with_periodic_exporter(metrics).with_resource(resource).build();
        global::set_meter_provider(metrics.clone());
        Ok(Some(Self { traces, metrics }))
    }

    /// The layer that exports Tenantry's own spans. It excludes events, which may contain personal data, and
    /// the spans of libraries, which include the export itself.
    pub(crate) fn layer<S: Subscriber + for<'a> LookupSpan<'a>>(&self) -> impl Layer<S> + use<S> {
        tracing_opentelemetry::layer()
            .with_tracer(self.traces.tracer("tenantry"))
            .with_context_activation(false)
            .with_location(false)
            .with_target(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_filter(FilterFn::new(is_own_span).with_max_level_hint(LevelFilter::DEBUG))
    }

    /// Exports the remaining data, as far as the time limit allows.
    pub(crate) async fn stop(telemetry: Option<Self>) {
        let Some(Self { traces, metrics }) = telemetry else { return };
        let ended = async {
            tokio::join!(
                run_blocking(move || drop(traces.shutdown_with_timeout(FLUSH_TIMEOUT))),
                run_blocking(move || drop(metrics.shutdown_with_timeout(FLUSH_TIMEOUT)))
            )
        };
        if tokio::time::timeout(FLUSH_TIMEOUT, ended).await.is_err() {
            tracing::info!("the last traces and metrics were not exported in time");
        }
    }
}

/// Runs blocking work on a new thread, which the process does not wait for at exit. The runtime would wait
/// for its own blocking threads, and the metrics provider ignores its time limit.
async fn run_blocking(work: impl FnOnce() + Send + 'static) {
    let (done, ended) = oneshot::channel();
    let started = thread::Builder::new().spawn(move || {
        work();
        let _ = done.send(());
    });
    if started.is_ok() {
        let _ = ended.await;
    }
}

fn is_own_span(metadata: &Metadata<'_>) -> bool {
    let module = metadata.target().split("::").next();
    metadata.is_span()
        && module.is_some_and(|module| {
            ["app", "connectors", "database", "engine", "jobs", "tenantry"].contains(&module)
        })
}

/// The attributes of this process. `OTEL_RESOURCE_ATTRIBUTES` and `OTEL_SERVICE_NAME` override them.
fn resource(environment_name: &str) -> Resource {
    let own_attributes = [
        KeyValue::new("service.name", "tenantry"),
        KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
        KeyValue::new("service.instance.id", uuid::Uuid::new_v4().to_string()),
        KeyValue::new("deployment.environment.name", environment_name.to_owned()),
    ];
    let name = std::env::var("OTEL_SERVICE_NAME").ok().filter(|name| !name.is_empty());
    Resource::builder_empty()
        .with_attributes(own_attributes)
        .with_detectors(&[Box::new(TelemetryResourceDetector), Box::new(EnvResourceDetector::new())])
        .with_attributes(name.map(|name| KeyValue::new("service.name", name)))
        .build()
}

/// The URL of the collector for one kind of signal.
fn signal_url(endpoint: &Url, kind: &str) -> String {
    format!("{}/v1/{kind}", endpoint.as_str().trim_end_matches('/'))
}
