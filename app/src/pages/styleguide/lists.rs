use domain::paths;
use leptos::prelude::*;

use super::guide_section::GuideSection;
use crate::{pages::history::REQUEST_COLUMNS, ui::*};

#[component]
pub(super) fn Lists() -> impl IntoView {
    let page = |query: &str| format!("{}?{query}", paths::STYLE_GUIDE);
    let row = |(name, slug, status, code, by, ms, duration): (
        &'static str,
        &'static str,
        &'static str,
        &'static str,
        &'static str,
        i64,
        &'static str,
    )| {
        view! {
            <tr>
                <th scope="row">
                    <span>
                        <a class="row-link" href=paths::request(1)>
                            {name}
                        </a>
                        <code class="sub">{slug}</code>
                    </span>
                </th>
                <td data-label="Status">
                    <StatusBadge status />
                </td>
                <td data-label="Code">
                    <code>{code}</code>
                </td>
                <td data-label="By">{by}</td>
                <td data-label="When" class="muted">
                    <Time ms />
                </td>
                <td data-label="Duration" class="end">
                    {duration}
                </td>
            </tr>
        }
    };
    let rows = [
        ("Golden Spoon", "golden-spoon-2", "processing", "–", "Ada Kim", 1_795_245_945_000, "–"),
        ("Blue Harbor", "blue-harbor", "completed", "–", "Ada Kim", 1_795_245_717_000, "3.9 s"),
        (
            "Northwind Atelier",
            "northwind",
            "failed",
            "DUPLICATE_SLUG",
            "Jon Reyes",
            1_795_245_417_000,
            "2 ms",
        ),
        ("Casa Verde", "casa-verde", "dead", "CONNECTOR_TIMEOUT", "Ada Kim", 1_795_244_697_000, "2 min"),
        ("Fjord Outdoor", "fjord-outdoor", "rolled_back", "–", "API, ci", 1_794_245_957_000, "6.4 s"),
    ];
    view! {
        <GuideSection title="Lists">
            <div>
                <FilterBar>
                    <FilterLink href=paths::STYLE_GUIDE active=true>
                        "Status: failed"
                    </FilterLink>
                    <FilterLink href=page("status=completed")>"Completed"</FilterLink>
                    <FilterLink href=page("status=processing")>"Processing"</FilterLink>
                    <input
                        class="input"
                        type="search"
                        aria-label="Search requests"
                        placeholder="Slug, e-mail, code, request"
                    />
                </FilterBar>
                <Card>
                    <Table label="Provisioning requests" columns=REQUEST_COLUMNS>
                        {rows.map(row).into_iter().collect_view()}
                    </Table>
                </Card>
                <Pager summary="5 of 128" newest=Some(paths::STYLE_GUIDE.to_owned()) older=Some(page("after=5")) />
            </div>
            <Card>
                <Skeleton label="Loading requests" rows=3 />
            </Card>
            <Card>
                <EmptyState
                    icon=IconName::History
                    title="No matching requests"
                    sentence="No request has this status. Remove the filter to see all 128."
                >
                    <ButtonLink href=paths::STYLE_GUIDE>"Remove the filter"</ButtonLink>
                </EmptyState>
            </Card>
            <Card>
                <EmptyState
                    icon=IconName::Alert
                    tone=Tone::Bad
                    title="The history could not be loaded"
                    sentence="The database did not respond within 5 s. Nothing was changed."
                >
                    <Button icon=IconName::Refresh>"Try again"</Button>
                </EmptyState>
            </Card>
        </GuideSection>
    }
}

#[component]
pub(super) fn Details() -> impl IntoView {
    view! {
        <GuideSection title="Detail">
            <Card>
                <Section title="Request" aside=|| view! { <StatusBadge status="completed" /> }>
                    <Facts>
                        <Fact label="Tenant">
                            <a href="/tenants/TEN-00000042">"Golden Spoon"</a>
                        </Fact>
                        <Fact label="Code">
                            <code>"TEN-00000042"</code>
                            <CopyButton text="TEN-00000042" label="Copy tenant code" icon_only=true />
                        </Fact>
                        <Fact label="Started">
                            <Time ms=1_795_245_717_000 />
                        </Fact>
                        <Fact label="A very long name without any space">
                            "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
                        </Fact>
                    </Facts>
                </Section>
                <Section title="Payload">
                    <Disclosure summary="Show as JSON" open=true>
                        <pre class="code-block" tabindex="0" role="region" aria-label="Payload as JSON">
                            "{\n  \"slug\": \"golden-spoon-2\",\n  \"owner\": { \"email\": \"mara@goldenspoon.io\", \"name\": \"Mara Ortiz\" }\n}"
                        </pre>
                    </Disclosure>
                    <Disclosure summary="Audit entries">"No other entries."</Disclosure>
                </Section>
            </Card>
        </GuideSection>
    }
}
