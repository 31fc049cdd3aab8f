use domain::invitation::{Invitation, InvitationStatus, ResentInvitation};

use super::{OWNER, days_later, id};

pub(crate) fn invitation() -> Invitation {
    Invitation {
        id: id(5),
        name: OWNER.0.into(),
        email: OWNER.1.into(),
        role: "owner".into(),
        status: InvitationStatus::Pending,
        expires_at: Some(days_later(7)),
    }
}

pub(crate) fn resent_invitation() -> ResentInvitation {
    ResentInvitation { invitation: invitation(), invitation_url: invitation_url() }
}

pub(super) fn invitation_url() -> String {
    format!("https://console.example.com{}", domain::paths::invitation("…"))
}
