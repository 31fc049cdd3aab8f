//! The time of a sign-up does not tell whether the address has an account.
//!
//! The test measures pairs: a sign-up with a known address and one with an unknown address, in alternating
//! order, so that a change of the load of the machine affects both alike. The Wilcoxon signed-rank test
//! compares the pairs.

use std::time::{Duration, Instant};

use domain::sign_up::SignUpMode;
use engine::sign_up::request_sign_up;
use test_support::test_database::{ORIGIN, TestDatabase};

use super::{database, request_of};

const PAIRS: usize = 1000;
/// The two-sided p below which the times count as different. If they are not, the test fails once in 100,000
/// runs.
const SIGNIFICANCE: f64 = 1e-5;
/// The artificial delay of the control, as a share of the median time. It is smaller than the time of a
/// statement.
const CONTROL_DELAY: f64 = 0.1;

/// The two-sided p of the Wilcoxon signed-rank test: how probable differences like these are if neither side
/// tends to be larger. Uses the normal approximation, which is precise for many pairs.
fn wilcoxon_p(differences: &[f64]) -> f64 {
    let mut ranked: Vec<f64> = differences.iter().copied().filter(|difference| *difference != 0.0).collect();
    ranked.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
    let n = ranked.len() as f64;
    // Durations in nanoseconds have hardly any ties, so their ranks are not averaged.
    let positive: f64 =
        (1..).zip(&ranked).filter(|(_, it)| **it > 0.0).map(|(rank, _)| f64::from(rank)).sum();
    let mean = n * (n + 1.0) / 4.0;
    let deviation = (n * (n + 1.0) * (2.0 * n + 1.0) / 24.0).sqrt();
    2.0 * upper_tail(((positive - mean) / deviation).abs())
}

/// The probability that a standard normal variable is larger than `z`, for `z` of at least 0 (Abramowitz and
/// Stegun, 26.2.17; the error is below 1e-7, so a smaller result means less than that).
fn upper_tail(z: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * z);
    let coefficients = [0.319_381_530, -0.356_563_782, 1.781_477_937, -1.821_255_978, 1.330_274_429];
    let polynomial = coefficients.iter().rev().fold(0.0, |sum, coefficient| (sum + coefficient) * t);
    (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt() * polynomial
}

/// Measures pairs in alternating order. Returns the times of known and of unknown addresses.
async fn measure(pairs: usize, mut run: impl AsyncFnMut(bool, usize)) -> (Vec<Duration>, Vec<Duration>) {
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for n in 0..pairs {
        let order = if n % 2 == 0 { [true, false] } else { [false, true] };
        for is_known in order {
            let started = Instant::now();
            run(is_known, n).await;
            if is_known { &mut known } else { &mut unknown }.push(started.elapsed());
        }
    }
    (known, unknown)
}

/// Asserts that the times do not differ, and that the test would detect a delay of known addresses.
fn assert_indistinguishable(known: &[Duration], unknown: &[Duration]) {
    let nanoseconds = |time: &Duration| time.as_nanos() as f64;
    let differences: Vec<f64> =
        known.iter().zip(unknown).map(|(a, b)| nanoseconds(a) - nanoseconds(b)).collect();
    let mut sorted: Vec<f64> = unknown.iter().map(nanoseconds).collect();
    sorted.sort_by(f64::total_cmp);
    let median = sorted[sorted.len() / 2];
    let delay = median * CONTROL_DELAY;
    let control: Vec<f64> = differences.iter().map(|difference| difference + delay).collect();
    let (p, of_control) = (wilcoxon_p(&differences), wilcoxon_p(&control));
    assert!(of_control < SIGNIFICANCE, "the test does not detect a delay: p {of_control}");
    assert!(
        p > SIGNIFICANCE,
        "the times of known and unknown addresses differ: p {p}, median {:.0} µs",
        median / 1e3
    );
}

/// Inserts accounts: with a password, without one, and of employees.
async fn insert_accounts(db: &TestDatabase) {
    db.run(
        "INSERT INTO users (id, email, email_canonical, name, password_hash)
         SELECT gen_random_uuid(), address, address, 'Known', CASE WHEN n % 3 <> 1 THEN 'x' END
         FROM generate_series(0, 999) n, LATERAL (SELECT 'known' || n || '@example.com' AS address) named;
         INSERT INTO employees (id, kind, user_id, name, role)
         SELECT gen_random_uuid(), 'person', id, name, 'VIEWER' FROM users WHERE email LIKE '%2@example.com';
         ANALYZE users",
    )
    .await;
}

/// A network for each call, so that the counters of the limits have as many rows for each call.
fn network(is_known: bool, n: usize) -> String {
    format!("10.{}.{}.{}", u8::from(is_known), n / 256, n % 256)
}

#[tokio::test]
async fn sign_ups_with_known_and_unknown_addresses_take_the_same_time() {
    let db = database(SignUpMode::On).await;
    insert_accounts(&db).await;
    let run = async |is_known: bool, n: usize| {
        let kind = if is_known { "known" } else { "other" };
        let request = request_of(&format!("{kind}{n}@example.com"), "silver-fork");
        request_sign_up(&db.engine, &request, ORIGIN, &network(is_known, n)).await.unwrap();
    };
    let (known, unknown) = measure(PAIRS, run).await;
    assert_eq!(db.number("SELECT count(*) FROM sign_ups").await, 2 * PAIRS as i64);
    assert_indistinguishable(&known, &unknown);
}

#[test]
fn the_rank_test_tells_a_shift_from_noise() {
    // A fixed sequence of pseudo-random numbers around 0.
    let mut state = 1_u64;
    let noise: Vec<f64> = (0..1000)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as f64 / f64::from(1_u32 << 31) - 0.5
        })
        .collect();
    assert!(wilcoxon_p(&noise) > 0.01);
    let shifted: Vec<f64> = noise.iter().map(|value| value + 0.1).collect();
    assert!(wilcoxon_p(&shifted) < SIGNIFICANCE);
    assert!((upper_tail(1.96) - 0.025).abs() < 1e-4);
}
