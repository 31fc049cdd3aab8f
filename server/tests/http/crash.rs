use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use serde_json::Value;

use crate::support::{Reply, TestServer, body_for, new_key, wait_until};

const CLIENTS: usize = 8;
const KILLS: usize = 4;

/// Sends until there is an answer that is final, whatever happens to the server meanwhile.
async fn provision_until_done(server: &TestServer, token: &str, key: &str, body: &Value) -> Value {
    for _ in 0..600 {
        let request = server.provisioning(token).header("idempotency-key", key).json(body);
        let Ok(response) = request.send().await else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let Ok(reply) = Reply::read(response).await else { continue };
        match reply.status {
            201 => return reply.json(),
            409 => drop(reply.problem(409, "REQUEST_IN_PROGRESS")),
            503 => {}
            status => panic!("{status}: {}", reply.text),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("no answer for {key}");
}

/// Makes tenants, one after the other, until the kills are over, and one more.
async fn keep_provisioning(
    server: &TestServer,
    token: &str,
    client: usize,
    killing: &AtomicBool,
) -> Vec<(String, Value, Value)> {
    let mut made = Vec::new();
    loop {
        let is_last = !killing.load(Ordering::Relaxed);
        let (key, body) = (new_key(), body_for(&format!("crash-{client}-{}", made.len())));
        let answer = provision_until_done(server, token, &key, &body).await;
        made.push((key, body, answer));
        if is_last {
            return made;
        }
    }
}

/// Provisions from many clients while `kill` is called again and again. Afterwards each key that
/// was answered has one tenant, whole, with a code of its own, and nothing else is left.
async fn survives(kill: impl Fn(&TestServer, usize) + Clone + Send + 'static) {
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
        for (key, body, answer) in client.await.unwrap() {
            let again = server.provision(&token, &key, &body).await;
            assert_eq!((again.status, again.header("idempotent-replayed")), (201, "true"), "{}", again.text);
            assert_eq!(again.json()["tenant"], answer["tenant"]);
            codes.insert(answer["tenant"]["code"].to_string());
            count += 1;
        }
    }
    assert_eq!(codes.len(), count, "a code of its own for each tenant");
    assert_eq!(server.folder.sql("SELECT count(*) FROM tenants"), count.to_string());
    let verified = server.command_json(&["verify", "--json"]);
    assert_eq!(verified["violations"], serde_json::json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn killing_the_server_under_load_leaves_whole_tenants_or_none() {
    survives(|server, _| server.kill_and_restart()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killing_the_databases_processes_under_load_leaves_whole_tenants_or_none() {
    survives(|server, round| {
        let kind = ["client backend", "checkpointer"][round % 2];
        // None is there while PostgreSQL recovers from the kill before.
        wait_until(|| server.folder.kill_backend(kind));
    })
    .await;
}
