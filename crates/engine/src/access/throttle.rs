//! Limits for calls that can be repeated: guesses of a password, sign-ups, checks of a slug, and calls that send
//! mail.
//!
//! Each attempt is a row. Attempts count by account and network together, by network, and by account.

use std::net::{IpAddr, Ipv6Addr};

use database::Transaction;
use domain::{ErrorCode, Problem};
use sqlx::PgExecutor;

use super::throttle_limits::Throttle;
use crate::{Engine, Error, interval::interval};

/// Records an attempt before its work is done, so that concurrent attempts count too. Refuses the attempt if
/// there were too many; a refused attempt does not count. Returns the ID of the attempt.
///
/// `account` is the canonical e-mail address of the account, and `address` the network address of the client.
///
/// # Errors
/// `RATE_LIMITED`; the database's error.
pub(crate) async fn begin_attempt(
    engine: &Engine,
    throttle: &Throttle,
    account: &str,
    address: &str,
) -> Result<i64, Error> {
    let subject = Subject::new(throttle, account, &network_of(address));
    let attempt = subject.record(&engine.pool()).await?;
    if let Some(refusal) = subject.find_refusal(&engine.pool(), throttle).await? {
        delete_attempt(engine, attempt).await?;
        return Err(refusal.into());
    }
    Ok(attempt)
}

/// Records an attempt in the transaction of its work, so that only work that is committed counts. Refuses the
/// attempt if there were too many. `account` and `network` are any texts.
///
/// # Errors
/// `RATE_LIMITED`; the database's error.
pub(crate) async fn count_attempt(
    transaction: &mut Transaction,
    throttle: &Throttle,
    account: &str,
    network: &str,
) -> Result<(), Error> {
    let subject = Subject::new(throttle, account, network);
    subject.record(&mut *transaction).await?;
    match subject.find_refusal(transaction, throttle).await? {
        Some(refusal) => Err(refusal.into()),
        None => Ok(()),
    }
}

/// Whose attempts are counted.
struct Subject {
    account: [u8; 32],
    network: [u8; 32],
}

impl Subject {
    fn new(throttle: &Throttle, account: &str, network: &str) -> Self {
        Self { account: throttle.hash(account), network: throttle.hash(network) }
    }

    /// Records an attempt, and returns its ID.
    async fn record(&self, executor: impl PgExecutor<'_>) -> Result<i64, Error> {
        let attempt = sqlx::query_scalar!(
            "INSERT INTO sign_in_failures (account_hash, address_hash) VALUES ($1, $2) RETURNING id",
            &self.account[..],
            &self.network[..]
        );
        Ok(attempt.fetch_one(executor).await?)
    }

    /// Returns `RATE_LIMITED` if there are more attempts than the limits allow.
    async fn find_refusal(
        &self,
        executor: impl PgExecutor<'_>,
        throttle: &Throttle,
    ) -> Result<Option<Problem>, Error> {
        let recent = sqlx::query!(
            r#"SELECT count(*) FILTER (WHERE is_account AND is_network) AS "pair!",
                 count(*) FILTER (WHERE is_network) AS "network!", count(*) FILTER (WHERE is_account) AS "account!",
                 min(wait) FILTER (WHERE is_account AND is_network) AS "pair_wait!",
                 min(wait) FILTER (WHERE is_network) AS "network_wait!",
                 min(wait) FILTER (WHERE is_account) AS "account_wait!"
               FROM (SELECT account_hash = $1 AS is_account, address_hash = $2 AS is_network,
                         extract(epoch FROM at + $3::interval - now())::integer AS wait
                     FROM sign_in_failures
                     WHERE (account_hash = $1 OR address_hash = $2) AND at > now() - $3::interval) recent"#,
            &self.account[..],
            &self.network[..],
            interval(throttle.period)?
        )
        .fetch_one(executor)
        .await?;
        let waits = [
            (recent.pair > throttle.pair_limit, recent.pair_wait),
            (recent.network > throttle.network_limit, recent.network_wait),
            (recent.account > throttle.account_limit, recent.account_wait),
        ];
        let wait = waits.into_iter().filter_map(|(exceeded, seconds)| exceeded.then_some(seconds)).max();
        Ok(wait.map(|seconds| Problem {
            retry_after: Some(seconds.max(1).unsigned_abs()),
            ..ErrorCode::RateLimited.into()
        }))
    }
}

/// The network of a client, as text. An IPv6 client can choose any address of its /64 network, so these
/// addresses count together. Returns other texts unchanged.
fn network_of(address: &str) -> String {
    match address.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V6(address)) => {
            let network = Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX));
            format!("{network}/64")
        }
        _ => address.to_owned(),
    }
}

/// Deletes an attempt that does not count, such as one with the right password.
pub(super) async fn delete_attempt(engine: &Engine, attempt: i64) -> Result<(), Error> {
    sqlx::query!("DELETE FROM sign_in_failures WHERE id = $1", attempt).execute(&engine.pool()).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{super::throttle_limits::SIGN_IN, *};

    #[test]
    fn the_addresses_of_an_ipv6_network_count_together() {
        assert_eq!(network_of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(network_of("2001:db8:1:2::9"), "2001:db8:1:2::/64");
        assert_eq!(network_of("2001:db8:1:3::9"), "2001:db8:1:3::/64");
        assert_eq!(network_of("192.0.2.1"), "192.0.2.1");
        assert_eq!(network_of("::ffff:192.0.2.1"), "::ffff:192.0.2.1");
        assert_eq!(network_of(""), "");
    }

    #[test]
    fn the_attempts_of_each_purpose_count_separately() {
        let other = Throttle { purpose: "sign_up", ..SIGN_IN };
        assert_ne!(SIGN_IN.hash("a@example.com"), other.hash("a@example.com"));
    }
}
