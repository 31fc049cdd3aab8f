//! Download budgets: the site build fails if a page becomes too large.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use crate::Result;

/// Bytes of scripts, modules and style sheet on the first visit to any page.
pub(crate) const FIRST_LOAD: u64 = 250_000;
/// Bytes that a browser downloads to navigate to another page.
pub(crate) const FURTHER_PAGE: u64 = 40_000;
/// The pages that exceed [`FURTHER_PAGE`] today, with limits of their own: `docs/adr/0008-code-splitting.md`.
const LARGE_PAGES: [(&str, u64); 2] = [("provision", 110_000), ("request", 90_000)];

/// The compressed sizes of a site's files.
#[derive(Debug)]
pub(crate) struct Downloads<'a> {
    /// The size of the files that every page needs.
    pub(crate) shared: u64,
    /// The chunks that each page needs.
    pub(crate) pages: &'a BTreeMap<String, Vec<String>>,
    /// The size of each chunk.
    pub(crate) chunks: &'a BTreeMap<String, u64>,
}

/// The downloads that one page causes, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) name: String,
    /// On the first visit.
    pub(crate) first_load: u64,
    /// When a visitor comes from the page that shares the least with this page.
    pub(crate) further: u64,
}

impl Downloads<'_> {
    /// Returns what each page downloads.
    pub(crate) fn by_page(&self) -> Vec<Page> {
        let needs = |name: &String| self.pages.get(name).into_iter().flatten().collect::<BTreeSet<_>>();
        let size = |chunk: &String| self.chunks.get(chunk).copied().unwrap_or_default();
        let page = |name: &String| {
            let needed = needs(name);
            let others = self.pages.keys().filter(|other| *other != name);
            let further = others.map(|other| needed.difference(&needs(other)).map(|chunk| size(chunk)).sum());
            Page {
                name: page_name(name).to_owned(),
                first_load: self.shared + needed.iter().map(|chunk| size(chunk)).sum::<u64>(),
                further: further.max().unwrap_or_default(),
            }
        };
        self.pages.keys().map(page).collect()
    }
}

impl fmt::Display for Page {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, first_load, further } = self;
        let limit = further_limit(name);
        write!(to, "{name:<24} {first_load:>9} of {FIRST_LOAD:>6} {further:>9} of {limit:>6}")
    }
}

/// Returns the limit for navigating to a page, in bytes.
fn further_limit(page: &str) -> u64 {
    LARGE_PAGES.iter().find(|(name, _)| *name == page).map_or(FURTHER_PAGE, |(_, limit)| *limit)
}

/// Returns the name of the page that a lazy function shows: `health` for `__health_route_view_9747`.
fn page_name(lazy_function: &str) -> &str {
    let name = lazy_function.trim_start_matches('_');
    name.split_once("_route_view").map_or(name, |(page, _)| page)
}

/// Checks every page against the budgets.
///
/// # Errors
/// Names each page that exceeds a budget.
pub(crate) fn check(pages: &[Page]) -> Result<()> {
    let mut excesses = Vec::new();
    for Page { name, first_load, further } in pages {
        if *first_load > FIRST_LOAD {
            excesses.push(format!("{name}: the first load takes {first_load} bytes, more than {FIRST_LOAD}"));
        }
        let limit = further_limit(name);
        if *further > limit {
            excesses.push(format!("{name}: navigating to it takes {further} bytes, more than {limit}"));
        }
    }
    if excesses.is_empty() {
        return Ok(());
    }
    Err(format!("the download budgets are exceeded:\n  {}", excesses.join("\n  ")).into())
}

#[cfg(test)]
mod tests {
    use super::{Downloads, FIRST_LOAD, FURTHER_PAGE, Page, check, page_name};
    use std::collections::BTreeMap;

    fn pages(shared: u64, chunks: &[(&str, u64)], pages: &[(&str, &[&str])]) -> Vec<Page> {
        let chunks =
            chunks.iter().map(|(name, size)| ((*name).to_owned(), *size)).collect::<BTreeMap<_, _>>();
        let pages = pages
            .iter()
            .map(|(name, needs)| ((*name).to_owned(), needs.iter().map(|need| (*need).to_owned()).collect()))
            .collect::<BTreeMap<_, _>>();
        Downloads { shared, pages: &pages, chunks: &chunks }.by_page()
    }

    #[test]
    fn a_first_load_is_the_shared_files_and_the_chunks_of_the_page() {
        let pages =
            pages(100, &[("a", 10), ("b", 20), ("ab", 5)], &[("a", &["a", "ab"]), ("b", &["b", "ab"])]);
        assert_eq!(pages[0], Page { name: "a".into(), first_load: 115, further: 10 });
        assert_eq!(pages[1], Page { name: "b".into(), first_load: 125, further: 20 });
    }

    #[test]
    fn a_further_page_is_measured_from_the_page_that_shares_the_least() {
        let chunks = [("a", 10), ("ab", 5)];
        let pages = pages(100, &chunks, &[("a", &["a", "ab"]), ("b", &["ab"]), ("c", &[])]);
        assert_eq!(pages[0].further, 15);
    }

    #[test]
    fn pages_at_the_limits_pass() {
        let at_limit = Page { name: "a".into(), first_load: FIRST_LOAD, further: FURTHER_PAGE };
        assert!(check(&[at_limit]).is_ok());
    }

    #[test]
    fn a_chunk_that_is_too_large_fails_the_build() {
        let chunks = [("a", 1_000), ("b", FURTHER_PAGE + 1)];
        let error = check(&pages(100, &chunks, &[("a", &["a"]), ("b", &["b"])])).unwrap_err().to_string();
        assert!(error.contains("b: navigating to it takes 40001 bytes"), "{error}");
        assert!(!error.contains("a: "), "{error}");
    }

    #[test]
    fn a_page_has_the_name_of_its_route() {
        assert_eq!(page_name("__health_route_view_9747914940991853318"), "health");
        assert_eq!(page_name("other"), "other");
    }

    #[test]
    fn a_main_module_that_is_too_large_fails_the_build() {
        let error = check(&pages(FIRST_LOAD, &[("a", 1)], &[("a", &["a"])])).unwrap_err().to_string();
        assert!(error.contains("a: the first load takes 250001 bytes"), "{error}");
    }
}
