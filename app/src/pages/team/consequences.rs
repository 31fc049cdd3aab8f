use domain::access::EmployeeSummary;

use crate::ui::counted;

/// What disabling an employee causes.
pub(super) fn of_disabling(employee: &EmployeeSummary) -> String {
    let name = &employee.name;
    if !employee.has_password {
        return format!(
            "{name} has not chosen a password yet. An open invitation stops working immediately."
        );
    }
    let mut lost = Vec::new();
    if employee.sessions > 0 {
        lost.push(counted(employee.sessions.into(), "session"));
    }
    if employee.tokens > 0 {
        lost.push(counted(employee.tokens.into(), "token"));
    }
    if lost.is_empty() {
        return format!("{name} can't sign in any more.");
    }
    let (lost, verb) = match employee.sessions + employee.tokens {
        1 => (lost.concat(), "ends"),
        _ => (lost.join(" and "), "end"),
    };
    let programs = match employee.tokens {
        0 => "",
        _ => " Programs that use the tokens fail.",
    };
    format!(
        "{name} can't sign in any more. {lost} {verb} immediately.{programs} Enabling {name} later restores \
         none of them."
    )
}

#[cfg(test)]
mod tests {
    use domain::{Role, Timestamp, access::EmployeeStatus};

    use super::*;

    fn employee(sessions: u32, tokens: u32) -> EmployeeSummary {
        EmployeeSummary {
            id: uuid::Uuid::nil(),
            name: "Bob".to_owned(),
            email: "bob@example.com".to_owned(),
            role: Role::Admin,
            status: EmployeeStatus::Active,
            has_password: true,
            invitation: None,
            sessions,
            tokens,
            last_seen_at: None,
            created_at: Timestamp(0),
        }
    }

    #[test]
    fn the_consequences_of_disabling_are_counted() {
        for (sessions, tokens, expected) in [
            (0, 0, "Bob can't sign in any more."),
            (1, 0, "1 session ends immediately."),
            (2, 1, "2 sessions and 1 token end immediately. Programs"),
            (0, 3, "3 tokens end immediately. Programs"),
        ] {
            let text = of_disabling(&employee(sessions, tokens));
            assert!(text.contains(expected), "{text}");
        }
    }
}
