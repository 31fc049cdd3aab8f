use domain::{paths, portal::PortalPage};
use leptos::prelude::*;

use super::{mark::TenantMark, state::PortalState};
use crate::{
    page_context::PageContext,
    server_fns::PortalTenant,
    ui::{Crumb, Icon, IconName, NavLink, ShellLayout, SignedInPerson, Wordmark, hide_menu},
};

/// The navigation in its groups.
const NAV_GROUPS: [&[(PortalPage, IconName)]; 3] = [
    &[
        (PortalPage::Home, IconName::House),
        (PortalPage::Settings, IconName::Sliders),
        (PortalPage::Branding, IconName::Palette),
        (PortalPage::Members, IconName::Users),
    ],
    &[
        (PortalPage::Segments, IconName::Layers),
        (PortalPage::Packages, IconName::Package),
        (PortalPage::Keys, IconName::Key),
    ],
    &[(PortalPage::Usage, IconName::Gauge), (PortalPage::Activity, IconName::History)],
];

/// The layout of the pages of one tenant: its name and mark, the navigation and the signed-in person. Without a
/// tenant of the account at this path, the layout shows only the person.
#[component]
pub(super) fn PortalShell(
    page: PortalPage,
    /// The slug in the path.
    #[prop(into)]
    slug: Signal<String>,
    children: Children,
) -> impl IntoView {
    let context = expect_context::<PageContext>();
    let state = expect_context::<PortalState>();
    let tenant = Memo::new(move |_| state.tenant(&slug.get()));
    let role = Signal::derive(move || tenant.get().map_or("", |tenant| tenant.role.label()).to_owned());
    let breadcrumb = Signal::derive(move || {
        let (name, path) = match tenant.get() {
            Some(tenant) => (tenant.name, PortalPage::Home.path(&tenant.slug)),
            None => ("Your tenants".to_owned(), paths::PORTAL.to_owned()),
        };
        match page {
            PortalPage::Home => vec![Crumb::current(name)],
            page => vec![Crumb::link(name, path), Crumb::current(page.title())],
        }
    });
    let account = context.account.unwrap_or_default();
    let head = move || match tenant.get() {
        Some(tenant) => view! { <TenantName tenant /> }.into_any(),
        None => view! { <Wordmark /> }.into_any(),
    };
    let has_others = move || state.tenants.with(|tenants| tenants.len() > 1);
    let switch = move || {
        has_others().then(|| {
            view! {
                <a class="switch-tenant" href=paths::PORTAL on:click=|_| hide_menu()>
                    <Icon name=IconName::Switch />
                    "Switch tenant"
                </a>
            }
            .into_any()
        })
    };
    let is_known = Memo::new(move |_| tenant.with(Option::is_some));
    let navigation = move || {
        is_known.get().then(|| view! { <Navigation current=page slug=slug.get_untracked() /> }.into_any())
    };
    let sidebar = view! {
        {head}
        {switch}
        {navigation}
        <AccountLink />
        <SignedInPerson name=account.name role initials=account.initials />
    };
    view! {
        <ShellLayout label="Portal" sidebar=sidebar.into_any() breadcrumb testid="portal-page">
            {children()}
        </ShellLayout>
    }
}

/// The layout of the list of tenants.
#[component]
pub(super) fn TenantlessShell(children: Children) -> impl IntoView {
    let account = expect_context::<PageContext>().account.unwrap_or_default();
    let sidebar = view! {
        <Wordmark />
        <AccountLink />
        <SignedInPerson name=account.name role="" initials=account.initials />
    };
    view! {
        <ShellLayout
            label="Portal"
            sidebar=sidebar.into_any()
            breadcrumb=vec![Crumb::current("Your tenants")]
            testid="portal-page"
        >
            {children()}
        </ShellLayout>
    }
}

/// The link to the page of the account, which has no scripts.
#[component]
fn AccountLink() -> impl IntoView {
    view! {
        <a class="switch-tenant account-link" href=paths::ACCOUNT rel="external">
            <Icon name=IconName::Sliders />
            "Your account"
        </a>
    }
}

#[component]
fn TenantName(tenant: PortalTenant) -> impl IntoView {
    let PortalTenant { slug, name, mark, color, plan, .. } = tenant;
    view! {
        <a class="wordmark" href=PortalPage::Home.path(&slug) data-testid="portal-tenant">
            <TenantMark color mark />
            <bdi>{name}</bdi>
        </a>
        <p class="environment">{format!("{plan} plan")}</p>
    }
}

#[component]
fn Navigation(current: PortalPage, slug: String) -> impl IntoView {
    let group = |(index, items): (usize, &'static [(PortalPage, IconName)])| {
        let links = items
            .iter()
            .map(|&(page, icon)| {
                view! { <NavLink href=page.path(&slug) name=page.title() icon is_current=page == current /> }
                    .into_any()
            })
            .collect::<Vec<_>>();
        view! {
            {(index > 0).then(|| view! { <hr /> }.into_any())}
            {links}
        }
        .into_any()
    };
    let groups = NAV_GROUPS.into_iter().enumerate().map(group).collect::<Vec<_>>();
    view! {
        <nav class="nav" aria-label="Main" on:click=|_| hide_menu()>
            {groups}
        </nav>
    }
}
