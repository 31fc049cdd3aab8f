use domain::paths;
use leptos::prelude::*;

use super::guide_section::GuideSection;
use crate::ui::*;

const COLOURS: &[&str] = &[
    "bg",
    "surface",
    "raised",
    "sunken",
    "line",
    "line-strong",
    "text",
    "muted",
    "accent-bg",
    "accent-line",
    "accent",
    "accent-solid",
    "ok-bg",
    "ok-line",
    "ok",
    "ok-solid",
    "warn-bg",
    "warn-line",
    "warn",
    "warn-solid",
    "bad-bg",
    "bad-line",
    "bad",
    "bad-solid",
    "info-bg",
    "info-line",
    "info",
    "info-solid",
];

#[component]
pub(super) fn Foundations() -> impl IntoView {
    let swatch = |token: &&'static str| {
        view! {
            <li class="guide-swatch" data-token=*token>
                {*token}
            </li>
        }
    };
    let icon = |name: &IconName| {
        view! {
            <li>
                <Icon name=*name large=true />
                {format!("{name:?}")}
            </li>
        }
    };
    view! {
        <GuideSection title="Colour">
            <ul class="guide-swatches">{COLOURS.iter().map(swatch).collect_view()}</ul>
        </GuideSection>
        <GuideSection title="Type">
            <div class="guide-type">
                <p data-size="28">"28: the title of an outcome"</p>
                <p data-size="20">"20: a page's title"</p>
                <p data-size="16">"16: a dialog's title"</p>
                <p data-size="14">"14: body. Everything below is created together."</p>
                <p data-size="13">"13: help, tables and "<code>"TEN-00000042"</code></p>
                <p data-size="12">"12: times, badges and small print, "<span class="num">"4 ms"</span></p>
            </div>
        </GuideSection>
        <GuideSection title="Icons">
            <ul class="guide-icons">{IconName::ALL.iter().map(icon).collect_view()}</ul>
        </GuideSection>
    }
}

#[component]
pub(super) fn Controls() -> impl IntoView {
    view! {
        <GuideSection title="Buttons">
            <div class="cluster">
                <Button kind=ButtonKind::Primary>"Provision Golden Spoon"</Button>
                <Button>"Back to the draft"</Button>
                <Button kind=ButtonKind::Ghost>"Start over"</Button>
                <Button kind=ButtonKind::Danger icon=IconName::Trash>
                    "Delete golden-spoon"
                </Button>
                <Button small=true icon=IconName::Refresh>
                    "Try again"
                </Button>
            </div>
            <div class="cluster">
                <Button kind=ButtonKind::Primary pending=true pending_text="Provisioning…">
                    "Provision"
                </Button>
                <Button pending=true pending_text="Checking…">
                    "Check"
                </Button>
                <Button kind=ButtonKind::Primary disabled=true>
                    "Disabled"
                </Button>
                <Button disabled=true>"Disabled"</Button>
                <ButtonLink href=paths::HISTORY icon=IconName::History>
                    "A link"
                </ButtonLink>
                <CopyButton text="TEN-00000042" label="Copy tenant code" />
                <CopyButton text="TEN-00000042" label="Copy tenant code" icon_only=true />
                <ThemeToggle />
                <span>"Press "<Kbd>"Alt 1"</Kbd></span>
            </div>
        </GuideSection>
        <GuideSection title="Statuses">
            <div class="cluster">
                {status_styles().iter().map(|style| view! { <StatusBadge status=style.key /> }).collect_view()}
                <StatusBadge status="unknown_to_this_build" />
            </div>
            <div class="cluster">
                <Badge>"Neutral"</Badge>
                <Badge tone=Tone::Accent icon=IconName::Loader>
                    "Step 4 of 7"
                </Badge>
                <Badge tone=Tone::Ok icon=IconName::Check>
                    "Committed in 4 ms"
                </Badge>
                <Badge tone=Tone::Warn icon=IconName::Alert>
                    "Attention"
                </Badge>
                <Badge tone=Tone::Bad icon=IconName::Cross>
                    "Refused"
                </Badge>
                <Badge tone=Tone::Info icon=IconName::Info>
                    "Information"
                </Badge>
            </div>
        </GuideSection>
    }
}
