//! Provisions tenants over HTTP, with the admin token in `TENANTRY_TOKEN`, and prints the measurement as JSON. Like
//! pgbench, the program shares the processors with the measured server. Therefore each client is a thread with
//! a blocking connection, which costs little processor time.

use std::{
    env,
    error::Error,
    fmt::Write as _,
    io::{Read, Write, stdout},
    net::{Ipv4Addr, TcpStream},
    thread,
    time::{Duration, Instant},
};

use clap::Parser;
use serde::Serialize;
use uuid::Uuid;

type BenchResult<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// How long a response may take.
const TIMEOUT: Duration = Duration::from_secs(60);
const HEAD_END: &[u8] = b"\r\n\r\n";

/// Each client sends its next request when it has the response to the previous one.
#[derive(Debug, Parser)]
struct ProvisioningLoad {
    port: u16,
    clients: usize,
    seconds: f64,
    /// The status of each response. Another status ends the measurement with an error.
    expected: u16,
}

/// The latencies in milliseconds, and the duration of the whole load.
#[derive(Debug, Serialize)]
struct Measurement {
    latencies: Vec<f64>,
    seconds: f64,
}

fn main() -> BenchResult<()> {
    let measured = ProvisioningLoad::parse().measure(&env::var("TENANTRY_TOKEN")?)?;
    Ok(writeln!(stdout(), "{}", serde_json::to_string(&measured)?)?)
}

impl ProvisioningLoad {
    fn measure(&self, token: &str) -> BenchResult<Measurement> {
        let began = Instant::now();
        let end = began + Duration::from_secs_f64(self.seconds);
        let latencies = thread::scope(|scope| {
            let clients: Vec<_> =
                (0..self.clients).map(|_| scope.spawn(|| self.run_client(token, end))).collect();
            clients
                .into_iter()
                .map(|client| client.join().unwrap_or_else(|_| Err("a client panicked".into())))
                .collect::<BenchResult<Vec<_>>>()
        })?;
        Ok(Measurement { latencies: latencies.concat(), seconds: began.elapsed().as_secs_f64() })
    }

    fn run_client(&self, token: &str, end: Instant) -> BenchResult<Vec<f64>> {
        let mut client = Client::connect(self.port, token)?;
        let mut latencies = Vec::new();
        let mut sent = Instant::now();
        while sent < end {
            let status = client.provision()?;
            if status != self.expected {
                return Err(format!("status {status}: {}", String::from_utf8_lossy(client.body())).into());
            }
            let now = Instant::now();
            latencies.push((now - sent).as_secs_f64() * 1000.0);
            sent = now;
        }
        Ok(latencies)
    }
}

/// A persistent connection.
struct Client {
    stream: TcpStream,
    /// The first line and the headers that all requests share.
    head: String,
    request: String,
    response: Vec<u8>,
    body_start: usize,
}

impl Client {
    fn connect(port: u16, token: &str) -> BenchResult<Self> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        let head = format!(
            "POST /api/v1/admin/tenants HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\n"
        );
        Ok(Self { stream, head, request: String::new(), response: Vec::new(), body_start: 0 })
    }

    /// Provisions a tenant with a new slug and e-mail, and returns the status of the response.
    fn provision(&mut self) -> BenchResult<u16> {
        let (key, id) = (Uuid::new_v4(), Uuid::new_v4().simple());
        let unique = &id.to_string()[..16];
        let body = format!(
            r#"{{"slug":"h-{unique}","name":"Bench {unique}","owner":{{"name":"Ada Bench","email":"h-{unique}@bench.example"}}}}"#
        );
        self.request.clear();
        write!(
            self.request,
            "{}Idempotency-Key: {key}\r\nContent-Length: {}\r\n\r\n{body}",
            self.head,
            body.len()
        )?;
        self.stream.write_all(self.request.as_bytes())?;
        self.read_response()
    }

    fn read_response(&mut self) -> BenchResult<u16> {
        self.response.clear();
        self.body_start = loop {
            self.read_more()?;
            if let Some(end) = self.response.windows(HEAD_END.len()).position(|part| part == HEAD_END) {
                break end + HEAD_END.len();
            }
        };
        let head = std::str::from_utf8(&self.response[..self.body_start])?.to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let end = self.body_start + length.ok_or("the response has no Content-Length")?.parse::<usize>()?;
        while self.response.len() < end {
            self.read_more()?;
        }
        Ok(head.split(' ').nth(1).ok_or("the response has no status")?.parse()?)
    }

    fn read_more(&mut self) -> BenchResult<()> {
        let mut part = [0; 8192];
        match self.stream.read(&mut part)? {
            0 => Err("the server closed the connection".into()),
            length => Ok(self.response.extend_from_slice(&part[..length])),
        }
    }

    fn body(&self) -> &[u8] {
        &self.response[self.body_start..]
    }
}
