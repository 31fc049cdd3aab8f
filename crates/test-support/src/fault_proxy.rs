//! A proxy in front of PostgreSQL that injects faults into the connections through it.

use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use tokio::{
    io::{self, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpStream, UnixListener, UnixStream},
    sync::watch,
    task::{JoinHandle, JoinSet},
};

use crate::wait::{wait_for_future, wait_for_value};

const SOCKET: &str = ".s.PGSQL.5432";

/// Which statement a fault affects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matcher {
    /// The next execution of a prepared statement.
    NextExecution,
    /// The next statement that contains this text.
    TextContains(&'static str),
}

/// What happens to the statement. Each fault happens once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The connection breaks before the statement reaches PostgreSQL.
    DropRequest,
    /// PostgreSQL executes the statement. The connection breaks before the response arrives.
    LoseResponse,
    /// The statement waits in the proxy until [`FaultProxy::release`].
    Hold,
}

/// The proxy: a Unix socket in a temporary directory. The directory is deleted when this value is dropped.
#[derive(Debug)]
pub struct FaultProxy {
    directory: PathBuf,
    shared: Arc<ProxyState>,
    listener: Mutex<JoinHandle<()>>,
}

#[derive(Debug)]
struct ProxyState {
    upstream: PgConnectOptions,
    /// The types of the clients' messages, without start-up and authentication.
    messages: Mutex<Vec<u8>>,
    fault: Mutex<Option<(Matcher, Fault)>>,
    triggered: watch::Sender<bool>,
    released: watch::Sender<bool>,
    /// A text in the start-up message and its replacement of the same length.
    replaced_setting: Option<(&'static str, &'static str)>,
}

impl FaultProxy {
    /// Starts a proxy in front of the server that `upstream` names.
    #[must_use]
    pub fn new(upstream: PgConnectOptions) -> Self {
        Self::start(upstream, None)
    }

    /// Starts a proxy that replaces a text in each start-up message, such as a timeout, with another text of
    /// the same length.
    #[must_use]
    pub fn with_replaced_setting(
        upstream: PgConnectOptions,
        setting: &'static str,
        replacement: &'static str,
    ) -> Self {
        Self::start(upstream, Some((setting, replacement)))
    }

    fn start(upstream: PgConnectOptions, replaced_setting: Option<(&'static str, &'static str)>) -> Self {
        let directory =
            std::env::temp_dir().join(format!("tenantry-proxy-{}", uuid::Uuid::now_v7().simple()));
        std::fs::create_dir(&directory).unwrap();
        let shared = Arc::new(ProxyState {
            upstream,
            messages: Mutex::default(),
            fault: Mutex::default(),
            triggered: watch::channel(false).0,
            released: watch::channel(false).0,
            replaced_setting,
        });
        let listener = Mutex::new(listen(&directory, &shared));
        Self { directory, shared, listener }
    }

    /// The directory of the proxy's socket, which is named like PostgreSQL's socket for port 5432.
    #[must_use]
    pub fn socket_directory(&self) -> &Path {
        &self.directory
    }

    /// The options to connect through the proxy.
    #[must_use]
    pub fn options(&self) -> PgConnectOptions {
        self.shared.upstream.clone().socket(&self.directory).port(5432).ssl_mode(PgSslMode::Disable)
    }

    /// Injects a fault into the next statement that matches. Replaces a fault that has not happened yet.
    pub fn inject(&self, matcher: Matcher, fault: Fault) {
        self.shared.triggered.send_replace(false);
        self.shared.released.send_replace(false);
        *self.shared.fault.lock().unwrap() = Some((matcher, fault));
    }

    /// Whether the injected fault has happened.
    #[must_use]
    pub fn has_triggered(&self) -> bool {
        *self.shared.triggered.borrow()
    }

    /// Waits until the injected fault has happened.
    pub async fn wait_until_triggered(&self) {
        let mut triggered = self.shared.triggered.subscribe();
        wait_for_future("the injected fault", triggered.wait_for(|triggered| *triggered)).await.unwrap();
    }

    /// Sends a held statement to PostgreSQL.
    pub fn release(&self) {
        self.shared.released.send_replace(true);
    }

    /// Breaks every connection and refuses new ones, like a database that is stopped. A backend that
    /// executes a statement notices the break only when the statement ends.
    pub async fn refuse_connections(&self) {
        let listener = std::mem::replace(&mut *self.listener.lock().unwrap(), tokio::spawn(async {}));
        listener.abort();
        let _ = listener.await;
    }

    /// Accepts connections again.
    pub fn accept_connections(&self) {
        match std::fs::remove_file(self.directory.join(SOCKET)) {
            Err(error) if error.kind() != ErrorKind::NotFound => panic!("{error}"),
            _ => {}
        }
        *self.listener.lock().unwrap() = listen(&self.directory, &self.shared);
    }

    /// Breaks every connection.
    pub async fn break_connections(&self) {
        self.refuse_connections().await;
        self.accept_connections();
    }

    /// Waits until the types of the messages since the last call, such as `BES`, end with `end`, and
    /// returns them.
    pub async fn take_messages_until(&self, end: &str) -> String {
        wait_for_value(&format!("messages that end with {end}"), async || {
            let mut messages = self.shared.messages.lock().unwrap();
            messages
                .ends_with(end.as_bytes())
                .then(|| String::from_utf8(std::mem::take(&mut *messages)).unwrap())
        })
        .await
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.listener.get_mut().unwrap().abort();
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// Forwards connections until the task is aborted, which breaks them.
fn listen(directory: &Path, shared: &Arc<ProxyState>) -> JoinHandle<()> {
    let listener = UnixListener::bind(directory.join(SOCKET)).unwrap();
    let shared = Arc::clone(shared);
    tokio::spawn(async move {
        let mut connections = JoinSet::new();
        while let Ok((client, _)) = listener.accept().await {
            let shared = Arc::clone(&shared);
            connections.spawn(async move { shared.forward(client).await });
        }
    })
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

impl ProxyState {
    async fn connect(&self) -> io::Result<Box<dyn Stream>> {
        let port = self.upstream.get_port();
        Ok(match self.upstream.get_socket() {
            Some(directory) => {
                Box::new(UnixStream::connect(directory.join(format!(".s.PGSQL.{port}"))).await?)
            }
            None => Box::new(TcpStream::connect((self.upstream.get_host(), port)).await?),
        })
    }

    /// Forwards messages in both directions until the client or the server closes the connection, or a fault
    /// breaks it.
    async fn forward(&self, mut client: UnixStream) -> io::Result<()> {
        let mut server = self.connect().await?;
        let mut start_up = read_message(&mut client, false).await?;
        if let Some((setting, replacement)) = self.replaced_setting {
            replace(&mut start_up, setting.as_bytes(), replacement.as_bytes());
        }
        server.write_all(&start_up).await?;

        let (mut from_client, mut to_client) = io::split(client);
        let (mut from_server, mut to_server) = io::split(server);
        let lose_response = AtomicBool::new(false);
        let requests = async {
            // A prepared statement takes two messages: `P` contains its text, then `B` executes it.
            let mut lose_next_response = false;
            loop {
                let message = read_message(&mut from_client, true).await?;
                if message[0] != b'p' {
                    self.messages.lock().unwrap().push(message[0]);
                }
                match self.take_fault(&message) {
                    Some(Fault::DropRequest) => return Ok(()),
                    Some(Fault::LoseResponse) if message[0] == b'P' => lose_next_response = true,
                    Some(Fault::LoseResponse) => lose_response.store(true, Ordering::SeqCst),
                    Some(Fault::Hold) => {
                        let _ = self.released.subscribe().wait_for(|released| *released).await;
                    }
                    None if lose_next_response && message[0] == b'B' => {
                        lose_response.store(true, Ordering::SeqCst);
                    }
                    None => {}
                }
                to_server.write_all(&message).await?;
            }
        };
        let responses = async {
            loop {
                let message = read_message(&mut from_server, true).await?;
                // `Z` is the last message of a response.
                match lose_response.load(Ordering::SeqCst) {
                    true if message[0] == b'Z' => return Ok(()),
                    true => {}
                    false => to_client.write_all(&message).await?,
                }
            }
        };
        tokio::select! { ended = requests => ended, ended = responses => ended }
    }

    /// Takes the injected fault if the message matches.
    fn take_fault(&self, message: &[u8]) -> Option<Fault> {
        let mut injected = self.fault.lock().unwrap();
        let (matcher, fault) = (*injected)?;
        let matches = match matcher {
            Matcher::NextExecution => message[0] == b'B',
            Matcher::TextContains(text) => {
                matches!(message[0], b'Q' | b'P')
                    && message.windows(text.len()).any(|part| part == text.as_bytes())
            }
        };
        if !matches {
            return None;
        }
        *injected = None;
        self.triggered.send_replace(true);
        Some(fault)
    }
}

/// Reads one message: its type, its length and its content. The start-up message has no type.
async fn read_message(from: &mut (impl AsyncRead + Unpin), has_type: bool) -> io::Result<Vec<u8>> {
    let mut message = vec![0; if has_type { 5 } else { 4 }];
    from.read_exact(&mut message).await?;
    let header = message.len();
    let length = u32::from_be_bytes(message[header - 4..].try_into().unwrap()) as usize;
    message.resize(header - 4 + length, 0);
    from.read_exact(&mut message[header..]).await?;
    Ok(message)
}

fn replace(bytes: &mut [u8], old: &[u8], new: &[u8]) {
    assert_eq!(old.len(), new.len());
    let at = bytes.windows(old.len()).position(|part| part == old).unwrap();
    bytes[at..at + new.len()].copy_from_slice(new);
}
