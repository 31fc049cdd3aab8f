//! TCP ports that no other test uses.

use std::{
    fs::{self, File},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    os::unix::fs::MetadataExt,
};

/// The ports to choose from. Linux takes the ports of outgoing connections from a higher range.
const PORTS: std::ops::Range<u16> = 20_000..32_000;

/// A port of 127.0.0.1 that no other process uses. A lock file reserves the port among all test processes
/// until this value is dropped, so that a service can stop and start again on the same port.
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
        // Each user has a directory, because the lock files of another user cannot be opened.
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

    /// The port as an address of 127.0.0.1.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }
}
