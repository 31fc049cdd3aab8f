use uuid::Uuid;

use super::Employee;

/// The account of a person who is not an employee, such as the owner of a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The ID of the account.
    pub id: Uuid,
    /// The name of the person.
    pub name: String,
    /// The e-mail address as it was entered.
    pub email: String,
}

/// A signed-in person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Person {
    /// An employee, who uses the console.
    Employee(Employee),
    /// Another account, which uses the portal of its tenants.
    Account(Account),
}

impl Person {
    /// The employee, unless the person is none.
    pub fn employee(self) -> Option<Employee> {
        match self {
            Self::Employee(employee) => Some(employee),
            Self::Account(_) => None,
        }
    }
}
