//! A collector that receives telemetry as OTLP over HTTP, and keeps all of it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, header::AUTHORIZATION},
    routing::post,
};
use opentelemetry_proto::tonic::{
    collector::{metrics::v1::ExportMetricsServiceRequest, trace::v1::ExportTraceServiceRequest},
    common::v1::{KeyValue, any_value::Value},
    metrics::v1::{metric::Data, number_data_point::Value as Number},
    trace::v1::Span,
};
use prost::Message;

pub(crate) type Attributes = BTreeMap<String, String>;

/// The latest value of a metric.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    pub unit: String,
    /// The value. For a histogram, the number of recorded values.
    pub value: f64,
    /// The bucket bounds of a histogram. Empty for other metrics.
    pub bounds: Vec<f64>,
}

#[derive(Debug, Default)]
pub(crate) struct ReceivedTelemetry {
    /// All request bodies, concatenated.
    pub bytes: Vec<u8>,
    pub authorizations: Vec<String>,
    pub resources: Vec<Attributes>,
    pub samples: BTreeMap<(String, Attributes), Sample>,
    pub spans: Vec<Span>,
}

/// The collector. It listens until the test's runtime ends.
pub(crate) struct Collector {
    pub endpoint: String,
    received: Arc<Mutex<ReceivedTelemetry>>,
}

impl Collector {
    pub(crate) async fn start() -> Self {
        let received = Arc::<Mutex<ReceivedTelemetry>>::default();
        let routes = Router::new()
            .route("/otlp/v1/metrics", post(receive_metrics))
            .route("/otlp/v1/traces", post(receive_traces))
            .with_state(received.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}/otlp", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self { endpoint, received }
    }

    pub(crate) fn received(&self) -> MutexGuard<'_, ReceivedTelemetry> {
        self.received.lock().unwrap()
    }

    /// The latest sample with exactly these attributes.
    pub(crate) fn sample(&self, name: &str, attributes: &[(&str, &str)]) -> Option<Sample> {
        let attributes = attributes.iter().map(|(key, value)| (key.to_string(), value.to_string()));
        self.received().samples.get(&(name.to_owned(), attributes.collect())).cloned()
    }

    /// The value of the latest sample with exactly these attributes.
    pub(crate) fn value(&self, name: &str, attributes: &[(&str, &str)]) -> Option<f64> {
        self.sample(name, attributes).map(|sample| sample.value)
    }

    /// The spans with this name that have at least these attributes.
    pub(crate) fn spans(&self, name: &str, with: &[(&str, &str)]) -> Vec<Span> {
        let matches = |span: &Span| {
            let attributes = attributes(&span.attributes);
            with.iter().all(|(key, value)| attributes.get(*key).is_some_and(|found| found == value))
        };
        self.received().spans.iter().filter(|span| span.name == name && matches(span)).cloned().collect()
    }
}

type CollectorState = State<Arc<Mutex<ReceivedTelemetry>>>;

async fn receive_metrics(State(received): CollectorState, headers: HeaderMap, body: Bytes) {
    let message = ExportMetricsServiceRequest::decode(body.clone()).unwrap();
    let mut received = received.lock().unwrap();
    received.add_body(&headers, &body);
    for resource in message.resource_metrics {
        received.resources.extend(resource.resource.map(|resource| attributes(&resource.attributes)));
        for metric in resource.scope_metrics.into_iter().flat_map(|scope| scope.metrics) {
            for (attributes, value, bounds) in data_points(metric.data.unwrap()) {
                let sample = Sample { unit: metric.unit.clone(), value, bounds };
                received.samples.insert((metric.name.clone(), attributes), sample);
            }
        }
    }
}

async fn receive_traces(State(received): CollectorState, headers: HeaderMap, body: Bytes) {
    let message = ExportTraceServiceRequest::decode(body.clone()).unwrap();
    let mut received = received.lock().unwrap();
    received.add_body(&headers, &body);
    for resource in message.resource_spans {
        received.resources.extend(resource.resource.map(|resource| attributes(&resource.attributes)));
        received.spans.extend(resource.scope_spans.into_iter().flat_map(|scope| scope.spans));
    }
}

impl ReceivedTelemetry {
    fn add_body(&mut self, headers: &HeaderMap, body: &[u8]) {
        self.bytes.extend(body);
        let authorization = headers.get(AUTHORIZATION).map(|value| value.to_str().unwrap().to_owned());
        self.authorizations.extend(authorization);
    }
}

fn data_points(data: Data) -> Vec<(Attributes, f64, Vec<f64>)> {
    let numbers = match data {
        Data::Gauge(gauge) => gauge.data_points,
        Data::Sum(sum) => sum.data_points,
        Data::Histogram(histogram) => {
            let points = histogram.data_points.into_iter();
            return points
                .map(|point| (attributes(&point.attributes), point.count as f64, point.explicit_bounds))
                .collect();
        }
        other => panic!("{other:?} is an unexpected kind of metric"),
    };
    let value = |number| match number {
        Number::AsInt(number) => number as f64,
        Number::AsDouble(number) => number,
    };
    let points = numbers.into_iter();
    points.map(|point| (attributes(&point.attributes), value(point.value.unwrap()), Vec::new())).collect()
}

pub(crate) fn attributes(pairs: &[KeyValue]) -> Attributes {
    let text = |pair: &KeyValue| match pair.value.clone().and_then(|value| value.value) {
        Some(Value::StringValue(text)) => text,
        Some(Value::IntValue(number)) => number.to_string(),
        other => panic!("{} is {other:?}", pair.key),
    };
    pairs.iter().map(|pair| (pair.key.clone(), text(pair))).collect()
}
