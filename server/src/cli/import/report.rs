use domain::import::{ImportAction, ImportProblem, ImportReport, ImportRow, Severity};

use super::super::{Failure, output};

/// Prints a line. Control characters of files, which could change what the terminal shows, become dots.
fn print_line(line: impl AsRef<str>) -> Result<(), Failure> {
    output::print(printable(line.as_ref()))
}

fn printable(line: &str) -> String {
    let is_hidden = |c: char| {
        c.is_control()
            // Characters that reorder or hide text.
            || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
    };
    line.chars().map(|c| if is_hidden(c) { '·' } else { c }).collect()
}

/// Prints a report: one line for each folder with its problems and differences, and the totals.
pub(super) fn print(report: &ImportReport) -> Result<(), Failure> {
    report.problems.iter().try_for_each(print_problem)?;
    for row in &report.rows {
        print_row(row, report.dry_run)?;
    }
    for path in &report.not_imported {
        print_line(format!("{path}: not imported"))?;
    }
    print_counts(report)
}

fn print_row(row: &ImportRow, dry_run: bool) -> Result<(), Failure> {
    let ImportRow { file, action, code, slug, .. } = row;
    let label = action.label(dry_run).to_lowercase();
    let tenant: Vec<&str> = [code, slug].into_iter().filter_map(Option::as_deref).collect();
    let owner = if row.has_owner || *action == ImportAction::Refused { "" } else { ", without an owner" };
    print_line(format!("{file}: {label} {}{owner}", tenant.join(" ")).trim_end())?;
    row.problems.iter().try_for_each(print_problem)?;
    for difference in &row.differences {
        let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
        let (in_file, in_tenant) = (shown(&difference.in_file), shown(&difference.in_tenant));
        print_line(format!("  {}: the file has {in_file}, the tenant has {in_tenant}", difference.field))?;
    }
    Ok(())
}

fn print_problem(problem: &ImportProblem) -> Result<(), Failure> {
    let kind = if problem.severity == Severity::Error { "error" } else { "warning" };
    let field = if problem.field.is_empty() { String::new() } else { format!("{}: ", problem.field) };
    print_line(format!("  {}: {kind}: {field}{}", problem.place(), problem.message))?;
    if problem.severity == Severity::Error {
        for line in &problem.excerpt {
            let mark = if line.is_marked { '>' } else { ' ' };
            print_line(format!("  {mark} {:>4} | {}", line.line, line.text))?;
        }
    }
    Ok(())
}

fn print_counts(report: &ImportReport) -> Result<(), Failure> {
    let counts = report.counts;
    let (create, activate) = match report.dry_run {
        true => ("Would create", "would name owners of"),
        false => ("Created", "named owners of"),
    };
    print_line(format!(
        "{create}: {} (without an owner: {}), {activate}: {}, unchanged: {}, differ: {}, refused: {}",
        counts.create,
        counts.without_owner,
        counts.activate,
        counts.unchanged,
        counts.differs,
        counts.refused
    ))?;
    match report.dry_run {
        true => print_line("Nothing was changed, because this was a dry run."),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn control_characters_of_files_are_not_printed() {
        assert_eq!(printable("a\u{1b}]0;title\u{7}\r\nb\u{9b}2J\u{202e}c"), "a·]0;title···b·2J·c");
        assert_eq!(printable("Kräutergarten 青柳"), "Kräutergarten 青柳");
    }
}
