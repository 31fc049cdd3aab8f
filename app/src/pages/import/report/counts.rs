use domain::import::{ImportAction, ImportCounts, ImportSummary};
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
pub(super) fn filters(summary: &ImportSummary, selected: &str, page: impl Fn(&str) -> String) -> AnyView {
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
