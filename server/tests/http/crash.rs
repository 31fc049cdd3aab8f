use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use test_support::wait::{Poll, block_until, wait_for_value};

use crate::{
    sign_up::set_token,
    support::{PASSWORD, Reply, TestServer, body_for, new_key},
};

const CLIENTS: usize = 8;
const KILLS: usize = 4;
const SIGN_UPS_OF_CLIENT: usize = 8;

/// Repeats a request until it has a final response, while the server may crash.
async fn send_until_done(request: impl Fn() -> RequestBuilder) -> Value {
    let poll = Poll::new("a final response");
    loop {
        if let Ok(response) = request().send().await
            && let Ok(reply) = Reply::read(response).await
        {
            match reply.status {
                201 => return reply.json(),
                409 => drop(reply.problem(409, "REQUEST_IN_PROGRESS")),
                503 => {}
                status => panic!("{status}: {}", reply.text),
            }
        }
        poll.pause().await;
    }
}

/// Provisions tenants one after the other until the kills have ended, and then one more.
async fn keep_provisioning(
    server: &TestServer,
    token: &str,
    client: usize,
    killing: &AtomicBool,
) -> Vec<(String, Value, Value)> {
    let mut provisioned = Vec::new();
    loop {
        let is_last = !killing.load(Ordering::Relaxed);
        let (key, body) = (new_key(), body_for(&format!("crash-{client}-{}", provisioned.len())));
        let request = || server.provision_request(token).header("idempotency-key", &key).json(&body);
        let outcome = send_until_done(request).await;
        provisioned.push((key, body, outcome));
        if is_last {
            return provisioned;
        }
    }
}

/// Provisions from several clients while `kill` is called repeatedly. Afterwards each key with a final
/// response has one complete tenant with its own code, and no other tenant exists.
async fn assert_survives(kill: impl Fn(&TestServer, usize) + Clone + Send + 'static) {
    let (server, killing) = (Arc::new(TestServer::start()), Arc::new(AtomicBool::new(true)));
    let token = server.token("ADMIN");
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let (server, token, killing) = (server.clone(), token.clone(), killing.clone());
            tokio::spawn(async move { keep_provisioning(&server, &token, client, &killing).await })
        })
        .collect();
    for round in 0..KILLS {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let (server, kill) = (server.clone(), kill.clone());
        tokio::task::spawn_blocking(move || kill(&server, round)).await.unwrap();
    }
    killing.store(false, Ordering::Relaxed);
    let (mut codes, mut count) = (BTreeSet::new(), 0);
    for client in clients {
        for (key, body, outcome) in client.await.unwrap() {
            // PostgreSQL may still be recovering from the last kill.
            let replay = wait_for_value("a replay", async || {
                let reply = server.provision(&token, &key, &body).await;
                (reply.status != 503).then_some(reply)
            })
            .await;
            assert_eq!(
                (replay.status, replay.header("idempotent-replayed")),
                (201, "true"),
                "{}",
                replay.text
            );
            assert_eq!(replay.json()["tenant"], outcome["tenant"]);
            codes.insert(outcome["tenant"]["code"].to_string());
            count += 1;
        }
    }
    assert_eq!(codes.len(), count, "each tenant has its own code");
    assert_eq!(server.data_directory.sql("SELECT count(*) FROM tenants"), count.to_string());
    let verified = server.command_json(&["verify", "--json"]);
    assert_eq!(verified["violations"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn killing_the_server_under_load_leaves_complete_tenants() {
    assert_survives(|server, _| server.kill_and_restart()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killing_database_processes_under_load_leaves_complete_tenants() {
    assert_survives(|server, round| {
        let kind = ["client backend", "checkpointer"][round % 2];
        // No backend exists while PostgreSQL recovers from the previous kill.
        block_until(kind, || server.data_directory.kill_backend(kind));
    })
    .await;
}

/// Requests a sign-up from a network of its own, because the calls of one network are limited. Returns the
/// token of its link.
async fn request_sign_up(server: &TestServer, slug: &str, network: usize) -> String {
    let email = format!("owner@{slug}.example");
    let body = json!({ "company": "Silver Fork", "name": "Theo Lindqvist", "email": email });
    let request = server.request(Method::POST, "/api/v1/auth/signup").json(&body);
    let reply = server.send(request.header("x-forwarded-for", format!("10.0.0.{network}"))).await;
    assert_eq!(reply.status, 202, "{}", reply.text);
    set_token(server, &email)
}

/// Verifies a sign-up until the response is final, while the server may crash.
async fn verify_until_done(server: &TestServer, token: &str, slug: &str) -> Value {
    let body = json!({ "token": token, "password": PASSWORD, "slug": slug });
    send_until_done(|| server.request(Method::POST, "/api/v1/auth/signup/verify").json(&body)).await
}

/// Verifies sign-ups, given by token and slug, one after the other. Returns the response to each.
async fn verify_all(
    server: Arc<TestServer>,
    sign_ups: Vec<(String, String)>,
) -> Vec<(String, String, Value)> {
    let mut created = Vec::new();
    for (token, slug) in sign_ups {
        let outcome = verify_until_done(&server, &token, &slug).await;
        created.push((token, slug, outcome));
    }
    created
}

#[tokio::test(flavor = "multi_thread")]
async fn killing_the_server_during_sign_ups_loses_none_and_repeats_none() {
    let env = [("TENANTRY_SIGN_UP", "on"), ("TENANTRY_TRUSTED_PROXIES", "127.0.0.1")];
    let server = Arc::new(TestServer::start_with(&env));
    let mut sign_ups = Vec::new();
    for client in 0..CLIENTS {
        for number in 0..SIGN_UPS_OF_CLIENT {
            let slug = format!("fork-{client}-{number}");
            sign_ups.push((request_sign_up(&server, &slug, client).await, slug));
        }
    }
    let chunks = sign_ups.chunks(SIGN_UPS_OF_CLIENT);
    let clients: Vec<_> =
        chunks.map(|chunk| tokio::spawn(verify_all(server.clone(), chunk.to_vec()))).collect();
    for _ in 0..KILLS {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let server = server.clone();
        tokio::task::spawn_blocking(move || server.kill_and_restart()).await.unwrap();
    }
    for client in clients {
        for (token, slug, outcome) in client.await.unwrap() {
            assert_eq!(outcome["tenant"]["slug"], slug);
            assert_eq!(verify_until_done(&server, &token, &slug).await["tenant"], outcome["tenant"]);
        }
    }
    let expected = (CLIENTS * SIGN_UPS_OF_CLIENT).to_string();
    for counted in ["tenants", "memberships", "outbox_messages WHERE kind = 'welcome'"] {
        let count = format!("SELECT count(*) FROM {counted}");
        assert_eq!(server.data_directory.sql(&count), expected, "{counted}");
    }
    let sessions = "SELECT count(DISTINCT user_id) FROM sessions";
    assert_eq!(server.data_directory.sql(sessions), expected);
    assert_eq!(server.command_json(&["verify", "--json"])["violations"], json!([]));
}
