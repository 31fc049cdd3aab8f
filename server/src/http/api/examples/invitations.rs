use domain::{
    invitation::{Invitation, InvitationStatus, ResentInvitation},
    member::{MemberRole, TenantMember},
};

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

pub(crate) fn member() -> TenantMember {
    TenantMember {
        id: id(5),
        name: "Max Stone".into(),
        email: "max@goldenspoon.example".into(),
        role: MemberRole::Member,
        status: InvitationStatus::Pending,
        invited_at: days_later(0),
        joined_at: None,
        expires_at: Some(days_later(7)),
    }
}

pub(crate) fn invitation_url() -> String {
    format!("https://console.example.com{}", domain::paths::invitation("…"))
}
