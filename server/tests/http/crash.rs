use std::{collections::BTreeSet, sync::Arc, time::Duration};

use serde_json::Value;

use crate::support::{Reply, TestServer, body_for, new_key};

const CLIENTS: usize = 8;
const TENANTS_EACH: usize = 12;
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

#[tokio::test(flavor = "multi_thread")]
async fn killing_the_server_under_load_leaves_whole_tenants_or_none() {
    let server = Arc::new(TestServer::start());
    let token = server.token("ADMIN");
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let (server, token) = (server.clone(), token.clone());
            tokio::spawn(async move {
                let mut made = Vec::new();
                for number in 0..TENANTS_EACH {
                    let (key, body) = (new_key(), body_for(&format!("crash-{client}-{number}")));
                    let answer = provision_until_done(&server, &token, &key, &body).await;
                    made.push((key, body, answer));
                }
                made
            })
        })
        .collect();
    for _ in 0..KILLS {
        tokio::time::sleep(Duration::from_millis(150)).await;
        let server = server.clone();
        tokio::task::spawn_blocking(move || server.kill_and_restart()).await.unwrap();
    }
    let mut codes = BTreeSet::new();
    for client in clients {
        for (key, body, answer) in client.await.unwrap() {
            let again = server.provision(&token, &key, &body).await;
            assert_eq!((again.status, again.header("idempotent-replayed")), (201, "true"), "{}", again.text);
            assert_eq!(again.json()["tenant"], answer["tenant"]);
            assert!(codes.insert(answer["tenant"]["code"].to_string()), "one code for two tenants");
        }
    }
    assert_eq!(codes.len(), CLIENTS * TENANTS_EACH);
    let verified = server.command_json(&["verify", "--json"]);
    assert_eq!(verified["violations"], serde_json::json!([]));
}
