use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use serde_json::Value;
use test_support::wait::{Poll, block_until, wait_for_value};

use crate::support::{Reply, TestServer, body_for, new_key};

const CLIENTS: usize = 8;
const KILLS: usize = 4;

/// Repeats a request until it has a final response, while the server may crash.
async fn provision_until_done(server: &TestServer, token: &str, key: &str, body: &Value) -> Value {
    let poll = Poll::new("a final response");
    loop {
        let request = server.provision_request(token).header("idempotency-key", key).json(body);
        if let Ok(response) = request.send().await
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
        let outcome = provision_until_done(server, token, &key, &body).await;
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
    assert_eq!(verified["violations"], serde_json::json!([]));
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
