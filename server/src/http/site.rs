//! The built site: its files, and the page for an address that has nothing.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    path::Path,
    sync::Arc,
};

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use tower::ServiceExt;
use tower_http::services::ServeDir;

use super::{error::ApiError, pages::PageRequest, state::Server};
use crate::{
    config::{Origin, Settings},
    pages::Assets,
};

/// The addresses and files of one server.
#[derive(Debug)]
pub struct Site {
    /// What links start with.
    pub origin: Arc<str>,
    pub public_origin: Option<Arc<str>>,
    pub is_https: bool,
    /// The proxies whose word counts for where a request comes from.
    pub trusted_proxies: Arc<[IpAddr]>,
    pub environment: Arc<str>,
    pub files: Arc<Path>,
    pub assets: Assets,
}

/// `manifest.json` of the built site.
#[derive(Debug, Deserialize)]
struct Manifest {
    js: Arc<str>,
    wasm: Arc<str>,
    css: Arc<str>,
    loader: Arc<str>,
    chunks: HashMap<String, Vec<String>>,
}

impl Site {
    /// Reads what was built. Without it pages work as plain forms, without looks.
    pub fn of(settings: &Settings, listening: SocketAddr) -> Self {
        let public_origin: Option<Arc<str>> =
            settings.public_url.as_ref().map(|origin| origin.as_str().into());
        Self {
            origin: public_origin.clone().unwrap_or_else(|| local_origin(listening).into()),
            public_origin,
            is_https: settings.public_url.as_ref().is_some_and(Origin::is_https),
            trusted_proxies: settings.trusted_proxies.as_slice().into(),
            environment: settings.environment_name.as_str().into(),
            files: settings.site_root.as_path().into(),
            assets: assets(&settings.site_root),
        }
    }
}

/// An address that a browser on this machine can open.
fn local_origin(mut listening: SocketAddr) -> String {
    if listening.ip().is_unspecified() {
        listening.set_ip(if listening.is_ipv4() {
            [127, 0, 0, 1].into()
        } else {
            std::net::Ipv6Addr::LOCALHOST.into()
        });
    }
    format!("http://{listening}")
}

fn assets(root: &Path) -> Assets {
    let path = root.join("manifest.json");
    let read = std::fs::read(&path).map_err(|error| error.to_string());
    match read.and_then(|json| serde_json::from_slice(&json).map_err(|error| error.to_string())) {
        Ok(Manifest { js, wasm, css, loader, chunks }) => {
            Assets { js, wasm, css, loader, chunks: chunks.into() }
        }
        Err(error) => {
            tracing::warn!(path = %path.display(), error, "the site is not built: pages come without looks and scripts");
            Assets {
                js: "/pkg/tenantry.js".into(),
                wasm: "/pkg/tenantry.wasm".into(),
                css: "/pkg/tenantry.css".into(),
                loader: "loader.js".into(),
                chunks: Arc::default(),
            }
        }
    }
}

/// A file of the site, else what says that there is nothing here.
pub async fn file_or_not_found(State(server): State<Server>, request: Request) -> Response {
    let path = request.uri().path();
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    if path.starts_with("/api/") || !is_read {
        return ApiError::not_found().into_response();
    }
    let is_hashed = path.starts_with("/pkg/");
    let (parts, _) = request.into_parts();
    let asked = Request::from_parts(parts.clone(), Body::empty());
    let files = ServeDir::new(&*server.files)
        .append_index_html_on_directories(false)
        .precompressed_br()
        .precompressed_gzip();
    let Ok(mut response) = files.oneshot(asked).await.map(IntoResponse::into_response);
    if response.status() != StatusCode::NOT_FOUND {
        let caching = if is_hashed { "public, max-age=31536000, immutable" } else { "public, max-age=3600" };
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
        return response;
    }
    if is_hashed {
        return ApiError::not_found().into_response();
    }
    match PageRequest::of_unknown(&server, parts).await {
        Ok(page) => page.render(None, StatusCode::NOT_FOUND).await,
        Err(error) => error.into_response(),
    }
}
