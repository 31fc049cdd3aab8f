//! What stands outside in tests of the pipeline: a real HTTP server on a port of its own that plays
//! the metadata bridge, the copy service and, where no Odoo is to be had, as much of Odoo 18 and 19 as
//! the steps use. It keeps every call, counts the effects, and misbehaves to order.
//!
//! ```ignore
//! let outside = Counterpart::start().await;
//! outside.order(Place::Bridge.make(), Fault::LoseAnswer, 1);
//! // … a worker tells the bridge …
//! assert_eq!((outside.effects(Place::Bridge), outside.made(Place::Bridge)), (1, 1));
//! assert_eq!(outside.calls(Place::Bridge.make()).len(), 1);
//! ```
//!
//! What it keeps is in memory and survives [`stop`](Counterpart::stop). Unlike a stopped service it
//! goes on acting for a caller that has gone, as services do.

mod bridge;
mod copies;
mod fault;
mod odoo;
mod server;
mod world;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use connectors::{
    Outbound,
    settings::{BridgeSettings, CopySettings, Odoo18Settings, Odoo19Settings},
};
use secrecy::SecretString;
use serde_json::Value;
use url::Url;

pub use fault::{Fault, Place, Spot};
pub use server::Call;
use server::Server;

/// The bearer token of the bridge and of the copy service.
pub const TOKEN: &str = "counterpart-token";
/// The admin of every fresh copy.
pub const ODOO18_LOGIN: &str = "admin";
pub const ODOO18_PASSWORD: &str = "admin-of-the-template";
/// The database with the list of tenants, who writes it, and with what key.
pub const ODOO19_DATABASE: &str = "operations";
pub const ODOO19_LOGIN: &str = "tenantry";
pub const ODOO19_KEY: &str = "counterpart-key";

/// The outside. It is gone when this is dropped.
#[derive(Debug)]
pub struct Counterpart {
    server: Arc<Server>,
    address: SocketAddr,
}

impl Counterpart {
    /// Listens on a free port of 127.0.0.1.
    pub async fn start() -> Self {
        // For clients that a test makes by itself.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let server = Arc::new(Server::default());
        let address = server.listen(SocketAddr::from(([127, 0, 0, 1], 0))).await;
        Self { server, address }
    }

    /// Breaks every connection, ends what it was doing, and refuses connections from now on.
    pub async fn stop(&self) {
        self.server.stop().await;
    }

    /// Listens again, on the same port and with what it kept.
    pub async fn start_again(&self) {
        self.server.listen(self.address).await;
    }

    pub fn url(&self) -> Url {
        Url::parse(&format!("http://{}", self.address)).unwrap()
    }

    /// Has the next so many calls there go wrong; after those of earlier orders.
    pub fn order(&self, spot: impl Into<Spot>, fault: Fault, times: usize) {
        self.server.orders().add(spot.into(), fault, times);
    }

    /// How many effects exist there: records, copies that run or are ready, or copies whose admin is
    /// no longer the template's.
    pub fn effects(&self, place: Place) -> usize {
        self.server.world().effects(place)
    }

    /// How often an effect was made there, also if it was undone since. Replacing a record makes none;
    /// of [`Place::OdooUsers`] every write counts.
    pub fn made(&self, place: Place) -> usize {
        self.server.world().made(place)
    }

    /// The calls there, in the order in which they came.
    pub fn calls(&self, spot: impl Into<Spot>) -> Vec<Call> {
        let spot = spot.into();
        self.server.calls().iter().filter(|call| spot.covers(call.place, call.deed)).cloned().collect()
    }

    /// Waits until so many calls have come there since the start; 20 s at most.
    pub async fn called(&self, spot: impl Into<Spot>, times: usize) {
        let (spot, mut arrivals) = (spot.into(), self.server.arrivals());
        let waited = tokio::time::timeout(Duration::from_secs(20), async {
            while self.calls(spot).len() < times {
                arrivals.changed().await.unwrap();
            }
        });
        assert!(waited.await.is_ok(), "{spot:?} was not called {times} times");
    }

    /// Puts something there that nobody asked for, such as another's record: of the bridge a record, of
    /// the copies `{state, requestId}` (one that is `running` stays so), of Odoo's models the fields.
    pub fn plant(&self, place: Place, key: &str, value: Value) {
        self.server.world().plant(place, key, value);
    }

    /// What is there: by tenant code, by database, or of tenant users by e-mail address.
    pub fn record(&self, place: Place, key: &str) -> Option<Value> {
        self.server.world().record(place, key)
    }

    /// How long a copy takes that is ordered from now on; nothing at the start.
    pub fn copies_take(&self, time: Duration) {
        self.server.world().copies.take = time;
    }

    /// Whether Odoo serves only databases that the copy service has ready, beside the one with the list
    /// of tenants. At the start it serves any, as a fresh copy of the template.
    pub fn serve_only_copies(&self, only: bool) {
        self.server.world().only_copies = only;
    }

    /// Whether there is the JSON-2 API, as at the start; an Odoo 18 has none and answers 404.
    pub fn speak_json2(&self, speaks: bool) {
        self.server.world().odoo.json2 = speaks;
    }

    /// Lets Odoo keep records that are alike, as without the constraints of the add-on.
    pub fn allow_doubles(&self) {
        self.server.world().odoo.allow_doubles();
    }

    /// A client that may call it.
    pub fn outbound(&self) -> Outbound {
        Outbound::new([self.url().to_string()]).unwrap()
    }

    pub fn bridge_settings(&self) -> BridgeSettings {
        BridgeSettings { url: self.url(), token: TOKEN.into() }
    }

    pub fn copy_settings(&self) -> CopySettings {
        CopySettings::Service { url: self.url(), token: TOKEN.into() }
    }

    pub fn odoo18_settings(&self) -> Odoo18Settings {
        let (url, password) = (self.url(), SecretString::from(ODOO18_PASSWORD));
        Odoo18Settings { url, login: ODOO18_LOGIN.to_owned(), password }
    }

    pub fn odoo19_settings(&self) -> Odoo19Settings {
        Odoo19Settings {
            url: self.url(),
            database: ODOO19_DATABASE.to_owned(),
            login: ODOO19_LOGIN.to_owned(),
            key: ODOO19_KEY.into(),
            business_base_url: "https://business.example".to_owned(),
        }
    }
}

impl Drop for Counterpart {
    fn drop(&mut self) {
        self.server.abort();
    }
}
