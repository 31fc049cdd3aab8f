use domain::paths;
use engine::mail::samples;
use leptos::prelude::*;

use super::guide_section::GuideSection;
use crate::ui::{Column, Table};

const COLUMNS: &[Column] = &[Column::text("Message"), Column::text("Formats")];

/// Every message that Tenantry sends.
#[component]
pub(super) fn Mails() -> impl IntoView {
    let row = |(number, label): (usize, &'static str)| {
        view! {
            <tr>
                <th scope="row">{label}</th>
                <td data-label="Formats">
                    <span>
                        <a href=paths::mail_preview(format!("{number}.html")) rel="external">
                            {format!("HTML of message {number}")}
                        </a>
                        ", "
                        <a href=paths::mail_preview(format!("{number}.txt")) rel="external">
                            {format!("text of message {number}")}
                        </a>
                    </span>
                </td>
            </tr>
        }
        .into_any()
    };
    let labels = samples().into_iter().map(|(_, content, _)| content.kind().label());
    view! {
        <GuideSection title="Mail">
            <Table label="Messages" columns=COLUMNS>
                {labels.enumerate().map(row).collect_view()}
            </Table>
        </GuideSection>
    }
}
