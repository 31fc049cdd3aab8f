//! Sessions of signed-in employees and other accounts.

mod end;
mod list;
mod open;

pub use end::{end_all_sessions, end_other_sessions, end_session, end_session_by_id};
pub use list::{list_own_sessions, list_sessions};
pub use open::{find_session, record_sign_in};

pub(super) use end::end_sessions_of;
pub(crate) use open::open_session;
