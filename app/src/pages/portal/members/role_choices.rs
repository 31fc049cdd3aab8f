use domain::member::MemberRole;

/// The roles that a role may give, the lowest first.
pub(super) fn role_choices(role: MemberRole) -> Vec<(String, String)> {
    let roles = MemberRole::ALL.iter().rev().filter(|other| role.may_manage(**other));
    roles.map(|role| (role.as_str().to_owned(), role.label().to_owned())).collect()
}
