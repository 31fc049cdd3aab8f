use domain::paths;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    Icon, IconName, ThemeToggle,
    search::{SearchAndShortcuts, ShortcutsButton},
};
use crate::browser;

/// The signed-in employee, as the sidebar shows them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmployeeView {
    pub name: String,
    pub role: String,
    /// One or two letters.
    pub initials: String,
}

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

/// The pages in the navigation, in order: path, name, icon.
const NAV_ITEMS: &[(&str, &str, IconName)] = &[
    (paths::PROVISION, "Provision", IconName::Plus),
    (paths::HISTORY, "History", IconName::History),
    (paths::TENANTS, "Tenants", IconName::Building),
    (paths::HEALTH, "Health", IconName::Health),
];

const MENU_ID: &str = "menu";

/// The logo and the name, linked to the start page.
#[component]
pub fn Wordmark() -> impl IntoView {
    view! {
        <a class="wordmark" href=paths::HOME>
            <svg class="logo" viewBox="0 0 32 32" aria-hidden="true" focusable="false" inner_html=LOGO></svg>
            "Tenantry"
        </a>
    }
}

/// The same drawing as `public/favicon.svg`.
const LOGO: &str = r##"<rect width="32" height="32" rx="8" fill="#2b57cf"/><path fill="#fff" d="M7.5 7h17A1.5 1.5 0 0 1 26 8.5v2a1.5 1.5 0 0 1-1.5 1.5h-6v11.5a1.5 1.5 0 0 1-1.5 1.5h-2a1.5 1.5 0 0 1-1.5-1.5V12h-6A1.5 1.5 0 0 1 6 10.5v-2A1.5 1.5 0 0 1 7.5 7z"/><g fill="#fff" fill-opacity=".45"><rect x="6.5" y="14.5" width="4.5" height="10.5" rx="1.5"/><rect x="21" y="14.5" width="4.5" height="10.5" rx="1.5"/></g>"##;

/// The layout of every signed-in page: skip link, sidebar, top bar and main landmark. In narrow windows the
/// sidebar is a menu, which works without JavaScript.
#[component]
pub fn AppShell(
    /// The path of the current item in the navigation.
    current: &'static str,
    employee: EmployeeView,
    /// The name of the installation, such as "Production".
    #[prop(into)]
    environment: String,
    breadcrumb: Vec<Crumb>,
    children: Children,
) -> impl IntoView {
    browser::focus_new_page();
    view! {
        <a class="skip-link" href="#main" rel="external">
            "Skip to content"
        </a>
        <div class="shell">
            <aside class="sidebar" id=MENU_ID aria-label="Console" popover="auto">
                <Wordmark />
                <p class="environment">{environment}</p>
                <Navigation current />
                <SignedInEmployee employee />
            </aside>
            <div>
                <header class="topbar">
                    <button type="button" class="icon-btn menu-btn" popovertarget=MENU_ID aria-label="Menu">
                        <Icon name=IconName::Menu large=true />
                    </button>
                    <Breadcrumb crumbs=breadcrumb />
                    <SearchAndShortcuts />
                    <ThemeToggle />
                </header>
                <main class="main" id="main" tabindex="-1">
                    {children()}
                </main>
            </div>
        </div>
    }
}

#[component]
fn Navigation(current: &'static str) -> impl IntoView {
    let item = move |&(href, name, icon): &(&'static str, &'static str, IconName)| {
        view! {
            <a href=href aria-current=(href == current).then_some("page")>
                <Icon name=icon />
                {name}
            </a>
        }
        .into_any()
    };
    view! {
        <nav class="nav" aria-label="Main" on:click=|_| browser::hide_popover(MENU_ID)>
            {NAV_ITEMS.iter().map(item).collect_view()}
        </nav>
    }
}

#[component]
fn SignedInEmployee(employee: EmployeeView) -> impl IntoView {
    view! {
        <div class="employee">
            <span class="avatar" aria-hidden="true">
                {employee.initials}
            </span>
            <div>{employee.name} <small>{employee.role}</small></div>
            // A narrow top bar has no room for this button.
            <ShortcutsButton class="icon-btn menu-btn" />
            <form method="post" action=paths::LOGOUT>
                <button type="submit" class="icon-btn" aria-label="Sign out" title="Sign out">
                    <Icon name=IconName::SignOut />
                </button>
            </form>
        </div>
    }
}

#[component]
fn Breadcrumb(crumbs: Vec<Crumb>) -> impl IntoView {
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
            <ol>{crumbs.into_iter().map(crumb).collect_view()}</ol>
        </nav>
    }
}
