//! What the pages of one tenant share: the layout, the loading of their data, and what they show instead of
//! their content.

use std::{future::Future, sync::Arc};

use domain::{ErrorCode, paths, portal::PortalPage};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    components::Redirect,
    hooks::{use_params_map, use_query_map},
};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    shell::PortalShell,
    state::PortalState,
    status::{ForMembersOnly, NotAMember, Suspended, Waiting},
};
use crate::{
    Failure,
    codec::{PageData, page_data},
    page_context::PageContext,
    pages::{
        failure_state::FailureState,
        outcome::{ONE_TIME_DETAILS, one_time_details},
        tenant::{action_state::ActionState, refusal::RefusalNote},
    },
    server_fns::{PortalContent, PortalTenant},
    ui::{Card, EmptyState, IconName, Note, PageHead, Skeleton, Tone},
};

/// The data of a page.
pub(super) type PortalData<T> = PageData<Result<PortalContent<T>, Failure>>;

/// The slug in the path.
pub(super) fn use_slug() -> Memo<String> {
    let params = use_params_map();
    Memo::new(move |_| params.with(|params| params.get("tenant")).unwrap_or_default())
}

/// Loads the data of a page. The page loads again when `source` changes, which begins with the slug.
pub(super) fn portal_data<S, T, Load>(
    source: impl Fn() -> S + Send + Sync + 'static,
    load: impl Fn(S) -> Load + Clone + Send + Sync + 'static,
) -> PortalData<T>
where
    S: PartialEq + Clone + Send + Sync + 'static,
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
    Load: Future<Output = Result<PortalContent<T>, Failure>> + Send + 'static,
{
    let is_member = expect_context::<PageContext>().account.is_some();
    page_data(source, move |source| {
        let load = load.clone();
        async move {
            // An employee sees why the page is empty, without a call.
            if is_member { load(source).await } else { Err(ErrorCode::Forbidden.into()) }
        }
    })
}

/// What a page shows: the layout with its content, or why it has none. The `view` renders the content.
pub(super) fn portal_page<T>(
    page: PortalPage,
    sentence: &'static str,
    slug: Memo<String>,
    data: PortalData<T>,
    // What the page has done, for a page with actions.
    actions: Option<ActionState>,
    view: impl Fn(T, PortalTenant) -> AnyView + Send + Sync + 'static,
) -> AnyView
where
    T: Clone + DeserializeOwned + Send + Sync + 'static,
{
    let content = move || {
        data.get().map(|loaded| {
            loaded.map(|PortalContent { tenant, content }| {
                let view = content.map(|content| view(content, tenant.clone()));
                (tenant, view)
            })
        })
    };
    let reload = Callback::new(move |()| data.refetch());
    render(page, sentence, slug, Arc::new(content), reload, actions)
}

type Content = Arc<dyn Fn() -> Option<Result<(PortalTenant, Option<AnyView>), Failure>> + Send + Sync>;

/// The part of [`portal_page`] that does not depend on the type of the data.
fn render(
    page: PortalPage,
    sentence: &'static str,
    slug: Memo<String>,
    content: Content,
    reload: Callback<()>,
    actions: Option<ActionState>,
) -> AnyView {
    let state = expect_context::<PortalState>();
    let is_member = expect_context::<PageContext>().account.is_some();
    // The title of the home page is the name of the tenant.
    let name = move || state.tenant(&slug.get()).map(|tenant| tenant.name).unwrap_or_default();
    let title = move || match page {
        PortalPage::Home => name(),
        page => page.title().to_owned(),
    };
    let document_title = move || match name() {
        name if page == PortalPage::Home || name.is_empty() => title(),
        name => format!("{}, {name}", page.title()),
    };
    if !is_member {
        return view! {
            <Title text=page.title() />
            <ForMembersOnly />
        }
        .into_any();
    }
    let head = move || view! { <PageHead title=Signal::derive(title) lead=move || sentence /> }.into_any();
    let shown = move || match content()? {
        Ok((tenant, _)) if tenant.slug != slug.get_untracked() => {
            let options = NavigateOptions { replace: true, ..NavigateOptions::default() };
            Some(view! { <Redirect path=page.path(&tenant.slug) options /> }.into_any())
        }
        Ok((tenant, Some(view))) => {
            state.update(&tenant);
            Some(view! { {head()} {view} }.into_any())
        }
        Ok((tenant, None)) => {
            state.update(&tenant);
            Some(view! { <Waiting tenant reload /> }.into_any())
        }
        Err(failure) => Some(failure_view(page, &slug.get_untracked(), state, failure)),
    };
    view! {
        <Title text=document_title />
        <PortalShell page slug>
            {actions.map(|actions| view! { <Notices page slug actions /> })}
            <Transition fallback=move || {
                view! {
                    {head()}
                    <Card>
                        <Skeleton label="Loading" />
                    </Card>
                }
            }>{shown}</Transition>
        </PortalShell>
    }
    .into_any()
}

/// What a page shows instead of its content.
fn failure_view(page: PortalPage, slug: &str, state: PortalState, failure: Failure) -> AnyView {
    let path = page.path(slug);
    match failure.code() {
        Some(ErrorCode::TenantSuspended) => {
            let name = state.tenants.with_untracked(|tenants| {
                tenants.iter().find(|tenant| tenant.slug == slug).map(|tenant| tenant.name.clone())
            });
            view! { <Suspended name=name.unwrap_or_default() /> }.into_any()
        }
        Some(ErrorCode::TenantNotFound) => view! { <NotAMember /> }.into_any(),
        Some(ErrorCode::Forbidden) => view! {
            <PageHead title=page.title() />
            <Card>
                <EmptyState
                    icon=IconName::Key
                    title="Your role can't open this page"
                    sentence="Owners and admins of this tenant can. Ask one of them to change your role."
                />
            </Card>
        }
        .into_any(),
        _ => view! {
            <PageHead title=page.title() />
            <Card>
                <FailureState failure path=path />
            </Card>
        }
        .into_any(),
    }
}

/// What an action of the page has done: the announcement, the secrets that are shown once, the refusal, and that
/// a form post was saved.
#[component]
fn Notices(page: PortalPage, slug: Memo<String>, actions: ActionState) -> impl IntoView {
    let secrets = move || {
        let path = page.path(&slug.get_untracked());
        (!actions.secrets.is_empty())
            .then(|| ONE_TIME_DETAILS.view(move || Box::pin(one_time_details(actions.secrets, path.clone()))))
    };
    let refusal = move || {
        let failure = actions.refusal.get()?;
        let detail = Some(failure.detail()).filter(|detail| detail != failure.title()).unwrap_or_default();
        let explanation = format!("{detail} The page now shows the current state.");
        Some(view! { <RefusalNote failure id="tenant-refusal" explanation /> }.into_any())
    };
    let query = use_query_map();
    let saved = move || {
        query.with(|query| query.get(paths::SAVED).is_some()).then(|| {
            view! {
                <div class="without-scripts" data-testid="portal-saved">
                    <Note tone=Tone::Ok title="Saved">
                        <p>"Your change is stored."</p>
                    </Note>
                </div>
            }
            .into_any()
        })
    };
    view! {
        // Screen readers announce each action.
        <p class="visually-hidden" role="status" data-testid="portal-announcement">
            {move || actions.announcement.get()}
        </p>
        {secrets}
        {refusal}
        {saved}
    }
}
