use crate::text_form::text_enum;

text_enum! {
    /// What a form of the team page does.
    TeamAction {
        /// Invites an employee.
        Invite = "invite",
        /// Sends an invitation again, with a new link.
        ResendInvitation = "resend",
        /// Ends the link of an invitation.
        RevokeInvitation = "revoke",
        /// Changes the role of an employee.
        ChangeRole = "role",
        /// Disables an employee.
        Disable = "disable",
        /// Enables an employee.
        Enable = "enable",
        /// Sends an employee a link for a new password.
        ResetPassword = "reset_password",
        /// Ends all sessions of another employee.
        EndSessions = "end_sessions",
        /// Creates an admin token.
        CreateToken = "create_token",
        /// Revokes an admin token.
        RevokeToken = "revoke_token",
        /// Ends one of the signed-in employee's own sessions.
        EndSession = "end_session",
        /// Ends all sessions of the signed-in employee except the current one.
        EndOtherSessions = "end_other_sessions",
    }
}

impl TeamAction {
    /// What the action has done, for the page after it.
    pub const fn done(self) -> &'static str {
        match self {
            Self::Invite => "The invitation is sent. Its link works once, for 7 days.",
            Self::ResendInvitation => {
                "The invitation is sent. Its link works once, for 7 days. Former links no longer work."
            }
            Self::RevokeInvitation => "The link of the invitation no longer works.",
            Self::ChangeRole => "The role is changed. It takes effect immediately.",
            Self::Disable => "The employee is disabled: signed out everywhere, and without tokens.",
            Self::Enable => "The employee can sign in again. Revoked tokens stay revoked.",
            Self::ResetPassword => {
                "A mail with a link for a new password is sent. Without a mail server, it is a file in the mail directory."
            }
            Self::EndSessions => "The employee is signed out everywhere.",
            Self::CreateToken => "The token is created.",
            Self::RevokeToken => "The token no longer works, nor do the tokens that were created with it.",
            Self::EndSession => "The session has ended.",
            Self::EndOtherSessions => "All of your other sessions have ended.",
        }
    }
}
