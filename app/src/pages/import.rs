//! `/import`: uploads an archive of `client.yaml` files, and shows the reports of imports. The forms are plain
//! posts, so that they work without JavaScript.

mod report;
mod result;
mod upload;

use domain::{
    import::{ImportState, ImportSummary},
    paths,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use self::{report::ReportPage, upload::UploadForm};
use super::page_resource::ResourceView;
use crate::{
    codec::page_data,
    page_context::PageContext,
    server_fns::{OpenedImports, open_imports},
    ui::{AppShell, Badge, Card, Crumb, Icon, IconName, PageHead, Time, Tone},
};

/// The pages at `/import` and `/import/{id}`, which share a route, and therefore a chunk of code.
#[component]
pub(crate) fn ImportPage() -> impl IntoView {
    let params = use_params_map();
    let has_id = Memo::new(move |_| params.with(|params| params.get("id").is_some()));
    move || match has_id.get() {
        true => view! { <ReportPage /> }.into_any(),
        false => view! { <UploadPage /> }.into_any(),
    }
}

/// The page at `/import`.
#[component]
fn UploadPage() -> impl IntoView {
    let context = expect_context::<PageContext>();
    let opened = page_data(|| (), |()| open_imports());
    view! {
        <Title text="Import" />
        <AppShell
            current=paths::IMPORT
            employee=context.employee_view()
            environment=context.environment
            breadcrumb=vec![Crumb::current("Import")]
        >
            <div data-testid="import-page">
                <PageHead
                    title="Import"
                    lead=|| "Create tenants from the client.yaml files of another system. Nothing is created before you have seen the dry run."
                />
                <ResourceView
                    resource=opened
                    label="Loading the imports"
                    path=Signal::stored(paths::IMPORT.to_owned())
                    view=|opened: OpenedImports| {
                        view! {
                            <div class="stacked">
                                <UploadForm key=opened.key problem=opened.problem />
                                <Imports imports=opened.imports />
                            </div>
                        }
                            .into_any()
                    }
                />
            </div>
        </AppShell>
    }
}

/// The latest imports.
#[component]
fn Imports(imports: Vec<ImportSummary>) -> impl IntoView {
    let row = |import: ImportSummary| {
        let (kind, icon) = match import.dry_run {
            true => ("Dry run by ", IconName::Search),
            false => ("Import by ", IconName::Upload),
        };
        view! {
            <li class="result-line">
                <Icon name=icon />
                <span>
                    <a href=paths::import(import.id)>{import.file_name.clone()}</a>
                    <span class="sub">{counts_text(&import)}</span>
                </span>
                <span>
                    {kind} <bdi>{import.created_by.clone()}</bdi> <span class="sub">
                        <Time ms=import.created_at.0 />
                    </span>
                </span>
                <span>
                    <StateBadge state=import.state />
                </span>
            </li>
        }
        .into_any()
    };
    (!imports.is_empty()).then(|| {
        view! {
            <section class="stack">
                <h2>"Latest imports"</h2>
                <Card>
                    <ul class="results">{imports.into_iter().map(row).collect_view()}</ul>
                </Card>
            </section>
        }
        .into_any()
    })
}

/// How many files had each outcome, without those that none had.
fn counts_text(import: &ImportSummary) -> String {
    let counts = import.counts;
    let create = if import.dry_run { "to create" } else { "created" };
    let parts = [
        (counts.create, create),
        (counts.activate, "with a new owner"),
        (counts.unchanged, "unchanged"),
        (counts.differs, "different"),
        (counts.refused, "refused"),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, label)| format!("{count} {label}"))
        .collect();
    if parts.is_empty() { format!("{} files", import.total) } else { parts.join(", ") }
}

/// How far an import is.
#[component]
fn StateBadge(state: ImportState) -> impl IntoView {
    let (tone, icon, label) = match state {
        ImportState::Pending => (Tone::Neutral, IconName::Waiting, "Waiting"),
        ImportState::Running => (Tone::Accent, IconName::Loader, "Running"),
        ImportState::Completed => (Tone::Ok, IconName::Check, "Completed"),
        ImportState::Failed => (Tone::Bad, IconName::Cross, "Failed"),
    };
    view! {
        <Badge tone icon>
            {label}
        </Badge>
    }
}
