#[cfg(feature = "ssr")]
use std::{collections::HashMap, iter};

use domain::paths;
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use leptos_meta::MetaTags;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    Lazy, OptionalParamSegment, ParamSegment, SsrMode, StaticSegment,
    any_nested_route::{AnyNestedRoute, IntoAnyNestedRoute},
    components::{FlatRoutes, Redirect, Route, Router},
};

use crate::{
    browser,
    page_context::PageContext,
    pages::{LatestOutcome, NotFound, PortalState},
    routes::{
        AuditRoute, HealthRoute, HistoryRoute, ImportRoute, PortalActivityRoute, PortalBrandingRoute,
        PortalHomeRoute, PortalKeysRoute, PortalMembersRoute, PortalPackagesRoute, PortalRoute,
        PortalSegmentsRoute, PortalSettingsRoute, PortalUsageRoute, ProvisionRoute, RequestRoute,
        SignUpLinkRoute, SignUpRoute, TeamRoute, TenantRoute, TenantsRoute,
    },
};
#[cfg(feature = "ssr")]
use crate::{
    pages::{
        AccountPage, AddressChangePage, AddressChangedPage, AddressKeptPage, ApiDocs, InvitationPage,
        LoginPage, PasswordResetPage, PasswordResetRequestPage, PasswordResetSentPage, SetupPage,
    },
    routes::page_at,
};

/// The root component: the router with all pages.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let context = PageContext::share();
    provide_context(PortalState::new(&context));
    provide_context(context);
    provide_context(LatestOutcome(RwSignal::new(None)));
    browser::watch_back_button();
    Effect::new(|_| browser::mark_hydrated());

    view! {
        <Title formatter=|title: String| {
            if title.is_empty() { "Tenantry".to_owned() } else { format!("{title} · Tenantry") }
        } />
        <Router>
            <FlatRoutes fallback=NotFound>
                <Route
                    path=StaticSegment(paths::HOME)
                    view=|| view! { <Redirect path=paths::PROVISION /> }
                    ssr=SsrMode::Async
                />
                <PlainRoutes />
                <Route
                    path=StaticSegment(paths::PROVISION)
                    view={Lazy::<ProvisionRoute>::new()}
                    ssr=SsrMode::Async
                />
                <Route
                    path=StaticSegment(paths::HISTORY)
                    view={Lazy::<HistoryRoute>::new()}
                    ssr=SsrMode::Async
                />
                <Route
                    path=(StaticSegment(paths::HISTORY), ParamSegment("id"))
                    view={Lazy::<RequestRoute>::new()}
                    ssr=SsrMode::Async
                />
                <Route
                    path=StaticSegment(paths::TENANTS)
                    view={Lazy::<TenantsRoute>::new()}
                    ssr=SsrMode::Async
                />
                <Route
                    path=(StaticSegment(paths::TENANTS), ParamSegment("tenant"))
                    view={Lazy::<TenantRoute>::new()}
                    ssr=SsrMode::Async
                />
                <Route
                    path=(StaticSegment(paths::IMPORT), OptionalParamSegment("id"))
                    view={Lazy::<ImportRoute>::new()}
                    ssr=SsrMode::Async
                />
                <Route
                    path=(StaticSegment(paths::AUDIT), OptionalParamSegment("page"))
                    view={Lazy::<AuditRoute>::new()}
                    ssr=SsrMode::Async
                />
                <Route
                    path=StaticSegment(paths::TEAM)
                    view={Lazy::<TeamRoute>::new()}
                    ssr=SsrMode::Async
                />
                <Route
                    path=StaticSegment(paths::HEALTH)
                    view={Lazy::<HealthRoute>::new()}
                    ssr=SsrMode::Async
                />
                <Route
                    path=StaticSegment(paths::SIGN_UP)
                    view={Lazy::<SignUpRoute>::new()}
                    ssr=SsrMode::Async
                />
                <Route
                    path=(StaticSegment(paths::SIGN_UP), ParamSegment("token"))
                    view={Lazy::<SignUpLinkRoute>::new()}
                    ssr=SsrMode::Async
                />
                <Route
                    path=StaticSegment(paths::PORTAL)
                    view={Lazy::<PortalRoute>::new()}
                    ssr=SsrMode::Async
                />
                <Route
                    path=(StaticSegment(paths::PORTAL), ParamSegment("tenant"))
                    view={Lazy::<PortalHomeRoute>::new()}
                    ssr=SsrMode::Async
                />
                <Route
                    path=(StaticSegment(paths::PORTAL), ParamSegment("tenant"), StaticSegment("settings"))
                    view={Lazy::<PortalSettingsRoute>::new()}
                    ssr=SsrMode::Async
                />
                <Route
                    path=(StaticSegment(paths::PORTAL), ParamSegment("tenant"), StaticSegment("branding"))
                    view={Lazy::<PortalBrandingRoute>::new()}
                    ssr=SsrMode::Async
                />
                <Route
                    path=(StaticSegment(paths::PORTAL), ParamSegment("tenant"), StaticSegment("segments"))
                    view={Lazy::<PortalSegmentsRoute>::new()}
                    ssr=SsrMode::Async
                />
                <Route
                    path=(StaticSegment(paths::PORTAL), ParamSegment("tenant"), StaticSegment("packages"))
                    view={Lazy::<PortalPackagesRoute>::new()}
                    ssr=SsrMode::Async
                />
                <Route
                    path=(StaticSegment(paths::PORTAL), ParamSegment("tenant"), StaticSegment("keys"))
                    view={Lazy::<PortalKeysRoute>::new()}
                    ssr=SsrMode::Async
                />
                <Route
                    path=(StaticSegment(paths::PORTAL), ParamSegment("tenant"), StaticSegment("members"))
                    view={Lazy::<PortalMembersRoute>::new()}
                    ssr=SsrMode::Async
                />
                <Route
                    path=(StaticSegment(paths::PORTAL), ParamSegment("tenant"), StaticSegment("usage"))
                    view={Lazy::<PortalUsageRoute>::new()}
                    ssr=SsrMode::Async
                />
                <Route
                    path=(StaticSegment(paths::PORTAL), ParamSegment("tenant"), StaticSegment("activity"))
                    view={Lazy::<PortalActivityRoute>::new()}
                    ssr=SsrMode::Async
                />
            </FlatRoutes>
        </Router>
    }
}

/// The signed-out pages and the page of an account: plain forms. The browser does not hydrate them.
#[cfg(feature = "ssr")]
#[component(transparent)]
fn PlainRoutes() -> AnyNestedRoute {
    view! {
        <Route path=StaticSegment(paths::LOGIN) view=LoginPage ssr=SsrMode::Async />
        <Route path=(StaticSegment(paths::SETUP), ParamSegment("token")) view=SetupPage ssr=SsrMode::Async />
        <Route
            path=(StaticSegment(paths::INVITATION), ParamSegment("token"))
            view=InvitationPage
            ssr=SsrMode::Async
        />
        <Route
            path=StaticSegment(paths::PASSWORD_RESET)
            view=PasswordResetRequestPage
            ssr=SsrMode::Async
        />
        <Route
            path=StaticSegment(paths::PASSWORD_RESET_SENT)
            view=PasswordResetSentPage
            ssr=SsrMode::Async
        />
        <Route
            path=(StaticSegment(paths::PASSWORD_RESET), ParamSegment("token"))
            view=PasswordResetPage
            ssr=SsrMode::Async
        />
        <Route
            path=(StaticSegment(paths::ADDRESS_CHANGE), ParamSegment("token"))
            view=AddressChangePage
            ssr=SsrMode::Async
        />
        <Route path=StaticSegment(paths::ADDRESS_CHANGED) view=AddressChangedPage ssr=SsrMode::Async />
        <Route path=StaticSegment(paths::ADDRESS_KEPT) view=AddressKeptPage ssr=SsrMode::Async />
        <Route path=StaticSegment(paths::ACCOUNT) view=AccountPage ssr=SsrMode::Async />
    }
    .into_inner()
    .into_any_nested_route()
}

/// In the browser, these pages have no routes. Returns an empty list, because `()` would be a route that
/// matches every path.
#[cfg(not(feature = "ssr"))]
#[component(transparent)]
fn PlainRoutes() -> AnyNestedRoute {
    leptos::tachys::view::iterators::StaticVec::<AnyNestedRoute>::from(Vec::new()).into_any_nested_route()
}

/// The HTML document around the application. Only the server renders it.
#[cfg(feature = "ssr")]
pub fn shell(console: crate::Console) -> impl IntoView {
    let nonce = nonce();
    let crate::Assets { js, loader, chunks, .. } = &console.assets;
    let scripts = (!is_without_scripts()).then(|| {
        let loader = (!chunks.is_empty()).then(|| paths::asset(loader));
        view! {
            <link rel="modulepreload" href=js.to_string() nonce=nonce.clone() />
            {loader.map(|path| view! { <link rel="modulepreload" href=path nonce=nonce.clone() /> })}
            <script type="module" nonce=nonce.clone()>
                {hydrate_script(&console.assets)}
            </script>
        }
    });
    document(console.assets, nonce, scripts, App)
}

/// Ignores further submissions of a form for 5 s, while the browser waits for the response to the first one. The
/// browser would cancel the first request, and show that the second one was refused because the first one had
/// succeeded. Forms that the application submits itself are not affected: their own listeners run first.
#[cfg(feature = "ssr")]
const SUBMIT_ONCE: &str = r"{
const sent=new Set;
addEventListener('submit',event=>{
const form=event.target;
if(event.defaultPrevented||form.method!=='post')return;
if(sent.has(form))return event.preventDefault();
sent.add(form);setTimeout(()=>sent.delete(form),5000)});
addEventListener('pageshow',()=>sent.clear())}";

/// The script that runs before the first paint. It records how much the browser's clock differs from the
/// server's, and applies the stored settings.
#[cfg(feature = "ssr")]
fn head_script() -> String {
    let now = crate::server_fns::now_ms();
    format!(
        "{{const page=document.documentElement.dataset;page.clockOffset={now}-Date.now();\
         try{{for(const name of['theme','shortcuts']){{\
         const value=localStorage.getItem('tenantry.'+name);if(value)page[name]=value}}}}catch{{}}}}{SUBMIT_ONCE}"
    )
}

/// The script that downloads the page's modules in parallel and hydrates the page. The download starts after
/// the first paint, so that it does not delay the style sheet. In a hidden tab, which paints nothing, the
/// download starts immediately.
#[cfg(feature = "ssr")]
fn hydrate_script(crate::Assets { js, wasm, chunks, .. }: &crate::Assets) -> String {
    let chunks = page_chunks(chunks).map(|chunk| paths::asset(&format!("{chunk}.wasm")));
    let modules: Vec<String> = iter::once(wasm.to_string()).chain(chunks).collect();
    format!(
        r#"const start=()=>{{
for(const href of {modules:?}){{
const link=document.createElement("link");
document.head.append(Object.assign(link,{{rel:"preload",as:"fetch",type:"application/wasm",crossOrigin:"anonymous",href}}));
}}
import("{js}").then(m=>m.default({{module_or_path:"{wasm}"}}).then(()=>m.hydrate()));
}};
document.hidden?start():requestAnimationFrame(()=>setTimeout(start))"#
    )
}

/// The chunks of the requested page.
#[cfg(feature = "ssr")]
fn page_chunks(chunks: &HashMap<String, Vec<String>>) -> impl Iterator<Item = &String> {
    let parts: Option<http::request::Parts> = use_context();
    let page = parts.and_then(|parts| page_at(parts.uri.path())).map(|page| format!("__{page}_route_view"));
    let is_page = move |function: &str| page.as_ref().is_some_and(|page| function.starts_with(page));
    chunks.iter().filter(move |(function, _)| is_page(function)).flat_map(|(_, chunks)| chunks)
}

/// Whether this request is for a page of [`PlainRoutes`].
#[cfg(feature = "ssr")]
fn is_without_scripts() -> bool {
    let parts: Option<http::request::Parts> = use_context();
    parts.is_some_and(|parts| paths::is_without_scripts(parts.uri.path()))
}

/// The style guide, for development. The browser does not hydrate it, so the console's download does not
/// include its code.
#[cfg(feature = "ssr")]
pub fn styleguide(console: crate::Console) -> impl IntoView {
    provide_meta_context();
    document(console.assets, nonce(), None::<()>, crate::pages::Styleguide)
}

/// The documentation of the JSON API, from its OpenAPI document. The browser does not hydrate it.
#[cfg(feature = "ssr")]
pub fn api_docs(console: crate::Console, api: &'static serde_json::Value) -> impl IntoView {
    provide_meta_context();
    document(console.assets, nonce(), None::<()>, move || view! { <ApiDocs document=api /> })
}

#[cfg(feature = "ssr")]
fn document<V: IntoView>(
    assets: crate::Assets,
    nonce: String,
    scripts: Option<impl IntoView>,
    body: impl FnOnce() -> V,
) -> impl IntoView {
    // A page without scripts needs no hydration, so the server already marks it as hydrated.
    let hydrated = scripts.is_none().then_some("");
    set_content_security_policy(&nonce);
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <meta
                    name="description"
                    content="Tenantry turns a new customer into a working tenant, exactly once."
                />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                // A script after the style sheet would wait for the style sheet, so this one comes first.
                <script nonce=nonce>{head_script()}</script>
                <link rel="stylesheet" href=style_sheet(&assets.css).to_string() />
                {scripts}
                <MetaTags />
            </head>
            <body data-hydrated=hydrated>{body()}</body>
        </html>
    }
}

/// The style sheet of the requested page. A page of the console or the portal leads to another one only by a request
/// to the server.
#[cfg(feature = "ssr")]
fn style_sheet(sheets: &crate::StyleSheets) -> &str {
    let parts: Option<http::request::Parts> = use_context();
    match parts.and_then(|parts| page_at(parts.uri.path())) {
        Some(page) if page.starts_with("portal") => &sheets.portal,
        Some(page) if !page.starts_with("sign_up") => &sheets.console,
        _ => &sheets.complete,
    }
}

/// The nonce of this response, which every script on the page needs.
#[cfg(feature = "ssr")]
fn nonce() -> String {
    leptos::nonce::use_nonce().map(|nonce| nonce.to_string()).unwrap_or_default()
}

/// Allows scripts with this response's nonce, and everything else from this origin only.
#[cfg(feature = "ssr")]
fn set_content_security_policy(nonce: &str) {
    // The portal shows the logos of tenants, which are on other servers.
    let parts: Option<http::request::Parts> = use_context();
    let images = match parts {
        Some(parts) if paths::is_portal(parts.uri.path()) => "'self' data: https:",
        _ => "'self' data:",
    };
    let policy = format!(
        "default-src 'self'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src {images}; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    );
    if let (Some(response), Ok(value)) =
        (use_context::<leptos_axum::ResponseOptions>(), http::HeaderValue::from_str(&policy))
    {
        response.insert_header(http::header::CONTENT_SECURITY_POLICY, value);
    }
}
