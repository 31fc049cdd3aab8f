//! `/import/{id}`: the progress and the report of one import.

mod action_bar;
mod counts;
mod progress;

use std::time::Duration;

use domain::{
    import::{ImportDetail, ImportFilter, ImportState, ImportSummary},
    list_filter::ListFilter,
    paths,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

use self::{
    action_bar::ActionBar,
    counts::{Tally, action_links},
    progress::{Progress, Steps},
};
use super::result::{Problems, ResultRow};
use crate::{
    Failure, browser,
    codec::page_data,
    page_context::PageContext,
    pages::{
        export_links::ExportLinks,
        filter_query::QueryFilter,
        page_resource::{PageResource, ResourceView},
    },
    server_fns::{open_import, refresh_import},
    ui::{
        AppShell, ButtonLink, Card, Crumb, Disclosure, EmptyState, FilterForm, IconName, PageHead, Pager,
        Time, counted,
    },
};

/// How often the page of a running import loads its progress.
const POLL_INTERVAL: Duration = Duration::from_secs(2);

/// Which rows of a report the page shows: those of the import with this ID that match the filter.
type Selection = (String, ImportFilter);

/// The page at `/import/{id}`.
#[component]
pub(super) fn ReportPage() -> impl IntoView {
    let context = expect_context::<PageContext>();
    let (params, query) = (use_params_map(), use_query_map());
    let selection = Memo::new(move |_| -> Selection {
        let id = params.with(|params| params.get("id").unwrap_or_default());
        (id, query.with(ImportFilter::from_query))
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
        move |(id, filter)| {
            let is_poll = is_poll.try_update_value(std::mem::take).unwrap_or_default();
            async move {
                match is_poll {
                    true => refresh_import(id, filter).await,
                    false => open_import(id, filter).await,
                }
            }
        },
    );
    browser::call_every(POLL_INTERVAL, move || {
        let loaded: Option<Result<ImportDetail, Failure>> = untrack(|| import.get());
        if browser::is_idle()
            && loaded.is_some_and(|loaded| loaded.is_ok_and(|import| !import.summary.state.is_terminal()))
        {
            is_poll.set_value(true);
            import.refetch();
        }
    });
    import
}

#[component]
fn Report(import: ImportDetail, selection: Selection) -> impl IntoView {
    let ImportDetail { summary, problems, not_imported, rows, next } = import;
    let (id, filter) = selection;
    let title = match (summary.dry_run, summary.state.is_terminal()) {
        (true, _) => format!("Dry run of {}", summary.file_name),
        (false, true) => format!("Import of {}", summary.file_name),
        (false, false) => format!("Importing {}", summary.file_name),
    };
    let path = paths::import(&id);
    let page = |filter: &ImportFilter| format!("{path}{}", filter.query_string(None));
    // Each update of a running import would close the rows that are open.
    let is_terminal = summary.state.is_terminal();
    let count = rows.len();
    let dry_run = summary.dry_run;
    let pager_summary = match count {
        0 => String::new(),
        count => format!("{} on this page", counted(count as u64, "file")),
    };
    let first = (!filter.after.is_empty()).then(|| page(&filter.at(String::new())));
    let older = next.map(|next| page(&filter.at(next)));
    let links = action_links(&summary, &filter, page);
    let download = {
        let (id, filter) = (id.clone(), filter.at(String::new()));
        move |format: &str| format!("{}/report{}", paths::api_import(&id), filter.query_string(Some(format)))
    };
    let list = match count {
        0 => view! {
            <EmptyState
                icon=IconName::Search
                title="No files"
                sentence="No file of this import matches."
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
            {is_terminal
                .then(|| {
                    view! {
                        <div>
                            {links}
                            <FilterForm
                                path=path.clone()
                                label="Search the files"
                                search_label="Search the files"
                                placeholder="File, tenant, field, message"
                                q=filter.q.clone()
                                name="import"
                            >
                                <input type="hidden" name="action" value=filter.action.clone() disabled=filter.action.is_empty() />
                            </FilterForm>
                            <Card>{list}</Card>
                            <Pager summary=pager_summary newest=first older labels=["First page", "Next page"] />
                            <ExportLinks label="Download the report: " href=download />
                        </div>
                    }
                        .into_any()
                })}
            <NotImported paths=not_imported />
            <ActionBar summary />
        </div>
    }
}

/// The line below the title.
fn lead(summary: &ImportSummary) -> AnyView {
    let files = counted(summary.total.into(), "file");
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

/// The files that are not imported.
#[component]
fn NotImported(paths: Vec<String>) -> impl IntoView {
    (!paths.is_empty()).then(|| {
        let verb = if paths.len() == 1 { "is" } else { "are" };
        let summary = format!("{} {verb} not imported", counted(paths.len() as u64, "file"));
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
