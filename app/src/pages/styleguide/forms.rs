use leptos::prelude::*;

use super::guide_section::GuideSection;
use crate::ui::*;

#[component]
pub(super) fn Forms() -> impl IntoView {
    let taken = FieldStatus::Taken {
        text: "Taken by Golden Spoon Ltd".to_owned(),
        link: Some(StatusLink { label: "TEN-00000012".to_owned(), href: "/tenants/TEN-00000012".to_owned() }),
    };
    let problems = vec![
        SummaryItem {
            field_id: "guide-slug".to_owned(),
            text: "Slug: golden-spoon is taken by Golden Spoon Ltd".to_owned(),
        },
        SummaryItem {
            field_id: "guide-email".to_owned(),
            text: "Owner's e-mail: add the part after @".to_owned(),
        },
        SummaryItem { field_id: String::new(), text: "Your session has ended. Sign in again.".to_owned() },
    ];
    view! {
        <GuideSection title="Form">
            <ErrorSummary errors=problems />
            <div class="columns">
                <Card>
                    <Section title="Organisation" sentence="The name that people see and the slug in addresses.">
                        <div class="fields">
                            <Example
                                id="guide-name"
                                label="Name"
                                value="Golden Spoon"
                                status=FieldStatus::Empty
                            />
                            <Field
                                id="guide-slug"
                                label="Slug"
                                help="Part of every address of the tenant."
                                status=taken
                                extra=|| {
                                    view! {
                                        <Chips label="Available slugs">
                                            <Chip text="golden-spoon-2" keys="Alt+1" />
                                            <Chip text="golden-spoon-io" keys="Alt+2" />
                                            <Chip text="goldenspoon" keys="Alt+3" />
                                        </Chips>
                                    }
                                }
                            >
                                <InputGroup prefix="app.example.com/">
                                    <input
                                        class="input"
                                        id="guide-slug"
                                        value="golden-spoon"
                                        aria-describedby=described_by("guide-slug")
                                        aria-invalid="true"
                                    />
                                </InputGroup>
                            </Field>
                            <div class="field-row">
                                <Field id="guide-plan" label="Plan">
                                    <select
                                        class="input"
                                        id="guide-plan"
                                        aria-describedby=described_by("guide-plan")
                                    >
                                        <option>"Pro, 25 users"</option>
                                        <option>"Lite, 5 users"</option>
                                    </select>
                                </Field>
                                <Field id="guide-notes" label="Notes" optional=true>
                                    <input
                                        class="input"
                                        id="guide-notes"
                                        placeholder="For colleagues only"
                                        aria-describedby=described_by("guide-notes")
                                    />
                                </Field>
                            </div>
                        </div>
                    </Section>
                    <Section title="States of a field">
                        <div class="fields">
                            <div class="field-row">
                                <Example id="guide-empty" label="Empty" value="" status=FieldStatus::Empty />
                                <Example
                                    id="guide-checking"
                                    label="Checking"
                                    value="golden-spoon"
                                    status=FieldStatus::Checking
                                />
                                <Example
                                    id="guide-available"
                                    label="Available"
                                    value="golden-spoon-2"
                                    status=FieldStatus::Available
                                />
                                <Example
                                    id="guide-email"
                                    label="Invalid"
                                    value="mara@"
                                    status=FieldStatus::Invalid("Add the part after @.".to_owned())
                                />
                                <Example
                                    id="guide-unknown"
                                    label="Could not check"
                                    value="blue-harbor"
                                    status=FieldStatus::Unknown(
                                        "Could not check. We'll check again when you submit."
                                            .to_owned(),
                                    )
                                />
                                <Field id="guide-off" label="Disabled">
                                    <input
                                        class="input"
                                        id="guide-off"
                                        value="Europe/Madrid"
                                        disabled
                                        aria-describedby=described_by("guide-off")
                                    />
                                </Field>
                            </div>
                            <label class="check">
                                <input type="checkbox" checked />
                                <span>"Invite the owner by e-mail immediately"</span>
                            </label>
                        </div>
                    </Section>
                    <Section title="Review" sentence="Safe to submit twice: one draft creates one tenant.">
                        <Button kind=ButtonKind::Primary submit=true>
                            "Provision Golden Spoon"
                        </Button>
                    </Section>
                </Card>
                <aside aria-label="Plan">
                    <Card>
                        <Section title="What will be created" sentence="Nothing is created until you submit.">
                            <PlanList>
                                <PlanItem icon=IconName::Building>
                                    "Tenant "<b>"Golden Spoon"</b>", with the next code after "
                                    <code>"TEN-00000041"</code>
                                </PlanItem>
                                <PlanItem icon=IconName::Mail>
                                    "Owner Mara Ortiz "<code>"mara@goldenspoon.io"</code>
                                    ", with an invitation that is valid for 7 days"
                                </PlanItem>
                                <PlanItem icon=IconName::Package>
                                    "Segment General, packages Basic Package, Standard Package, Premium Package"
                                </PlanItem>
                                <PlanItem icon=IconName::Key>
                                    "One API key pair, the secret shown once"
                                </PlanItem>
                                <PlanItem icon=IconName::Steps>
                                    "7 steps, then the tenant is active"
                                </PlanItem>
                                <PlanItem icon=IconName::Clock>
                                    "Usually created in "<b class="num">"4 ms"</b>" "
                                    <span class="muted">"(median of 120 past runs)"</span>
                                </PlanItem>
                            </PlanList>
                        </Section>
                    </Card>
                </aside>
            </div>
        </GuideSection>
    }
}

/// A text field in one state.
#[component]
pub(super) fn Example(
    id: &'static str,
    label: &'static str,
    value: &'static str,
    status: FieldStatus,
) -> impl IntoView {
    let invalid = status.aria_invalid();
    view! {
        <Field id label status>
            <input class="input" id=id value=value aria-describedby=described_by(id) aria-invalid=invalid />
        </Field>
    }
}
