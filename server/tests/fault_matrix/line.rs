//! A line between a worker and PostgreSQL, which can be down, lose an answer, or hold a statement.

use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::{
    io::{self, AsyncRead, AsyncReadExt, AsyncWriteExt},
    net::{UnixListener, UnixStream},
    sync::watch,
    task::{JoinHandle, JoinSet},
};

const SOCKET: &str = ".s.PGSQL.5432";

/// What happens to the next statement that contains a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    /// The server does it, its answer never arrives, and the connection is gone.
    LoseAnswer,
    /// It stays on the line until [`Line::release`].
    Hold,
}

/// The line: a Unix socket in a folder of its own.
#[derive(Debug)]
pub struct Line {
    folder: PathBuf,
    shared: Arc<Shared>,
    listening: Mutex<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    upstream: PathBuf,
    plan: Mutex<Option<(&'static str, Plan)>>,
    struck: watch::Sender<bool>,
    released: watch::Sender<bool>,
}

impl Line {
    /// A line from `folder`, which is made, to a server's socket.
    pub fn new(folder: PathBuf, upstream: PathBuf) -> Self {
        std::fs::create_dir_all(&folder).unwrap();
        let shared = Shared {
            upstream,
            plan: Mutex::default(),
            struck: watch::channel(false).0,
            released: watch::channel(false).0,
        };
        let shared = Arc::new(shared);
        let listening = Mutex::new(listen(&folder, &shared));
        Self { folder, shared, listening }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn plan(&self, text: &'static str, plan: Plan) {
        *self.shared.plan.lock().unwrap() = Some((text, plan));
    }

    /// Waits until the plan has been carried out.
    pub async fn struck(&self) {
        self.shared.struck.subscribe().wait_for(|struck| *struck).await.unwrap();
    }

    pub fn release(&self) {
        self.shared.released.send_replace(true);
    }

    /// Breaks every connection and refuses new ones.
    pub fn go_down(&self) {
        self.listening.lock().unwrap().abort();
    }

    pub fn come_up(&self) {
        match std::fs::remove_file(self.folder.join(SOCKET)) {
            Err(error) if error.kind() != ErrorKind::NotFound => panic!("{error}"),
            _ => {}
        }
        *self.listening.lock().unwrap() = listen(&self.folder, &self.shared);
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.go_down();
    }
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

impl Shared {
    /// Carries messages both ways until either side ends.
    async fn carry(&self, mut client: UnixStream) -> io::Result<()> {
        let mut server = UnixStream::connect(&self.upstream).await?;
        server.write_all(&frame(&mut client, false).await?).await?;
        let (mut from_client, mut to_client) = client.split();
        let (mut from_server, mut to_server) = server.split();
        let deaf = AtomicBool::new(false);
        let requests = async {
            // A prepared statement is executed by a message after the one with its text.
            let mut lose_next = false;
            loop {
                let message = frame(&mut from_client, true).await?;
                match self.planned(&message) {
                    Some(Plan::LoseAnswer) if message[0] == b'P' => lose_next = true,
                    Some(Plan::LoseAnswer) => deaf.store(true, Ordering::SeqCst),
                    Some(Plan::Hold) => {
                        let _ = self.released.subscribe().wait_for(|released| *released).await;
                    }
                    None if lose_next && message[0] == b'B' => deaf.store(true, Ordering::SeqCst),
                    None => {}
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

    /// What is to become of a message; used up by that.
    fn planned(&self, message: &[u8]) -> Option<Plan> {
        let mut plan = self.plan.lock().unwrap();
        let (text, _) = (*plan)?;
        let is_it = matches!(message[0], b'Q' | b'P')
            && message.windows(text.len()).any(|part| part == text.as_bytes());
        let (_, plan) = is_it.then(|| plan.take()).flatten()?;
        self.struck.send_replace(true);
        Some(plan)
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
