//! Sign-up: the form at `/signup`, and the page of the link in the mail. Both are plain forms, which also
//! work without JavaScript. With JavaScript, they check the slug while the person types, and the page of the
//! link keeps the password while another slug is chosen.

mod closed;
mod form;
mod initial_state;
mod link;
mod link_form;
mod sent;
mod slug_field;

pub(crate) use form::SignUpPage;
pub(crate) use link::SignUpLinkPage;
