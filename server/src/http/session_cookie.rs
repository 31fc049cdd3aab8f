//! The session cookie (`docs/specification.md`, section 10).

use axum::http::{HeaderMap, HeaderValue, header};

/// The name of the cookie. With https it has the prefix `__Host-`, so that browsers accept it only for this
/// host and the path `/`.
pub(crate) fn cookie_name(is_https: bool) -> &'static str {
    if is_https { "__Host-tenantry" } else { "tenantry" }
}

/// The session token of a request.
pub(crate) fn read(headers: &HeaderMap, is_https: bool) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(found, value)| (found == cookie_name(is_https)).then_some(value))
}

/// The header that stores a session token until the browser closes. The database may end the session earlier.
pub(crate) fn store(token: &str, is_https: bool) -> Option<HeaderValue> {
    set(token, is_https, "")
}

/// The header that deletes the session token.
pub(crate) fn delete(is_https: bool) -> Option<HeaderValue> {
    set("", is_https, "; Max-Age=0")
}

fn set(token: &str, is_https: bool, expiry: &str) -> Option<HeaderValue> {
    let secure = if is_https { "; Secure" } else { "" };
    let text = format!("{}={token}; Path=/; HttpOnly; SameSite=Lax{secure}{expiry}", cookie_name(is_https));
    let mut value = HeaderValue::from_str(&text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_https_the_cookie_is_bound_to_this_host() {
        let cookie = store("abc", true).unwrap();
        assert_eq!(cookie, "__Host-tenantry=abc; Path=/; HttpOnly; SameSite=Lax; Secure");
        assert_eq!(store("abc", false).unwrap(), "tenantry=abc; Path=/; HttpOnly; SameSite=Lax");
    }

    #[test]
    fn the_session_token_is_found_among_other_cookies() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=1; xtenantry=no; tenantry=abc"));
        assert_eq!(read(&headers, false), Some("abc"));
        assert_eq!(read(&headers, true), None);
    }
}
