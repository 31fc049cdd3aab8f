//! The members of a tenant, and its invitations. Each action is a form post, which also works without scripts.

mod invite_form;
mod role_choices;
mod row;

use domain::{
    member::{MemberAction, MemberRole},
    paths,
    portal::PortalPage,
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use self::{
    invite_form::InviteForm,
    row::{MemberRow, RowContext},
};
use super::frame::{portal_data, portal_page, use_slug};
use crate::{
    pages::plain_form::RefusedForm,
    server_fns::{MemberFilter, MembersContent, PortalTenant, open_portal_members},
    ui::{ButtonLink, Card, Column, EmptyState, FilterForm, IconName, Note, Section, Table, Tone},
};

const COLUMNS: &[Column] =
    &[Column::text("Person"), Column::text("Role"), Column::text("Status"), Column::actions()];

/// The page with the members of a tenant.
#[component]
pub(crate) fn PortalMembersPage() -> impl IntoView {
    let slug = use_slug();
    let query = use_query_map();
    let filter = Memo::new(move |_| {
        query.with(|query| {
            let value = |name| query.get(name).unwrap_or_default();
            MemberFilter { q: value("q"), after: value("after") }
        })
    });
    let done = query.with_untracked(|query| query.get(paths::SAVED)).unwrap_or_default();
    let data =
        portal_data(move || (slug.get(), filter.get()), |(slug, filter)| open_portal_members(slug, filter));
    let view = move |content: MembersContent, tenant: PortalTenant| {
        let posted = RefusedForm::read(&content.posted);
        view! {
            <div class="stack">
                <Outcome done=done.clone() posted=posted.clone() />
                {tenant
                    .may_change()
                    .then(|| {
                        view! { <InviteForm slug=tenant.slug.clone() role=tenant.role posted /> }.into_any()
                    })}
                <Members content tenant q=filter.get_untracked().q />
            </div>
        }
        .into_any()
    };
    let sentence = "The people who work on this tenant, and those who are invited.";
    portal_page(PortalPage::Members, sentence, slug, data, None, view)
}

/// What the last form did, or why it was refused.
#[component]
fn Outcome(done: String, posted: Option<RefusedForm>) -> impl IntoView {
    if let Some(posted) = posted {
        if posted.action() == MemberAction::Invite.as_str() {
            return ().into_any();
        }
        let (title, detail) = (posted.failure.title().to_owned(), posted.failure.detail());
        return view! {
            <div role="alert" data-testid="member-refusal">
                <Note tone=Tone::Bad title>
                    <p>{detail}</p>
                </Note>
            </div>
        }
        .into_any();
    }
    match MemberAction::from_text(&done) {
        Some(action) => view! {
            <div role="status" data-testid="member-done">
                <Note tone=Tone::Ok title="Done">
                    <p>{action.done()}</p>
                </Note>
            </div>
        }
        .into_any(),
        None => ().into_any(),
    }
}

#[component]
fn Members(content: MembersContent, tenant: PortalTenant, q: String) -> impl IntoView {
    let MembersContent { members, next, has_more, own_id, .. } = content;
    let is_nobody_found = members.is_empty();
    let path = PortalPage::Members.path(&tenant.slug);
    let context = RowContext { path: path.clone(), own_id, role: tenant.role, tenant: tenant.name };
    let rows = members
        .into_iter()
        .map(|member| view! { <MemberRow member context=context.clone() /> }.into_any())
        .collect::<Vec<_>>();
    let more = (!next.is_empty()).then(|| {
        view! { <ButtonLink href=format!("{path}?after={next}")>"Show older"</ButtonLink> }.into_any()
    });
    let all = path.clone();
    let table = if is_nobody_found {
        view! {
            <EmptyState
                icon=IconName::Search
                title="Nobody matches"
                sentence="No name and no address of a member or an invited person starts like this."
            >
                <ButtonLink href=all>"Show everybody"</ButtonLink>
            </EmptyState>
        }
        .into_any()
    } else {
        view! {
            <Table label="Members and invitations" columns=COLUMNS small=true>
                {rows}
            </Table>
        }
        .into_any()
    };
    let hint = has_more.then(|| {
        view! {
            <p class="muted" data-testid="members-more">
                "More people match. Enter more of the name or the address."
            </p>
        }
        .into_any()
    });
    view! {
        <Card>
            <Section title="Members and invitations" sentence=roles_sentence(tenant.role)>
                <FilterForm
                    path=path
                    label="Search the members"
                    search_label="Search the members"
                    placeholder="Name or e-mail"
                    q
                    name="members"
                />
                {table}
                {hint}
                {more}
            </Section>
        </Card>
    }
}

fn roles_sentence(role: MemberRole) -> &'static str {
    match role {
        MemberRole::Owner | MemberRole::Admin => {
            "Members see everything except API keys. Admins change everything except owners. Owners do everything."
        }
        MemberRole::Member => "Ask an owner or an admin to invite somebody, or to change your role.",
    }
}
