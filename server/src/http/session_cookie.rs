//! The cookie that carries a session's token (SPEC section 10).

use axum::http::{HeaderMap, HeaderValue, header};

/// With https the browser itself guards the name: `__Host-` is for this host and path `/` only.
fn name(is_https: bool) -> &'static str {
    if is_https { "__Host-tenantry" } else { "tenantry" }
}

/// The token of the request's session, if it has one.
pub fn read(headers: &HeaderMap, is_https: bool) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(found, value)| (found == name(is_https)).then_some(value))
}

/// Keeps a token in the browser until it is closed; the database ends the session earlier.
pub fn keep(token: &str, is_https: bool) -> Option<HeaderValue> {
    set(token, is_https, "")
}

/// Takes the token from the browser.
pub fn clear(is_https: bool) -> Option<HeaderValue> {
    set("", is_https, "; Max-Age=0")
}

fn set(token: &str, is_https: bool, life: &str) -> Option<HeaderValue> {
    let secure = if is_https { "; Secure" } else { "" };
    let text = format!("{}={token}; Path=/; HttpOnly; SameSite=Lax{secure}{life}", name(is_https));
    let mut value = HeaderValue::from_str(&text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_for_this_host_alone_under_https() {
        let cookie = keep("abc", true).unwrap();
        assert_eq!(cookie, "__Host-tenantry=abc; Path=/; HttpOnly; SameSite=Lax; Secure");
        assert_eq!(keep("abc", false).unwrap(), "tenantry=abc; Path=/; HttpOnly; SameSite=Lax");
    }

    #[test]
    fn the_token_is_found_among_other_cookies() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=1; xtenantry=no; tenantry=abc"));
        assert_eq!(read(&headers, false), Some("abc"));
        assert_eq!(read(&headers, true), None);
    }
}
