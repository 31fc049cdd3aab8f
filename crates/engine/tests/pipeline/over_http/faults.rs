//! Every fault, for both steps.

use std::time::Duration;

use domain::jobs::FailureKind;
use tokio::{task::JoinSet, time::timeout};

use super::{Trial, eventually};
use crate::counterpart::{Fault, Spot};

const WAIT: Duration = Duration::from_secs(7);

/// Faults that come back at once, and what the step makes of them.
const FAULTS: [(Fault, FailureKind); 8] = [
    (Fault::Status(500), FailureKind::Transient),
    (Fault::Status(503), FailureKind::Transient),
    (Fault::Status(400), FailureKind::Permanent),
    (Fault::Status(307), FailureKind::Permanent),
    (Fault::Status(408), FailureKind::TimedOut),
    (Fault::Throttle(WAIT), FailureKind::Throttled { wait: WAIT }),
    (Fault::CloseBeforeActing, FailureKind::Transient),
    (Fault::LoseAnswer, FailureKind::Transient),
];

#[tokio::test]
async fn each_fault_has_its_kind_and_the_next_try_makes_one_effect() {
    for (fault, kind) in FAULTS {
        for trial in Trial::both().await {
            for spot in [trial.place.look(), trial.place.make()] {
                trial.outside.order(spot, fault, 1);
                let failure = trial.perform().await.unwrap_err();
                assert_eq!(failure.kind, kind, "{fault:?} at {spot:?}: {failure}");
                assert_eq!(trial.perform().await.unwrap(), trial.key, "after {fault:?} at {spot:?}");
                let (effects, ..) = trial.counts();
                assert_eq!(effects, 1, "after {fault:?} at {spot:?}");
                trial.work.compensate(&trial.job).await.unwrap();
            }
            assert_eq!(trial.outside.made(trial.place), 2, "one effect for each of two rounds of {fault:?}");
        }
    }
}

#[tokio::test]
async fn orders_hold_for_so_many_calls_one_after_the_other() {
    for trial in Trial::both().await {
        trial.outside.order(trial.place.make(), Fault::Status(500), 2);
        trial.outside.order(trial.place, Fault::Status(400), 1);
        let mut kinds = Vec::new();
        while let Err(failure) = trial.perform().await {
            kinds.push(failure.kind);
        }
        assert_eq!(kinds, [FailureKind::Permanent, FailureKind::Transient, FailureKind::Transient]);
        let statuses: Vec<_> =
            trial.outside.calls(trial.place.make()).iter().map(|call| call.status).collect();
        assert_eq!(statuses.len(), 3);
        assert!(statuses.iter().all(Option::is_some));
    }
}

#[tokio::test]
async fn an_effect_whose_answer_was_lost_is_found_and_not_asked_for_again() {
    for trial in Trial::both().await {
        trial.outside.order(trial.place.make(), Fault::LoseAnswer, 1);
        assert_eq!(trial.perform().await.unwrap_err().kind, FailureKind::Transient);
        assert_eq!(trial.work.probe(&trial.job).await.unwrap().as_deref(), Some(trial.key));
        assert_eq!(trial.perform().await.unwrap(), trial.key);
        assert_eq!(trial.counts(), (1, 1, 1));
    }
}

#[tokio::test]
async fn a_service_that_is_down_may_come_back() {
    for trial in Trial::both().await {
        trial.outside.stop().await;
        for result in [trial.perform().await.map(drop), trial.work.compensate(&trial.job).await] {
            let failure = result.unwrap_err();
            assert_eq!(failure.kind, FailureKind::Transient);
            assert!(failure.message.ends_with("cannot be reached"), "{failure}");
        }
        trial.outside.start_again().await;
        assert_eq!(trial.perform().await.unwrap(), trial.key);
        trial.outside.stop().await;
        trial.outside.start_again().await;
        assert_eq!(trial.perform().await.unwrap(), trial.key);
        assert_eq!(trial.counts(), (1, 1, 1));
    }
}

#[tokio::test]
async fn a_worker_killed_before_or_after_acting_leaves_one_effect_to_the_next() {
    for (fault, asked) in [(Fault::Hang, 2), (Fault::HangAfterActing, 1)] {
        for trial in Trial::both().await {
            trial.outside.order(trial.place.make(), fault, 1);
            tokio::select! {
                result = trial.perform() => panic!("{result:?} in spite of {fault:?}"),
                () = trial.outside.called(trial.place.make(), 1) => {}
            }
            eventually("it acts or does not", || {
                trial.counts().0 == usize::from(fault == Fault::HangAfterActing)
            })
            .await;
            assert_eq!(trial.perform().await.unwrap(), trial.key);
            assert_eq!(trial.counts(), (1, 1, asked), "{fault:?}");
        }
    }
}

#[tokio::test]
async fn an_effect_that_comes_after_the_worker_gave_up_is_no_second_one() {
    for trial in Trial::both().await {
        trial.outside.order(trial.place.make(), Fault::Delay(Duration::from_millis(300)), 1);
        timeout(Duration::from_millis(100), trial.perform()).await.expect_err("it takes longer");
        assert_eq!(trial.perform().await.unwrap(), trial.key);
        eventually("the first call is acted on", || {
            trial.outside.calls(trial.place.make()).iter().all(|call| call.status.is_some())
        })
        .await;
        assert_eq!(trial.counts(), (1, 1, 2));
        assert_eq!(trial.perform().await.unwrap(), trial.key);
    }
}

#[tokio::test]
async fn workers_at_the_same_moment_make_one_effect() {
    for trial in Trial::both().await {
        let (one, other) = tokio::join!(trial.perform(), trial.perform());
        assert_eq!((one.unwrap(), other.unwrap()), (trial.key.to_owned(), trial.key.to_owned()));
        let (effects, made, _) = trial.counts();
        assert_eq!((effects, made), (1, 1));
    }
}

#[tokio::test]
async fn another_ones_is_never_touched() {
    for trial in Trial::both().await {
        let foreign = trial.foreign();
        trial.outside.plant(trial.place, trial.key, foreign);
        let planted = trial.outside.record(trial.place, trial.key);
        for failure in [
            trial.work.probe(&trial.job).await.unwrap_err(),
            // It may have come between probe and act.
            trial.work.act(&trial.job).await.unwrap_err(),
        ] {
            assert_eq!(failure.kind, FailureKind::Permanent, "{failure}");
        }
        trial.work.compensate(&trial.job).await.unwrap();
        assert_eq!(trial.outside.record(trial.place, trial.key), planted);
        assert_eq!(trial.outside.calls(trial.place.undo()).len(), 0);
    }
}

#[tokio::test]
async fn compensating_is_tried_again_after_each_fault_and_does_nothing_twice() {
    for (fault, kind) in FAULTS {
        for trial in Trial::both().await {
            trial.perform().await.unwrap();
            for spot in [trial.place.look(), trial.place.undo()] {
                trial.outside.order(spot, fault, 1);
                assert_eq!(
                    trial.work.compensate(&trial.job).await.unwrap_err().kind,
                    kind,
                    "{fault:?} at {spot:?}"
                );
            }
            for _ in 0..2 {
                trial.work.compensate(&trial.job).await.unwrap();
                assert_eq!(trial.counts().0, 0);
            }
            let removals = if fault == Fault::LoseAnswer { 1 } else { 2 };
            assert_eq!(trial.outside.calls(trial.place.undo()).len(), removals, "{fault:?}");
        }
    }
}

/// Half a minute long, as a call may take; all at once.
#[tokio::test]
async fn what_never_answers_is_given_up_after_half_a_minute() {
    let mut waiting = JoinSet::new();
    for kind in 0..3 {
        for trial in Trial::both().await {
            waiting.spawn(async move {
                let spots: [Spot; 3] = [trial.place.look(), trial.place.make(), trial.place.undo()];
                if kind == 2 {
                    trial.perform().await.unwrap();
                }
                trial.outside.order(spots[kind], Fault::Hang, 1);
                let failure = match kind {
                    2 => trial.work.compensate(&trial.job).await.unwrap_err(),
                    _ => trial.perform().await.unwrap_err(),
                };
                assert_eq!(failure.kind, FailureKind::TimedOut, "{:?}: {failure}", spots[kind]);
                assert_eq!(trial.perform().await.unwrap(), trial.key);
                assert_eq!((trial.counts().0, trial.counts().1), (1, 1));
            });
        }
    }
    while let Some(done) = waiting.join_next().await {
        done.unwrap();
    }
}
