use std::net::TcpListener;

use super::*;
use crate::support::wait_until;

const COPY: &str = "STEP_1_COPY_DB";
const BRIDGE: &str = "STEP_6_BRIDGE_METADATA_UPSERT";
const FINALIZE: &str = "STEP_7_FINALIZE_TENANT";

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_told_to_stop_hands_its_step_back_at_once() {
    // Takes connections and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let bridge = format!("[bridge]\nurl = \"http://{}\"\ntoken = \"word\"", silent.local_addr().unwrap());
    let pipeline = Pipeline::start(&bridge, "", &[]);
    pipeline.make_template();
    let made = pipeline.order(&good_body()).await;
    let id = text(&made, "/requestId");
    pipeline.soon(id, BRIDGE, "running").await;

    let begun = Instant::now();
    pipeline.restart(&["--workers", "0"]);
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
    assert_eq!(state_of(&pipeline.request(id).await, BRIDGE), "retrying");
    let attempts = "SELECT outcome FROM step_attempts ORDER BY position DESC, number DESC LIMIT 1";
    assert_eq!(pipeline.sql(attempts), "released");
    assert_eq!(pipeline.sql("SELECT sum(tries) FROM job_steps WHERE state = 'retrying'"), "0");
    assert_eq!(pipeline.sql("SELECT count(*) FROM workers"), "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_beside_a_server_without_any_do_its_jobs_and_its_streams_tell() {
    let pipeline = Pipeline::start("", "", &["--workers", "0"]);
    pipeline.make_template();
    let made = pipeline.order(&good_body()).await;
    let id = text(&made, "/requestId");
    assert_eq!(pipeline.sql("SELECT count(*) FROM workers"), "0");
    let stream = pipeline.server.request(Method::GET, &path(id, "/events")).bearer_auth(&pipeline.token);
    let mut stream = stream.send().await.unwrap();
    let first = String::from_utf8(stream.chunk().await.unwrap().unwrap().to_vec()).unwrap();
    assert!(first.starts_with("event: request\n"), "{first}");

    let env = [("TENANTRY_CONFIG", pipeline.config.as_str())];
    let mut worker = pipeline.server.start_beside(&["worker", "--workers", "3"], &env);
    let mut told = String::new();
    while let Some(chunk) = stream.chunk().await.unwrap() {
        told.push_str(&String::from_utf8_lossy(&chunk));
    }
    // The stream ended by itself, so the last event tells the end.
    let last = told.lines().rfind(|line| line.starts_with("data: {")).expect("an event");
    let request: Value = serde_json::from_str(&last["data: ".len()..]).unwrap();
    assert_eq!(
        (state_of(&request, COPY), state_of(&request, FINALIZE)),
        ("succeeded".into(), "succeeded".into())
    );
    wait_until(|| pipeline.sql("SELECT count(*) FROM workers") == "3");
    assert!(worker.stop());
    wait_until(|| pipeline.sql("SELECT count(*) FROM workers") == "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_goes_on_where_its_client_left_it() {
    let pipeline = Pipeline::start("", "", &[]);
    let made = pipeline.order(&good_body()).await;
    let id = text(&made, "/requestId");
    pipeline.soon(id, COPY, "dead").await;
    let follow = |known: &str| {
        let request = pipeline.server.request(Method::GET, &path(id, "/events")).bearer_auth(&pipeline.token);
        request.header("last-event-id", known).send()
    };
    let event = follow("").await.unwrap().chunk().await.unwrap().unwrap();
    let event = String::from_utf8(event.to_vec()).unwrap();
    let known = event.lines().find_map(|line| line.strip_prefix("id: ")).expect("an id");

    // Another process knows the same ids.
    pipeline.restart(&[]);
    pipeline.server.is_ready_soon().await;
    let mut stream = follow(known).await.unwrap();
    assert_eq!(stream.status(), 200);
    let quiet = tokio::time::timeout(Duration::from_millis(2500), stream.chunk()).await;
    assert!(quiet.is_err(), "nothing has changed: {quiet:?}");
    assert_eq!(pipeline.post(id, "/retry", None).await.status, 200);
    let news = stream.chunk().await.unwrap().unwrap();
    assert!(news.starts_with(b"event: request\n"), "{news:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_process_changes_is_told_at_once() {
    let pipeline = Pipeline::start("", "", &["--workers", "0"]);
    let made = pipeline.order(&good_body()).await;
    let id = text(&made, "/requestId");
    let stream = pipeline.server.request(Method::GET, &path(id, "/events")).bearer_auth(&pipeline.token);
    let mut stream = stream.send().await.unwrap();
    let begun = Instant::now();
    for tries in 1..=5 {
        stream.chunk().await.unwrap().expect("an event");
        pipeline.sql(&format!(
            "UPDATE job_steps SET tries = {tries} WHERE position = 1; SELECT notify_change('{id}')"
        ));
    }
    // Looking once a second would take five.
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_worker_process_has_workers() {
    let server = TestServer::shared().await;
    for arguments in [&["worker", "--workers", "0"][..], &["worker", "--workers", "many"]] {
        let output = server.command(arguments, "");
        assert!(!output.status.success());
        assert!(String::from_utf8_lossy(&output.stderr).contains("--workers"), "{output:?}");
    }
}
