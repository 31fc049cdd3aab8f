//! The time until the step of a killed worker is taken over (`docs/specification.md`, section 11), with real
//! processes and SIGKILL.

use std::{
    collections::HashMap,
    path::Path,
    process::Stdio,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use engine::PipelineSettings;
use serde::Serialize;
use tokio::{
    net::TcpListener,
    process::{Child, Command},
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};
use url::Url;

use crate::{
    BenchResult,
    database::TIMEOUT,
    fixture::{HEX_KEY, PipelineFixture, bridge_at},
};

/// The heartbeat interval of a worker. The kills are spread over one interval.
const HEARTBEAT: Duration = Duration::from_secs(10);

#[derive(Debug, Serialize)]
pub struct Takeovers {
    seconds: Vec<f64>,
}

/// Kills `processes` worker processes, each in the middle of a step, while another process is idle.
pub async fn measure(server: &Url, program: &Path, processes: u32) -> BenchResult<Takeovers> {
    let mut bridge = SilentBridge::open().await?;
    let settings =
        PipelineSettings { bridge: Some(bridge_at(bridge.url.clone())), ..PipelineSettings::default() };
    let fixture = PipelineFixture::new(server, settings).await?;
    fixture.add_tenants(processes).await?;
    let worker = |workers| worker_process(program, &fixture.database.url(), &bridge.url, workers);
    let busy = (0..processes).map(|_| worker(1)).collect::<BenchResult<Vec<_>>>()?;
    timeout(TIMEOUT, bridge.calls.wait_for(|calls| *calls >= processes)).await??;
    let _idle = worker(processes)?;
    fixture.wait_until(&format!("SELECT count(*) = {} FROM workers", 2 * processes)).await?;
    let killed = kill(busy).await?;
    fixture
        .wait_until("SELECT NOT EXISTS (SELECT FROM job_steps WHERE state = 'running' AND attempt = 1)")
        .await?;
    let seconds = takeover_times(&killed, &fixture).await?;
    fixture.remove().await?;
    Ok(Takeovers { seconds })
}

/// Starts `tenantry worker`. The process is killed when the value is dropped.
fn worker_process(program: &Path, database: &Url, bridge: &Url, workers: u32) -> BenchResult<Child> {
    let child = Command::new(program)
        .args(["worker", "--workers", &workers.to_string()])
        // Ignore the user's own settings.
        .env_clear()
        .env("DATABASE_URL", database.as_str())
        .env("TENANTRY_MASTER_KEY", HEX_KEY)
        .env("TENANTRY_BRIDGE_URL", bridge.as_str())
        .env("TENANTRY_BRIDGE_TOKEN", "t")
        .env("TENANTRY_LOG", "error")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    Ok(child)
}

/// Kills the processes one by one. Returns the time of each kill (seconds since 1970) by process ID.
async fn kill(processes: Vec<Child>) -> BenchResult<HashMap<i64, f64>> {
    let pause = HEARTBEAT.div_f64(processes.len() as f64);
    let mut killed = HashMap::new();
    for mut process in processes {
        sleep(pause).await;
        let pid = process.id().ok_or("a worker exited early")?;
        killed.insert(pid.into(), SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs_f64());
        process.kill().await?;
    }
    Ok(killed)
}

/// Returns the seconds from each kill to the start of the next attempt.
async fn takeover_times(killed: &HashMap<i64, f64>, fixture: &PipelineFixture) -> BenchResult<Vec<f64>> {
    // A worker's name starts with its process ID.
    let restarts: Vec<(i64, f64)> = sqlx::query_as(
        "SELECT split_part(lost.worker, '-', 1)::bigint, extract(epoch FROM next.started_at)::float8
         FROM step_attempts lost JOIN step_attempts next USING (job_id, position)
         WHERE lost.number = 1 AND lost.outcome = 'lost' AND next.number = 2",
    )
    .fetch_all(&fixture.pool)
    .await?;
    let seconds: Vec<_> =
        restarts.into_iter().filter_map(|(pid, restarted)| Some(restarted - killed.get(&pid)?)).collect();
    match seconds.len() == killed.len() {
        true => Ok(seconds),
        false => Err(format!("{} of {} steps were taken over", seconds.len(), killed.len()).into()),
    }
}

/// Accepts every connection and never responds.
#[derive(Debug)]
struct SilentBridge {
    url: Url,
    /// The number of accepted connections.
    calls: watch::Receiver<u32>,
    _listening: JoinSet<()>,
}

impl SilentBridge {
    async fn open() -> BenchResult<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?).parse()?;
        let (count, calls) = watch::channel(0);
        let mut listening = JoinSet::new();
        listening.spawn(async move {
            let mut open = Vec::new();
            while let Ok((connection, _)) = listener.accept().await {
                open.push(connection);
                count.send_modify(|count| *count += 1);
            }
        });
        Ok(Self { url, calls, _listening: listening })
    }
}
