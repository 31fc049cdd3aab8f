//! Unicode normalisation. The WebAssembly module calls the browser's own function, so that the download does
//! not contain the tables of a library.

#[cfg(not(target_arch = "wasm32"))]
use unicode_normalization::UnicodeNormalization;

/// Canonical composition (NFC). The same text typed in two ways, such as `ü` as one character or as `u` with
/// a combining diaeresis, becomes identical.
pub fn nfc(text: &str) -> String {
    #[cfg(target_arch = "wasm32")]
    {
        js_sys::JsString::from(text).normalize("NFC").into()
    }
    #[cfg(not(target_arch = "wasm32"))]
    {
        text.nfc().collect()
    }
}

/// Compatibility decomposition (NFKD). Separates letters from their accents, and replaces variants of letters
/// and digits, such as full-width ones, with the ordinary ones.
pub(crate) fn nfkd(text: &str) -> String {
    #[cfg(target_arch = "wasm32")]
    {
        js_sys::JsString::from(text).normalize("NFKD").into()
    }
    #[cfg(not(target_arch = "wasm32"))]
    {
        text.nfkd().collect()
    }
}
