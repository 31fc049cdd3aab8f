//! Parts of pages. The code of a part is in a separate chunk, which the browser downloads when the page first
//! needs the part. This keeps the chunk of the page small.

use std::{
    future::Future,
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
};

use leptos::{prelude::*, wasm_split::SplitLoaderError};

use crate::ui::Skeleton;

/// The result of a function that belongs to a part. An error means that the code cannot be downloaded.
pub(crate) type Loaded<T> = Result<T, SplitLoaderError>;

/// The future of a call to a function that belongs to a part.
pub(crate) type PartFuture<T> = Pin<Box<dyn Future<Output = Loaded<T>>>>;

/// A part of a page.
#[derive(Debug)]
pub(crate) struct Part {
    /// The name of the part's chunk. The attribute `#[wasm_split]` of each function of the part has the same
    /// name.
    pub name: &'static str,
    /// Downloads the code, unless it is already loaded. Calls the function that `preload(load)` in
    /// `#[wasm_split]` generates. Each function of a part tracks separately whether the code is loaded, so
    /// `load` must come from the function that [`Self::view`] calls.
    pub load: fn() -> PartFuture<()>,
}

impl Part {
    /// Downloads the code in the background, so that the part appears without delay later.
    pub fn preload(&'static self) {
        leptos::task::spawn_local(async {
            // After a failure, `view` downloads the code again.
            let _ = (self.load)().await;
        });
    }

    /// Returns the view of `show`, with a skeleton in its place until the code is loaded. The server renders
    /// the view immediately.
    pub fn view(&'static self, show: impl Fn() -> PartFuture<AnyView> + Send + 'static) -> AnyView {
        let loads = RwSignal::new(0);
        let content = move || {
            loads.track();
            poll_once(show()).unwrap_or_else(|| {
                self.load_with_retries(loads);
                view! { <Skeleton label="Loading" /> }.into_any()
            })
        };
        view! {
            <div class="part" data-part=self.name>
                {content}
            </div>
        }
        .into_any()
    }

    /// Downloads the code, retrying until a download succeeds, then increments `loads`.
    fn load_with_retries(&'static self, loads: RwSignal<i32>) {
        #[cfg(feature = "hydrate")]
        leptos::task::spawn_local(async move {
            while (self.load)().await.is_err() {
                gloo_timers::future::TimeoutFuture::new(RETRY_INTERVAL_MS).await;
            }
            let _ = loads.try_update(|loads| *loads += 1);
        });
        #[cfg(not(feature = "hydrate"))]
        let _ = loads;
    }
}

/// The delay after a failed download.
#[cfg(feature = "hydrate")]
const RETRY_INTERVAL_MS: u32 = 2000;

/// Returns the result of a call whose code is loaded, or `None` if the code is not loaded.
fn poll_once(call: PartFuture<AnyView>) -> Option<AnyView> {
    match pin!(call).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result.ok(),
        Poll::Pending => None,
    }
}

/// Loads each part that the server has rendered, because these parts hydrate with the page.
#[cfg(feature = "hydrate")]
pub(crate) async fn load_rendered(parts: &[&'static Part]) {
    for part in parts {
        let is_rendered = document().query_selector(&format!("[data-part={}]", part.name));
        if is_rendered.is_ok_and(|element| element.is_some()) {
            let _ = (part.load)().await;
        }
    }
}
