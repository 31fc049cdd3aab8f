use domain::audit::AuditArea;
use leptos::prelude::*;

use super::changes::Changes;
use crate::{
    server_fns::{AuditDay, AuditLine, LinePart},
    ui::{Icon, IconName, number_text},
};

/// The entries of a page, below the day of each.
#[component]
pub(super) fn Entries(days: Vec<AuditDay>) -> impl IntoView {
    let day = |day: AuditDay| {
        let lines: Vec<_> = day.entries.into_iter().map(line).collect();
        view! {
            <h2 class="audit-day">
                <span>{day.title}</span>
                <span>"UTC"</span>
            </h2>
            <ol class="audit-log">{lines}</ol>
        }
        .into_any()
    };
    view! { <div data-testid="audit-entries">{days.into_iter().map(day).collect_view()}</div> }
}

fn line(entry: AuditLine) -> AnyView {
    let AuditLine { id, at, time, area, actor, sentence, context, changes, chained } = entry;
    let sentence: Vec<_> = sentence.into_iter().map(words).collect();
    let context = (!context.is_empty()).then(|| view! { <span class="sub">{context}</span> }.into_any());
    let chained = match chained {
        Some((position, hash)) => view! {
            <span class="num">{format!("#{}", number_text(position.unsigned_abs()))}</span>
            <code>{hash}</code>
        }
        .into_any(),
        None => view! { <span>"not in the chain yet"</span> }.into_any(),
    };
    view! {
        <li id=format!("entry-{id}")>
            <time datetime=at>{time}</time>
            <span class="dot" aria-hidden="true">
                <Icon name=icon(area) />
            </span>
            <div>
                <p>
                    <b>
                        <bdi>{actor}</bdi>
                    </b>
                    " "
                    {sentence}
                </p>
                {context}
                <Changes changes />
            </div>
            <div class="log-hash">{chained}</div>
        </li>
    }
    .into_any()
}

fn words(part: LinePart) -> AnyView {
    match part {
        LinePart::Text(text) => text.into_any(),
        LinePart::Name(name) => view! { <b><bdi>{name}</bdi></b> }.into_any(),
        LinePart::Link(name, href) => view! { <a href=href><bdi>{name}</bdi></a> }.into_any(),
    }
}

const fn icon(area: Option<AuditArea>) -> IconName {
    match area {
        Some(AuditArea::Tenants) => IconName::Building,
        Some(AuditArea::Settings) => IconName::Sliders,
        Some(AuditArea::Members | AuditArea::Team) => IconName::Users,
        Some(AuditArea::Keys) => IconName::Key,
        Some(AuditArea::Catalog) => IconName::Package,
        Some(AuditArea::Platform) | None => IconName::Layers,
    }
}
