use domain::portal::PortalPage;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::shown::{PREVIEW, Shown};
use crate::{page_context::PageContext, server_fns::PreviewTexts};

/// The query parameter that selects what the preview shows.
const PARAMETER: &str = "preview";

/// What can be previewed: the value of the query parameter, and the label.
const VIEWS: [(&str, &str); 3] = [("page", "Booking page"), ("mail", "E-mail"), ("sign-in", "Sign-in")];

/// The tenant's own texts and prices in the colours of the form. Without scripts, in the saved colours.
#[component]
pub(super) fn Preview(texts: PreviewTexts, slug: String, shown: Shown, is_edited: bool) -> impl IntoView {
    let host = expect_context::<PageContext>().host;
    let query = use_query_map();
    let selected = Memo::new(move |_| {
        let name = query.with(|query| query.get(PARAMETER)).unwrap_or_default();
        VIEWS.iter().position(|(view, _)| *view == name).unwrap_or_default()
    });
    let path = PortalPage::Branding.path(&slug);
    let link = |(index, (name, label)): (usize, (&'static str, &'static str))| {
        view! {
            <a
                href=format!("{path}?{PARAMETER}={name}")
                aria-current=move || (selected.get() == index).then_some("true")
                data-noscroll=""
                data-unguarded=""
            >
                {label}
            </a>
        }
        .into_any()
    };
    let links = VIEWS.into_iter().enumerate().map(link).collect::<Vec<_>>();
    let style_sheet = texts.style_sheet();
    let address = format!("{host}/{slug}");
    let content = move || match selected.get() {
        1 => mail(texts.clone(), shown),
        2 => sign_in(texts.clone(), shown),
        _ => booking_page(texts.clone(), shown),
    };
    let note = match is_edited {
        true => "Your own texts and prices, in these colours. Nothing changes until you save.",
        false => "Your own texts and prices, in the saved colours.",
    };
    view! {
        <section class="preview-pane" aria-labelledby="preview-title">
            // The saved colours, for browsers without scripts.
            <link rel="stylesheet" href=style_sheet />
            <div class="preview-bar">
                <h2 id="preview-title">"Live preview"</h2>
                <nav class="switch" aria-label="What to preview">
                    {links}
                </nav>
            </div>
            <div class="browser" id=PREVIEW data-testid="branding-preview">
                <div class="browser-top" aria-hidden="true">
                    <span>
                        <i></i>
                        <i></i>
                        <i></i>
                    </span>
                    <code>{address}</code>
                </div>
                // Nothing in the preview can have the focus.
                <div class="site" inert="">
                    {content}
                </div>
            </div>
            <p class="muted small">{note}</p>
        </section>
    }
}

/// The logo if it was loaded, otherwise the mark.
fn mark(letter: String, shown: Shown) -> AnyView {
    let content = move || match shown.logo.get() {
        url if url.is_empty() => {
            view! { <span class="site-mark" aria-hidden="true">{letter.clone()}</span> }.into_any()
        }
        url => view! { <img class="site-logo" src=url alt="" /> }.into_any(),
    };
    view! { {content} }.into_any()
}

fn booking_page(texts: PreviewTexts, shown: Shown) -> AnyView {
    let PreviewTexts { company, mark: letter, title, text, segments, packages, support, .. } = texts;
    let first_of = |index: usize| (index == 0).then_some("true");
    let tabs = segments
        .into_iter()
        .enumerate()
        .map(|(index, name)| view! { <span aria-current=first_of(index)>{name}</span> }.into_any());
    let cards = packages.into_iter().map(|[name, description, price]| {
        view! {
            <div class="site-card">
                <b>{name}</b>
                <p>{description}</p>
                <span class="price">{price}</span>
            </div>
        }
        .into_any()
    });
    let title = if title.is_empty() { company.clone() } else { title };
    view! {
        <div class="site-head">
            {mark(letter, shown)}
            <b>
                <bdi>{company.clone()}</bdi>
            </b>
        </div>
        <div class="site-hero">
            <p class="site-title">{title}</p>
            <p>{text}</p>
            <span class="site-btn">"Book now"</span>
        </div>
        <div class="site-tabs">{tabs.collect::<Vec<_>>()}</div>
        <div class="site-cards">{cards.collect::<Vec<_>>()}</div>
        <div class="site-band">
            <b>"Questions?"</b>
            <p>{if support.is_empty() { "Write to us.".to_owned() } else { format!("Write to {support}.") }}</p>
        </div>
    }
    .into_any()
}

fn mail(texts: PreviewTexts, shown: Shown) -> AnyView {
    let PreviewTexts { company, mark: letter, packages, support, .. } = texts;
    let booked = packages.into_iter().next().map(|[name, _, price]| {
        view! {
            <div class="site-card">
                <b>{name}</b>
                <span class="price">{price}</span>
            </div>
        }
        .into_any()
    });
    view! {
        <div class="site-head">
            {mark(letter, shown)}
            <b>
                <bdi>{company.clone()}</bdi>
            </b>
        </div>
        <div class="site-hero">
            <p class="site-title">"Your booking is confirmed"</p>
            <p>"We look forward to your visit. Your booking has the number 4711."</p>
            {booked}
            <p></p>
            <span class="site-btn">"See your booking"</span>
        </div>
        <div class="site-band">
            <p>
                <bdi>{company}</bdi>
                {(!support.is_empty()).then(|| format!(" · {support}"))}
            </p>
        </div>
    }
    .into_any()
}

fn sign_in(texts: PreviewTexts, shown: Shown) -> AnyView {
    let PreviewTexts { company, mark: letter, .. } = texts;
    view! {
        <div class="site-sign-in">
            {mark(letter, shown)}
            <p class="site-title">"Sign in to " <bdi>{company}</bdi></p>
            <span class="site-label">"E-mail"</span>
            <span class="site-input"></span>
            <span class="site-label">"Password"</span>
            <span class="site-input"></span>
            <span class="site-btn">"Sign in"</span>
        </div>
        <div class="site-band">
            <p>"Forgot your password? We send you a link."</p>
        </div>
    }
    .into_any()
}
