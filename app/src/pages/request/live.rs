use std::time::Duration;

use domain::{pipeline::UsualTime, stage::StageMark};
use leptos::{prelude::*, task::spawn_local};

use super::standing::RequestPhase;
use crate::{
    browser::{self, ConnectionState, Subject, Watch},
    pages::stages::Run,
    server_fns::{Record, usual_times},
    visitor::PageContext,
};

/// How often what counts seconds is renewed.
const TICK: Duration = Duration::from_secs(1);

/// A request as it goes on: what the page shows is read from here, so that news change the texts
/// that they are about and nothing else. Focus, selections and what was opened stay.
#[derive(Debug, Clone, Copy)]
pub(super) struct Live {
    pub record: RwSignal<Record>,
    pub standing: Memo<RequestPhase>,
    /// The server's clock in milliseconds; none until the browser has taken over.
    pub now: RwSignal<Option<i64>>,
    /// How far the server's clock is ahead of the browser's.
    ahead: StoredValue<i64>,
    pub usual: RwSignal<Vec<UsualTime>>,
    watch: Watch,
    /// Whether whoever looks may decide about a dead step.
    pub may_decide: bool,
}

impl Live {
    /// Follows a request from the state that is known.
    pub fn follow(record: Record) -> Self {
        let record = RwSignal::new(record);
        let live = Self {
            record,
            standing: Memo::new(move |_| record.with(RequestPhase::of)),
            now: RwSignal::new(None),
            ahead: StoredValue::new(0),
            usual: RwSignal::new(Vec::new()),
            watch: Watch::new(),
            may_decide: expect_context::<PageContext>().may_provision,
        };
        Effect::new(move |_| live.begin());
        browser::every(TICK, move || live.tick());
        live
    }

    /// Runs once the browser has taken over.
    fn begin(self) {
        let (id, is_over, read_at) = self
            .record
            .with_untracked(|record| (record.summary.id.to_string(), record.is_terminal(), record.read_at));
        self.set_clock(read_at);
        if is_over {
            return;
        }
        let seen = move |record| {
            self.put(record);
            true
        };
        self.watch.start(Subject::Id(id), seen, || {});
        spawn_local(async move {
            if let Ok(usual) = usual_times().await {
                let _ = self.usual.try_set(usual);
            }
        });
    }

    /// Takes what was read, unless something newer is known.
    pub fn put(self, record: Record) {
        if self.record.try_with_untracked(|known| known.read_at <= record.read_at) == Some(true) {
            self.set_clock(record.read_at);
            self.record.set(record);
        }
    }

    fn set_clock(self, server: i64) {
        if let Some(here) = browser::now_ms() {
            let _ = self.ahead.try_set_value(server - here);
            let _ = self.now.try_set(Some(server));
        }
    }

    fn tick(self) {
        if let Some(here) =
            browser::now_ms().filter(|_| self.contact().get_untracked() != ConnectionState::Over)
        {
            self.now.set(Some(here + self.ahead.get_value()));
        }
    }

    /// How the look goes on.
    pub fn contact(self) -> Signal<ConnectionState> {
        self.watch.contact()
    }

    /// A part of the record, that tells only when it is another.
    pub fn part<T: PartialEq + Send + Sync + 'static>(
        self,
        read: impl Fn(&Record) -> T + Send + Sync + 'static,
    ) -> Memo<T> {
        Memo::new(move |_| self.record.with(&read))
    }

    /// The stages of the last attempt, and how far it has come.
    pub fn stages(self) -> Memo<(Vec<StageMark>, Run)> {
        self.part(|record| {
            let marks = record.attempt_log.first().map(|attempt| attempt.stages.clone());
            (marks.unwrap_or_default(), RequestPhase::of(record).run())
        })
    }
}
