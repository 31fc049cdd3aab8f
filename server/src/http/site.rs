//! The built site: its files, and the not-found page.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::paths;
use serde::Deserialize;

use super::{error::ApiError, pages::PageRequest, site_files::SiteFiles, state::ServerState};
use crate::{
    config::Settings,
    console::{Assets, StyleSheets},
};

/// The site of one server: its address, its files, and the settings that requests need.
#[derive(Debug)]
pub(crate) struct Site {
    /// The beginning of absolute links.
    pub origin: Arc<str>,
    pub public_origin: Option<Arc<str>>,
    pub is_https: bool,
    /// The reverse proxies whose `X-Forwarded-For` header is trusted.
    pub trusted_proxies: Arc<[IpAddr]>,
    pub environment: Arc<str>,
    pub files: SiteFiles,
    pub assets: Assets,
}

const MANIFEST: &str = "manifest.json";

/// The manifest of a built site: the paths of its files, which contain hashes.
#[derive(Debug, Deserialize)]
struct Manifest {
    js: Arc<str>,
    wasm: Arc<str>,
    css: StyleSheets,
    loader: Arc<str>,
    chunks: HashMap<String, Vec<String>>,
}

impl Manifest {
    /// The paths in a site that `cargo leptos` built. Such a site has no manifest, no hashes and no chunks.
    fn for_cargo_leptos() -> Self {
        let css: Arc<str> = paths::asset("tenantry.css").into();
        Self {
            js: paths::asset("tenantry.js").into(),
            wasm: paths::asset("tenantry.wasm").into(),
            css: StyleSheets { console: css.clone(), portal: css.clone(), complete: css },
            loader: "loader.js".into(),
            chunks: HashMap::new(),
        }
    }
}

/// Why the site cannot be served.
#[derive(Debug, thiserror::Error)]
#[error(
    "the site in {location} is missing or incomplete: {reason}. Build it with `make site`, or set TENANTRY_SITE_ROOT to the directory of a built site"
)]
pub(crate) struct SiteError {
    location: String,
    reason: String,
}

impl Site {
    /// Loads the site that the settings name.
    ///
    /// # Errors
    /// When the site is missing or incomplete.
    pub(crate) fn load(settings: &Settings, listening: SocketAddr) -> Result<Self, SiteError> {
        let files = SiteFiles::new(settings.site_root.clone());
        Ok(Self {
            origin: site_origin(settings, listening).into(),
            public_origin: settings.public_url.as_deref().map(Into::into),
            is_https: settings.public_url.as_ref().is_some_and(|origin| origin.starts_with("https:")),
            trusted_proxies: settings.trusted_proxies.as_slice().into(),
            environment: settings.environment_name.as_str().into(),
            assets: load_assets(&files)?,
            files,
        })
    }
}

/// The origin of links to the console: the public URL if it is set, otherwise the address that the server
/// listens on.
pub(crate) fn site_origin(settings: &Settings, listening: SocketAddr) -> String {
    settings.public_url.clone().unwrap_or_else(|| local_origin(listening))
}

/// The origin under which a browser on this machine reaches the server.
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

/// Reads the manifest, and checks that the files it names exist.
fn load_assets(files: &SiteFiles) -> Result<Assets, SiteError> {
    let error = |reason| SiteError { location: files.location(), reason };
    let manifest = match files.read(MANIFEST) {
        Ok(json) => serde_json::from_slice(&json).map_err(|cause| error(format!("{MANIFEST}: {cause}")))?,
        Err(_) if files.contains("pkg/tenantry.js") => Manifest::for_cargo_leptos(),
        Err(cause) => return Err(error(format!("{MANIFEST}: {cause}"))),
    };
    let Manifest { js, wasm, css, loader, chunks } = manifest;
    let chunks_of_pages = chunks.values().flatten().map(|chunk| paths::asset(&format!("{chunk}.wasm")));
    let loader_path = (!chunks.is_empty()).then(|| paths::asset(&loader));
    let paths = [&js, &wasm, &css.console, &css.portal, &css.complete];
    for path in paths.into_iter().map(ToString::to_string).chain(loader_path).chain(chunks_of_pages) {
        if !files.contains(path.trim_start_matches('/')) {
            return Err(error(format!("{path} does not exist")));
        }
    }
    Ok(Assets { js, wasm, css, loader, chunks: chunks.into() })
}

/// Serves a file of the site, or the not-found page.
pub(crate) async fn file_or_not_found(State(server): State<ServerState>, request: Request) -> Response {
    let path = request.uri().path();
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    if path.starts_with("/api/") || !is_read {
        return ApiError::not_found().into_response();
    }
    let is_hashed = path.strip_prefix(paths::ASSETS).is_some_and(|rest| rest.starts_with('/'));
    let (parts, _) = request.into_parts();
    let file_request = Request::from_parts(parts.clone(), Body::empty());
    let mut response = server.files.respond(file_request).await;
    if response.status() != StatusCode::NOT_FOUND {
        let caching = if is_hashed { "public, max-age=31536000, immutable" } else { "public, max-age=3600" };
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
        return response;
    }
    if is_hashed {
        return ApiError::not_found().into_response();
    }
    match PageRequest::without_route(&server, parts).await {
        Ok(page) => page.render(None, StatusCode::NOT_FOUND).await,
        Err(error) => error.into_response(),
    }
}
