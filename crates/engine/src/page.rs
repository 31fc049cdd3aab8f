//! Keyset pagination of lists.

use std::fmt;

use domain::FieldProblem;
use uuid::Uuid;

/// The valid times of a cursor: the years 1970 to 9999, in microseconds.
const VALID_TIMES: std::ops::RangeInclusive<i64> = 0..=253_402_300_799_999_999;
/// The default number of rows of a page.
const DEFAULT_LIMIT: u8 = 50;
/// The maximum number of rows of a page.
const MAX_LIMIT: u8 = 200;

/// The position of a row in a list, and its text form for URLs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// Microseconds since 1970. PostgreSQL stores times with this resolution.
    pub(crate) created_us: i64,
    pub(crate) id: Uuid,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.created_us, self.id.simple())
    }
}

impl Cursor {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (created_us, id) = text.split_once('.')?;
        let created_us = created_us.parse().ok().filter(|us| VALID_TIMES.contains(us))?;
        Some(Self { created_us, id: Uuid::parse_str(id).ok()? })
    }
}

/// The number of rows of a page: 1 to 200, by default 50.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(u8);

impl Default for Limit {
    fn default() -> Self {
        Self(DEFAULT_LIMIT)
    }
}

impl Limit {
    /// The largest page.
    pub const MAX: Self = Self(MAX_LIMIT);

    /// Parses the parameter `limit`. An empty text is the default.
    ///
    /// # Errors
    /// The problem of the parameter.
    pub fn parse(text: &str) -> Result<Self, FieldProblem> {
        match text {
            "" => Ok(Self::default()),
            text => text
                .parse()
                .ok()
                .filter(|limit| (1..=MAX_LIMIT).contains(limit))
                .map(Self)
                .ok_or_else(|| invalid_parameter("limit", &format!("a number from 1 to {MAX_LIMIT}"))),
        }
    }

    /// The number of rows to query: one more than the page has, to find out whether another page follows.
    pub(crate) fn rows_to_query(self) -> i64 {
        i64::from(self.0) + 1
    }
}

/// Which page of a list to return.
#[derive(Debug, Clone, Copy, Default)]
pub struct PageRequest {
    /// The number of rows.
    pub limit: Limit,
    /// The last row of the previous page.
    pub after: Option<Cursor>,
}

impl PageRequest {
    /// Parses the parameters `limit` and `after`. Empty texts are the defaults.
    ///
    /// # Errors
    /// The problems of both parameters.
    pub fn parse(limit: &str, after: &str) -> Result<Self, Vec<FieldProblem>> {
        let cursor = Cursor::parse(after);
        let after_problem = (!after.is_empty() && cursor.is_none()).then(invalid_cursor);
        match (Limit::parse(limit), after_problem) {
            (Ok(limit), None) => Ok(Self { limit, after: cursor }),
            (limit, problem) => Err(limit.err().into_iter().chain(problem).collect()),
        }
    }

    /// The time of the row before this page, in microseconds.
    pub(crate) fn after_us(self) -> Option<i64> {
        self.after.map(|cursor| cursor.created_us)
    }

    /// The ID of the row before this page.
    pub(crate) fn after_id(self) -> Option<Uuid> {
        self.after.map(|cursor| cursor.id)
    }
}

/// A page of a list. Most lists are ordered by time, so that a [`Cursor`] is a position in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T, C = Cursor> {
    /// The rows, in the order of the list.
    pub rows: Vec<T>,
    /// The cursor of the next page. `None` on the last page.
    pub next: Option<C>,
}

impl<T, C> Page<T, C> {
    /// Creates a page from rows that were queried with [`Limit::rows_to_query`].
    pub(crate) fn new(mut rows: Vec<T>, limit: Limit, cursor: impl Fn(&T) -> C) -> Self {
        let has_more = rows.len() > usize::from(limit.0);
        rows.truncate(limit.0.into());
        let next = rows.last().filter(|_| has_more).map(cursor);
        Self { rows, next }
    }

    /// Converts each row.
    ///
    /// # Errors
    /// The first error of `convert`.
    pub(crate) fn try_map<U, E>(self, convert: impl FnMut(T) -> Result<U, E>) -> Result<Page<U, C>, E> {
        let rows = self.rows.into_iter().map(convert).collect::<Result<_, E>>()?;
        Ok(Page { rows, next: self.next })
    }
}

/// The problem of a parameter that has an invalid value.
pub(crate) fn invalid_parameter(name: &str, expected: &str) -> FieldProblem {
    FieldProblem::new(name, "invalid", &format!("The value is not valid. Send {expected}."))
}

/// The problem of an invalid cursor.
pub(crate) fn invalid_cursor() -> FieldProblem {
    invalid_parameter("after", "the `next` of a previous page")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_1_to_200_rows_and_50_by_default() {
        for (text, rows) in [("", Some(50)), ("1", Some(1)), ("200", Some(200)), ("0", None), ("201", None)] {
            assert_eq!(Limit::parse(text).ok().map(|limit| limit.0), rows, "{text}");
        }
        for text in ["-1", "1.5", "many", "300"] {
            assert_eq!(Limit::parse(text).unwrap_err().field, "limit", "{text}");
        }
    }

    #[test]
    fn every_invalid_parameter_is_reported() {
        let problems = PageRequest::parse("x", "y").unwrap_err();
        assert_eq!(problems.into_iter().map(|problem| problem.field).collect::<Vec<_>>(), ["limit", "after"]);
    }
}
