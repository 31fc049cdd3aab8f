//! Imports by the API and by commands.

mod api;
mod commands;
mod crash;
mod secrets;

use flate2::{Compression, write::GzEncoder};
use reqwest::Method;
use serde_json::Value;
use test_support::wait::wait_for_value;

use crate::support::{Reply, TestServer, new_key};

/// A tar.gz with these files.
pub(crate) fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    compressed(files, Compression::fast())
}

fn compressed(files: &[(&str, &str)], compression: Compression) -> Vec<u8> {
    let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), compression));
    for (path, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, path, content.as_bytes()).unwrap();
    }
    builder.into_inner().unwrap().finish().unwrap()
}

/// The `client.yaml` files of tenants with these numbers.
fn clients(count: usize) -> Vec<(String, String)> {
    let client = |number: usize| {
        let text = format!(
            "client:\n  name: Customer {number}\n  currency: EUR\nemail:\n  primary: hello@c{number}.example.com\n\
             infrastructure:\n  region: eu\n  token: ${{TOKEN}}\n"
        );
        (format!("client_{number:03}/client.yaml"), text)
    };
    (0..count).map(client).collect()
}

/// An archive of clients.
fn clients_archive(count: usize) -> Vec<u8> {
    let files = clients(count);
    let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    archive(&files)
}

async fn upload(server: &TestServer, token: &str, query: &str, body: Vec<u8>) -> Reply {
    let request = server.request(Method::POST, &format!("/api/v1/admin/imports{query}")).bearer_auth(token);
    let request = request.header("idempotency-key", new_key()).header("content-type", "application/gzip");
    server.send(request.body(body)).await
}

/// Waits until an import is completed, and returns it.
async fn wait_for_import(server: &TestServer, token: &str, location: &str) -> Value {
    wait_for_value("the import", async || {
        let request = server.request(Method::GET, location).bearer_auth(token).send().await.ok()?;
        let import = Reply::read(request).await.ok().filter(|reply| reply.status == 200)?.json();
        (import["state"] == "completed").then_some(import)
    })
    .await
}
