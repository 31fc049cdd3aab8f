use leptos::{
    server::codee::{Decoder, Encoder},
    server_fn::{Bytes, ContentType, Decodes, Encodes, Format, FormatType, codec::Post},
};
use serde::{Serialize, de::DeserializeOwned};

#[cfg(any(feature = "hydrate", test))]
mod json_reader;
mod page_data;

pub(crate) use page_data::{PageData, page_data};

#[cfg(feature = "hydrate")]
pub(crate) use json_reader::{InvalidJson, from_json};
#[cfg(not(feature = "hydrate"))]
pub(crate) use serde_json::{Error as InvalidJson, from_str as from_json};

/// JSON in the bodies of a `POST` request and its response.
pub(crate) type Json = Post<JsonText>;

/// JSON that is always parsed from text, both in responses and in the page. A second parser, or one for
/// bytes, would duplicate the code of every type in the browser's download.
#[derive(Debug)]
pub struct JsonText;

impl ContentType for JsonText {
    const CONTENT_TYPE: &'static str = "application/json";
}

impl FormatType for JsonText {
    const FORMAT_TYPE: Format = Format::Text;
}

impl<T: Serialize> Encodes<T> for JsonText {
    type Error = serde_json::Error;

    fn encode(value: &T) -> Result<Bytes, Self::Error> {
        serde_json::to_string(value).map(Bytes::from)
    }
}

impl<T: DeserializeOwned> Decodes<T> for JsonText {
    type Error = InvalidJson;

    fn decode(bytes: Bytes) -> Result<T, Self::Error> {
        // Invalid UTF-8 becomes an empty string, which is not JSON and fails.
        from_json(std::str::from_utf8(&bytes).unwrap_or_default())
    }
}

impl<T: Serialize> Encoder<T> for JsonText {
    type Error = serde_json::Error;
    type Encoded = String;

    fn encode(value: &T) -> Result<String, Self::Error> {
        serde_json::to_string(value)
    }
}

impl<T: DeserializeOwned> Decoder<T> for JsonText {
    type Error = InvalidJson;
    type Encoded = str;

    fn decode(text: &str) -> Result<T, Self::Error> {
        from_json(text)
    }
}
