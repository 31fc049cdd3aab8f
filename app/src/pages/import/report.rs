//! `/import/{id}`: the progress and the report of one import.

use std::time::Duration;

use domain::{
    import::{ImportAction, ImportCounts, ImportDetail, ImportState, ImportSummary},
    paths,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{
    hooks::{use_params_map, use_query_map},
    params::ParamsMap,
};

use super::result::{Problems, ResultRow};
use crate::{
    Failure, browser,
    codec::page_data,
    page_context::PageContext,
    pages::page_resource::{PageResource, ResourceView},
    server_fns::{open_import, refresh_import},
    ui::{
        AppShell, Badge, Button, ButtonKind, ButtonLink, Card, Crumb, Disclosure, Dot, DotState, EmptyState,
        FilterBar, FilterLink, IconName, Note, PageHead, Pager, Time, Tone, number_text,
    },
};

/// How often the page of a running import loads its progress.
const POLL_INTERVAL: Duration = Duration::from_secs(2);

/// Which rows of a report the page shows: the ID of the import, the action and the cursor.
type Selection = (String, String, String);

/// The page at `/import/{id}`.
#[component]
pub(super) fn ReportPage() -> impl IntoView {
    let context = expect_context::<PageContext>();
    let (params, query) = (use_params_map(), use_query_map());
    let selection = Memo::new(move |_| -> Selection {
        let parameter = |name: &str| query.with(|query| query.get(name).unwrap_or_default());
        let id = params.with(|params| params.get("id").unwrap_or_default());
        (id, parameter("action"), parameter("after"))
    });
    let import = resource(selection);
    view! {
        <Title text="Import" />
        <AppShell
            current=paths::IMPORT
            employee=context.employee_view()
            environment=context.environment
            breadcrumb=vec![Crumb::link("Import", paths::IMPORT), Crumb::current("Report")]
        >
            <div data-testid="import-page">
                <ResourceView
                    resource=import
                    label="Loading the import"
                    title="Import"
                    path=Signal::derive(move || paths::import(selection.get().0))
                    view=move |import| view! { <Report import selection=selection.get_untracked() /> }.into_any()
                />
            </div>
        </AppShell>
    }
}

/// Loads the import, and its progress until the import has ended. A report that no longer changes is not loaded
/// again, so that opened rows stay open.
fn resource(selection: Memo<Selection>) -> PageResource<ImportDetail> {
    let is_poll = StoredValue::new(false);
    let import = page_data(
        move || selection.get(),
        move |(id, action, after)| {
            let is_poll = is_poll.try_update_value(std::mem::take).unwrap_or_default();
            async move {
                match is_poll {
                    true => refresh_import(id, action, after).await,
                    false => open_import(id, action, after).await,
                }
            }
        },
    );
    browser::call_every(POLL_INTERVAL, move || {
        let loaded: Option<Result<ImportDetail, Failure>> = untrack(|| import.get());
        if loaded.is_some_and(|loaded| loaded.is_ok_and(|import| !import.summary.state.is_terminal())) {
            is_poll.set_value(true);
            import.refetch();
        }
    });
    import
}

#[component]
fn Report(import: ImportDetail, selection: Selection) -> impl IntoView {
    let ImportDetail { summary, problems, not_imported, rows, next } = import;
    let (id, action, after) = selection;
    let title = match (summary.dry_run, summary.state.is_terminal()) {
        (true, _) => format!("Dry run of {}", summary.file_name),
        (false, true) => format!("Import of {}", summary.file_name),
        (false, false) => format!("Importing {}", summary.file_name),
    };
    let page = |action: &str, after: &str| {
        let mut query = ParamsMap::new();
        for (name, value) in [("action", action), ("after", after)] {
            if !value.is_empty() {
                query.insert(name, value.to_owned());
            }
        }
        format!("{}{}", paths::import(&id), query.to_query_string())
    };
    let count = rows.len();
    let dry_run = summary.dry_run;
    let pager_summary =
        format!("{} of {} files shown", number_text(count as u64), number_text(summary.total.into()));
    let first = (!after.is_empty()).then(|| page(&action, ""));
    let older = next.as_deref().map(|next| page(&action, next));
    let filters = filters(&summary, &action, |action| page(action, ""));
    let list = match count {
        0 if summary.state.is_terminal() => view! {
            <EmptyState
                icon=IconName::Search
                title="No files"
                sentence="No file of this import has this result."
            />
        }
        .into_any(),
        _ => view! {
            <ul class="results" data-testid="import-rows">
                {rows.into_iter().map(|row| view! { <ResultRow row dry_run /> }.into_any()).collect_view()}
            </ul>
        }
        .into_any(),
    };
    view! {
        <PageHead title lead={
            let summary = summary.clone();
            move || lead(&summary)
        }>
            <ButtonLink href=paths::IMPORT icon=IconName::Upload>
                "Upload another archive"
            </ButtonLink>
        </PageHead>
        <Steps summary=summary.clone() />
        <div class="stacked">
            <Progress summary=summary.clone() />
            <Tally counts=summary.counts dry_run />
            {(!problems.is_empty())
                .then(|| {
                    view! {
                        <Card>
                            <Problems problems />
                        </Card>
                    }
                })}
            <div>
                {filters}
                <Card>{list}</Card>
                <Pager summary=pager_summary newest=first older labels=["First page", "Next page"] />
            </div>
            <NotImported paths=not_imported />
            <ActionBar summary />
        </div>
    }
}

/// The line below the title.
fn lead(summary: &ImportSummary) -> AnyView {
    let files = match summary.total {
        1 => "1 file".to_owned(),
        total => format!("{} files", number_text(total.into())),
    };
    let written = match (summary.dry_run, summary.state) {
        (true, _) => " Nothing was changed.",
        (false, ImportState::Completed) => " Tenants that existed were not changed.",
        _ => "",
    };
    view! {
        {files}
        ", uploaded by "
        <bdi>{summary.created_by.clone()}</bdi>
        " "
        <Time ms=summary.created_at.0 />
        "."
        {written}
    }
    .into_any()
}

/// The three steps of an import.
#[component]
fn Steps(summary: ImportSummary) -> impl IntoView {
    let ended = summary.state.is_terminal();
    let (review, import) = match (summary.dry_run, ended) {
        (true, _) => (DotState::Running, DotState::Waiting),
        (false, false) => (DotState::Done, DotState::Running),
        (false, true) => (DotState::Done, DotState::Done),
    };
    let step = |label: &'static str, state: DotState| {
        view! {
            <li aria-current=(state == DotState::Running).then_some("step")>
                <Dot state />
                {label}
            </li>
        }
        .into_any()
    };
    view! {
        <ol class="stepper" aria-label="Steps">
            {step("Upload", DotState::Done)}
            {step("Review the dry run", review)}
            {step("Import", import)}
        </ol>
    }
}

/// How far a running import is, or why it failed.
#[component]
fn Progress(summary: ImportSummary) -> impl IntoView {
    let ImportSummary { done, total, state, failure, .. } = summary;
    match state {
        ImportState::Completed => ().into_any(),
        ImportState::Failed => {
            let cause = failure.map(|code| code.entry().title).unwrap_or_default();
            view! {
                <div role="alert">
                    <Note tone=Tone::Bad title="The import could not be finished">
                        <p>{cause} " Upload the archive again: the tenants that exist are left unchanged."</p>
                    </Note>
                </div>
            }
            .into_any()
        }
        ImportState::Pending | ImportState::Running => view! {
            <Card>
                <div class="section" role="status" data-testid="import-progress">
                    <p>{format!("{} of {} files are done.", number_text(done.into()), number_text(total.into()))}</p>
                    <progress max=total value=done aria-label="Progress"></progress>
                    <p class="muted small">
                        "You can close this page. The import continues, also after a restart of the server."
                    </p>
                    <noscript>"Reload the page to see the progress."</noscript>
                </div>
            </Card>
        }
        .into_any(),
    }
}

/// How many files had each outcome.
#[component]
fn Tally(counts: ImportCounts, dry_run: bool) -> impl IntoView {
    let figure = |tone: Tone, icon: IconName, label: &'static str, count: u32, help: &'static str| {
        view! {
            <div>
                <dt>
                    <Badge tone icon>
                        {label}
                    </Badge>
                </dt>
                <dd class="num">{number_text(count.into())}</dd>
                <dd>{help}</dd>
            </div>
        }
        .into_any()
    };
    let created = counts.create + counts.activate;
    view! {
        <Card>
            <dl class="tally">
                {figure(
                    Tone::Accent,
                    IconName::Plus,
                    if dry_run { "Create" } else { "Created" },
                    created,
                    "New tenants, and owners named; owners are invited",
                )}
                {figure(
                    Tone::Warn,
                    IconName::Users,
                    "Needs owner",
                    counts.without_owner,
                    "Of these, incomplete until an owner is named",
                )}
                {figure(
                    Tone::Neutral,
                    IconName::Check,
                    "Exists",
                    counts.unchanged + counts.differs,
                    "Left as it is; differences are listed",
                )}
                {figure(Tone::Bad, IconName::Cross, "Refused", counts.refused, "Skipped until the file is fixed")}
            </dl>
        </Card>
    }
}

/// The links that select the rows with one action.
fn filters(summary: &ImportSummary, selected: &str, page: impl Fn(&str) -> String) -> AnyView {
    let counts = summary.counts;
    let link = |action: ImportAction, count: u32| {
        let is_selected = action.as_str() == selected;
        (count > 0 || is_selected).then(|| {
            let href = page(if is_selected { "" } else { action.as_str() });
            let label = action.label(summary.dry_run);
            view! {
                <FilterLink href active=is_selected>
                    {label}
                    <span class="num muted">{number_text(count.into())}</span>
                </FilterLink>
            }
            .into_any()
        })
    };
    let links: Vec<AnyView> = [
        link(ImportAction::Refused, counts.refused),
        link(ImportAction::Differs, counts.differs),
        link(ImportAction::Create, counts.create),
        link(ImportAction::Activate, counts.activate),
        link(ImportAction::Unchanged, counts.unchanged),
    ]
    .into_iter()
    .flatten()
    .collect();
    let (all, is_unfiltered) = (page(""), selected.is_empty());
    view! {
        <FilterBar>
            <FilterLink href=all active=is_unfiltered removable=false>
                "All"
                <span class="num muted">{number_text(counts.total().into())}</span>
            </FilterLink>
            {links}
        </FilterBar>
    }
    .into_any()
}

/// The files that are not imported.
#[component]
fn NotImported(paths: Vec<String>) -> impl IntoView {
    (!paths.is_empty()).then(|| {
        let summary = match paths.len() {
            1 => "1 file is not imported".to_owned(),
            count => format!("{} files are not imported", number_text(count as u64)),
        };
        let path = |path: String| {
            view! {
                <li>
                    <code>{path}</code>
                </li>
            }
            .into_any()
        };
        view! {
            <Disclosure summary>
                <ul class="small">{paths.into_iter().map(path).collect_view()}</ul>
            </Disclosure>
        }
        .into_any()
    })
}

/// The button that imports the archive of a dry run.
#[component]
fn ActionBar(summary: ImportSummary) -> impl IntoView {
    let ImportCounts { create, activate, refused, .. } = summary.counts;
    let count = create + activate;
    (summary.can_be_imported && count > 0).then(|| {
        let tenants = |count: u32| match count {
            1 => "1 tenant".to_owned(),
            count => format!("{} tenants", number_text(count.into())),
        };
        let skipped = match refused {
            0 => String::new(),
            1 => " 1 refused file is skipped.".to_owned(),
            count => format!(" {} refused files are skipped.", number_text(count.into())),
        };
        let (will, button) = match (create, activate) {
            (0, activate) => (
                format!("{} will get an owner.", tenants(activate)),
                format!("Name the owners of {}", tenants(activate)),
            ),
            (create, 0) => {
                (format!("{} will be created.", tenants(create)), format!("Import {}", tenants(create)))
            }
            (create, activate) => (
                format!("{} will be created, and {} will get an owner.", tenants(create), tenants(activate)),
                format!("Import {}", tenants(count)),
            ),
        };
        view! {
            <form method="post" action=paths::import(summary.id) class="action-bar" aria-label="Import">
                <p>
                    <b>{will}</b>
                    {skipped}
                    " Importing again later is safe: what exists is left unchanged."
                </p>
                <ButtonLink href=paths::IMPORT kind=ButtonKind::Ghost>
                    "Not now"
                </ButtonLink>
                <Button kind=ButtonKind::Primary submit=true attr:data-testid="import-start">
                    {button.clone()}
                </Button>
            </form>
        }
        .into_any()
    })
}
