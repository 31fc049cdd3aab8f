use domain::{Role, Timestamp, mail::MailContent};

/// A message of every kind with its recipient and its token, for the style guide and for tests.
pub fn samples() -> Vec<(&'static str, MailContent, Option<&'static str>)> {
    let expires_at = Timestamp(1_796_371_200_000);
    let tenant_name = || "Golden Spoon".to_owned();
    let contents = [
        MailContent::Invitation {
            tenant_name: tenant_name(),
            role: "owner".to_owned(),
            invited_by: None,
            expires_at,
        },
        MailContent::Invitation {
            tenant_name: "مطعم الملعقة الذهبية".to_owned(),
            role: "member".to_owned(),
            invited_by: Some("Olive \"Liv\" O’Connor, MBA".to_owned()),
            expires_at,
        },
        MailContent::EmployeeInvitation {
            role: Role::Admin,
            invited_by: Some("Ada Kim".to_owned()),
            expires_at,
        },
        MailContent::MemberAdded {
            tenant_name: tenant_name(),
            role: "admin".to_owned(),
            added_by: Some("Olive Owner".to_owned()),
        },
        MailContent::Welcome { tenant_name: tenant_name() },
        MailContent::PasswordReset { expires_at },
        MailContent::PasswordChanged,
        MailContent::AddressConfirmation {
            account_name: "Olive Owner".to_owned(),
            new_address: "olive@golden-spoon.example.com".to_owned(),
            expires_at,
        },
        MailContent::AddressChangeNotice {
            new_address: "o…@golden-spoon.example.com".to_owned(),
            expires_at,
        },
        MailContent::AddressChanged { new_address: "olive@golden-spoon.example.com".to_owned() },
        MailContent::TrialEnding { tenant_name: tenant_name(), ends_at: expires_at },
        MailContent::SignUpVerification { company: tenant_name(), expires_at },
        MailContent::SignUpExistingAccount { company: tenant_name() },
        MailContent::SignUpApproved { tenant_name: tenant_name() },
        MailContent::SignUpDeclined { company: tenant_name() },
    ];
    let token =
        |content: &MailContent| content.has_token().then_some("q3Jt0b5mXy8wLr2VnKcE7hUsPzGaTfDi9oQxYvBn4Mk");
    contents.into_iter().map(|content| ("Olive Owner", content.clone(), token(&content))).collect()
}
