//! Every component in every state, on one page. Only development builds route to it.

mod controls;
mod forms;
mod guide_section;
mod lists;
mod mails;
mod overlays;
mod progress;

use domain::paths;
use leptos::prelude::*;

use self::{
    controls::{Controls, Foundations},
    forms::Forms,
    lists::{Details, Lists},
    mails::Mails,
    overlays::Overlays,
    progress::{Messages, Progress},
};
use crate::ui::*;

/// The style guide.
#[component]
pub fn Styleguide() -> impl IntoView {
    let employee =
        EmployeeView { name: "Ada Kim".to_owned(), role: "Admin".to_owned(), initials: "AK".to_owned() };
    let crumbs = vec![Crumb::link("Console", paths::HOME), Crumb::current("Style guide")];
    view! {
        <leptos_meta::Title text="Style guide · Tenantry" />
        <AppShell current=paths::PROVISION employee environment="Development" breadcrumb=crumbs>
            <PageHead
                title="Style guide"
                badge=|| {
                    view! {
                        <Badge tone=Tone::Info icon=IconName::Info>
                            "Development only"
                        </Badge>
                    }
                }
                lead=|| "Every component in every state, in the theme you have chosen."
            >
                <Button kind=ButtonKind::Ghost>"Start over"</Button>
                <ButtonLink href=paths::PROVISION kind=ButtonKind::Primary icon=IconName::Plus>
                    "Provision"
                </ButtonLink>
            </PageHead>
            <div class="guide">
                <Foundations />
                <Controls />
                <Forms />
                <Progress />
                <Messages />
                <Lists />
                <Details />
                <Overlays />
                <Mails />
            </div>
        </AppShell>
    }
}
