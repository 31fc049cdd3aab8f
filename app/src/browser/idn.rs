/// The ASCII form of an international domain, by the browser's own URL parser (UTS 46).
#[cfg(feature = "hydrate")]
pub(crate) fn domain_to_ascii(domain: &str) -> Option<String> {
    // Anything that would end the host part is not a domain.
    if domain.contains(['/', '?', '#', ':', '\\', '@', '%']) {
        return None;
    }
    let url = web_sys::Url::new(&format!("https://{domain}/")).ok()?;
    Some(url.hostname())
}

/// The same by the library that the server uses.
#[cfg(all(feature = "ssr", not(feature = "hydrate")))]
pub(crate) fn domain_to_ascii(domain: &str) -> Option<String> {
    engine::access::idn_to_ascii(domain)
}

#[cfg(not(any(feature = "ssr", feature = "hydrate")))]
pub(crate) fn domain_to_ascii(_domain: &str) -> Option<String> {
    None
}
