//! Limits for password guesses: when an employee signs in, and when an employee changes their password.

use std::net::{IpAddr, Ipv6Addr};

use domain::{ErrorCode, Problem};

use crate::{Engine, Error, secret::hash};

/// How many sign-in attempts to one account from one network may fail in 15 minutes (docs/specification.md,
/// section 10).
const PAIR_LIMIT: i64 = 10;
/// How many sign-in attempts from one network may fail in 15 minutes, for all accounts together.
const NETWORK_LIMIT: i64 = 50;
/// How many sign-in attempts to one account may fail in 15 minutes, from all networks together. This limit is
/// high, so that a stranger cannot lock out an admin.
const ACCOUNT_LIMIT: i64 = 200;

/// Records the attempt as failed before the password is checked, so that concurrent attempts count too.
/// Refuses the attempt if there were too many failures; a refused attempt does not count. Returns the ID of
/// the attempt.
///
/// `account` is the canonical e-mail address of the account, and `address` the network address of the client.
///
/// # Errors
/// `RATE_LIMITED`; the database's error.
pub(super) async fn begin_attempt(engine: &Engine, account: &str, address: &str) -> Result<i64, Error> {
    let (account, network) = (hash(account), hash(&network_of(address)));
    let attempt = sqlx::query_scalar!(
        "INSERT INTO sign_in_failures (account_hash, address_hash) VALUES ($1, $2) RETURNING id",
        &account[..],
        &network[..]
    )
    .fetch_one(&engine.pool())
    .await?;
    let recent = sqlx::query!(
        r#"SELECT count(*) FILTER (WHERE is_account AND is_network) AS "pair!",
             count(*) FILTER (WHERE is_network) AS "network!", count(*) FILTER (WHERE is_account) AS "account!",
             min(wait) FILTER (WHERE is_account AND is_network) AS "pair_wait!",
             min(wait) FILTER (WHERE is_network) AS "network_wait!",
             min(wait) FILTER (WHERE is_account) AS "account_wait!"
           FROM (SELECT account_hash = $1 AS is_account, address_hash = $2 AS is_network,
                     extract(epoch FROM at + interval '15 minutes' - now())::integer AS wait
                 FROM sign_in_failures
                 WHERE (account_hash = $1 OR address_hash = $2) AND at > now() - interval '15 minutes') recent"#,
        &account[..],
        &network[..]
    )
    .fetch_one(&engine.pool())
    .await?;
    let waits = [
        (recent.pair > PAIR_LIMIT, recent.pair_wait),
        (recent.network > NETWORK_LIMIT, recent.network_wait),
        (recent.account > ACCOUNT_LIMIT, recent.account_wait),
    ];
    let wait = waits.into_iter().filter_map(|(exceeded, seconds)| exceeded.then_some(seconds)).max();
    if let Some(seconds) = wait {
        delete_attempt(engine, attempt).await?;
        let retry_after = Some(seconds.max(1).unsigned_abs());
        return Err(Problem { retry_after, ..ErrorCode::RateLimited.into() }.into());
    }
    Ok(attempt)
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

/// Deletes an attempt whose password was right.
pub(super) async fn delete_attempt(engine: &Engine, attempt: i64) -> Result<(), Error> {
    sqlx::query!("DELETE FROM sign_in_failures WHERE id = $1", attempt).execute(&engine.pool()).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_addresses_of_an_ipv6_network_count_together() {
        assert_eq!(network_of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(network_of("2001:db8:1:2::9"), "2001:db8:1:2::/64");
        assert_eq!(network_of("2001:db8:1:3::9"), "2001:db8:1:3::/64");
        assert_eq!(network_of("192.0.2.1"), "192.0.2.1");
        assert_eq!(network_of("::ffff:192.0.2.1"), "::ffff:192.0.2.1");
        assert_eq!(network_of(""), "");
    }
}
