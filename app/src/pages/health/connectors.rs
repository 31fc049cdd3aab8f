use domain::{
    jobs::BreakerState,
    pipeline::{ConnectorHealth, PipelineHealth},
};
use leptos::{prelude::*, task::spawn_local};

use crate::{
    Failure,
    server_fns::check_connector,
    ui::{Button, Card, Column, Section, StatusBadge, Table, Time},
};

const COLUMNS: &[Column] = &[
    Column::text("Connector"),
    Column::text("State"),
    Column::text("Last change"),
    Column::text("Last failure"),
    Column::actions(),
];

/// The text before the time at which an open circuit can be tested, and the text that replaces both after the
/// time has passed.
const NEXT_TEST: (&str, &str) = ("next test ", "the next step tests it");

/// The state of each connector.
#[component]
pub(super) fn Connectors(health: RwSignal<PipelineHealth>, may_check: bool) -> impl IntoView {
    let checking = RwSignal::new(None::<&'static str>);
    let failure = RwSignal::new(None::<Failure>);
    let check = move |connector: &'static str| {
        failure.set(None);
        checking.set(Some(connector));
        spawn_local(async move {
            let result = check_connector(connector.to_owned()).await;
            if checking.is_disposed() {
                return;
            }
            checking.set(None);
            match result {
                Ok(newer) => health.set(newer),
                Err(error) => failure.set(Some(error)),
            }
        });
    };
    let rows = move || {
        let row = |connector: &ConnectorHealth| {
            view! { <Row connector=connector.clone() may_check checking check /> }.into_any()
        };
        health.with(|health| health.connectors.iter().map(row).collect_view())
    };
    view! {
        <Card>
            <Section
                title="Connectors"
                sentence="After five failures without a success between them, a circuit opens for 30 seconds. Then one step tests the connector."
            >
                <div role="alert">
                    {move || {
                        failure
                            .get()
                            .map(|failure| {
                                view! {
                                    <p data-testid="health-failure">
                                        <b>{failure.title()}</b>
                                        " "
                                        {failure.explanation()}
                                    </p>
                                }
                            })
                    }}
                </div>
                <Table label="Connectors" columns=COLUMNS>
                    {rows}
                </Table>
            </Section>
        </Card>
    }
}

#[component]
fn Row(
    connector: ConnectorHealth,
    may_check: bool,
    checking: RwSignal<Option<&'static str>>,
    check: impl Fn(&'static str) + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let name = connector.connector.as_str();
    let status = match connector.configured {
        // The circuit of a connector that was removed from the configuration may still be open.
        false => "not_configured",
        true => connector.breaker.as_str(),
    };
    let is_open = connector.configured && connector.breaker == BreakerState::Open;
    let next_test = connector
        .next_test_at
        .filter(|_| is_open)
        .map(|at| view! { <span class="sub"><Time ms=at.0 event=NEXT_TEST /></span> }.into_any());
    let action = (is_open && may_check).then(|| {
        view! {
            <Button
                small=true
                on:click=move |_| check(name)
                pending=Signal::derive(move || checking.get() == Some(name))
                pending_text="Checking…"
                attr:data-scripted=""
                attr:data-testid="health-check"
                attr:title="Lets the next step test the connector immediately"
            >
                "Check now"
            </Button>
        }
        .into_any()
    });
    let message = connector.message.map(|message| {
        let count = match connector.failures {
            0 => String::new(),
            1 => "1 failure: ".to_owned(),
            count => format!("{count} failures since the last success: "),
        };
        view! { <span class="cause">{count} {message}</span> }.into_any()
    });
    view! {
        <tr data-testid="health-connector" data-connector=name data-status=status>
            <th scope="row">{connector.connector.label()}</th>
            <td data-label="State">
                <span>
                    <StatusBadge status=status />
                    {next_test}
                </span>
            </td>
            <td data-label="Last change">{connector.changed_at.map(|at| view! { <Time ms=at.0 /> })}</td>
            <td data-label="Last failure">{message}</td>
            <td class="end">{action}</td>
        </tr>
    }
}
