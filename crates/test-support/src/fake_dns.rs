//! A DNS server on 127.0.0.1 that answers queries for TXT records over UDP.

use std::{
    collections::HashMap,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
};

use hickory_proto::{
    op::{Message, Metadata, ResponseCode},
    rr::{Name, RData, Record, rdata::TXT},
};
use tokio::{net::UdpSocket, task::JoinHandle};

/// What the server does with a query for a name.
#[derive(Debug, Clone)]
enum Reply {
    Values(Vec<String>),
    Error(ResponseCode),
    Nothing,
}

/// The running server. Dropping this value stops it.
pub struct FakeDns {
    address: SocketAddr,
    replies: Arc<Mutex<HashMap<String, Reply>>>,
    task: JoinHandle<()>,
}

impl FakeDns {
    /// Starts the server on a free port. It answers every query with NXDOMAIN.
    pub async fn start() -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let (address, replies) = (socket.local_addr().unwrap(), Arc::default());
        let task = tokio::spawn(serve(socket, Arc::clone(&replies)));
        Self { address, replies, task }
    }

    /// The address of the server.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Sets the values of the TXT records with this name. A value longer than 255 bytes consists of several
    /// strings.
    pub fn set_txt(&self, name: &str, values: &[&str]) {
        self.set(name, Reply::Values(values.iter().map(ToString::to_string).collect()));
    }

    /// Answers queries for this name with the error SERVFAIL.
    pub fn fail(&self, name: &str) {
        self.set(name, Reply::Error(ResponseCode::ServFail));
    }

    /// Does not answer queries for this name.
    pub fn ignore(&self, name: &str) {
        self.set(name, Reply::Nothing);
    }

    fn set(&self, name: &str, reply: Reply) {
        self.replies.lock().unwrap().insert(name.to_owned(), reply);
    }
}

impl Drop for FakeDns {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(socket: UdpSocket, replies: Arc<Mutex<HashMap<String, Reply>>>) {
    let mut buffer = [0; 1500];
    loop {
        let (length, client) = socket.recv_from(&mut buffer).await.unwrap();
        let query = Message::from_vec(&buffer[..length]).unwrap();
        let name = query.queries[0].name().clone();
        let key = name.to_ascii().trim_end_matches('.').to_ascii_lowercase();
        let reply = replies.lock().unwrap().get(&key).cloned();
        let reply = reply.unwrap_or(Reply::Error(ResponseCode::NXDomain));
        if let Some(response) = respond(&query, &name, reply) {
            socket.send_to(&response, client).await.unwrap();
        }
    }
}

fn respond(query: &Message, name: &Name, reply: Reply) -> Option<Vec<u8>> {
    let mut response = Message::response(query.metadata.id, query.metadata.op_code);
    response.metadata = Metadata::response_from_request(&query.metadata);
    response.add_queries(query.queries.iter().cloned());
    match reply {
        Reply::Nothing => return None,
        Reply::Error(code) => response.metadata.response_code = code,
        Reply::Values(values) => {
            response.insert_answers(values.iter().map(|value| txt(name, value)).collect())
        }
    }
    Some(response.to_vec().unwrap())
}

fn txt(name: &Name, value: &str) -> Record {
    let strings = value.as_bytes().chunks(255).collect();
    Record::from_rdata(name.clone(), 300, RData::TXT(TXT::from_bytes(strings)))
}
