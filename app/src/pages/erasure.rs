//! `/audit/erase`: shows what the erasure of a person would change, and erases the person. The forms are plain posts,
//! so that they work without JavaScript, and the address is in no link.

use domain::{
    Problem,
    erasure::{ErasureOutcome, ErasureRefusal, ErasureReport, RefusalKind},
    paths,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::{
    page_resource::ResourceView,
    plain_form::{FormProblems, HiddenFields, Input, field_message},
};
use crate::{
    codec::page_data,
    page_context::PageContext,
    server_fns::{OpenedErasure, open_erasure},
    ui::{
        AppShell, Button, ButtonKind, Card, Column, Crumb, Field, IconName, Note, PageHead, Section, Table,
        Tone, described_by, number_text,
    },
};

const COLUMNS: &[Column] = &[Column::text("Data"), Column::number("Rows")];

/// What an erasure keeps.
const KEPT: [&str; 5] = [
    "Tenants, requests and audit entries stay, with a pseudonym instead of the person.",
    "Names of organisations stay, also if they contain the name of the person.",
    "The contact data of tenants that have another owner stay, except for the address of the person.",
    "Backups, exported files, delivered mails and log files are not changed.",
    "External systems such as Odoo are not changed. Erase the person there, too.",
];

/// The page at `/audit/erase`.
#[component]
pub(crate) fn ErasurePage() -> impl IntoView {
    let context = expect_context::<PageContext>();
    let opened = page_data(|| (), |()| open_erasure());
    let query = use_query_map();
    let parameter = move |name: &str| query.with_untracked(|query| query.get(name).unwrap_or_default());
    view! {
        <Title text="Erase a person" />
        <AppShell
            current=paths::AUDIT
            employee=context.employee_view()
            environment=context.environment
            breadcrumb=vec![Crumb::link("Audit log", paths::AUDIT), Crumb::current("Erase a person")]
        >
            <div data-testid="erasure-page">
                <PageHead
                    title="Erase a person"
                    lead=|| "Replace the personal data of one person everywhere, also in the audit log, which stays verifiable."
                />
                <ResourceView
                    resource=opened
                    label="Loading the form"
                    path=Signal::stored(paths::ERASE_PERSON.to_owned())
                    view=move |opened: OpenedErasure| {
                        view! {
                            <div class="stacked">
                                <Done pseudonym=parameter(paths::ERASED) />
                                <AddressForm
                                    email=if opened.email.is_empty() {
                                        parameter("email")
                                    } else {
                                        opened.email.clone()
                                    }
                                    problem=opened.problem.clone()
                                />
                                <Report opened />
                            </div>
                        }
                            .into_any()
                    }
                />
            </div>
        </AppShell>
    }
}

/// That a person was erased.
#[component]
fn Done(pseudonym: String) -> impl IntoView {
    (!pseudonym.is_empty()).then(|| {
        view! {
            <div role="status" data-testid="erasure-done">
                <Note tone=Tone::Ok title="The person was erased">
                    <p>"The audit log names the person " <code>{pseudonym}</code> " from now on."</p>
                </Note>
            </div>
        }
        .into_any()
    })
}

/// The form that asks what would be erased.
#[component]
fn AddressForm(email: String, problem: Option<Problem>) -> impl IntoView {
    let invalid = field_message(problem.as_ref(), "email");
    view! {
        <Card>
            <Section title="Who is the person" sentence="Nothing is changed before you have seen what would be erased.">
                <FormProblems problem />
                <form method="post" action=paths::ERASE_PERSON class="fields" data-testid="erasure-form">
                    <Input
                        id="email"
                        label="E-mail address"
                        kind="email"
                        autocomplete="off"
                        help="The current or a former address of the person."
                        value=email
                        problem=invalid
                    />
                    <div class="cluster">
                        <Button
                            kind=ButtonKind::Primary
                            submit=true
                            icon=IconName::Search
                            attr:data-testid="erasure-preview"
                        >
                            "Show what would be erased"
                        </Button>
                    </div>
                </form>
            </Section>
        </Card>
    }
}

#[component]
fn Report(opened: OpenedErasure) -> impl IntoView {
    let OpenedErasure { email, reference, report, problem } = opened;
    report.map(|report| match report.outcome {
        ErasureOutcome::Nothing => view! {
            <div role="status" data-testid="erasure-nothing">
                <Note title="Nothing to erase">
                    <p>"The database has no data of a person with the address " <bdi>{email}</bdi> "."</p>
                </Note>
            </div>
        }
        .into_any(),
        ErasureOutcome::Refused => view! { <Refusals refusals=report.refusals /> }.into_any(),
        ErasureOutcome::Erased => view! { <Preview email reference report problem /> }.into_any(),
    })
}

/// What must be done before the person can be erased.
#[component]
fn Refusals(refusals: Vec<ErasureRefusal>) -> impl IntoView {
    let item = |refusal: ErasureRefusal| {
        let link = match (refusal.kind, &refusal.code) {
            (RefusalKind::LastOwner, Some(code)) => Some((paths::tenant(code), "Open the tenant")),
            (RefusalKind::LastSuperAdmin | RefusalKind::OwnAccount, _) => {
                Some((paths::TEAM.to_owned(), "Open the team"))
            }
            (RefusalKind::RunningImport, _) => Some((paths::IMPORT.to_owned(), "Open the imports")),
            (RefusalKind::LastOwner, None) => None,
        };
        let link = link.map(|(path, label)| view! { <a href=path>{label}</a> }.into_any());
        view! { <li>{refusal.message()} " " {link}</li> }.into_any()
    };
    view! {
        <div role="alert" data-testid="erasure-refused">
            <Note tone=Tone::Bad title="The person cannot be erased yet">
                <ul>{refusals.into_iter().map(item).collect_view()}</ul>
            </Note>
        </div>
    }
}

/// What would be erased, and the form that erases it.
#[component]
fn Preview(
    email: String,
    reference: String,
    report: ErasureReport,
    problem: Option<Problem>,
) -> impl IntoView {
    let row = |label: String, rows: u64| {
        view! {
            <tr>
                <td data-label="Data">{label}</td>
                <td data-label="Rows" class="end">
                    {number_text(rows)}
                </td>
            </tr>
        }
        .into_any()
    };
    let rows: Vec<_> = report.places.iter().map(|place| row(place.label(), place.rows)).collect();
    let fields = vec![("email", email.clone()), ("action", "erase".to_owned())];
    let invalid = field_message(problem.as_ref(), "confirm");
    view! {
        <Card>
            <Section title="What would be erased" sentence="The data of the person in these rows are replaced or deleted.">
                <div data-testid="erasure-places">
                    <Table label="What would be erased" columns=COLUMNS small=true>
                        {rows}
                    </Table>
                </div>
            </Section>
            <Section title="What stays" sentence="An erasure does not reach everything.">
                <ul class="effects">
                    {KEPT.map(|kept| view! { <li>{kept}</li> }.into_any()).collect_view()}
                </ul>
            </Section>
            <Section
                title="Erase the person"
                sentence="Sessions, links and tokens of the person end at once. This cannot be undone."
            >
                <form method="post" action=paths::ERASE_PERSON class="fields" data-testid="erasure-confirmation">
                    <HiddenFields fields />
                    <Field
                        id="reference"
                        label="Reference"
                        help="The number of the person's request, for the audit log."
                        optional=true
                    >
                        <input
                            class="input"
                            id="reference"
                            name="reference"
                            maxlength="200"
                            autocomplete="off"
                            value=reference
                            aria-describedby=described_by("reference")
                        />
                    </Field>
                    <Input
                        id="confirm"
                        label="Type the address to confirm"
                        kind="email"
                        autocomplete="off"
                        help=""
                        problem=invalid
                    />
                    <div class="cluster">
                        <Button
                            kind=ButtonKind::Danger
                            submit=true
                            icon=IconName::Trash
                            attr:data-testid="erasure-submit"
                        >
                            "Erase this person"
                        </Button>
                    </div>
                </form>
            </Section>
        </Card>
    }
}
