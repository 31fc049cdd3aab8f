//! The settings of connectors that call the fake services.

use connectors::{
    Outbound,
    settings::{BridgeSettings, CopySettings, Odoo18Settings, Odoo19Settings},
};
use secrecy::SecretString;

use super::{FakeServices, ODOO18_LOGIN, ODOO18_PASSWORD, ODOO19_DATABASE, ODOO19_KEY, ODOO19_LOGIN, TOKEN};

impl FakeServices {
    /// An HTTP client that can call only these services.
    pub fn outbound(&self) -> Outbound {
        Outbound::new([self.url().to_string()]).unwrap()
    }

    /// The settings of the metadata bridge.
    pub fn bridge_settings(&self) -> BridgeSettings {
        BridgeSettings { url: self.url(), token: TOKEN.into() }
    }

    /// The settings of the copy service.
    pub fn copy_settings(&self) -> CopySettings {
        CopySettings::Service { url: self.url(), token: TOKEN.into() }
    }

    /// The settings of Odoo 18.
    pub fn odoo18_settings(&self) -> Odoo18Settings {
        let (url, password) = (self.url(), SecretString::from(ODOO18_PASSWORD));
        Odoo18Settings { url, login: ODOO18_LOGIN.to_owned(), password, tenant_url: None }
    }

    /// The settings of Odoo 19.
    pub fn odoo19_settings(&self) -> Odoo19Settings {
        Odoo19Settings {
            url: self.url(),
            database: ODOO19_DATABASE.to_owned(),
            login: ODOO19_LOGIN.to_owned(),
            key: ODOO19_KEY.into(),
            business_base_url: "https://business.example".parse().unwrap(),
            plan_map: vec![("pro".into(), "growth".into())],
            owner_role: "admin".into(),
        }
    }
}
