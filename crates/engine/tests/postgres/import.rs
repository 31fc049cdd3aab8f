//! Import and export of `client.yaml` files.

mod archives;
mod concurrency;
mod export;
mod fixture;
mod hostile;
mod secrets;
mod trees;
mod uploads;
