//! The limits of connections (`docs/specification.md`, section 10).

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    ops::Range,
    thread,
    time::{Duration, Instant},
};

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use test_support::wait::block_until;

use crate::support::TestServer;

const MAX_CONNECTIONS: usize = 1024;
const REQUEST: &str = "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n";
const BODY: &str = r#"{"status":"ok"}"#;

/// Sends a request and reads its response.
#[track_caller]
fn exchange(stream: &mut TcpStream) {
    stream.write_all(REQUEST.as_bytes()).unwrap();
    read_response(stream);
}

#[track_caller]
fn read_response(stream: &mut TcpStream) {
    let mut response = String::new();
    while !response.ends_with(BODY) {
        let mut bytes = [0; 1024];
        let length = stream.read(&mut bytes).unwrap();
        assert_ne!(length, 0, "the connection was closed: {response}");
        response.push_str(std::str::from_utf8(&bytes[..length]).unwrap());
    }
    assert!(response.starts_with("HTTP/1.1 200 OK\r\n"), "{response}");
}

/// Waits until the server closes the connection. Asserts how many seconds this takes, and returns what the
/// server sent before.
#[track_caller]
fn assert_closed_after(seconds: Range<u64>, stream: &mut TcpStream) -> String {
    let (start, mut bytes) = (Instant::now(), Vec::new());
    if let Err(error) = stream.read_to_end(&mut bytes) {
        assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{error}");
    }
    let elapsed = start.elapsed();
    assert!(seconds.contains(&elapsed.as_millis().div_ceil(1000).try_into().unwrap()), "{elapsed:?}");
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_connection_whose_header_is_not_complete_is_closed_after_10_seconds() {
    let server = TestServer::start();
    let limit = 10..15;
    thread::scope(|scope| {
        scope.spawn(|| assert_eq!(assert_closed_after(limit.clone(), &mut server.connect()), ""));
        scope.spawn(|| {
            let mut stream = server.connect();
            stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: local").unwrap();
            assert_closed_after(limit.clone(), &mut stream);
        });
        scope.spawn(|| {
            let mut stream = server.connect();
            let mut writer = stream.try_clone().unwrap();
            let slow_bytes = REQUEST.bytes().map_while(move |byte| {
                writer.write_all(&[byte]).ok()?;
                thread::sleep(Duration::from_secs(1));
                Some(())
            });
            scope.spawn(move || slow_bytes.for_each(drop));
            assert_closed_after(limit.clone(), &mut stream);
        });
        scope.spawn(|| {
            let mut stream = server.connect();
            exchange(&mut stream);
            // The limit begins with the first byte of the next request.
            thread::sleep(Duration::from_secs(12));
            stream.write_all(b"GET").unwrap();
            assert_closed_after(limit.clone(), &mut stream);
        });
    });
}

/// The clients run at the same time, because each of them waits for its limit.
#[test]
fn a_client_that_is_idle_or_sends_no_body_or_does_not_read_is_disconnected() {
    let server = TestServer::start();
    thread::scope(|scope| {
        scope.spawn(|| an_idle_connection_is_closed_after_75_seconds(&server));
        scope.spawn(|| a_body_that_does_not_arrive_is_refused_after_30_seconds(&server));
        scope.spawn(|| a_client_that_does_not_read_is_disconnected_after_30_seconds(&server));
    });
}

fn an_idle_connection_is_closed_after_75_seconds(server: &TestServer) {
    let mut stream = server.connect();
    exchange(&mut stream);
    thread::sleep(Duration::from_secs(5));
    exchange(&mut stream);
    assert_eq!(assert_closed_after(75..80, &mut stream), "");
}

fn a_body_that_does_not_arrive_is_refused_after_30_seconds(server: &TestServer) {
    let mut stream = server.connect();
    let head = "POST /api/v1/admin/tenants HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer x\r\n\
                content-type: application/json\r\ncontent-length: 100\r\n\r\n{";
    stream.write_all(head.as_bytes()).unwrap();
    let response = assert_closed_after(30..35, &mut stream);
    assert!(response.starts_with("HTTP/1.1 503 "), "{response}");
    assert!(response.contains("\"code\":\"TIMEOUT\""), "{response}");
}

fn a_client_that_does_not_read_is_disconnected_after_30_seconds(server: &TestServer) {
    let mut stream = server.connect();
    stream.set_nonblocking(true).unwrap();
    let requests = REQUEST.repeat(1000);
    let started = Instant::now();
    let (mut sent, mut last_sent) = (0, started);
    while is_open_on_the_server(&stream) {
        match stream.write(&requests.as_bytes()[sent % requests.len()..]) {
            Ok(length) => (sent, last_sent) = (sent + length, Instant::now()),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::WouldBlock, "{error}");
                thread::sleep(Duration::from_millis(50));
            }
        }
        assert!(last_sent.elapsed() < Duration::from_secs(40), "the client is still connected");
    }
    // Measured from the start, because the server's limit begins when the server cannot send, which can be
    // before the last write of the client.
    assert!(started.elapsed() >= Duration::from_secs(30), "{:?}", started.elapsed());
}

/// Whether the server's end of a connection is open. Linux does not inform a client that does not read.
fn is_open_on_the_server(stream: &TcpStream) -> bool {
    let (server, client) = (stream.peer_addr().unwrap().port(), stream.local_addr().unwrap().port());
    let connection = format!(" 0100007F:{server:04X} 0100007F:{client:04X} 01 ");
    std::fs::read_to_string("/proc/net/tcp").unwrap().contains(&connection)
}

#[test]
fn at_most_1024_connections_are_open_and_further_clients_wait() {
    // The server inherits a low limit of open files, and raises it.
    let (_, highest) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, 512, highest).unwrap();
    let server = TestServer::start();
    setrlimit(Resource::RLIMIT_NOFILE, highest.min(4096), highest).unwrap();

    let connect = || {
        let mut stream = server.connect();
        exchange(&mut stream);
        stream
    };
    let mut open: Vec<TcpStream> = (0..MAX_CONNECTIONS).map(|_| connect()).collect();
    let mut waiting = server.connect();
    waiting.write_all(REQUEST.as_bytes()).unwrap();
    waiting.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
    let error = waiting.read(&mut [0; 1]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WouldBlock, "{error}");

    open.pop();
    waiting.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    read_response(&mut waiting);
    // The open connections still work.
    exchange(&mut open[0]);
}

#[test]
fn a_request_that_has_begun_is_finished_during_shutdown() {
    let server = TestServer::start();
    let mut stream = server.connect();
    let head =
        "POST /logout HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer x\r\ncontent-length: 2\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    let mut idle = server.connect();
    exchange(&mut idle);
    thread::scope(|scope| {
        let stop = scope.spawn(|| server.stop());
        // The server closes idle connections when it stops.
        assert_closed_after(0..10, &mut idle);
        stream.write_all(b"{}").unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        assert!(response.starts_with("HTTP/1.1 303 "), "{response}");
        assert!(response.contains("\r\nconnection: close\r\n"), "{response}");
        assert!(stop.join().unwrap());
    });
    block_until("the port to be free", || TcpStream::connect(stream.peer_addr().unwrap()).is_err());
}
