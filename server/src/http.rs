//! HTTP: the pages, the JSON API, and the middleware of every request.

mod api;
mod authentication;
mod compression;
mod conditional;
mod connections;
mod credential;
mod csrf;
mod error;
mod headers;
mod health;
mod limits;
pub(crate) mod openapi;
mod pages;
mod problem_page;
mod router;
mod serve;
mod server_functions;
mod session_cookie;
mod site;
mod site_files;
mod state;
mod streams;
mod upload;

pub(crate) use self::{
    serve::serve,
    site::{Site, site_origin},
};
