//! The shutdown of a server that still has an open connection.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use test_support::wait::wait_for;

use crate::support::TestServer;

/// Starts a shutdown that waits for a connection. A connection that has sent no request yet may send one.
async fn begin_shutdown(server: &TestServer) -> TcpStream {
    let connection = server.connect();
    // The server accepts connections in order, so it has accepted the first one when it answers the second.
    assert_eq!(server.get("/readyz", "").await.status, 200);
    server.send_signal("-INT");
    wait_for("the shutdown to begin", || server.log().contains("shutting down")).await;
    connection
}

#[tokio::test]
async fn a_server_that_shuts_down_is_not_ready_while_it_still_answers() {
    let server = TestServer::start();
    let mut connection = begin_shutdown(&server).await;
    connection.write_all(b"GET /readyz HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    let mut response = String::new();
    connection.read_to_string(&mut response).unwrap();
    assert!(response.starts_with("HTTP/1.1 503 "), "{response}");
    assert!(response.ends_with(r#"{"status":"shutting down"}"#), "{response}");
    assert_eq!(server.wait_for_exit().code(), Some(0));
}

#[tokio::test]
async fn a_second_signal_ends_the_server_immediately() {
    for (signal, status) in [("-INT", 130), ("-TERM", 143)] {
        let server = TestServer::start();
        let _connection = begin_shutdown(&server).await;
        server.send_signal(signal);
        assert_eq!(server.wait_for_exit().code(), Some(status));
    }
}
