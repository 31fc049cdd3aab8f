//! Download budgets: the site build fails if a page becomes too large.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use crate::Result;

/// The maximum size of the scripts, modules and style sheet that the first visit to a page downloads, in
/// compressed bytes (`docs/specification.md`, section 11).
pub(crate) const FIRST_LOAD_LIMIT: u64 = 250_000;
/// The maximum size of a later load, in compressed bytes: the chunks for navigation to another page, or for
/// the first display of a part of a page.
pub(crate) const LATER_LOAD_LIMIT: u64 = 40_000;

/// The compressed sizes of a site's chunks, and of the files that every page needs.
pub(crate) struct ChunkSizes<'a> {
    /// The total size of the files that every page of an area needs.
    pub(crate) shared: &'a dyn Fn(Option<&'static str>) -> u64,
    /// The chunks that each lazy function needs. Pages and parts of pages are lazy functions.
    pub(crate) functions: &'a BTreeMap<String, Vec<String>>,
    /// The size of each chunk.
    pub(crate) chunks: &'a BTreeMap<String, u64>,
}

/// The download sizes of a page or a part of a page, in compressed bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DownloadSize {
    pub(crate) name: String,
    /// The size of the first load. `None` for a part, because the first visit usually does not download it.
    pub(crate) first_load: Option<u64>,
    /// The size of a later load. For a page: the navigation from the page that shares the fewest bytes with
    /// it, in the same area. For a part: its first display on its page.
    pub(crate) later_load: u64,
}

impl ChunkSizes<'_> {
    /// Returns the download sizes of each page and each part.
    pub(crate) fn page_sizes(&self) -> Vec<DownloadSize> {
        let (pages, parts): (Vec<_>, Vec<_>) =
            self.functions.keys().partition(|function| page_name(function).is_some());
        let page = |function: &&String| {
            let is_near = |other: &&&String| *other != function && area(other) == area(function);
            let others = pages.iter().filter(is_near);
            DownloadSize {
                name: page_name(function).unwrap_or_default().to_owned(),
                first_load: Some((self.shared)(area(function)) + self.size(&self.needs(function))),
                later_load: others.map(|other| self.missing(function, other)).max().unwrap_or_default(),
            }
        };
        let part = |function: &&String| {
            let is_page = |page: &&&String| page_name(page) == Some(page_of(function));
            DownloadSize {
                name: (*function).clone(),
                first_load: None,
                later_load: match pages.iter().find(is_page) {
                    Some(page) => self.missing(function, page),
                    None => self.size(&self.needs(function)),
                },
            }
        };
        pages.iter().map(page).chain(parts.iter().map(part)).collect()
    }

    fn needs(&self, function: &str) -> BTreeSet<&String> {
        self.functions.get(function).into_iter().flatten().collect()
    }

    fn size(&self, chunks: &BTreeSet<&String>) -> u64 {
        chunks.iter().filter_map(|chunk| self.chunks.get(*chunk)).sum()
    }

    /// Returns the size of the chunks that `function` needs and `loaded` does not.
    fn missing(&self, function: &str, loaded: &str) -> u64 {
        self.size(&self.needs(function).difference(&self.needs(loaded)).copied().collect())
    }
}

impl fmt::Display for DownloadSize {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, first_load, later_load } = self;
        match first_load {
            Some(first_load) => {
                write!(to, "{name:<26} {first_load:>9} of {FIRST_LOAD_LIMIT:>6}")?;
            }
            None => write!(to, "{name:<26} {:>19}", "")?,
        }
        write!(to, " {later_load:>9} of {LATER_LOAD_LIMIT:>6}")
    }
}

/// Returns the name of the page that a lazy function shows: `health` for `__health_route_view_9747`. Returns
/// `None` for the lazy function of a part, whose name begins with the name of its page.
pub(crate) fn page_name(lazy_function: &str) -> Option<&str> {
    lazy_function.trim_start_matches('_').split_once("_route_view").map(|(page, _)| page)
}

/// Returns the name of the page to which a lazy function belongs.
pub(crate) fn page_of(lazy_function: &str) -> &str {
    let first_word = || lazy_function.split('_').next().unwrap_or_default();
    page_name(lazy_function).unwrap_or_else(first_word)
}

/// The areas outside the console: the beginnings of the names of their pages. No link leads from one area to
/// another.
const OTHER_AREAS: [&str; 2] = ["portal", "sign_up"];

/// Returns the area outside the console to which a lazy function belongs. `None` for the console.
pub(crate) fn area(lazy_function: &str) -> Option<&'static str> {
    OTHER_AREAS.into_iter().find(|area| page_of(lazy_function).starts_with(area))
}

/// Checks every page and part against the budgets.
///
/// # Errors
/// Fails if a page or a part exceeds a budget. The error lists every excess.
pub(crate) fn check(downloads: &[DownloadSize]) -> Result<()> {
    let mut excesses = Vec::new();
    for DownloadSize { name, first_load, later_load } in downloads {
        if let Some(bytes) = first_load.filter(|bytes| *bytes > FIRST_LOAD_LIMIT) {
            excesses
                .push(format!("{name}: the first load takes {bytes} bytes, more than {FIRST_LOAD_LIMIT}"));
        }
        if *later_load > LATER_LOAD_LIMIT {
            excesses.push(format!(
                "{name}: the later load takes {later_load} bytes, more than {LATER_LOAD_LIMIT}"
            ));
        }
    }
    if excesses.is_empty() {
        return Ok(());
    }
    Err(format!("the download budgets are exceeded:\n  {}", excesses.join("\n  ")).into())
}

#[cfg(test)]
mod tests {
    use super::{ChunkSizes, DownloadSize, FIRST_LOAD_LIMIT, LATER_LOAD_LIMIT, check, page_name, page_of};
    use std::collections::BTreeMap;

    /// Returns the download sizes of a site. `functions` has the names of pages, such as `a`, and of parts,
    /// such as `a_part`.
    fn list(shared: u64, chunks: &[(&str, u64)], functions: &[(&str, &[&str])]) -> Vec<DownloadSize> {
        let chunks =
            chunks.iter().map(|(name, size)| ((*name).to_owned(), *size)).collect::<BTreeMap<_, _>>();
        let function = |name: &str| match name.contains('_') {
            true => name.to_owned(),
            false => format!("__{name}_route_view_1"),
        };
        let functions = functions
            .iter()
            .map(|(name, needs)| (function(name), needs.iter().map(|need| (*need).to_owned()).collect()))
            .collect::<BTreeMap<_, _>>();
        ChunkSizes { shared: &|_| shared, functions: &functions, chunks: &chunks }.page_sizes()
    }

    fn page(name: &str, first_load: u64, later_load: u64) -> DownloadSize {
        DownloadSize { name: name.into(), first_load: Some(first_load), later_load }
    }

    #[test]
    fn a_first_load_includes_the_shared_files_and_the_chunks_of_the_page() {
        let chunks = [("a", 10), ("b", 20), ("ab", 5)];
        let list = list(100, &chunks, &[("a", &["a", "ab"]), ("b", &["b", "ab"])]);
        assert_eq!(list, [page("a", 115, 10), page("b", 125, 20)]);
    }

    #[test]
    fn navigation_is_measured_from_the_page_that_shares_the_fewest_bytes() {
        let chunks = [("a", 10), ("ab", 5)];
        let list = list(100, &chunks, &[("a", &["a", "ab"]), ("b", &["ab"]), ("c", &[])]);
        assert_eq!(list[0].later_load, 15);
    }

    #[test]
    fn the_size_of_a_part_excludes_the_chunks_of_its_page() {
        let chunks = [("a", 10), ("ap", 5), ("bp", 7), ("p", 3)];
        let functions: [(&str, &[&str]); 3] =
            [("a", &["a", "ap"]), ("b", &["bp"]), ("a_part", &["ap", "bp", "p"])];
        let list = list(100, &chunks, &functions);
        assert_eq!(list[0], page("a", 115, 15));
        assert_eq!(list[2], DownloadSize { name: "a_part".into(), first_load: None, later_load: 10 });
    }

    #[test]
    fn downloads_at_the_limits_pass() {
        assert!(check(&[page("a", FIRST_LOAD_LIMIT, LATER_LOAD_LIMIT)]).is_ok());
    }

    #[test]
    fn a_chunk_that_is_too_large_fails_the_build() {
        let chunks = [("a", 1_000), ("b", LATER_LOAD_LIMIT + 1)];
        let error = check(&list(100, &chunks, &[("a", &["a"]), ("b", &["b"])])).unwrap_err().to_string();
        assert!(error.contains("b: the later load takes 40001 bytes"), "{error}");
        assert!(!error.contains("a: "), "{error}");
    }

    #[test]
    fn a_part_that_is_too_large_fails_the_build() {
        let chunks = [("a", 1_000), ("p", LATER_LOAD_LIMIT + 1)];
        let list = list(100, &chunks, &[("a", &["a"]), ("a_part", &["a", "p"])]);
        let error = check(&list).unwrap_err().to_string();
        assert!(error.contains("a_part: the later load takes 40001 bytes"), "{error}");
    }

    #[test]
    fn a_lazy_function_contains_the_name_of_its_page() {
        assert_eq!(page_name("__health_route_view_9747914940991853318"), Some("health"));
        assert_eq!(page_name("provision_submit"), None);
        assert_eq!(page_of("provision_submit"), "provision");
        assert_eq!(page_of("__health_route_view_9747914940991853318"), "health");
    }

    #[test]
    fn shared_files_that_are_too_large_fail_the_build() {
        let error = check(&list(FIRST_LOAD_LIMIT, &[("a", 1)], &[("a", &["a"])])).unwrap_err().to_string();
        assert!(error.contains("a: the first load takes 250001 bytes"), "{error}");
    }
}
