//! Limits the problems that a report lists: of a file, and of a whole import.

use std::ops::Deref;

use domain::import::{ImportProblem, Severity};

/// How many problems of a file a report lists.
pub(super) const MAX_PER_FILE: usize = 20;
/// The rule of the problem that says how many others there are.
pub(super) const MORE_PROBLEMS: &str = "more_problems";
/// How many problems of all files a report lists.
const MAX_PER_IMPORT: usize = 2_000;

/// The problems of a file. The first [`MAX_PER_FILE`] are kept, errors before warnings, and the others are counted.
#[derive(Debug, Default)]
pub(super) struct Problems {
    kept: Vec<ImportProblem>,
    omitted: usize,
    omits_errors: bool,
}

impl Problems {
    /// Adds a problem.
    pub(super) fn push(&mut self, problem: ImportProblem) {
        if self.kept.len() < MAX_PER_FILE {
            return self.kept.push(problem);
        }
        self.omitted += 1;
        let is_error = problem.severity == Severity::Error;
        match self.kept.iter().rposition(|kept| kept.severity == Severity::Warning) {
            Some(warning) if is_error => {
                self.kept.remove(warning);
                self.kept.push(problem);
            }
            _ => self.omits_errors |= is_error,
        }
    }

    /// Whether one of the problems stops the import of the file.
    pub(super) fn has_error(&self) -> bool {
        self.omits_errors || self.kept.iter().any(|problem| problem.severity == Severity::Error)
    }

    /// Removes all problems.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Takes the problems in the order of their lines. The last one says how many others there are.
    pub(super) fn take(&mut self) -> Vec<ImportProblem> {
        let Self { mut kept, omitted, omits_errors } = std::mem::take(self);
        kept.sort_by_key(|problem| problem.line);
        if omitted > 0 {
            let file = kept.first().map(|problem| problem.file.clone()).unwrap_or_default();
            let severity = if omits_errors { Severity::Error } else { Severity::Warning };
            let message = format!("There are {omitted} more problems. Fix these first, then import again.");
            kept.push(summary(&file, severity, MORE_PROBLEMS, &message));
        }
        kept
    }
}

impl Deref for Problems {
    type Target = [ImportProblem];

    fn deref(&self) -> &Self::Target {
        &self.kept
    }
}

impl Extend<ImportProblem> for Problems {
    fn extend<T: IntoIterator<Item = ImportProblem>>(&mut self, problems: T) {
        problems.into_iter().for_each(|problem| self.push(problem));
    }
}

/// How many problems the report of an import can still list.
#[derive(Debug)]
pub(super) struct ProblemBudget {
    left: usize,
    is_exceeded: bool,
}

impl Default for ProblemBudget {
    fn default() -> Self {
        Self { left: MAX_PER_IMPORT, is_exceeded: false }
    }
}

impl ProblemBudget {
    /// Replaces the problems of a file by one that counts them, if the import has too many problems.
    pub(super) fn limit(&mut self, problems: &mut Vec<ImportProblem>) {
        if let Some(left) = self.left.checked_sub(problems.len()) {
            self.left = left;
            return;
        }
        self.is_exceeded = true;
        let has_error = problems.iter().any(|problem| problem.severity == Severity::Error);
        let severity = if has_error { Severity::Error } else { Severity::Warning };
        let file = problems.first().map(|problem| problem.file.clone()).unwrap_or_default();
        let message = "The problems of this file are not listed, because the import has too many. Fix the others first, \
                       then import again.";
        *problems = vec![summary(&file, severity, "not_listed", message)];
    }

    /// The problem of the whole import, if the problems of a file are not listed.
    pub(super) fn problem(&self) -> Option<ImportProblem> {
        let message = format!(
            "The import has more than {MAX_PER_IMPORT} problems. The report lists the first of them. Fix these, then \
             import again."
        );
        self.is_exceeded.then(|| summary("", Severity::Warning, "too_many_problems", &message))
    }
}

/// A problem of a whole file.
pub(super) fn summary(file: &str, severity: Severity, rule: &str, message: &str) -> ImportProblem {
    ImportProblem {
        severity,
        file: file.to_owned(),
        line: None,
        column: None,
        field: String::new(),
        rule: rule.to_owned(),
        message: message.to_owned(),
        excerpt: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(severity: Severity, line: u32) -> ImportProblem {
        ImportProblem { line: Some(line), ..summary("a/client.yaml", severity, "x", "x") }
    }

    #[test]
    fn errors_replace_warnings_and_the_others_are_counted() {
        let mut problems = Problems::default();
        problems.extend((1..=30).map(|line| problem(Severity::Warning, line)));
        problems.extend((31..=35).map(|line| problem(Severity::Error, line)));
        assert!(problems.has_error());
        let listed = problems.take();
        assert_eq!(listed.len(), MAX_PER_FILE + 1);
        assert_eq!(listed.iter().filter(|found| found.severity == Severity::Error).count(), 5);
        assert!(listed.last().unwrap().message.contains("15 more"), "{listed:?}");
        problems.extend((1..=30).map(|line| problem(Severity::Error, line)));
        assert_eq!(problems.take().last().unwrap().severity, Severity::Error);
        assert!(problems.take().is_empty());
    }

    #[test]
    fn a_whole_import_lists_a_limited_number_of_problems() {
        let mut budget = ProblemBudget::default();
        let mut listed = 0;
        for _ in 0..1_000 {
            let mut problems = vec![problem(Severity::Error, 1); 20];
            budget.limit(&mut problems);
            assert_eq!(problems[0].severity, Severity::Error);
            listed += problems.len();
        }
        assert!(listed <= MAX_PER_IMPORT + 1_000);
        assert_eq!(budget.problem().unwrap().rule, "too_many_problems");
    }
}
