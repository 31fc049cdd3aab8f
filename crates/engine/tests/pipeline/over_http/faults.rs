//! Faults in the HTTP calls of two steps: the one that calls the metadata bridge and the one that calls the
//! copy service.

use std::time::Duration;

use domain::jobs::FailureKind;
use tokio::task::JoinSet;

use super::{Counts, StepFixture};
use test_support::{
    fake_services::{CallKind, Fault},
    wait::wait_for,
};

const WAIT: Duration = Duration::from_secs(7);

/// Faults that end a call immediately, and the kind of failure that they cause.
const FAULTS: [(Fault, FailureKind); 8] = [
    (Fault::Status(500), FailureKind::Transient),
    (Fault::Status(503), FailureKind::Transient),
    (Fault::Status(400), FailureKind::Permanent),
    (Fault::Status(307), FailureKind::Permanent),
    (Fault::Status(408), FailureKind::TimedOut),
    (Fault::Throttle(WAIT), FailureKind::Throttled { wait: WAIT }),
    (Fault::CloseBeforeActing, FailureKind::Transient),
    (Fault::LoseResponse, FailureKind::Transient),
];

#[tokio::test]
async fn each_fault_has_its_failure_kind_and_one_effect_exists_after_the_next_attempt() {
    for (fault, kind) in FAULTS {
        for fixture in StepFixture::both().await {
            for matcher in [fixture.endpoint.reads(), fixture.endpoint.writes()] {
                fixture.services.inject(matcher, fault, 1);
                let failure = fixture.run().await.unwrap_err();
                assert_eq!(failure.kind, kind, "{fault:?} at {matcher:?}: {failure}");
                assert_eq!(fixture.run().await.unwrap(), fixture.key, "after {fault:?} at {matcher:?}");
                assert_eq!(fixture.counts().existing, 1, "after {fault:?} at {matcher:?}");
                fixture.work.compensate(&fixture.job).await.unwrap();
            }
            assert_eq!(
                fixture.services.created(fixture.endpoint),
                2,
                "one effect for each of two rounds of {fault:?}"
            );
        }
    }
}

#[tokio::test]
async fn injected_faults_affect_the_requested_number_of_calls_in_order() {
    for fixture in StepFixture::both().await {
        fixture.services.inject(fixture.endpoint.writes(), Fault::Status(500), 2);
        fixture.services.inject(fixture.endpoint, Fault::Status(400), 1);
        // The first call is a read, which only the second injection matches. The next two calls that match an
        // injection are writes.
        let mut kinds = Vec::new();
        while let Err(failure) = fixture.run().await {
            kinds.push(failure.kind);
        }
        assert_eq!(kinds, [FailureKind::Permanent, FailureKind::Transient, FailureKind::Transient]);
        let statuses: Vec<_> =
            fixture.services.calls(fixture.endpoint.writes()).iter().map(|call| call.status).collect();
        assert_eq!(statuses.len(), 3);
        assert!(statuses.iter().all(Option::is_some));
    }
}

#[tokio::test]
async fn an_effect_whose_response_was_lost_is_found_and_not_requested_again() {
    for fixture in StepFixture::both().await {
        fixture.services.inject(fixture.endpoint.writes(), Fault::LoseResponse, 1);
        assert_eq!(fixture.run().await.unwrap_err().kind, FailureKind::Transient);
        assert_eq!(fixture.work.probe(&fixture.job).await.unwrap().as_deref(), Some(fixture.key));
        assert_eq!(fixture.run().await.unwrap(), fixture.key);
        assert_eq!(fixture.counts(), Counts { existing: 1, created: 1, write_calls: 1 });
    }
}

#[tokio::test]
async fn an_unreachable_service_is_a_transient_failure() {
    for fixture in StepFixture::both().await {
        fixture.services.stop().await;
        for result in [fixture.run().await.map(drop), fixture.work.compensate(&fixture.job).await] {
            let failure = result.unwrap_err();
            assert_eq!(failure.kind, FailureKind::Transient);
            assert!(failure.message.ends_with("cannot be reached"), "{failure}");
        }
        fixture.services.restart().await;
        assert_eq!(fixture.run().await.unwrap(), fixture.key);
        fixture.services.stop().await;
        fixture.services.restart().await;
        assert_eq!(fixture.run().await.unwrap(), fixture.key);
        assert_eq!(fixture.counts(), Counts { existing: 1, created: 1, write_calls: 1 });
    }
}

#[tokio::test]
async fn a_call_cancelled_before_or_after_its_effect_leads_to_one_effect() {
    for (fault, write_calls) in [(Fault::Hang, 2), (Fault::HangAfterActing, 1)] {
        for fixture in StepFixture::both().await {
            fixture.services.inject(fixture.endpoint.writes(), fault, 1);
            tokio::select! {
                result = fixture.run() => panic!("{result:?} despite {fault:?}"),
                () = fixture.services.wait_for_calls(fixture.endpoint.writes(), 1) => {}
            }
            wait_for("the expected number of effects", || {
                fixture.counts().existing == usize::from(fault == Fault::HangAfterActing)
            })
            .await;
            assert_eq!(fixture.run().await.unwrap(), fixture.key);
            assert_eq!(fixture.counts(), Counts { existing: 1, created: 1, write_calls }, "{fault:?}");
        }
    }
}

#[tokio::test]
async fn a_late_effect_of_a_cancelled_call_is_not_a_second_effect() {
    for fixture in StepFixture::both().await {
        fixture.services.inject(fixture.endpoint.writes(), Fault::Hold, 1);
        tokio::select! {
            result = fixture.run() => panic!("{result:?} although the call is held"),
            () = fixture.services.wait_for_calls(fixture.endpoint.writes(), 1) => {}
        }
        assert_eq!(fixture.run().await.unwrap(), fixture.key);
        fixture.services.release();
        wait_for("the response to the cancelled call", || {
            fixture.services.calls(fixture.endpoint.writes()).iter().all(|call| call.status.is_some())
        })
        .await;
        assert_eq!(fixture.counts(), Counts { existing: 1, created: 1, write_calls: 2 });
        assert_eq!(fixture.run().await.unwrap(), fixture.key);
    }
}

#[tokio::test]
async fn concurrent_workers_create_one_effect() {
    for fixture in StepFixture::both().await {
        let (one, other) = tokio::join!(fixture.run(), fixture.run());
        assert_eq!((one.unwrap(), other.unwrap()), (fixture.key.to_owned(), fixture.key.to_owned()));
        let Counts { existing, created, .. } = fixture.counts();
        assert_eq!((existing, created), (1, 1));
    }
}

#[tokio::test]
async fn a_record_of_another_request_is_never_changed() {
    for fixture in StepFixture::both().await {
        let foreign = fixture.foreign_record();
        fixture.services.insert_record(fixture.endpoint, fixture.key, foreign);
        let record = fixture.services.record(fixture.endpoint, fixture.key);
        for failure in [
            fixture.work.probe(&fixture.job).await.unwrap_err(),
            // The record may appear between probe and act.
            fixture.work.act(&fixture.job).await.unwrap_err(),
        ] {
            assert_eq!(failure.kind, FailureKind::Permanent, "{failure}");
        }
        fixture.work.compensate(&fixture.job).await.unwrap();
        assert_eq!(fixture.services.record(fixture.endpoint, fixture.key), record);
        assert_eq!(fixture.services.calls(fixture.endpoint.deletes()).len(), 0);
    }
}

#[tokio::test]
async fn compensation_succeeds_after_each_fault_and_is_idempotent() {
    for (fault, kind) in FAULTS {
        for fixture in StepFixture::both().await {
            fixture.run().await.unwrap();
            for matcher in [fixture.endpoint.reads(), fixture.endpoint.deletes()] {
                fixture.services.inject(matcher, fault, 1);
                assert_eq!(
                    fixture.work.compensate(&fixture.job).await.unwrap_err().kind,
                    kind,
                    "{fault:?} at {matcher:?}"
                );
            }
            for _ in 0..2 {
                fixture.work.compensate(&fixture.job).await.unwrap();
                assert_eq!(fixture.counts().existing, 0);
            }
            // After a lost response, the effect is gone, so the next compensation sends no delete.
            let deletions = if fault == Fault::LoseResponse { 1 } else { 2 };
            assert_eq!(fixture.services.calls(fixture.endpoint.deletes()).len(), deletions, "{fault:?}");
        }
    }
}

/// Takes 30 s, the timeout of a call. All calls run at the same time.
#[tokio::test]
async fn a_call_without_a_response_times_out() {
    let mut waiting = JoinSet::new();
    for kind in [CallKind::Read, CallKind::Write, CallKind::Delete] {
        for fixture in StepFixture::both().await {
            waiting.spawn(async move {
                let matcher = match kind {
                    CallKind::Read => fixture.endpoint.reads(),
                    CallKind::Write => fixture.endpoint.writes(),
                    CallKind::Delete => fixture.endpoint.deletes(),
                };
                if kind == CallKind::Delete {
                    fixture.run().await.unwrap();
                }
                fixture.services.inject(matcher, Fault::Hang, 1);
                let failure = match kind {
                    CallKind::Read | CallKind::Write => fixture.run().await.unwrap_err(),
                    CallKind::Delete => fixture.work.compensate(&fixture.job).await.unwrap_err(),
                };
                assert_eq!(failure.kind, FailureKind::TimedOut, "{matcher:?}: {failure}");
                assert_eq!(fixture.run().await.unwrap(), fixture.key);
                let Counts { existing, created, .. } = fixture.counts();
                assert_eq!((existing, created), (1, 1));
            });
        }
    }
    while let Some(done) = waiting.join_next().await {
        done.unwrap();
    }
}
