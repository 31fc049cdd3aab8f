use domain::branding::TenantBranding;
use leptos::prelude::*;

use crate::ui::{Card, Fact, Facts, Section};

/// The branding of the tenant.
#[component]
pub(super) fn Branding(branding: TenantBranding) -> impl IntoView {
    let logo = branding.logo_url.map(|url| {
        view! {
            <Fact label="Logo">
                <a href=url.clone() rel="external noopener noreferrer">
                    {url.clone()}
                </a>
            </Fact>
        }
        .into_any()
    });
    let colors = [
        ("Primary colour", branding.color_primary),
        ("Secondary colour", branding.color_secondary),
        ("Accent colour", branding.color_accent),
    ];
    let color = |(label, color): (&'static str, String)| {
        view! {
            <Fact label>
                // The content security policy forbids inline styles.
                <svg class="swatch" aria-hidden="true" focusable="false">
                    <rect width="100%" height="100%" fill=color.clone() />
                </svg>
                " "
                <code>{color}</code>
            </Fact>
        }
        .into_any()
    };
    view! {
        <Card>
            <Section title="Branding" attr:id="branding">
                <Facts>
                    <Fact label="Theme">{branding.theme}</Fact>
                    {logo}
                    {colors.map(color).into_iter().collect_view()}
                </Facts>
            </Section>
        </Card>
    }
}
