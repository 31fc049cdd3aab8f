use std::time::Duration;

use domain::{pipeline::TypicalDuration, stage::StageTime};
use leptos::{prelude::*, task::spawn_local};

use super::request_phase::RequestPhase;
use crate::{
    browser::{self, ConnectionState, RequestWatcher, WatchTarget},
    page_context::PageContext,
    pages::stages::AttemptProgress,
    server_fns::{RequestRecord, typical_durations},
};

/// How often elapsed seconds are updated.
const TICK: Duration = Duration::from_secs(1);

/// A request with live updates. Components read parts of the record with [`Self::select`], so that an update
/// changes only the affected texts and keeps the focus, the selection and open disclosures.
#[derive(Debug, Clone, Copy)]
pub(super) struct LiveRequest {
    pub record: RwSignal<RequestRecord>,
    pub phase: Memo<RequestPhase>,
    /// The server's clock, in Unix milliseconds. `None` before hydration.
    pub now: RwSignal<Option<i64>>,
    pub typical_durations: RwSignal<Vec<TypicalDuration>>,
    watcher: RequestWatcher,
    /// Whether the signed-in employee may act on the request, for example on a dead step.
    pub may_act: bool,
}

impl LiveRequest {
    /// Watches the request of this record for changes.
    pub fn watch(record: RequestRecord) -> Self {
        let record = RwSignal::new(record);
        let live = Self {
            record,
            phase: Memo::new(move |_| record.with(RequestPhase::from_record)),
            now: RwSignal::new(None),
            typical_durations: RwSignal::new(Vec::new()),
            watcher: RequestWatcher::new(),
            may_act: expect_context::<PageContext>().may_provision,
        };
        Effect::new(move |_| live.start());
        browser::call_every(TICK, move || live.update_now());
        live
    }

    /// Starts watching after hydration, unless the request is terminal.
    fn start(self) {
        let (id, is_terminal) =
            self.record.with_untracked(|record| (record.summary.id.to_string(), record.is_terminal()));
        self.now.set(browser::now_ms());
        if is_terminal {
            return;
        }
        let on_record = move |record| {
            self.update(record);
            true
        };
        self.watcher.start(WatchTarget::Id(id), on_record, || {});
        spawn_local(async move {
            if let Ok(durations) = typical_durations().await {
                let _ = self.typical_durations.try_set(durations);
            }
        });
    }

    /// Replaces the record, unless the current one is newer.
    pub fn update(self, record: RequestRecord) {
        if self.record.try_with_untracked(|current| current.read_at <= record.read_at) == Some(true) {
            self.record.set(record);
        }
    }

    fn update_now(self) {
        if self.connection().get_untracked() != ConnectionState::Closed {
            self.now.set(browser::now_ms());
        }
    }

    /// The state of the connection that delivers updates.
    pub fn connection(self) -> Signal<ConnectionState> {
        self.watcher.connection()
    }

    /// A part of the record. Notifies only when this part changes.
    pub fn select<T: PartialEq + Send + Sync + 'static>(
        self,
        read: impl Fn(&RequestRecord) -> T + Send + Sync + 'static,
    ) -> Memo<T> {
        Memo::new(move |_| self.record.with(&read))
    }

    /// The stages that the latest attempt reached, and its progress.
    pub fn stages(self) -> Memo<(Vec<StageTime>, AttemptProgress)> {
        self.select(|record| {
            let times = record.attempt_log.first().map(|attempt| attempt.stages.clone());
            (times.unwrap_or_default(), RequestPhase::from_record(record).attempt_progress())
        })
    }
}
