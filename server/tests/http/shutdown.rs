//! The shutdown of a server.

use test_support::wait::wait_for;

use crate::support::TestServer;

/// Starts a server that still accepts requests for `delay` seconds after a signal, and sends it a signal.
async fn begin_shutdown(delay: &str) -> TestServer {
    let server = TestServer::start_with(&[("TENANTRY_SHUTDOWN_DELAY_SECONDS", delay)]);
    assert_eq!(server.get("/readyz", "").await.status, 200);
    server.send_signal("-INT");
    wait_for("the shutdown to begin", || server.log().contains("shutting down")).await;
    server
}

#[tokio::test]
async fn a_server_that_shuts_down_is_not_ready_while_it_still_answers() {
    let server = begin_shutdown("3").await;
    let reply = server.get("/readyz", "").await;
    assert_eq!((reply.status, reply.text.as_str()), (503, r#"{"status":"shutting down"}"#));
    assert_eq!(server.page("/login", "").await.status, 200);
    assert_eq!(server.wait_for_exit().code(), Some(0));
}

#[tokio::test]
async fn a_second_signal_ends_the_server_immediately() {
    for (signal, status) in [("-INT", 130), ("-TERM", 143)] {
        let server = begin_shutdown("300").await;
        server.send_signal(signal);
        assert_eq!(server.wait_for_exit().code(), Some(status));
    }
}
