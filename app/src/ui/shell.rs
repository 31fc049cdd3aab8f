mod layout;

use domain::paths;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

pub use self::layout::{Crumb, NavLink, ShellLayout, SignedInPerson, hide_menu};
use super::{
    IconName,
    search::{SearchAndShortcuts, ShortcutsButton},
};

/// The signed-in employee, as the sidebar shows them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmployeeView {
    pub name: String,
    pub role: String,
    /// One or two letters.
    pub initials: String,
}

/// A page in the navigation: path, name, icon.
type NavItem = (&'static str, &'static str, IconName);

/// The pages for the daily work, in order.
const NAV_ITEMS: &[NavItem] = &[
    (paths::PROVISION, "Provision", IconName::Plus),
    (paths::HISTORY, "History", IconName::History),
    (paths::TENANTS, "Tenants", IconName::Building),
    (paths::IMPORT, "Import", IconName::Upload),
];

/// The pages about the installation, below a line.
const INSTALLATION_ITEMS: &[NavItem] = &[
    (paths::AUDIT, "Audit log", IconName::Scroll),
    (paths::TEAM, "Team", IconName::Users),
    (paths::HEALTH, "Health", IconName::Health),
];

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

/// The layout of the console's signed-in pages.
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
    let sidebar = view! {
        <Wordmark />
        <p class="environment">{environment}</p>
        <Navigation current />
        <SignedInPerson name=employee.name role=employee.role initials=employee.initials>
            // A narrow top bar has no room for this button.
            <ShortcutsButton class="icon-btn menu-btn" />
        </SignedInPerson>
    };
    view! {
        <ShellLayout
            label="Console"
            sidebar=sidebar.into_any()
            breadcrumb=breadcrumb
            tools=|| view! { <SearchAndShortcuts /> }.into_any()
        >
            {children()}
        </ShellLayout>
    }
}

#[component]
fn Navigation(current: &'static str) -> impl IntoView {
    let item = move |&(href, name, icon): &NavItem| {
        view! { <NavLink href name icon is_current=href == current /> }.into_any()
    };
    view! {
        <nav class="nav" aria-label="Main" on:click=|_| hide_menu()>
            {NAV_ITEMS.iter().map(item).collect_view()}
            <hr />
            {INSTALLATION_ITEMS.iter().map(item).collect_view()}
        </nav>
    }
}
