use std::{future::Future, sync::Arc, time::Duration};

use leptos::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

use super::failure_state::FailureState;
use crate::{
    Failure, browser,
    codec::{PageData, page_data},
    ui::{Card, PageHead, Skeleton},
};

/// How often a polled resource reloads.
const POLL_INTERVAL: Duration = Duration::from_secs(5);

/// The data of a page, or why it could not be loaded.
pub(super) type PageResource<T> = PageData<Result<T, Failure>>;

/// A resource that also reloads every five seconds while the page is visible and the user is not typing.
/// Reloads call `poll` instead of `load`, because polling must not extend the session.
pub(super) fn polled_resource<S, T, Load, Poll>(
    source: impl Fn() -> S + Send + Sync + 'static,
    load: impl Fn(S) -> Load + Clone + Send + Sync + 'static,
    poll: impl Fn(S) -> Poll + Clone + Send + Sync + 'static,
) -> PageResource<T>
where
    S: PartialEq + Clone + Send + Sync + 'static,
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
    Load: Future<Output = Result<T, Failure>> + Send + 'static,
    Poll: Future<Output = Result<T, Failure>> + Send + 'static,
{
    let is_poll = StoredValue::new(false);
    let resource = page_data(source, move |source| {
        let (load, poll) = (load.clone(), poll.clone());
        let is_poll = is_poll.try_update_value(std::mem::take).unwrap_or_default();
        async move { if is_poll { poll(source).await } else { load(source).await } }
    });
    browser::call_every(POLL_INTERVAL, move || {
        if browser::is_idle() {
            is_poll.set_value(true);
            resource.refetch();
        }
    });
    resource
}

/// Shows a resource: a skeleton while it loads for the first time, then its value or the failure.
#[component]
pub(super) fn ResourceView<T, View>(
    resource: PageResource<T>,
    /// The text for screen readers while the resource loads.
    label: &'static str,
    /// The path of the page, for the link to try again.
    #[prop(into)]
    path: Signal<String>,
    /// The page's title if loading fails, for pages whose title depends on the value.
    #[prop(optional)]
    title: &'static str,
    /// The view of the value.
    view: View,
) -> impl IntoView
where
    T: Clone + Send + Sync + DeserializeOwned + 'static,
    View: Fn(T) -> AnyView + Copy + Send + Sync + 'static,
{
    let content = move || resource.get().map(|loaded| loaded.map(view));
    render_resource(label, Arc::new(content), path, title)
}

/// The part of [`ResourceView`] that does not depend on the type of the value, so that the browser's download
/// contains its code once. `content` returns the view of the value.
pub(super) fn render_resource(
    label: &'static str,
    content: Arc<dyn Fn() -> Option<Result<AnyView, Failure>> + Send + Sync>,
    path: Signal<String>,
    title: &'static str,
) -> AnyView {
    let failure_view = move |failure: Failure| {
        view! {
            {(!title.is_empty()).then(|| view! { <PageHead title /> })}
            <Card>
                <FailureState failure path=path.get() />
            </Card>
        }
        .into_any()
    };
    view! {
        <Transition fallback=move || {
            view! { <Skeleton label /> }
        }>
            {move || {
                browser::keep_row_focus();
                content().map(|loaded| loaded.unwrap_or_else(failure_view))
            }}
        </Transition>
    }
    .into_any()
}
