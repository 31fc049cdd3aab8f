use engine::page::{Limit, Page, PageRequest};

use super::Failure;

/// Loads all pages of a list.
pub(crate) async fn load_all<T>(
    load: impl AsyncFn(PageRequest) -> Result<Page<T>, engine::Error>,
) -> Result<Vec<T>, Failure> {
    let mut rows = Vec::new();
    let mut request = PageRequest { limit: Limit::MAX, after: None };
    loop {
        let page = load(request).await?;
        rows.extend(page.rows);
        match page.next {
            Some(next) => request.after = Some(next),
            None => return Ok(rows),
        }
    }
}
