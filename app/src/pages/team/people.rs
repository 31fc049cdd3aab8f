use domain::{
    access::{EmployeeStatus, EmployeeSummary},
    invitation::InvitationStatus,
};
use leptos::prelude::*;

use super::{
    invite_form::{INVITE_FORM, invite_form},
    manage::Manage,
};
use crate::ui::{ButtonLink, Card, Column, Section, StatusBadge, Table, Time};

const COLUMNS: &[Column] =
    &[Column::text("Person"), Column::text("Role"), Column::text("Status"), Column::text("Last seen")];
const MANAGED_COLUMNS: &[Column] = &[
    Column::text("Person"),
    Column::text("Role"),
    Column::text("Status"),
    Column::text("Last seen"),
    Column::actions(),
];

/// The employees, with the form that invites another one.
#[component]
pub(super) fn People(
    employees: Vec<EmployeeSummary>,
    older: Option<String>,
    own_id: String,
    may_manage: bool,
    key: String,
    result: String,
) -> impl IntoView {
    let rows = employees
        .into_iter()
        .map(|employee| {
            let is_own = employee.id.to_string() == own_id;
            view! { <Person employee is_own may_manage /> }.into_any()
        })
        .collect::<Vec<_>>();
    let older = older.map(|href| view! { <ButtonLink href>"Show older"</ButtonLink> }.into_any());
    let sentence = match may_manage {
        true => "Viewers see everything. Admins also change tenants. Super admins also manage the team.",
        false => "Super admins invite employees, and change their roles.",
    };
    view! {
        <Card>
            <Section title="People" sentence>
                {may_manage
                    .then(|| {
                        INVITE_FORM.view(move || Box::pin(invite_form(key.clone(), result.clone())))
                    })}
                <Table label="People" columns=if may_manage { MANAGED_COLUMNS } else { COLUMNS }>
                    {rows}
                </Table>
                {older}
            </Section>
        </Card>
    }
}

#[component]
fn Person(employee: EmployeeSummary, is_own: bool, may_manage: bool) -> impl IntoView {
    let invitation = employee.invitation.clone().filter(|_| employee.status == EmployeeStatus::Active);
    let status = match &invitation {
        Some(invitation) if invitation.status == InvitationStatus::Pending => "invited",
        Some(invitation) => invitation.status.as_str(),
        None => employee.status.as_str(),
    };
    let detail = invitation.map(|invitation| {
        let expiry = invitation.expires_at.filter(|_| invitation.status == InvitationStatus::Pending);
        match expiry {
            Some(at) => view! { <Time ms=at.0 event=("Link expires ", "Link expired") /> }.into_any(),
            None => "Invitation".into_any(),
        }
    });
    let last_seen = match employee.last_seen_at {
        Some(at) => view! { <Time ms=at.0 /> }.into_any(),
        None => view! { <span class="muted">"Never"</span> }.into_any(),
    };
    let manage = may_manage.then(|| {
        view! {
            <td class="end">
                <Manage employee=employee.clone() is_own />
            </td>
        }
        .into_any()
    });
    view! {
        <tr
            data-testid="team-employee"
            data-status=status
            data-muted=(employee.status == EmployeeStatus::Disabled).then_some("")
        >
            <td class="cause">
                <b>
                    <bdi>{employee.name}</bdi>
                    {is_own.then_some(" (you)")}
                </b>
                <span class="sub">{employee.email}</span>
            </td>
            <td data-label="Role">{employee.role.label()}</td>
            <td data-label="Status">
                <div>
                    <StatusBadge status />
                    {detail.map(|detail| view! { <span class="sub">{detail}</span> }.into_any())}
                </div>
            </td>
            <td data-label="Last seen">{last_seen}</td>
            {manage}
        </tr>
    }
}
