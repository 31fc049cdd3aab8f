use domain::{
    access::{SessionSummary, TeamAction},
    paths::TEAM,
};
use leptos::prelude::*;

use crate::{
    pages::plain_form::ActionForm,
    ui::{Badge, Card, Column, Section, Table, Time, Tone},
};

const COLUMNS: &[Column] = &[
    Column::text("Device"),
    Column::text("Signed in"),
    Column::text("Last used"),
    Column::text("Ends at the latest"),
    Column::actions(),
];

/// The sessions of the signed-in employee.
#[component]
pub(super) fn Sessions(sessions: Vec<SessionSummary>) -> impl IntoView {
    let others = sessions.iter().filter(|session| !session.is_current).count();
    let end_others = (others > 1).then(|| {
        let fields = vec![("action", TeamAction::EndOtherSessions.to_string())];
        let label = "End all other sessions";
        view! {
            <div class="cluster">
                <ActionForm path=TEAM.to_owned() fields label testid="team-end-other-sessions" />
            </div>
        }
        .into_any()
    });
    let rows =
        sessions.into_iter().map(|session| view! { <Session session /> }.into_any()).collect::<Vec<_>>();
    view! {
        <Card>
            <Section
                title="Your sessions"
                sentence="A session ends after 30 minutes without use. If you don't recognise one, end it and change your password."
            >
                <Table label="Your sessions" columns=COLUMNS>
                    {rows}
                </Table>
                {end_others}
            </Section>
        </Card>
    }
}

#[component]
fn Session(session: SessionSummary) -> impl IntoView {
    let device = session.device.unwrap_or_else(|| "Unknown device".to_owned());
    let action = match session.is_current {
        true => view! { <Badge tone=Tone::Accent>"This session"</Badge> }.into_any(),
        false => {
            let fields =
                vec![("action", TeamAction::EndSession.to_string()), ("session", session.id.to_string())];
            let accessible_name = format!("End the session of {device}");
            view! {
                <ActionForm path=TEAM.to_owned() fields label="End" testid="team-end-session" accessible_name />
            }
            .into_any()
        }
    };
    view! {
        <tr data-testid="team-session" data-current=session.is_current.then_some("")>
            <td class="cause">
                <b>{device}</b>
                {session.client_address.map(|address| view! { <span class="sub">{address}</span> }.into_any())}
            </td>
            <td data-label="Signed in">
                <Time ms=session.created_at.0 />
            </td>
            <td data-label="Last used">
                <Time ms=session.last_seen_at.0 />
            </td>
            <td data-label="Ends at the latest">
                <Time ms=session.expires_at.0 />
            </td>
            <td class="end">{action}</td>
        </tr>
    }
}
