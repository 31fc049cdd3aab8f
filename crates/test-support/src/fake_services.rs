//! Fakes of the services that pipeline steps call, as one HTTP server on 127.0.0.1: the metadata bridge, the
//! copy service, and the part of Odoo 18 and 19 that the steps use. The server records every call, counts
//! effects, and injects faults.
//!
//! ```ignore
//! let services = FakeServices::start().await;
//! services.inject(Endpoint::Bridge.writes(), Fault::LoseResponse, 1);
//! // A worker runs the bridge's step.
//! assert_eq!((services.effects(Endpoint::Bridge), services.created(Endpoint::Bridge)), (1, 1));
//! assert_eq!(services.calls(Endpoint::Bridge.writes()).len(), 1);
//! ```
//!
//! The state is in memory and survives [`stop`](FakeServices::stop). As in real services, a call has its
//! effect even if its caller disconnects.

mod bridge;
mod byte_by_byte;
mod call;
mod copies;
mod credentials;
mod fault;
mod odoo;
mod server;
mod settings;
mod state;

use std::{sync::Arc, time::Duration};

use serde_json::Value;
use url::Url;

pub use credentials::{ODOO18_LOGIN, ODOO18_PASSWORD, ODOO19_DATABASE, ODOO19_KEY, ODOO19_LOGIN, TOKEN};
pub use fault::{CallKind, Endpoint, Fault, Matcher};
pub use server::Call;
use server::Server;

use crate::{reserved_port::ReservedPort, wait::wait_for_future};

/// The running services. Dropping this value stops them.
#[derive(Debug)]
pub struct FakeServices {
    server: Arc<Server>,
    port: ReservedPort,
}

impl FakeServices {
    /// Starts the server on a reserved port of 127.0.0.1.
    pub async fn start() -> Self {
        // Installs the TLS provider, also for clients that a test builds. Only the first call has an effect.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let services = Self { server: Arc::default(), port: ReservedPort::new() };
        services.restart().await;
        services
    }

    /// Breaks every connection, cancels running calls, and refuses new connections.
    pub async fn stop(&self) {
        self.server.stop().await;
    }

    /// Listens again on the same port, with the same state.
    pub async fn restart(&self) {
        self.server.listen(self.port.address()).await;
    }

    /// The base URL of all services.
    pub fn url(&self) -> Url {
        Url::parse(&format!("http://{}", self.port.address())).unwrap()
    }

    /// Injects a fault into the next `times` calls that match. Faults that were injected earlier come
    /// first.
    pub fn inject(&self, matcher: impl Into<Matcher>, fault: Fault, times: usize) {
        if fault == Fault::Hold {
            self.server.set_released(false);
        }
        self.server.faults().add(matcher.into(), fault, times);
    }

    /// Continues the calls that [`Fault::Hold`] holds.
    pub fn release(&self) {
        self.server.set_released(true);
    }

    /// How many effects exist at an endpoint: records; copies that are running or ready; or copies whose
    /// admin differs from the template's.
    pub fn effects(&self, endpoint: Endpoint) -> usize {
        self.server.state().effects(endpoint)
    }

    /// How many effects callers have created at an endpoint, including those that were removed later.
    /// Replacing a record does not count, except that every write to [`Endpoint::OdooUsers`] counts.
    pub fn created(&self, endpoint: Endpoint) -> usize {
        self.server.state().created(endpoint)
    }

    /// The calls that match, in the order of their arrival.
    pub fn calls(&self, matcher: impl Into<Matcher>) -> Vec<Call> {
        let matcher = matcher.into();
        self.server.calls().iter().filter(|call| matcher.matches(call.endpoint, call.kind)).cloned().collect()
    }

    /// Waits until at least `count` calls that match have arrived since the start.
    pub async fn wait_for_calls(&self, matcher: impl Into<Matcher>, count: usize) {
        let (matcher, mut arrivals) = (matcher.into(), self.server.arrivals());
        wait_for_future(&format!("{count} calls of {matcher:?}"), async {
            while self.calls(matcher).len() < count {
                arrivals.changed().await.unwrap();
            }
        })
        .await;
    }

    /// Inserts a record that no caller created, such as one of another request: a record of the bridge, a
    /// copy as `{state, requestId}` (`running` never ends), or the fields of an Odoo record.
    pub fn insert_record(&self, endpoint: Endpoint, key: &str, value: Value) {
        self.server.state().insert_record(endpoint, key, value);
    }

    /// The record with this key: a tenant code, a database, or the e-mail address of a tenant user.
    pub fn record(&self, endpoint: Endpoint, key: &str) -> Option<Value> {
        self.server.state().record(endpoint, key)
    }

    /// Sets how long new copies take; zero by default.
    pub fn set_copy_duration(&self, duration: Duration) {
        self.server.state().copies.duration = duration;
    }

    /// Sets whether Odoo 18 serves only the databases that the copy service has finished. By default it
    /// serves a database of any name, as a new copy of the template.
    pub fn serve_only_ready_copies(&self, only: bool) {
        self.server.state().only_ready_copies = only;
    }

    /// Sets whether the JSON-2 API exists; true by default. Without it, Odoo responds with 404, as Odoo 18
    /// does.
    pub fn enable_json2(&self, enabled: bool) {
        self.server.state().odoo.json2_enabled = enabled;
    }

    /// Removes the field `active` of the tenant registry, without which Odoo cannot archive records.
    pub fn disable_archive(&self) {
        self.server.state().odoo.disable_archive();
    }

    /// Removes the unique constraints of the tenant registry, so that several records can have the same key.
    pub fn allow_duplicates(&self) {
        self.server.state().odoo.allow_duplicates();
    }
}

impl Drop for FakeServices {
    fn drop(&mut self) {
        self.server.abort();
    }
}
