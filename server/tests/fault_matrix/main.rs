//! The fault matrix: every step of the pipeline against every fault, with real workers, a real
//! PostgreSQL and a real HTTP server that misbehaves to order. It prints the table that
//! `docs/RELIABILITY.md` holds.
//!
//! `TENANTRY_FAULT_MATRIX=FILE` has the table written there too; `TENANTRY_FAULT_CELLS=bridge` or
//! `=400` tries only the rows and columns whose heading contains that.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod cell;
mod copying;
mod database;
mod finalizing;
mod ground;
mod line;
#[path = "../../../crates/engine/tests/postgres/support/orders.rs"]
#[allow(dead_code)]
mod orders;
mod over_http;
#[path = "../../../crates/engine/tests/pipeline"]
#[allow(dead_code, unused_imports)]
mod pipeline {
    pub mod counterpart;
}
mod process;
mod storm;
mod table;
mod verdict;

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::Semaphore,
    task::{JoinError, JoinSet},
    time::timeout,
};

use cell::Cell;
use ground::Ground;
use table::{Row, Table, Trouble};

/// How many cells are tried at the same time.
const AT_ONCE: usize = 3;
/// The longest that a cell may take; the slowest waits for a call's 30 s.
const LONGEST: Duration = Duration::from_secs(90);

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_in_every_step_ends_done_or_dead_with_one_effect() {
    let ground = Arc::new(Ground::new().await);
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let mut trials = JoinSet::new();
    let mut cells = table::wanted();
    // Those that wait longest begin first.
    cells.sort_by_key(|(_, trouble)| *trouble != Trouble::Timeout);
    for (number, (row, trouble)) in cells.into_iter().enumerate() {
        let (ground, turns) = (Arc::clone(&ground), Arc::clone(&turns));
        trials.spawn(async move {
            let _turn = turns.acquire_owned().await.unwrap();
            // A task of its own, so that a failed assertion is this cell's alone.
            let trial = tokio::spawn(timeout(LONGEST, try_out(ground, number, row, trouble)));
            let outcome = match trial.await {
                Ok(Ok(())) => Ok(()),
                Ok(Err(_)) => Err(format!("took longer than {} s", LONGEST.as_secs())),
                Err(fault) => Err(words_of(fault)),
            };
            (row, trouble, outcome)
        });
    }
    let mut table = Table::default();
    while let Some(tried) = trials.join_next().await {
        let (row, trouble, outcome) = tried.unwrap();
        table.enter(row, trouble, outcome);
    }
    Arc::into_inner(ground).expect("every cell is done").end().await;
    table.publish();
    assert!(table.wrong().is_empty(), "{}", table.wrong().join("\n"));
}

async fn try_out(ground: Arc<Ground>, number: usize, row: Row, trouble: Trouble) {
    let cell = Cell::new(ground, number, row, trouble).await;
    let workers = match row {
        Row::CopyByPostgres => copying::run(&cell, trouble).await,
        Row::Finalize => finalizing::run(&cell, trouble).await,
        _ => over_http::run(&cell, row, trouble).await,
    };
    verdict::check(&cell, row, trouble).await;
    for worker in workers {
        worker.end().await;
    }
    cell.end().await;
}

fn words_of(fault: JoinError) -> String {
    let Ok(panic) = fault.try_into_panic() else { return "was cancelled".into() };
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
}
