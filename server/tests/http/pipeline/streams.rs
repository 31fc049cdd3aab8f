//! Event streams: their limit, what each role sees, and how often they read the database.

use app::server_fns::RequestRecord;
use reqwest::Response;
use serde_json::json;
use test_support::wait::wait_for_value;

use super::*;

/// How many event streams a person may have.
const MAX_STREAMS: usize = 8;
/// How long a stream may take to react when the access of its client changes, with a margin for a busy machine.
const MAX_REACTION_TIME: Duration = Duration::from_secs(7);

/// How long a stream may take to end when the server is notified. Without the notification, it would notice after 4 s
/// at the earliest, because it has read the role for the last event.
const MAX_NOTIFIED_TIME: Duration = Duration::from_secs(3);

/// A server with a request whose job is not run, so that its event stream stays open.
pub(super) struct WaitingRequest {
    pub pipeline: PipelineServer,
    pub id: String,
}

impl WaitingRequest {
    pub(super) async fn create() -> Self {
        let pipeline = PipelineServer::start("", "", &["--workers", "0"]);
        let provisioned = pipeline.provision(&valid_body()).await;
        let id = text(&provisioned, "/requestId").to_owned();
        Self { pipeline, id }
    }

    pub(super) fn token(&self, role: &str) -> String {
        self.pipeline.server.token(role)
    }

    /// Asks for the event stream of the request, with a header such as `cookie`.
    async fn follow(&self, header: &str, value: &str) -> Response {
        let request = self.pipeline.server.request(Method::GET, &path(&self.id, "/events"));
        request.header(header, value).send().await.unwrap()
    }

    /// Starts another server with the same database.
    async fn start_second_server(&self) -> TestServer {
        let url = self.pipeline.server.data_directory.database_url();
        let second = TestServer::start_with(&[("DATABASE_URL", &url), ("TENANTRY_WORKERS", "0")]);
        second.wait_until_ready().await;
        second
    }

    /// Asks a server of the installation for the event stream of the request.
    async fn follow_at(&self, server: &TestServer, token: &str) -> Response {
        let request = server.request(Method::GET, &path(&self.id, "/events"));
        request.bearer_auth(token).send().await.unwrap()
    }

    async fn follow_with_token(&self, token: &str) -> Response {
        self.follow("authorization", &format!("Bearer {token}")).await
    }

    async fn open(&self, header: &str, value: &str) -> EventStream {
        let response = self.follow(header, value).await;
        assert_eq!(response.status(), 200);
        EventStream { response, text: String::new() }
    }

    pub(super) async fn open_with_token(&self, token: &str) -> EventStream {
        self.open("authorization", &format!("Bearer {token}")).await
    }

    /// Changes what the request's record shows to every role, and notifies the server.
    fn change(&self, constraint: &str) {
        self.pipeline.sql(&format!(
            "UPDATE provisioning_attempts SET constraint_name = '{constraint}' WHERE request_id = '{0}';
             SELECT pg_notify('tenantry_changes', '{0}')",
            self.id
        ));
    }
}

pub(super) struct EventStream {
    response: Response,
    text: String,
}

impl EventStream {
    /// The data of the next event. `None` at the end of the stream.
    pub(super) async fn next(&mut self) -> Option<Value> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let data = event.lines().find_map(|line| line.strip_prefix("data: ").map(str::to_owned));
                self.text = rest.to_owned();
                if let Some(data) = data {
                    return Some(serde_json::from_str(&data).unwrap());
                }
                continue;
            }
            let chunk = self.response.chunk().await.unwrap()?;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// Reads events until one shows this constraint.
    async fn wait_for(&mut self, constraint: &str) {
        let shows = |event: &Value| event["attemptLog"][0]["constraint"] == constraint;
        while !shows(&self.next().await.expect("an event")) {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_employee_has_at_most_8_open_event_streams() {
    let waiting = WaitingRequest::create().await;
    let viewer = waiting.token("VIEWER");
    let mut open = Vec::new();
    for _ in 0..MAX_STREAMS {
        open.push(waiting.open_with_token(&viewer).await);
    }
    for path in [path(&waiting.id, "/events"), path(&format!("by-key/{}", new_key()), "/events")] {
        let refused = waiting.pipeline.server.get(&path, &viewer).await;
        refused.problem(429, "RATE_LIMITED");
        assert!(refused.header("retry-after").parse::<u32>().unwrap() > 0);
    }
    waiting.open_with_token(&waiting.token("VIEWER")).await.next().await.expect("an event");

    open.pop();
    let next = wait_for_value("a stream", async || {
        let response = waiting.follow_with_token(&viewer).await;
        (response.status() == 200).then_some(response)
    });
    next.await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_has_at_most_8_event_streams_with_all_tokens_and_at_all_servers() {
    let waiting = WaitingRequest::create().await;
    let server = &waiting.pipeline.server;
    let session = server.session("VIEWER").await;
    let create_token = async || {
        let request = server.request(Method::POST, "/api/v1/admin/tokens").header("cookie", &session);
        let request = request.header("origin", &server.origin).header("idempotency-key", new_key());
        let created = server.send(request.json(&json!({ "name": "ci", "role": "VIEWER" }))).await.json();
        created["token"].as_str().unwrap().to_owned()
    };
    let (one, two) = (create_token().await, create_token().await);
    let second = waiting.start_second_server().await;

    let mut open = vec![waiting.follow("cookie", &session).await, waiting.follow("cookie", &session).await];
    for _ in 0..3 {
        open.push(waiting.follow_with_token(&one).await);
        open.push(waiting.follow_at(&second, &two).await);
    }
    assert!(open.len() == MAX_STREAMS && open.iter().all(|stream| stream.status() == 200));
    let refused = async || {
        let here = [waiting.follow("cookie", &session).await, waiting.follow_with_token(&two).await];
        here.into_iter()
            .chain([waiting.follow_at(&second, &one).await])
            .all(|refused| refused.status() == 429)
    };
    assert!(refused().await);
    assert_eq!(waiting.follow_at(&second, &waiting.token("VIEWER")).await.status(), 200);

    // The streams of a server that stops are no longer counted.
    assert!(second.stop());
    let next = wait_for_value("a stream", async || {
        let response = waiting.follow_with_token(&two).await;
        (response.status() == 200).then_some(response)
    });
    next.await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_at_once_after_signing_out_revocation_or_disabling_and_5_seconds_after_expiry() {
    let waiting = WaitingRequest::create().await;
    let server = &waiting.pipeline.server;
    let mut streams = Vec::new();
    for end in [
        "UPDATE admin_tokens SET revoked_at = now() WHERE token_hash = sha256('{}')",
        "UPDATE admin_tokens SET expires_at = now() WHERE token_hash = sha256('{}')",
        "UPDATE employees SET status = 'disabled'
         WHERE id = (SELECT employee_id FROM admin_tokens WHERE token_hash = sha256('{}'))",
    ] {
        let token = waiting.token("VIEWER");
        streams.push((waiting.open_with_token(&token).await, end.replace("{}", &token)));
    }
    let ended = server.session("VIEWER").await;
    let token = ended.split_once('=').unwrap().1;
    let end = format!("UPDATE sessions SET expires_at = now() WHERE token_hash = sha256('{token}')");
    streams.push((waiting.open("cookie", &ended).await, end));
    let signed_out = server.session("VIEWER").await;
    streams.push((waiting.open("cookie", &signed_out).await, "SELECT 1".into()));
    let mut other = waiting.open_with_token(&waiting.token("VIEWER")).await;

    for (stream, end) in &mut streams {
        stream.next().await.expect("an event");
        waiting.pipeline.sql(end);
    }
    assert_eq!(server.post_form("/logout", &signed_out, &[]).await.status, 303);
    let start = Instant::now();
    let (expired, lost): (Vec<_>, Vec<_>) =
        streams.into_iter().partition(|(_, end)| end.contains("expires_at"));
    for (streams, limit) in [(lost, MAX_NOTIFIED_TIME), (expired, MAX_REACTION_TIME)] {
        for (mut stream, end) in streams {
            assert_eq!(stream.next().await, None, "{end}");
            assert!(start.elapsed() < limit, "{end}: {:?}", start.elapsed());
        }
    }
    waiting.change("other_key");
    other.wait_for("other_key").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn disabling_an_employee_ends_the_streams_of_the_sessions_and_tokens() {
    let waiting = WaitingRequest::create().await;
    let server = &waiting.pipeline.server;
    let admin = waiting.token("SUPER_ADMIN");
    let send = async |method, path: &str, credential: (&str, &str), body: Value| {
        let request =
            server.request(method, &format!("/api/v1/admin{path}")).header(credential.0, credential.1);
        let request = request.header("origin", &server.origin).header("idempotency-key", new_key());
        server.send(request.json(&body)).await.json()
    };
    let session = server.session("VIEWER").await;
    let new = json!({ "name": "ci", "role": "VIEWER" });
    let created = send(Method::POST, "/tokens", ("cookie", &session), new).await;
    let token_stream = waiting.open_with_token(created["token"].as_str().unwrap()).await;
    let mut streams = [waiting.open("cookie", &session).await, token_stream];
    for stream in &mut streams {
        stream.next().await.expect("an event");
    }
    let employees = server.get("/api/v1/admin/employees", &admin).await.json();
    let path = format!("/employees/{}", employees["employees"][0]["id"].as_str().unwrap());
    let bearer = format!("Bearer {admin}");
    let disable = json!({ "status": "disabled" });
    let disabled = send(Method::PATCH, &path, ("authorization", &bearer), disable).await;
    assert_eq!(disabled["status"], "disabled");
    let start = Instant::now();
    for stream in &mut streams {
        assert_eq!(stream.next().await, None);
        assert!(start.elapsed() < MAX_NOTIFIED_TIME, "{:?}", start.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_after_signing_out_is_not_sent() {
    let waiting = WaitingRequest::create().await;
    let cookie = waiting.pipeline.server.session("ADMIN").await;
    let mut stream = waiting.open("cookie", &cookie).await;
    stream.next().await.expect("an event");
    assert_eq!(waiting.pipeline.server.post_form("/logout", &cookie, &[]).await.status, 303);
    waiting.change("later_key");
    assert_eq!(stream.next().await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_shows_what_the_current_role_may_see() {
    let waiting = WaitingRequest::create().await;
    let token = waiting.token("ADMIN");
    waiting.pipeline.sql("UPDATE provisioning_attempts SET message = 'the detail'");
    let mut stream = waiting.open_with_token(&token).await;
    let message = |event: Option<Value>| event.expect("an event")["attemptLog"][0]["message"].clone();
    assert_eq!(message(stream.next().await), "the detail");

    waiting.pipeline.sql(&format!(
        "UPDATE employees SET role = 'VIEWER'
         WHERE id = (SELECT employee_id FROM admin_tokens WHERE token_hash = sha256('{token}'))"
    ));
    let start = Instant::now();
    assert_eq!(message(stream.next().await), Value::Null);
    assert!(start.elapsed() < MAX_REACTION_TIME, "{:?}", start.elapsed());
}

/// The number of statements that the server runs in six seconds, while the request changes three times.
async fn count_statements(waiting: &WaitingRequest) -> usize {
    let log = waiting.pipeline.server.data_directory.path().join("postgres/postgres.log");
    let count = || std::fs::read_to_string(&log).unwrap().matches("LOG:  execute ").count();
    let before = count();
    for change in 0..3 {
        waiting.change(&format!("key_{change}"));
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    count() - before
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_followers_of_a_request_cause_less_than_3_times_the_statements_of_one() {
    let waiting = WaitingRequest::create().await;
    waiting.pipeline.sql("ALTER SYSTEM SET log_statement = 'all'");
    waiting.pipeline.sql("SELECT pg_reload_conf()");
    let idle = count_statements(&waiting).await;
    let mut followers = vec![waiting.open_with_token(&waiting.token("VIEWER")).await];
    let one = count_statements(&waiting).await - idle;
    for _ in 0..7 {
        let token = waiting.token("VIEWER");
        for _ in 0..7 {
            followers.push(waiting.open_with_token(&token).await);
        }
    }
    let fifty = count_statements(&waiting).await - idle;
    assert!(one > 20 && fifty < 3 * one, "without followers: {idle}, one: {one}, fifty: {fifty}");

    waiting.change("last_key");
    for follower in &mut followers {
        follower.wait_for("last_key").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_data_of_an_event_for_pages_is_the_record_that_they_show() {
    let waiting = WaitingRequest::create().await;
    let (server, token) = (&waiting.pipeline.server, waiting.token("ADMIN"));
    let request = server.request(Method::GET, &path(&waiting.id, "/events?format=page")).bearer_auth(&token);
    let mut stream = EventStream { response: request.send().await.unwrap(), text: String::new() };
    let sent: RequestRecord = serde_json::from_value(stream.next().await.expect("an event")).unwrap();
    let loaded = server.call("follow_request", &token, &json!({ "id": waiting.id })).await.json();
    let loaded: RequestRecord = serde_json::from_value(loaded).unwrap();
    let delay = loaded.read_at - sent.read_at;
    assert!((0..60_000).contains(&delay), "{delay}");
    assert_eq!(sent, RequestRecord { read_at: sent.read_at, ..loaded });

    for query in ["?format=xml", "?format=page&since=1"] {
        let refused = server.get(&path(&waiting.id, &format!("/events{query}")), &token).await;
        refused.problem(422, "VALIDATION_ERROR");
    }
}
