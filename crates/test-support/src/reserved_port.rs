//! TCP ports that no other test uses.

use std::{
    fs::{self, File},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    os::unix::fs::MetadataExt,
};

/// Below the range from which Linux takes the ports of outgoing connections.
const PORTS: std::ops::Range<u16> = 20_000..32_000;

/// A port of 127.0.0.1 on which nobody listens. A lock file reserves it among all test processes until
/// this value is dropped, so that a service can stop and start again on it.
#[derive(Debug)]
pub struct ReservedPort {
    port: u16,
    _lock: File,
}

impl ReservedPort {
    /// Reserves a free port.
    ///
    /// # Panics
    /// If no port is free.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "each call reserves another port")]
    pub fn new() -> Self {
        // One directory for each user, because the files of another user cannot be opened.
        let user = fs::metadata("/proc/self").unwrap().uid();
        let directory = std::env::temp_dir().join(format!("tenantry-test-ports-{user}"));
        fs::create_dir_all(&directory).unwrap();
        let offset = usize::try_from(uuid::Uuid::new_v4().as_u128() % PORTS.len() as u128).unwrap();
        let reserve = |port: u16| {
            let lock = File::create(directory.join(port.to_string())).unwrap();
            lock.try_lock().ok()?;
            TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok()?;
            Some(Self { port, _lock: lock })
        };
        PORTS.cycle().skip(offset).take(PORTS.len()).find_map(reserve).expect("a free port")
    }

    /// The address with this port.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }
}
