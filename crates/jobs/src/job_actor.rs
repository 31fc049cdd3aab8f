use uuid::Uuid;

/// The employee who acts on a job, for the audit log.
#[derive(Debug, Clone, Copy)]
pub struct JobActor<'a> {
    /// The employee.
    pub employee_id: Uuid,
    /// The network address of the employee's client. `None` if it is unknown.
    pub client_address: Option<&'a str>,
}
