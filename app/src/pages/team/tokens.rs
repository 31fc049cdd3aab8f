use domain::{
    Role,
    access::{ApiScope, TeamAction, TokenStatus, TokenSummary},
    paths::TEAM,
};
use leptos::prelude::*;

use super::{
    dialog::DialogButton,
    token_form::{TOKEN_FORM, token_form},
};
use crate::{
    pages::plain_form::ActionForm,
    ui::{
        ButtonLink, Card, Column, Disclosure, EmptyState, IconName, Section, StatusBadge, Table, Time,
        counted,
    },
};

const COLUMNS: &[Column] = &[
    Column::text("Token"),
    Column::text("May do"),
    Column::text("Last used"),
    Column::text("Expires"),
    Column::actions(),
];

/// The admin tokens that the employee may see, with the form that creates one.
#[component]
pub(super) fn Tokens(
    tokens: Vec<TokenSummary>,
    older: Option<String>,
    role: Role,
    key: String,
    result: String,
) -> impl IntoView {
    let (active, ended): (Vec<_>, Vec<_>) =
        tokens.into_iter().partition(|token| token.status == TokenStatus::Active);
    let older = older.map(|href| view! { <ButtonLink href>"Show older"</ButtonLink> }.into_any());
    let active = match active.is_empty() {
        true if older.is_some() => ().into_any(),
        true => view! {
            <EmptyState
                icon=IconName::Key
                title="No active tokens"
                sentence="Create a token for each program that calls the API."
            />
        }
        .into_any(),
        false => table("Active tokens", active),
    };
    let ended = (!ended.is_empty()).then(|| {
        let summary = format!("{} expired or revoked", counted(ended.len() as u64, "token"));
        view! { <Disclosure summary>{table("Expired and revoked tokens", ended)}</Disclosure> }.into_any()
    });
    let (title, sentence) = match role.may_manage_access() {
        true => ("Tokens", "Programs call the API with these tokens. Give each program its own."),
        false => (
            "Your tokens",
            "Programs call the API with these tokens. A token can do at most what your role allows.",
        ),
    };
    view! {
        <Card>
            <Section title sentence>
                {TOKEN_FORM.view(move || Box::pin(token_form(role, key.clone(), result.clone())))}
                {active}
                {ended}
                {older}
            </Section>
        </Card>
    }
}

fn table(label: &'static str, tokens: Vec<TokenSummary>) -> AnyView {
    let rows = tokens.into_iter().map(|token| view! { <Token token /> }.into_any()).collect::<Vec<_>>();
    view! {
        <Table label columns=COLUMNS>
            {rows}
        </Table>
    }
    .into_any()
}

#[component]
fn Token(token: TokenSummary) -> impl IntoView {
    let creator = token.created_by.map_or_else(|| "the operator".to_owned(), |creator| creator.name);
    let is_active = token.status == TokenStatus::Active;
    let last_used = match token.last_used_at {
        Some(at) => view! { <Time ms=at.0 /> }.into_any(),
        None => view! { <span class="muted">"Never"</span> }.into_any(),
    };
    let end = match is_active {
        true => view! { <Time ms=token.expires_at.0 /> }.into_any(),
        false => view! { <StatusBadge status=token.status.as_str() /> }.into_any(),
    };
    let revoke = is_active.then(|| {
        let name = token.name.clone();
        let fields = vec![("action", TeamAction::RevokeToken.to_string()), ("token", token.id.to_string())];
        view! {
            <DialogButton
                id=format!("revoke-{}", token.id)
                label="Revoke…"
                accessible_name=format!("Revoke {name}…")
                title=format!("Revoke “{name}”?")
                testid="team-revoke-token"
            >
                <p>
                    "Programs that use the token fail immediately. Tokens that were created with it stop working, too."
                </p>
                <section class="dialog-section">
                    <ActionForm
                        path=TEAM.to_owned()
                        fields
                        label="Revoke the token"
                        is_danger=true
                        testid="team-revoke-token-confirm"
                    />
                </section>
            </DialogButton>
        }
        .into_any()
    });
    view! {
        <tr data-testid="team-token" data-status=token.status.as_str()>
            <td class="cause">
                <b>
                    <bdi>{token.name}</bdi>
                </b>
                <span class="sub">"Created by " <bdi>{creator}</bdi> ", " <Time ms=token.created_at.0 /></span>
            </td>
            <td data-label="May do">
                <div>
                    {token.role.label()} <span class="sub">{scopes_text(token.scopes.as_deref())}</span>
                </div>
            </td>
            <td data-label="Last used">{last_used}</td>
            <td data-label="Expires">{end}</td>
            <td class="end">{revoke}</td>
        </tr>
    }
}

fn scopes_text(scopes: Option<&[ApiScope]>) -> String {
    match scopes {
        None => "No limit by scopes".to_owned(),
        Some(scopes) => scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(", "),
    }
}
