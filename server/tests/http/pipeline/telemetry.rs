//! What is told of attempts: log lines, and traces and metrics to a collector.

mod collector;

use std::net::TcpListener;

use opentelemetry_proto::tonic::trace::v1::{span::SpanKind, status::StatusCode};

use self::collector::{Collector, attributes};
use super::{copying::deaf_bridge, *};
use crate::support::wait_until;

const COPY: &str = "STEP_1_COPY_DB";
const BRIDGE: &str = "STEP_6_BRIDGE_METADATA_UPSERT";
const BRIDGE_TOKEN: &str = "quiet-harbour-lantern";
const OTLP_TOKEN: &str = "patient-willow-ferry";
const SOON: [(&str, &str); 2] = [("OTEL_METRIC_EXPORT_INTERVAL", "200"), ("OTEL_BSP_SCHEDULE_DELAY", "100")];

/// A pipeline that copies databases and whose bridge refuses everything.
fn pipeline() -> Pipeline {
    let pipeline = Pipeline::start(&deaf_bridge().replace("word", BRIDGE_TOKEN), "", &[]);
    pipeline.make_template();
    pipeline
}

fn restart(pipeline: &Pipeline, env: &[(&str, &str)]) {
    let config = ("TENANTRY_CONFIG", pipeline.config.as_str());
    pipeline.server.restart_with(&[], &[&[config], env].concat());
}

/// What nobody may read in a log or a trace.
fn secrets(pipeline: &Pipeline, made: &Value) -> Vec<String> {
    let invitation = text(made, "/owner/invitationUrl").rsplit('/').next().unwrap();
    let database = pipeline.server.folder.database_url();
    let password = database.split([':', '@']).nth(2).unwrap();
    [text(made, "/secretKey"), invitation, &pipeline.token, password, BRIDGE_TOKEN, OTLP_TOKEN]
        .map(str::to_owned)
        .to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_succeeds_and_one_that_fails_arrive_as_metrics_and_spans() {
    let (collector, pipeline) = (Collector::start().await, pipeline());
    let env = [
        ("TENANTRY_OTLP_ENDPOINT", collector.endpoint.as_str()),
        ("TENANTRY_OTLP_TOKEN", OTLP_TOKEN),
        ("TENANTRY_ENVIRONMENT_NAME", "staging"),
    ];
    restart(&pipeline, &[&env[..], &SOON].concat());
    pipeline.server.is_ready_soon().await;
    let body = good_body();
    let made = pipeline.order(&body).await;
    let id = text(&made, "/requestId");
    pipeline.soon(id, BRIDGE, "dead").await;
    let (step, outcome, cause) = ("tenantry.step", "tenantry.outcome", "error.type");
    let succeeded = [(step, COPY), (outcome, "succeeded")];
    let failed = [(step, BRIDGE), (outcome, "failed")];
    let failed_so = [failed[0], failed[1], (cause, "CONNECTOR_FAILED")];
    wait_until(|| collector.value("tenantry.step.attempts", &failed_so) == Some(1.0));
    wait_until(|| collector.value("tenantry.queue.jobs", &[("tenantry.job.state", "dead")]) == Some(1.0));
    wait_until(|| !collector.spans("job", &[]).is_empty());

    assert_eq!(collector.value("tenantry.step.attempts", &succeeded), Some(1.0));
    for ended in [succeeded, failed] {
        let sample = collector.sample("tenantry.step.duration", &ended).unwrap();
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
    assert_eq!(collector.value("tenantry.worker.count", &[]), Some(2.0));
    for connector in ["database_copy", "bridge"] {
        assert_eq!(collector.value("tenantry.breaker.open", &[("tenantry.connector", connector)]), Some(0.0));
    }

    let [provision] = &collector.spans("provision", &[("request.id", id), ("outcome", "created")])[..] else {
        panic!("one call: {:#?}", collector.heard().spans);
    };
    assert!(provision.parent_span_id.is_empty());
    let [job] = &collector.spans("job", &[("request.id", id)])[..] else { panic!("one turn") };
    let job_id = attributes(&job.attributes)["job.id"].clone();
    let of = |name, outcome| {
        let with = [
            ("job.id", job_id.as_str()),
            ("request.id", id),
            ("step", name),
            ("attempt", "1"),
            ("outcome", outcome),
        ];
        let [span] = &collector.spans("step", &with)[..] else { panic!("one attempt of {name}") };
        assert_eq!((&span.trace_id, &span.parent_span_id), (&job.trace_id, &job.span_id));
        span.clone()
    };
    of(COPY, "succeeded");
    let bridge = of(BRIDGE, "failed");
    assert_eq!(attributes(&bridge.attributes)[cause], "CONNECTOR_FAILED");
    assert_eq!(bridge.status.unwrap().code(), StatusCode::Error);
    for method in ["GET", "PUT"] {
        let [call] = &collector.spans(method, &[("http.response.status_code", "404")])[..] else {
            panic!("one {method}")
        };
        assert_eq!((&call.trace_id, &call.parent_span_id), (&bridge.trace_id, &bridge.span_id));
        assert_eq!(call.kind(), SpanKind::Client);
    }

    let heard = collector.heard();
    assert!(heard.authorizations.iter().all(|value| *value == format!("Bearer {OTLP_TOKEN}")));
    let who = &heard.resources[0];
    assert_eq!(
        (who["service.name"].as_str(), who["deployment.environment.name"].as_str()),
        ("tenantry", "staging")
    );
    assert_eq!(who["service.version"], env!("CARGO_PKG_VERSION"));
    assert!(heard.resources.iter().all(|other| other["service.instance.id"] == who["service.instance.id"]));
    let names: Vec<&str> = heard.spans.iter().map(|span| span.name.as_str()).collect();
    assert!(names.iter().all(|name| ["provision", "job", "step", "GET", "PUT"].contains(name)), "{names:?}");
    assert!(heard.spans.iter().all(|span| span.events.is_empty()));

    let told = String::from_utf8_lossy(&heard.bytes);
    let owner = ["/owner/email", "/owner/name", "/slug", "/name"].map(|place| text(&body, place).to_owned());
    for secret in secrets(&pipeline, &made).into_iter().chain(owner) {
        assert!(!told.contains(&secret), "{secret} was exported");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_process_exports_too_and_sends_the_rest_when_it_stops() {
    let (collector, pipeline) = (Collector::start().await, pipeline());
    pipeline.restart(&["--workers", "0"]);
    let env = [
        ("TENANTRY_CONFIG", pipeline.config.as_str()),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.endpoint),
        ("OTEL_SERVICE_NAME", "tenantry-workers"),
        ("OTEL_RESOURCE_ATTRIBUTES", "service.namespace=shop"),
    ];
    let mut worker = pipeline.server.start_beside(&["worker", "--workers", "1"], &env);
    let made = pipeline.order(&good_body()).await;
    pipeline.soon(text(&made, "/requestId"), BRIDGE, "dead").await;
    // Sooner than it would send by itself.
    assert!(worker.stop());
    let failed =
        [("tenantry.step", BRIDGE), ("tenantry.outcome", "failed"), ("error.type", "CONNECTOR_FAILED")];
    assert_eq!(collector.value("tenantry.step.attempts", &failed), Some(1.0));
    assert_eq!(collector.spans("step", &[]).len(), 2);
    let heard = collector.heard();
    assert_eq!(heard.resources[0]["service.name"], "tenantry-workers");
    assert_eq!(heard.resources[0]["service.namespace"], "shop");
    assert!(heard.authorizations.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_gone_or_silent_hinders_nothing_and_is_spoken_of_once() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for place in [gone, silent.local_addr().unwrap()] {
        let endpoint = format!("http://{place}");
        let server =
            TestServer::start_with(&[&[("TENANTRY_OTLP_ENDPOINT", endpoint.as_str())], &SOON[..]].concat());
        server.is_ready_soon().await;
        let token = server.token("ADMIN");
        let begun = Instant::now();
        for _ in 0..20 {
            let made = server.provision(&token, &new_key(), &good_body()).await;
            assert_eq!(made.status, 201, "{}", made.text);
        }
        // Waiting for the collector would take some seconds each time.
        assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
        let said = || server.log().matches("traces and metrics cannot be exported").count();
        if place == gone {
            wait_until(|| said() > 0);
        }
        let begun = Instant::now();
        assert!(server.stop());
        assert!(begun.elapsed() < Duration::from_secs(6), "{:?}", begun.elapsed());
        assert!(said() <= 1, "{}", server.log());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_has_one_line_for_each_attempt_and_no_secret() {
    let pipeline = pipeline();
    restart(
        &pipeline,
        &[("TENANTRY_LOG", "info,engine=debug,tenantry=debug"), ("TENANTRY_LOG_FORMAT", "json")],
    );
    let made = pipeline.order(&good_body()).await;
    pipeline.soon(text(&made, "/requestId"), BRIDGE, "dead").await;
    let log = pipeline.server.log();
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
    let recorded = pipeline.sql(
        "SELECT a.job_id, s.name, a.number, a.outcome FROM step_attempts a JOIN job_steps s USING (job_id, position) ORDER BY position",
    );
    assert_eq!(ends.join("\n"), recorded);
    for secret in secrets(&pipeline, &made) {
        assert!(!log.contains(&secret), "{secret} is in the log");
    }
}
