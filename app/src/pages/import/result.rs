use domain::{
    import::{ExcerptLine, ImportAction, ImportDifference, ImportProblem, ImportRow, Severity},
    paths,
};
use leptos::prelude::*;

use crate::ui::{Badge, Icon, IconName, Tone};

/// What happens with one folder. Problems and differences are folded away, except those of refused files.
#[component]
pub(super) fn ResultRow(row: ImportRow, dry_run: bool) -> impl IntoView {
    let badge = action_badge(&row, dry_run);
    let heading = view! {
        <span>
            <code>{row.file.clone()}</code>
        </span>
        <span>
            <bdi>{row.name.clone()}</bdi>
            <span class="sub">{subtitle(&row)}</span>
        </span>
        <span>{badge}</span>
    };
    if row.problems.is_empty() && row.differences.is_empty() {
        return view! {
            <li class="result-line" data-testid="import-row">
                <Icon name=IconName::Check />
                {heading}
            </li>
        }
        .into_any();
    }
    let is_open = row.action == ImportAction::Refused;
    view! {
        <li data-testid="import-row">
            <details class="result" open=is_open>
                <summary>
                    <Icon name=IconName::ChevronRight />
                    {heading}
                </summary>
                <Problems problems=row.problems />
                <Differences differences=row.differences />
            </details>
        </li>
    }
    .into_any()
}

fn action_badge(row: &ImportRow, dry_run: bool) -> AnyView {
    let (tone, icon, label) = match row.action {
        ImportAction::Create if !row.has_owner => (Tone::Warn, IconName::Users, "Needs owner"),
        ImportAction::Create => (Tone::Accent, IconName::Plus, row.action.label(dry_run)),
        ImportAction::Activate => (Tone::Accent, IconName::Users, row.action.label(dry_run)),
        ImportAction::Unchanged => (Tone::Neutral, IconName::Check, row.action.label(dry_run)),
        ImportAction::Differs => (Tone::Warn, IconName::Alert, row.action.label(dry_run)),
        ImportAction::Refused => (Tone::Bad, IconName::Cross, row.action.label(dry_run)),
    };
    view! {
        <Badge tone icon>
            {label}
        </Badge>
    }
    .into_any()
}

/// The line below the name: the first problem, or the tenant.
fn subtitle(row: &ImportRow) -> AnyView {
    let error = row.problems.iter().find(|problem| problem.severity == Severity::Error);
    match (error, &row.code, &row.slug) {
        (Some(problem), ..) => {
            let what = if problem.field.is_empty() { &problem.message } else { &problem.field };
            match problem.line {
                Some(line) => format!("Line {line}: {what}").into_any(),
                None => what.clone().into_any(),
            }
        }
        (None, Some(code), _) => view! { <a href=paths::tenant(code)>{code.clone()}</a> }.into_any(),
        (None, None, Some(slug)) => view! { <code>{slug.clone()}</code> }.into_any(),
        _ => ().into_any(),
    }
}

/// Problems with their places and the lines around them.
#[component]
pub(super) fn Problems(problems: Vec<ImportProblem>) -> impl IntoView {
    let problem = |problem: ImportProblem| {
        let tone = (problem.severity == Severity::Warning).then_some("warn");
        let place = match (problem.line, problem.column) {
            (Some(line), Some(column)) => format!("line {line}, column {column}"),
            (Some(line), None) => format!("{}, line {line}", problem.file),
            _ => String::new(),
        };
        let field = match problem.field.is_empty() {
            true => problem.file.clone(),
            false => problem.field.clone(),
        };
        let excerpt = (!problem.excerpt.is_empty()).then(|| excerpt(&problem.file, problem.excerpt));
        view! {
            <div class="problem" data-tone=tone>
                <p>
                    <code>{field}</code>
                    " "
                    <span class="muted">{place}</span>
                </p>
                {excerpt}
                <p>{problem.message}</p>
            </div>
        }
        .into_any()
    };
    problems.into_iter().map(problem).collect_view()
}

fn excerpt(file: &str, lines: Vec<ExcerptLine>) -> AnyView {
    let label = format!("Excerpt of {file}");
    let line = |line: ExcerptLine| {
        view! {
            <li data-line=line.line data-at=line.is_marked.then_some("")>
                <span>{line.text}</span>
            </li>
        }
        .into_any()
    };
    view! {
        <figure class="excerpt" tabindex="0" role="region" aria-label=label>
            <ol>{lines.into_iter().map(line).collect_view()}</ol>
        </figure>
    }
    .into_any()
}

/// The differences between a file and its tenant.
#[component]
fn Differences(differences: Vec<ImportDifference>) -> impl IntoView {
    let value = |value: Option<String>| match value {
        Some(text) => view! { <code>{text}</code> }.into_any(),
        None => view! { <span class="muted">"nothing"</span> }.into_any(),
    };
    let difference = move |difference: ImportDifference| {
        view! {
            <li>
                <code>{difference.field}</code>
                ": the file has "
                {value(difference.in_file)}
                ", the tenant has "
                {value(difference.in_tenant)}
                "."
            </li>
        }
        .into_any()
    };
    (!differences.is_empty()).then(|| {
        view! {
            <div class="problem" data-tone="warn">
                <p>"The tenant exists with other values. It is not changed."</p>
                <ul>{differences.into_iter().map(difference).collect_view()}</ul>
            </div>
        }
        .into_any()
    })
}
