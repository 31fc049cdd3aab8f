//! The telemetry of attempts: log lines, and traces and metrics that are sent to a collector.

mod collector;

use std::net::TcpListener;

use opentelemetry_proto::tonic::trace::v1::{span::SpanKind, status::StatusCode};

use self::collector::{Collector, attributes};
use super::{copying::failing_bridge, *};
use test_support::{
    reserved_port::ReservedPort,
    wait::{wait_for, wait_for_value},
};

const COPY: &str = "STEP_1_COPY_DB";
const BRIDGE: &str = "STEP_6_BRIDGE_METADATA_UPSERT";
const BRIDGE_TOKEN: &str = "quiet-harbour-lantern";
const OTLP_TOKEN: &str = "patient-willow-ferry";
/// Short export intervals.
const FAST_EXPORT: [(&str, &str); 2] =
    [("OTEL_METRIC_EXPORT_INTERVAL", "200"), ("OTEL_BSP_SCHEDULE_DELAY", "100")];

/// A server that copies databases and whose bridge responds with 404.
fn pipeline() -> PipelineServer {
    let pipeline = PipelineServer::start(&failing_bridge().replace("word", BRIDGE_TOKEN), "", &[]);
    pipeline.create_template();
    pipeline
}

fn restart(pipeline: &PipelineServer, env: &[(&str, &str)]) {
    let config = ("TENANTRY_CONFIG", pipeline.config.as_str());
    pipeline.server.restart_with(&[], &[&[config], env].concat());
}

/// The secrets that must not be in a log or a trace.
fn secrets(pipeline: &PipelineServer, provisioned: &Value) -> Vec<String> {
    let invitation = text(provisioned, "/owner/invitationUrl").rsplit('/').next().unwrap();
    let database = pipeline.server.data_directory.database_url();
    let password = database.split([':', '@']).nth(2).unwrap();
    [text(provisioned, "/secretKey"), invitation, &pipeline.token, password, BRIDGE_TOKEN, OTLP_TOKEN]
        .map(str::to_owned)
        .to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn succeeded_and_failed_steps_are_exported_as_metrics_and_spans() {
    let (collector, pipeline) = (Collector::start().await, pipeline());
    let env = [
        ("TENANTRY_OTLP_ENDPOINT", collector.endpoint.as_str()),
        ("TENANTRY_OTLP_TOKEN", OTLP_TOKEN),
        ("TENANTRY_ENVIRONMENT_NAME", "staging"),
    ];
    restart(&pipeline, &[&env[..], &FAST_EXPORT].concat());
    pipeline.server.wait_until_ready().await;
    let body = valid_body();
    let provisioned = pipeline.provision(&body).await;
    let id = text(&provisioned, "/requestId");
    pipeline.wait_for_step(id, BRIDGE, "dead").await;
    let (step, outcome, cause) = ("tenantry.step", "tenantry.outcome", "error.type");
    let succeeded = [(step, COPY), (outcome, "succeeded")];
    let failed = [(step, BRIDGE), (outcome, "failed")];
    let failed_with_cause = [failed[0], failed[1], (cause, "CONNECTOR_FAILED")];
    wait_for("the failed attempt", || {
        collector.value("tenantry.step.attempts", &failed_with_cause) == Some(1.0)
            && collector.sample("tenantry.step.duration", &failed).is_some()
    })
    .await;
    wait_for("the dead job", || {
        collector.value("tenantry.queue.jobs", &[("tenantry.job.state", "dead")]) == Some(1.0)
    })
    .await;
    wait_for("the workers", || collector.value("tenantry.worker.count", &[]) == Some(2.0)).await;
    wait_for("the job's span", || !collector.spans("job", &[]).is_empty()).await;

    assert_eq!(collector.value("tenantry.step.attempts", &succeeded), Some(1.0));
    for labels in [succeeded, failed] {
        let sample = collector.sample("tenantry.step.duration", &labels).unwrap();
        assert_eq!((sample.unit.as_str(), sample.value), ("s", 1.0));
        assert_eq!((sample.bounds.first(), sample.bounds.last()), (Some(&0.005), Some(&600.0)));
    }
    assert_eq!(collector.value("tenantry.provisioning.requests", &[(outcome, "created")]), Some(1.0));
    let sample = collector.sample("tenantry.provisioning.duration", &[(outcome, "created")]).unwrap();
    assert_eq!((sample.unit.as_str(), sample.value), ("s", 1.0));
    for state in ["waiting", "due", "running"] {
        assert_eq!(collector.value("tenantry.queue.jobs", &[("tenantry.job.state", state)]), Some(0.0));
    }
    assert_eq!(collector.value("tenantry.queue.oldest.age", &[]), Some(0.0));
    for connector in ["database_copy", "bridge"] {
        assert_eq!(collector.value("tenantry.breaker.open", &[("tenantry.connector", connector)]), Some(0.0));
    }

    let [provision] = &collector.spans("provision", &[("request.id", id), ("outcome", "created")])[..] else {
        panic!("expected one call: {:#?}", collector.received().spans);
    };
    assert!(provision.parent_span_id.is_empty());
    let [job] = &collector.spans("job", &[("request.id", id)])[..] else { panic!("expected one job span") };
    let job_id = attributes(&job.attributes)["job.id"].clone();
    let step_span = |name, outcome| {
        let with = [
            ("job.id", job_id.as_str()),
            ("request.id", id),
            ("step", name),
            ("attempt", "1"),
            ("outcome", outcome),
        ];
        let [span] = &collector.spans("step", &with)[..] else { panic!("expected one attempt of {name}") };
        assert_eq!((&span.trace_id, &span.parent_span_id), (&job.trace_id, &job.span_id));
        span.clone()
    };
    step_span(COPY, "succeeded");
    let bridge = step_span(BRIDGE, "failed");
    assert_eq!(attributes(&bridge.attributes)[cause], "CONNECTOR_FAILED");
    assert_eq!(bridge.status.unwrap().code(), StatusCode::Error);
    for method in ["GET", "PUT"] {
        let [call] = &collector.spans(method, &[("http.response.status_code", "404")])[..] else {
            panic!("expected one {method}")
        };
        assert_eq!((&call.trace_id, &call.parent_span_id), (&bridge.trace_id, &bridge.span_id));
        assert_eq!(call.kind(), SpanKind::Client);
    }

    let received = collector.received();
    assert!(received.authorizations.iter().all(|value| *value == format!("Bearer {OTLP_TOKEN}")));
    let resource = &received.resources[0];
    assert_eq!(
        (resource["service.name"].as_str(), resource["deployment.environment.name"].as_str()),
        ("tenantry", "staging")
    );
    assert_eq!(resource["service.version"], env!("CARGO_PKG_VERSION"));
    assert!(
        received
            .resources
            .iter()
            .all(|other| other["service.instance.id"] == resource["service.instance.id"])
    );
    let names: Vec<&str> = received.spans.iter().map(|span| span.name.as_str()).collect();
    assert!(names.iter().all(|name| ["provision", "job", "step", "GET", "PUT"].contains(name)), "{names:?}");
    assert!(received.spans.iter().all(|span| span.events.is_empty()));

    let exported = String::from_utf8_lossy(&received.bytes);
    let owner =
        ["/owner/email", "/owner/name", "/slug", "/name"].map(|pointer| text(&body, pointer).to_owned());
    for secret in secrets(&pipeline, &provisioned).into_iter().chain(owner) {
        assert!(!exported.contains(&secret), "{secret} was exported");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_process_exports_its_last_telemetry_when_it_stops() {
    let (collector, pipeline) = (Collector::start().await, pipeline());
    pipeline.restart(&["--workers", "0"]);
    let env = [
        ("TENANTRY_CONFIG", pipeline.config.as_str()),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.endpoint),
        ("OTEL_SERVICE_NAME", "tenantry-workers"),
        ("OTEL_RESOURCE_ATTRIBUTES", "service.namespace=shop"),
    ];
    let mut worker = pipeline.server.start_background(&["worker", "--workers", "1"], &env);
    let provisioned = pipeline.provision(&valid_body()).await;
    pipeline.wait_for_step(text(&provisioned, "/requestId"), BRIDGE, "dead").await;
    // Before the next regular export.
    assert!(worker.stop());
    let failed =
        [("tenantry.step", BRIDGE), ("tenantry.outcome", "failed"), ("error.type", "CONNECTOR_FAILED")];
    assert_eq!(collector.value("tenantry.step.attempts", &failed), Some(1.0));
    assert_eq!(collector.spans("step", &[]).len(), 2);
    let received = collector.received();
    assert_eq!(received.resources[0]["service.name"], "tenantry-workers");
    assert_eq!(received.resources[0]["service.namespace"], "shop");
    assert!(received.authorizations.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unavailable_collector_delays_no_request_and_is_logged_once() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let unreachable = ReservedPort::new();
    for address in [unreachable.address(), silent.local_addr().unwrap()] {
        let endpoint = format!("http://{address}");
        let server = TestServer::start_with(
            &[&[("TENANTRY_OTLP_ENDPOINT", endpoint.as_str())], &FAST_EXPORT[..]].concat(),
        );
        server.wait_until_ready().await;
        let token = server.token("ADMIN");
        let start = Instant::now();
        for _ in 0..20 {
            let provisioned = server.provision(&token, &new_key(), &valid_body()).await;
            assert_eq!(provisioned.status, 201, "{}", provisioned.text);
        }
        // If each request waited for the collector, the 20 requests would take 200 s.
        assert!(start.elapsed() < Duration::from_secs(150), "{:?}", start.elapsed());
        let warnings = || server.log().matches("traces and metrics cannot be exported").count();
        if address == unreachable.address() {
            wait_for("a warning", || warnings() > 0).await;
        }
        let start = Instant::now();
        assert!(server.stop());
        assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
        assert!(warnings() <= 1, "{}", server.log());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_has_one_line_per_attempt_and_no_secrets() {
    let pipeline = pipeline();
    restart(
        &pipeline,
        &[("TENANTRY_LOG", "info,engine=debug,tenantry=debug"), ("TENANTRY_LOG_FORMAT", "json")],
    );
    let provisioned = pipeline.provision(&valid_body()).await;
    pipeline.wait_for_step(text(&provisioned, "/requestId"), BRIDGE, "dead").await;
    let recorded = pipeline.sql(
        "SELECT a.job_id, s.name, a.number, a.outcome FROM step_attempts a JOIN job_steps s USING (job_id, position) ORDER BY position",
    );
    // A worker records the outcome of an attempt in the database before it logs the attempt.
    let ends = wait_for_value("a line for each attempt", async || {
        let ends = attempt_ends(&pipeline.server.log());
        (ends.len() >= recorded.lines().count()).then_some(ends)
    })
    .await;
    assert_eq!(ends.join("\n"), recorded);
    let log = pipeline.server.log();
    for secret in secrets(&pipeline, &provisioned) {
        assert!(!log.contains(&secret), "{secret} is in the log");
    }
}

/// The ends of attempts in a log, as `job|step|attempt|outcome`.
fn attempt_ends(log: &str) -> Vec<String> {
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let ends = lines.map(|line| line["fields"].clone()).filter(|fields| !fields["outcome"].is_null());
    let mut ends: Vec<String> = ends
        .map(|end| {
            assert!(end["elapsed_ms"].is_u64(), "{end}");
            ["job.id", "step", "attempt", "outcome"]
                .map(|name| end[name].to_string().replace('"', ""))
                .join("|")
        })
        .collect();
    ends.sort();
    ends
}
