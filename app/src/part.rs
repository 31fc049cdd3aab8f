//! Parts of pages whose code is not in the page's chunk. The browser downloads the code of a part when the page
//! first needs it, so a page that rarely shows a part stays small.

use std::{
    future::Future,
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
};

use leptos::{prelude::*, wasm_split::SplitLoaderError};

use crate::ui::Skeleton;

/// The result of a function that belongs to a part: fails if its code cannot be downloaded.
pub(crate) type Loaded<T> = Result<T, SplitLoaderError>;

/// A call of a function that belongs to a part.
pub(crate) type PartFuture<T> = Pin<Box<dyn Future<Output = Loaded<T>>>>;

/// A part of a page.
#[derive(Debug)]
pub(crate) struct Part {
    /// The name of its chunk, which its functions repeat in `#[wasm_split]`.
    pub name: &'static str,
    /// Downloads the code, unless it is already there. This is the `preload` of the function that
    /// [`Self::view`] calls, because each function of a part waits for the code on its own.
    pub load: fn() -> PartFuture<()>,
}

impl Part {
    /// Downloads the code in the background, so that the part appears without delay later.
    pub fn preload(&'static self) {
        leptos::task::spawn_local(async {
            // A failure is not final: the part is downloaded again when it is shown.
            let _ = (self.load)().await;
        });
    }

    /// Shows the part that `show` returns, as soon as its code is there. The server renders it immediately.
    pub fn view(&'static self, show: impl Fn() -> PartFuture<AnyView> + Send + 'static) -> AnyView {
        let loads = RwSignal::new(0);
        let content = move || {
            loads.track();
            now(show()).unwrap_or_else(|| {
                self.load_for(loads);
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

    /// Downloads the code, again and again if that fails. Then increases `loads`.
    fn load_for(&'static self, loads: RwSignal<i32>) {
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

/// The result of a call that needs no further download.
fn now(call: PartFuture<AnyView>) -> Option<AnyView> {
    match pin!(call).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result.ok(),
        Poll::Pending => None,
    }
}

/// Loads those of `parts` that the server has rendered, because they hydrate with the page.
#[cfg(feature = "hydrate")]
pub(crate) async fn load_rendered(parts: &[&'static Part]) {
    for part in parts {
        let is_rendered = document().query_selector(&format!("[data-part={}]", part.name));
        if is_rendered.is_ok_and(|element| element.is_some()) {
            let _ = (part.load)().await;
        }
    }
}
