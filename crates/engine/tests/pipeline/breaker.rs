use std::time::Duration;

use domain::{
    StepState,
    jobs::{Breaker, StepFailure},
    pipeline::{Connector, Step},
};

use crate::{outside::Fate, plant::Plant};

#[tokio::test]
async fn a_breaker_opens_spends_no_tries_lets_one_probe_and_drains() {
    let plant = Plant::new().await;
    let down = || Fate::Refuse(StepFailure::transient("h cannot be reached"));
    plant.outside.order(Step::UpsertBridgeMetadata, [down(), down(), down(), down(), down()]);
    let mut requests = Vec::new();
    for number in 0..8 {
        requests.push(plant.tenant(&format!("tenant-{number}")).await.request_id);
    }
    // One alone, so that none begins to act while another's failure opens the breaker.
    let first = plant.worker();
    let all_wait = "SELECT count(*) = 8 FROM jobs j JOIN job_steps s ON s.job_id = j.id AND s.position = 6
                    WHERE s.state = 'retrying' AND j.state = 'retrying' AND j.due_at > now() + interval '10 seconds'";
    plant.db.wait_until(all_wait).await;
    assert_eq!(plant.db.text("SELECT state FROM breakers WHERE connector = 'bridge'").await, "open");
    // The numbers of the database are those of the domain.
    let numbers = "SELECT failures || ' ' || round(extract(epoch FROM until - changed_at)) FROM breakers";
    let expected = format!("{} {}", Breaker::THRESHOLD, Breaker::PAUSE.as_secs());
    assert_eq!(plant.db.text(numbers).await, expected);
    let tries = "SELECT sum(tries)::bigint FROM job_steps WHERE position = 6";
    assert_eq!((plant.outside.acts(Step::UpsertBridgeMetadata), plant.db.number(tries).await), (5, 5));

    // While it is open, whoever comes waits, and no try is used up.
    for _ in 0..10 {
        plant.hurry().await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    plant.db.wait_until(all_wait).await;
    assert_eq!((plant.outside.acts(Step::UpsertBridgeMetadata), plant.db.number(tries).await), (5, 5));
    let workers = [first, plant.worker()];

    // Its time is up: one probes, that goes well, and all others follow.
    plant.db.run("UPDATE breakers SET until = now()").await;
    plant.hurry().await;
    let open = "SELECT count(*) FROM jobs WHERE state <> 'succeeded'";
    for _ in 0..400 {
        if plant.db.number(open).await == 0 {
            break;
        }
        plant.hurry().await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    for request in requests {
        plant.wait_for_job(request, StepState::Succeeded).await;
    }
    assert_eq!(plant.db.text("SELECT state FROM breakers").await, "closed");
    assert_eq!((plant.outside.effects(), plant.outside.doubled()), (48, false));
    for worker in workers {
        worker.stop().await;
    }
}

#[tokio::test]
async fn a_probe_that_fails_opens_the_breaker_again_and_only_one_may_probe() {
    let plant = Plant::new().await;
    plant
        .db
        .run("INSERT INTO breakers (connector, state, failures, until) VALUES ('bridge', 'open', 5, now())")
        .await;
    let wait = "SELECT coalesce(breaker_delay('bridge', '30 s')::text, 'go')";
    assert_eq!(plant.db.text(wait).await, "go");
    assert_ne!(plant.db.text(wait).await, "go", "the probe is taken");
    plant.db.run("SELECT record_breaker_failure('bridge', true, 'still down')").await;
    assert_eq!(plant.db.text("SELECT state FROM breakers").await, "open");
    assert_ne!(plant.db.text(wait).await, "go");
    // A 4xx says that it is there.
    plant.db.run("UPDATE breakers SET until = now()").await;
    assert_eq!(plant.db.text(wait).await, "go");
    plant.db.run("SELECT record_breaker_failure('bridge', false, 'h answered 400')").await;
    assert_eq!(plant.db.text("SELECT state FROM breakers").await, "closed");
}

#[tokio::test]
async fn the_databases_connectors_are_the_domains() {
    let plant = Plant::new().await;
    plant.tenant("golden-spoon").await;
    for step in Step::ALL {
        let connector =
            plant.db.text(&format!("SELECT connector FROM job_steps WHERE name = '{step}'")).await;
        assert_eq!(Connector::from_text(&connector), Some(step.connector()));
    }
}
