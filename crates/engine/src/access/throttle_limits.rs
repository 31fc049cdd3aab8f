use std::time::Duration;

use crate::secret::hash;

/// How many attempts are allowed in a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Throttle {
    /// What the attempts are for. The attempts of each purpose count separately.
    pub(crate) purpose: &'static str,
    /// The period. At most a day, because older attempts are deleted.
    pub(crate) period: Duration,
    /// How many attempts for one account may come from one network.
    pub(crate) pair_limit: i64,
    /// How many attempts may come from one network, for all accounts together.
    pub(crate) network_limit: i64,
    /// How many attempts are allowed for one account, from all networks together.
    pub(crate) account_limit: i64,
}

/// Failed sign-in attempts (docs/specification.md, section 10). The limit of an account is high, so that a
/// stranger cannot lock out an admin.
pub(super) const SIGN_IN: Throttle = Throttle {
    purpose: "",
    period: Duration::from_secs(900),
    pair_limit: 10,
    network_limit: 50,
    account_limit: 200,
};

/// Requests of links for a new password.
pub(super) const PASSWORD_RESET: Throttle = Throttle {
    purpose: "password_reset",
    period: Duration::from_secs(3600),
    pair_limit: 10,
    network_limit: 50,
    account_limit: 20,
};

/// Invitations that members send: to an address, and of an account, which counts as the network.
pub(crate) const INVITATION: Throttle = Throttle {
    purpose: "invitation",
    period: Duration::from_secs(3600),
    pair_limit: 5,
    network_limit: 200,
    account_limit: 20,
};

/// Requested changes of an address: to a new address, and of an account, which counts as the network.
pub(super) const ADDRESS_CHANGE: Throttle = Throttle {
    purpose: "address_change",
    period: Duration::from_secs(3600),
    pair_limit: 3,
    network_limit: 10,
    account_limit: 10,
};

/// The purposes of all limits that count the attempts for an e-mail address.
const PURPOSES_OF_ADDRESSES: [&str; 6] = [
    SIGN_IN.purpose,
    PASSWORD_RESET.purpose,
    INVITATION.purpose,
    ADDRESS_CHANGE.purpose,
    "sign_up",
    "sign_up_resend",
];

/// The hashes under which attempts for these canonical addresses are counted, for every purpose.
pub(crate) fn account_hashes(addresses: &[String]) -> Vec<Vec<u8>> {
    let hash = |purpose, address| Throttle { purpose, ..SIGN_IN }.hash(address).to_vec();
    let of_address = |address| PURPOSES_OF_ADDRESSES.iter().map(move |purpose| hash(*purpose, address));
    addresses.iter().flat_map(|address: &String| of_address(address.as_str())).collect()
}

impl Throttle {
    /// The hash of an account or a network. The attempts to sign in, which were stored before other purposes
    /// existed, have no prefix.
    pub(super) fn hash(&self, text: &str) -> [u8; 32] {
        match self.purpose {
            "" => hash(text),
            purpose => hash(&format!("{purpose}\0{text}")),
        }
    }
}
