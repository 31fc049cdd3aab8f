use domain::Role;

/// The roles that a role may assign, the lowest first.
pub(super) fn role_choices(role: Role) -> Vec<(String, String)> {
    let roles = Role::ALL.iter().rev().filter(|other| role.may_assign(**other));
    roles.map(|role| (role.as_str().to_owned(), role.label().to_owned())).collect()
}
