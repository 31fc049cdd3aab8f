//! The data that a page loads. A Leptos resource adds several kilobytes of code for each type of its value.
//! [`PageData`] therefore shares one resource type among all pages.

use std::{any::Any, convert::Infallible, fmt, future::Future, marker::PhantomData, pin::Pin, sync::Arc};

use leptos::{
    prelude::*,
    server::codee::{Decoder, Encoder},
};
use serde::{Serialize, de::DeserializeOwned};

use super::from_json;

/// A value of any type. A page contains the value as JSON. The server or browser that loaded the value also
/// keeps the object.
#[derive(Clone)]
struct AnyValue {
    json: Arc<str>,
    loaded: Option<Arc<dyn Any + Send + Sync>>,
}

impl AnyValue {
    fn new<T: Serialize + Send + Sync + 'static>(value: T) -> Self {
        #[cfg(feature = "ssr")]
        let json = serde_json::to_string(&value).unwrap_or_default().into();
        #[cfg(not(feature = "ssr"))]
        let json = Arc::default();
        Self { json, loaded: Some(Arc::new(value)) }
    }

    fn read<T: Clone + DeserializeOwned + 'static>(&self) -> Option<T> {
        match &self.loaded {
            Some(value) => value.downcast_ref::<T>().cloned(),
            None => from_json(&self.json).ok(),
        }
    }
}

/// Copies the JSON of an [`AnyValue`] to and from the page.
struct RawJson;

impl Encoder<AnyValue> for RawJson {
    type Error = Infallible;
    type Encoded = String;

    fn encode(value: &AnyValue) -> Result<String, Infallible> {
        Ok(value.json.to_string())
    }
}

impl Decoder<AnyValue> for RawJson {
    type Error = Infallible;
    type Encoded = str;

    fn decode(json: &str) -> Result<AnyValue, Infallible> {
        Ok(AnyValue { json: json.into(), loaded: None })
    }
}

/// A function that loads the value. A new `Call` never equals an earlier one, so each change of the source
/// loads the value again.
#[derive(Clone)]
struct Call(Arc<dyn Fn() -> ValueFuture + Send + Sync>);

type ValueFuture = Pin<Box<dyn Future<Output = AnyValue> + Send>>;

impl PartialEq for Call {
    fn eq(&self, _other: &Self) -> bool {
        false
    }
}

/// The data of a page. The server loads the data before it sends the page, and the browser reads the data
/// from the page. After navigation, the browser loads the data.
pub(crate) struct PageData<T> {
    resource: Resource<AnyValue, RawJson>,
    value: PhantomData<fn() -> T>,
}

impl<T> Clone for PageData<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for PageData<T> {}

impl<T> fmt::Debug for PageData<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PageData").finish_non_exhaustive()
    }
}

impl<T: Clone + DeserializeOwned + 'static> PageData<T> {
    /// Returns the value, or `None` while it loads for the first time. Tracks changes.
    pub(crate) fn get(self) -> Option<T> {
        self.resource.get().and_then(|value| value.read())
    }
}

impl<T> PageData<T> {
    /// Loads the value again.
    pub(crate) fn refetch(self) {
        self.resource.refetch();
    }
}

/// Loads the data of a page with `fetch`. Loads the data again whenever `source` changes.
pub(crate) fn page_data<S, T, Fut>(
    source: impl Fn() -> S + Send + Sync + 'static,
    fetch: impl Fn(S) -> Fut + Send + Sync + 'static,
) -> PageData<T>
where
    S: PartialEq + Clone + Send + Sync + 'static,
    T: Serialize + Send + Sync + 'static,
    Fut: Future<Output = T> + Send + 'static,
{
    let source = Memo::new(move |_| source());
    let fetch = Arc::new(fetch);
    let call = move || {
        let (source, fetch) = (source.get(), fetch.clone());
        Call(Arc::new(move || {
            let loading = fetch(source.clone());
            Box::pin(async { AnyValue::new(loading.await) })
        }))
    };
    PageData { resource: resource(Box::new(call)), value: PhantomData }
}

fn resource(call: Box<dyn Fn() -> Call + Send + Sync>) -> Resource<AnyValue, RawJson> {
    Resource::new_with_options(call, |Call(load)| load(), true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_read_back_both_as_an_object_and_from_the_page() {
        let loaded = AnyValue::new(vec!["a".to_owned()]);
        assert_eq!(loaded.read(), Some(vec!["a".to_owned()]));
        let json = r#"["b"]"#;
        let Ok(from_page) = RawJson::decode(json);
        assert_eq!(from_page.read(), Some(vec!["b".to_owned()]));
        assert_eq!(RawJson::encode(&from_page), Ok(json.to_owned()));
    }

    #[test]
    fn a_value_of_another_type_is_not_read() {
        assert_eq!(AnyValue::new(1).read::<String>(), None);
        let Ok(from_page) = RawJson::decode("1");
        assert_eq!(from_page.read::<String>(), None);
    }
}
