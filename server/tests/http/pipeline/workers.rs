use std::net::TcpListener;

use super::*;
use sqlx::{AssertSqlSafe, Connection, PgConnection, postgres::PgConnectOptions};
use test_support::wait::{block_until, wait_for_future};

const COPY: &str = "STEP_1_COPY_DB";
const BRIDGE: &str = "STEP_6_BRIDGE_METADATA_UPSERT";
const FINALIZE: &str = "STEP_7_FINALIZE_TENANT";

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_server_releases_its_step() {
    // A bridge that accepts connections but never responds.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let bridge = format!("[bridge]\nurl = \"http://{}\"\ntoken = \"word\"", silent.local_addr().unwrap());
    let pipeline = PipelineServer::start(&bridge, "", &[]);
    pipeline.create_template();
    let provisioned = pipeline.provision(&valid_body()).await;
    let id = text(&provisioned, "/requestId");
    pipeline.wait_for_step(id, BRIDGE, "running").await;

    pipeline.restart(&["--workers", "0"]);
    // The call would have failed after 30 s. The step was released instead.
    assert_eq!(state_of(&pipeline.request(id).await, BRIDGE), "retrying");
    let attempts = "SELECT outcome FROM step_attempts ORDER BY position DESC, number DESC LIMIT 1";
    assert_eq!(pipeline.sql(attempts), "released");
    assert_eq!(pipeline.sql("SELECT count(*) FROM workers"), "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn worker_processes_run_the_jobs_of_a_server_without_workers() {
    let pipeline = PipelineServer::start("", "", &["--workers", "0"]);
    pipeline.create_template();
    let provisioned = pipeline.provision(&valid_body()).await;
    let id = text(&provisioned, "/requestId");
    assert_eq!(pipeline.sql("SELECT count(*) FROM workers"), "0");
    let stream = pipeline.server.request(Method::GET, &path(id, "/events")).bearer_auth(&pipeline.token);
    let mut stream = stream.send().await.unwrap();
    let first = String::from_utf8(stream.chunk().await.unwrap().unwrap().to_vec()).unwrap();
    assert!(first.starts_with("event: request\n"), "{first}");

    let env = [("TENANTRY_CONFIG", pipeline.config.as_str())];
    let mut worker = pipeline.server.start_background(&["worker", "--workers", "3"], &env);
    let mut events = String::new();
    while let Some(chunk) = stream.chunk().await.unwrap() {
        events.push_str(&String::from_utf8_lossy(&chunk));
    }
    // The stream closes after the last event.
    let last = events.lines().rfind(|line| line.starts_with("data: {")).expect("an event");
    let request: Value = serde_json::from_str(&last["data: ".len()..]).unwrap();
    assert_eq!(
        (state_of(&request, COPY), state_of(&request, FINALIZE)),
        ("succeeded".into(), "succeeded".into())
    );
    block_until("three workers", || pipeline.sql("SELECT count(*) FROM workers") == "3");
    assert!(worker.stop());
    block_until("no workers", || pipeline.sql("SELECT count(*) FROM workers") == "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_stream_resumes_after_the_last_event_id() {
    let pipeline = PipelineServer::start("", "", &[]);
    let provisioned = pipeline.provision(&valid_body()).await;
    let id = text(&provisioned, "/requestId");
    pipeline.wait_for_step(id, COPY, "dead").await;
    let follow = |known: &str| {
        let request = pipeline.server.request(Method::GET, &path(id, "/events")).bearer_auth(&pipeline.token);
        request.header("last-event-id", known).send()
    };
    let event = follow("").await.unwrap().chunk().await.unwrap().unwrap();
    let event = String::from_utf8(event.to_vec()).unwrap();
    let known = event.lines().find_map(|line| line.strip_prefix("id: ")).expect("an id");

    // Another process uses the same event IDs.
    pipeline.restart(&[]);
    pipeline.server.wait_until_ready().await;
    let mut stream = follow(known).await.unwrap();
    assert_eq!(stream.status(), 200);
    let quiet = tokio::time::timeout(Duration::from_millis(2500), stream.chunk()).await;
    assert!(quiet.is_err(), "nothing has changed: {quiet:?}");
    assert_eq!(pipeline.post(id, "/retry", None).await.status, 200);
    let next = stream.chunk().await.unwrap().unwrap();
    assert!(next.starts_with(b"event: request\n"), "{next:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_other_processes_are_sent_immediately() {
    let pipeline = PipelineServer::start("", "", &["--workers", "0"]);
    let provisioned = pipeline.provision(&valid_body()).await;
    let id = text(&provisioned, "/requestId");
    let stream = pipeline.server.request(Method::GET, &path(id, "/events")).bearer_auth(&pipeline.token);
    let mut stream = stream.send().await.unwrap();
    wait_for_future("the first event", stream.chunk()).await.unwrap().expect("the first event");
    let options: PgConnectOptions = pipeline.server.data_directory.database_url().parse().unwrap();
    let mut other =
        PgConnection::connect_with(&options.options([("search_path", "tenantry")])).await.unwrap();
    let mut delays = Vec::new();
    for count in 1..10 {
        let start = Instant::now();
        let change = format!(
            "UPDATE job_steps SET attempt = {count} WHERE position = 1; SELECT notify_change('{id}')"
        );
        sqlx::raw_sql(AssertSqlSafe(change)).execute(&mut other).await.unwrap();
        wait_for_future("an event", stream.chunk()).await.unwrap().expect("an event");
        delays.push(start.elapsed());
    }
    // Without notifications, the server polls a second after the previous event. A busy machine delays some
    // events, not most.
    delays.sort();
    assert!(delays[delays.len() / 2] < Duration::from_millis(900), "{delays:?}");
}

#[tokio::test]
async fn a_worker_process_needs_at_least_one_worker() {
    let server = TestServer::shared().await;
    for arguments in [&["worker", "--workers", "0"][..], &["worker", "--workers", "many"]] {
        let output = server.command(arguments, "");
        assert!(!output.status.success());
        assert!(String::from_utf8_lossy(&output.stderr).contains("--workers"), "{output:?}");
    }
}
