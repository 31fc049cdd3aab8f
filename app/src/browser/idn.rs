/// The ASCII form of an international domain, from the browser's URL parser (UTS 46).
#[cfg(feature = "hydrate")]
pub(crate) fn domain_to_ascii(domain: &str) -> Option<String> {
    // These characters end the host part of a URL and cannot be in a domain.
    if domain.contains(['/', '?', '#', ':', '\\', '@', '%']) {
        return None;
    }
    let url = web_sys::Url::new(&format!("https://{domain}/")).ok()?;
    Some(url.hostname())
}

/// The ASCII form of an international domain, from the engine's IDN library.
#[cfg(all(feature = "ssr", not(feature = "hydrate")))]
pub(crate) fn domain_to_ascii(domain: &str) -> Option<String> {
    engine::access::idn_to_ascii(domain)
}

#[cfg(not(any(feature = "ssr", feature = "hydrate")))]
pub(crate) fn domain_to_ascii(_domain: &str) -> Option<String> {
    None
}
