use domain::{
    import::{ImportAction, ImportCounts, ImportFilter, ImportSummary},
    list_filter::ListFilter,
};
use leptos::prelude::*;

use crate::ui::{Badge, Card, FilterBar, FilterLink, IconName, Tone, number_text};

/// How many files had each outcome.
#[component]
pub(super) fn Tally(counts: ImportCounts, dry_run: bool) -> impl IntoView {
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
    let named = (counts.activate > 0).then(|| {
        let label = ImportAction::Activate.label(dry_run);
        figure(Tone::Accent, IconName::Users, label, counts.activate, "The tenant exists, and gets its owner")
    });
    view! {
        <Card>
            <dl class="tally" aria-label="Result">
                {figure(
                    Tone::Accent,
                    IconName::Plus,
                    ImportAction::Create.label(dry_run),
                    counts.create,
                    "New tenants, whose owners are invited",
                )} {named}
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
                    ImportAction::Unchanged.label(dry_run),
                    counts.unchanged,
                    "The tenant exists, with the values of the file",
                )}
                {figure(
                    Tone::Neutral,
                    IconName::Info,
                    ImportAction::Differs.label(dry_run),
                    counts.differs,
                    "The tenant exists, and is left as it is",
                )}
                {figure(Tone::Bad, IconName::Cross, ImportAction::Refused.label(dry_run), counts.refused, "Skipped until the file is fixed")}
            </dl>
        </Card>
    }
}

/// The links that select the rows with one action.
pub(super) fn action_links(
    summary: &ImportSummary,
    filter: &ImportFilter,
    page: impl Fn(&ImportFilter) -> String,
) -> AnyView {
    let counts = summary.counts;
    let selected = filter.action.as_str();
    let page_of =
        |action: &str| page(&ImportFilter { action: action.to_owned(), ..filter.at(String::new()) });
    let link = |action: ImportAction, count: u32| {
        let is_selected = action.as_str() == selected;
        (count > 0 || is_selected).then(|| {
            let href = page_of(if is_selected { "" } else { action.as_str() });
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
    let (all, is_unfiltered) = (page_of(""), selected.is_empty());
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
