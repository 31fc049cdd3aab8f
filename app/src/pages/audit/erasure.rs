//! `/audit/erase`: shows what the erasure of a person would change, and erases the person. The forms are plain posts,
//! so that they work without JavaScript, and the address is in no link.

use domain::paths;
use leptos::{prelude::*, wasm_split::wasm_split};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::{
    codec::page_data,
    page_context::PageContext,
    pages::{page_resource::ResourceView, plain_form::Input},
    part::{Loaded, Part},
    server_fns::{ErasureResult, Obstacle, OpenedErasure, open_erasure},
    ui::{
        AppShell, Button, ButtonKind, Card, Column, Crumb, ErrorSummary, IconName, Note, PageHead, Section,
        SummaryItem, Table, Tone, number_text,
    },
};

/// The part that contains [`Forms`]. The audit log itself needs no code of forms.
pub(super) static ERASURE_FORMS: Part = Part { name: "audit_erasure", load: || Box::pin(load()) };

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
pub(super) fn ErasurePage() -> impl IntoView {
    let context = expect_context::<PageContext>();
    let opened = page_data(|| (), |()| open_erasure());
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
                    view=|opened: OpenedErasure| {
                        ERASURE_FORMS.view(move || Box::pin(erasure_forms(opened.clone())))
                    }
                />
            </div>
        </AppShell>
    }
}

/// [`Forms`] as a part.
#[wasm_split(audit_erasure, wasm_split_path = ::leptos::wasm_split, fallible, preload(load))]
fn erasure_forms(opened: OpenedErasure) -> Loaded<AnyView> {
    Ok(view! { <Forms opened /> }.into_any())
}

#[component]
fn Forms(opened: OpenedErasure) -> impl IntoView {
    let OpenedErasure { email, reference, result, problem } = opened;
    let query = use_query_map();
    let parameter = |name: &str| query.with_untracked(|query| query.get(name).unwrap_or_default());
    let pseudonym = parameter(paths::ERASED);
    let email = if email.is_empty() { parameter("email") } else { email };
    let summary = problem.clone().map(|(field_id, text)| {
        let errors = vec![SummaryItem { field_id, text }];
        view! { <ErrorSummary errors=errors /> }.into_any()
    });
    let problem_of = |field: &str| match &problem {
        Some((invalid, message)) if invalid == field => Some(message.clone()),
        _ => None,
    };
    let (email_problem, confirm_problem) = (problem_of("email"), problem_of("confirm"));
    let result = match result {
        ErasureResult::Unknown => ().into_any(),
        ErasureResult::Nothing => view! { <Nothing email=email.clone() /> }.into_any(),
        ErasureResult::Refused(obstacles) => view! { <Refused obstacles /> }.into_any(),
        ErasureResult::Preview(rows) => {
            view! { <Preview email=email.clone() reference rows problem=confirm_problem /> }.into_any()
        }
    };
    view! {
        <div class="stacked">
            {(!pseudonym.is_empty()).then(|| view! { <Done pseudonym /> }.into_any())} {summary}
            <AddressForm email problem=email_problem /> {result}
        </div>
    }
}

/// That a person was erased.
#[component]
fn Done(pseudonym: String) -> impl IntoView {
    view! {
        <div role="status" data-testid="erasure-done">
            <Note tone=Tone::Ok title="The person was erased">
                <p>"The audit log names the person " <code>{pseudonym}</code> " from now on."</p>
            </Note>
        </div>
    }
}

#[component]
fn Nothing(email: String) -> impl IntoView {
    view! {
        <div role="status" data-testid="erasure-nothing">
            <Note title="Nothing to erase">
                <p>"The database has no data of a person with the address " <bdi>{email}</bdi> "."</p>
            </Note>
        </div>
    }
}

/// What must be done before the person can be erased.
#[component]
fn Refused(obstacles: Vec<Obstacle>) -> impl IntoView {
    let item = |Obstacle { message, path, link }: Obstacle| {
        view! { <li>{message} " " <a href=path>{link}</a></li> }.into_any()
    };
    view! {
        <div role="alert" data-testid="erasure-refused">
            <Note tone=Tone::Bad title="The person cannot be erased yet">
                <ul>{obstacles.into_iter().map(item).collect_view()}</ul>
            </Note>
        </div>
    }
}

/// The form that asks what would be erased.
#[component]
fn AddressForm(email: String, problem: Option<String>) -> impl IntoView {
    view! {
        <Card>
            <Section title="Who is the person" sentence="Nothing is changed before you have seen what would be erased.">
                <form method="post" action=paths::ERASE_PERSON class="fields" data-testid="erasure-form">
                    <Input
                        id="email"
                        label="E-mail address"
                        autocomplete="off"
                        help="The current or a former address of the person."
                        value=email
                        problem
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

/// What would be erased, and the form that erases it.
#[component]
fn Preview(
    email: String,
    reference: String,
    rows: Vec<(String, u64)>,
    problem: Option<String>,
) -> impl IntoView {
    let row = |(label, rows): (String, u64)| {
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
    let rows: Vec<_> = rows.into_iter().map(row).collect();
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
                    <input type="hidden" name="email" value=email />
                    <input type="hidden" name="action" value="erase" />
                    <Input
                        id="reference"
                        label="Reference"
                        optional=true
                        autocomplete="off"
                        help="The number of the person's request, for the audit log."
                        value=reference
                    />
                    <Input id="confirm" label="Type the address to confirm" autocomplete="off" problem />
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
