use domain::branding::{Color, ContrastLevel, ContrastPair, ratio_text};
use leptos::prelude::*;

use super::shown::COLOR_FIELDS;
use crate::{
    pages::tenant::{edit_state::EditState, form::set_value},
    ui::{Badge, Button, Card, IconName, Section, Swatch, Tone},
};

/// The contrast of each pair of colours in use. A pair that is hard to read offers the lightest shade that is
/// readable.
#[component]
pub(super) fn Contrast(
    colors: Memo<[String; 3]>,
    /// The form that a fix changes. `None` for a member who may not change the branding.
    edit: Option<EditState>,
) -> impl IntoView {
    let pairs = Memo::new(move |_| {
        let [primary, secondary, accent] = colors.get().map(|color| Color::parse(&color).ok());
        ContrastPair::of(primary.as_ref(), secondary.as_ref(), accent.as_ref())
    });
    let low = Memo::new(move |_| {
        let fields: std::collections::BTreeSet<_> = pairs
            .with(|pairs| pairs.iter().filter(|pair| pair.is_too_low()).map(|pair| pair.field).collect());
        fields.len()
    });
    let badge = move || {
        view! {
            {move || match low.get() {
                0 => view! { <Badge tone=Tone::Ok icon=IconName::Check>"All readable"</Badge> }.into_any(),
                count => {
                    view! { <Badge tone=Tone::Bad icon=IconName::CircleAlert>{count} " to fix"</Badge> }
                        .into_any()
                }
            }}
        }
    };
    let rows = move || {
        let mut fixed = Vec::new();
        let rows = pairs.get().into_iter().map(|pair| {
            // One fix for each colour.
            let fix = edit.filter(|_| pair.is_too_low() && !fixed.contains(&pair.field));
            fixed.extend(fix.map(|_| pair.field));
            row(pair, fix)
        });
        rows.collect::<Vec<_>>()
    };
    view! {
        <div data-testid="contrast">
            <Card>
                <Section title="Contrast" sentence="Text needs at least 4.5 : 1." aside=badge>
                    <ul class="contrast" aria-live="polite">
                        {rows}
                    </ul>
                </Section>
            </Card>
        </div>
    }
}

fn row(pair: ContrastPair, fix: Option<EditState>) -> AnyView {
    let (ink, background) = (pair.ink.to_string(), pair.background.to_string());
    let level = match pair.level() {
        Some(ContrastLevel::TooLow) => {
            view! { <Badge tone=Tone::Bad icon=IconName::Cross>{ContrastLevel::TooLow.label()}</Badge> }
                .into_any()
        }
        Some(level) => view! { <Badge tone=Tone::Ok icon=IconName::Check>{level.label()}</Badge> }.into_any(),
        None => view! { <span class="muted">"no text"</span> }.into_any(),
    };
    let button = fix.map(|edit| fix_button(edit, pair.field, &pair));
    view! {
        <li>
            <svg class="sample" aria-hidden="true" focusable="false">
                <rect width="100%" height="100%" fill=background.clone() />
                <text x="50%" y="50%" text-anchor="middle" dominant-baseline="central" fill=ink.clone()>
                    "Aa"
                </text>
            </svg>
            <span class="pair">{pair.label} <small>{format!("{ink} on {background}")}</small></span>
            <span class="ratio">{pair.ratio_text()} " : 1 " {level}</span>
            {button}
        </li>
    }
    .into_any()
}

/// The button that uses the lightest readable shade of the colour.
fn fix_button(edit: EditState, field: &'static str, pair: &ContrastPair) -> AnyView {
    let color = if pair.background == Color::white() { &pair.ink } else { &pair.background };
    let shade = color.readable_shade();
    let ratio = ratio_text(shade.contrast_with_white());
    let text = shade.to_string();
    let (typed, swatch) = (text.clone(), text.clone());
    debug_assert!(COLOR_FIELDS.contains(&field), "{field} is a colour");
    view! {
        <span class="fix">
            <Button
                small=true
                on:click=move |_| set_value(edit, field, typed.clone())
                attr:data-scripted=""
                attr:data-testid="contrast-fix"
            >
                <Swatch color=swatch.clone() />
                {format!("Use {text} ({ratio} : 1)")}
            </Button>
        </span>
    }
    .into_any()
}
