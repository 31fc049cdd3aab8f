//! The URLs of Odoo's HTTP APIs.

use domain::jobs::StepFailure;
use url::Url;

/// Appends path segments to the URL of a server. The URL may already have a path.
pub(super) fn endpoint(server: &Url, path: &[&str]) -> Result<Url, StepFailure> {
    let mut url = server.clone();
    url.path_segments_mut()
        .map_err(|()| StepFailure::permanent("the configured URL of Odoo cannot be extended with a path"))?
        .pop_if_empty()
        .extend(path);
    Ok(url)
}

/// The address of Odoo's web client, for people.
pub(crate) fn web_client(server: &Url) -> Option<Url> {
    endpoint(server, &["web"]).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_the_server_is_kept() {
        for server in ["https://example.com/odoo", "https://example.com/odoo/"] {
            let url = endpoint(&Url::parse(server).unwrap(), &["json", "2"]).unwrap();
            assert_eq!(url.as_str(), "https://example.com/odoo/json/2");
        }
    }
}
