//! The rules of host names that e-mail addresses and the domains of tenants share (RFC 1123).

const MAX_LENGTH: usize = 253;
const MAX_LABEL: usize = 63;

/// The first rule that a host name breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HostNameProblem {
    Empty,
    Character,
    TooLong,
    WithoutDot,
    Label,
    Hyphen,
    Numeric,
}

/// Whether a host name is not ASCII, or has an `xn--` label, which encodes Unicode characters.
pub(crate) fn is_international(host: &str) -> bool {
    let is_encoded = |label: &str| label.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("xn--"));
    !host.is_ascii() || host.split('.').any(is_encoded)
}

/// Checks the ASCII form of a host name with at least two labels. Does not check what `xn--` labels encode.
pub(crate) fn check_host_name(host: &str) -> Result<(), HostNameProblem> {
    if host.is_empty() {
        return Err(HostNameProblem::Empty);
    }
    if !host.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '.') {
        return Err(HostNameProblem::Character);
    }
    if host.len() > MAX_LENGTH {
        return Err(HostNameProblem::TooLong);
    }
    let (_, last) = host.rsplit_once('.').ok_or(HostNameProblem::WithoutDot)?;
    if host.split('.').any(|label| label.is_empty() || label.len() > MAX_LABEL) {
        return Err(HostNameProblem::Label);
    }
    if host.split('.').any(|label| label.starts_with('-') || label.ends_with('-')) {
        return Err(HostNameProblem::Hyphen);
    }
    match last.bytes().all(|b| b.is_ascii_digit()) {
        true => Err(HostNameProblem::Numeric),
        false => Ok(()),
    }
}
