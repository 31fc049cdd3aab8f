//! A wire between the engine and PostgreSQL that counts what passes and can be cut.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use tokio::{
    io::{self, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpStream, UnixListener, UnixStream},
    task::{JoinHandle, JoinSet},
};

const SOCKET: &str = ".s.PGSQL.5432";

/// Where the wire breaks, once, the next time that a statement is executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// The statement never reaches the server.
    BeforeRequest,
    /// The server has committed and answered; the answer never arrives.
    AfterAnswer,
}

/// The wire. It is gone when this is dropped.
pub struct Proxy {
    folder: PathBuf,
    shared: Arc<Shared>,
    listening: JoinHandle<()>,
}

struct Shared {
    upstream: PgConnectOptions,
    /// The types of the client's messages, start-up and authentication apart.
    messages: Mutex<Vec<u8>>,
    cut: Mutex<Option<Cut>>,
    /// Replaced in the start-up message; both of one length.
    setting: Option<(&'static str, &'static str)>,
}

/// Carries connections until it is aborted, which breaks them.
fn listen(folder: &Path, shared: &Arc<Shared>) -> JoinHandle<()> {
    let listener = UnixListener::bind(folder.join(SOCKET)).unwrap();
    let shared = Arc::clone(shared);
    tokio::spawn(async move {
        let mut carried = JoinSet::new();
        while let Ok((client, _)) = listener.accept().await {
            let shared = Arc::clone(&shared);
            carried.spawn(async move { shared.carry(client).await });
        }
    })
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

impl Proxy {
    pub fn new(upstream: PgConnectOptions) -> Self {
        Self::with_setting(upstream, None)
    }

    /// A wire that changes a setting of each connection, such as a timeout, to another text of
    /// the same length.
    pub fn with_setting(upstream: PgConnectOptions, setting: Option<(&'static str, &'static str)>) -> Self {
        let folder = std::env::temp_dir().join(format!("tenantry-proxy-{}", uuid::Uuid::now_v7().simple()));
        std::fs::create_dir(&folder).unwrap();
        let shared =
            Arc::new(Shared { upstream, messages: Mutex::default(), cut: Mutex::default(), setting });
        let listening = listen(&folder, &shared);
        Self { folder, shared, listening }
    }

    /// Breaks every connection and refuses new ones, as a database that is stopped does.
    pub async fn stop(&mut self) {
        self.listening.abort();
        let _ = (&mut self.listening).await;
    }

    /// Takes connections again.
    pub fn start(&mut self) {
        std::fs::remove_file(self.folder.join(SOCKET)).unwrap();
        self.listening = listen(&self.folder, &self.shared);
    }

    /// Breaks every connection. A backend at work does not notice before it is done.
    pub async fn break_connections(&mut self) {
        self.stop().await;
        self.start();
    }

    /// How to connect through the wire.
    pub fn options(&self) -> PgConnectOptions {
        self.shared.upstream.clone().socket(&self.folder).port(5432).ssl_mode(PgSslMode::Disable)
    }

    pub fn cut_once(&self, cut: Cut) {
        *self.shared.cut.lock().unwrap() = Some(cut);
    }

    /// Whether a cut that was ordered has happened.
    pub fn was_cut(&self) -> bool {
        self.shared.cut.lock().unwrap().is_none()
    }

    /// The types of the messages since the last call, as text such as `BES`, once they end with
    /// `end`; 10 s at most.
    pub async fn take_messages_until(&self, end: &str) -> String {
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            let messages = String::from_utf8(self.shared.messages.lock().unwrap().clone()).unwrap();
            if messages.ends_with(end) {
                self.shared.messages.lock().unwrap().clear();
                return messages;
            }
            assert!(Instant::now() < deadline, "{messages} does not end with {end}");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.listening.abort();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Shared {
    async fn connect(&self) -> io::Result<Box<dyn Stream>> {
        let port = self.upstream.get_port();
        Ok(match self.upstream.get_socket() {
            Some(folder) => Box::new(UnixStream::connect(folder.join(format!(".s.PGSQL.{port}"))).await?),
            None => Box::new(TcpStream::connect((self.upstream.get_host(), port)).await?),
        })
    }

    /// Carries messages both ways until either side ends, or the wire is cut.
    async fn carry(&self, mut client: UnixStream) -> io::Result<()> {
        let mut server = self.connect().await?;
        let mut start = frame(&mut client, false).await?;
        if let Some((old, new)) = self.setting {
            replace(&mut start, old.as_bytes(), new.as_bytes());
        }
        server.write_all(&start).await?;

        let (mut from_client, mut to_client) = io::split(client);
        let (mut from_server, mut to_server) = io::split(server);
        let deaf = AtomicBool::new(false);
        let requests = async {
            loop {
                let message = frame(&mut from_client, true).await?;
                if message[0] != b'p' {
                    self.messages.lock().unwrap().push(message[0]);
                }
                if message[0] == b'B' {
                    match self.cut.lock().unwrap().take() {
                        Some(Cut::BeforeRequest) => return Ok(()),
                        Some(Cut::AfterAnswer) => deaf.store(true, Ordering::SeqCst),
                        None => {}
                    }
                }
                to_server.write_all(&message).await?;
            }
        };
        let answers = async {
            loop {
                let message = frame(&mut from_server, true).await?;
                match deaf.load(Ordering::SeqCst) {
                    true if message[0] == b'Z' => return Ok(()),
                    true => {}
                    false => to_client.write_all(&message).await?,
                }
            }
        };
        tokio::select! { ended = requests => ended, ended = answers => ended }
    }
}

/// One message as bytes: its type, unless it is the first, its length, its content.
async fn frame(from: &mut (impl AsyncRead + Unpin), typed: bool) -> io::Result<Vec<u8>> {
    let mut message = vec![0; if typed { 5 } else { 4 }];
    from.read_exact(&mut message).await?;
    let at = message.len();
    let length = u32::from_be_bytes(message[at - 4..].try_into().unwrap()) as usize;
    message.resize(at - 4 + length, 0);
    from.read_exact(&mut message[at..]).await?;
    Ok(message)
}

fn replace(bytes: &mut [u8], old: &[u8], new: &[u8]) {
    assert_eq!(old.len(), new.len());
    let at = bytes.windows(old.len()).position(|part| part == old).unwrap();
    bytes[at..at + new.len()].copy_from_slice(new);
}
