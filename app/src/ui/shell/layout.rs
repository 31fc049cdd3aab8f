//! The parts that the layouts of the console and of the portal share.

use domain::paths;
use leptos::prelude::*;

use crate::{
    browser,
    ui::{Icon, IconName, ThemeToggle},
};

const MENU_ID: &str = "menu";

/// One level of the breadcrumb. The last level is the current page and has no link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crumb {
    pub label: String,
    pub href: Option<String>,
}

impl Crumb {
    /// A level above the current page.
    pub fn link(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), href: Some(href.into()) }
    }

    /// The current page.
    pub fn current(label: impl Into<String>) -> Self {
        Self { label: label.into(), href: None }
    }
}

/// The layout of every signed-in page: skip link, sidebar, top bar and main landmark. In narrow windows the
/// sidebar is a menu, which works without JavaScript.
#[component]
pub fn ShellLayout(
    /// The name of the sidebar for screen readers.
    label: &'static str,
    sidebar: AnyView,
    #[prop(into)] breadcrumb: Signal<Vec<Crumb>>,
    /// The controls in the top bar before the theme.
    #[prop(optional, into)]
    tools: ViewFn,
    /// The `data-testid` of the main landmark.
    #[prop(optional)]
    testid: Option<&'static str>,
    children: Children,
) -> impl IntoView {
    browser::focus_new_page();
    view! {
        <a class="skip-link" href="#main" rel="external">
            "Skip to content"
        </a>
        <div class="shell">
            <aside class="sidebar" id=MENU_ID aria-label=label popover="auto">
                {sidebar}
            </aside>
            <div>
                <header class="topbar">
                    <button type="button" class="icon-btn menu-btn" popovertarget=MENU_ID aria-label="Menu">
                        <Icon name=IconName::Menu large=true />
                    </button>
                    <Breadcrumb crumbs=breadcrumb />
                    {tools.run()}
                    <ThemeToggle />
                </header>
                <main class="main" id="main" tabindex="-1" data-testid=testid>
                    {children()}
                </main>
            </div>
        </div>
    }
}

/// Closes the menu of a narrow window.
pub fn hide_menu() {
    browser::hide_popover(MENU_ID);
}

/// An item of the navigation.
#[component]
pub fn NavLink(
    #[prop(into)] href: Signal<String>,
    name: &'static str,
    icon: IconName,
    is_current: bool,
) -> impl IntoView {
    view! {
        <a href=move || href.get() aria-current=is_current.then_some("page")>
            <Icon name=icon />
            {name}
        </a>
    }
}

/// The signed-in person at the end of the sidebar, with the button that signs out. The children are further
/// buttons.
#[component]
pub fn SignedInPerson(
    #[prop(into)] name: String,
    #[prop(into)] role: Signal<String>,
    #[prop(into)] initials: String,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="person">
            <span class="avatar" aria-hidden="true">
                {initials}
            </span>
            <div>
                <bdi>{name}</bdi>
                " "
                <small>{move || role.get()}</small>
            </div>
            {children.map(|children| children())}
            <form method="post" action=paths::LOGOUT>
                <button type="submit" class="icon-btn" aria-label="Sign out" title="Sign out">
                    <Icon name=IconName::SignOut />
                </button>
            </form>
        </div>
    }
}

#[component]
fn Breadcrumb(crumbs: Signal<Vec<Crumb>>) -> impl IntoView {
    let crumb = |crumb: Crumb| match crumb.href {
        Some(href) => view! {
            <li>
                <a href=href>{crumb.label}</a>
            </li>
        }
        .into_any(),
        None => view! { <li aria-current="location">{crumb.label}</li> }.into_any(),
    };
    view! {
        <nav class="breadcrumb" aria-label="Breadcrumb">
            <ol>{move || crumbs.get().into_iter().map(crumb).collect_view()}</ol>
        </nav>
    }
}
