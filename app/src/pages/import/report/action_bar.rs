use domain::{
    import::{ImportCounts, ImportSummary},
    paths,
};
use leptos::prelude::*;

use crate::ui::{Button, ButtonKind, ButtonLink, counted};

/// The button that imports the archive of a dry run.
#[component]
pub(super) fn ActionBar(summary: ImportSummary) -> impl IntoView {
    let ImportCounts { create, activate, refused, .. } = summary.counts;
    let count = create + activate;
    (summary.can_be_imported && count > 0).then(|| {
        let tenants = |count: u32| counted(count.into(), "tenant");
        let skipped = match refused {
            0 => String::new(),
            1 => " 1 refused file is skipped.".to_owned(),
            count => format!(" {} are skipped.", counted(count.into(), "refused file")),
        };
        let (will, button) = match (create, activate) {
            (0, activate) => (
                format!("{} will get an owner.", tenants(activate)),
                format!("Name the owners of {}", tenants(activate)),
            ),
            (create, 0) => {
                (format!("{} will be created.", tenants(create)), format!("Import {}", tenants(create)))
            }
            (create, activate) => (
                format!("{} will be created, and {} will get an owner.", tenants(create), tenants(activate)),
                format!("Import {}", tenants(count)),
            ),
        };
        view! {
            <form method="post" action=paths::import(summary.id) class="action-bar" aria-label="Import">
                <p>
                    <b>{will}</b>
                    {skipped}
                    " Importing again later is safe: what exists is left unchanged."
                </p>
                <ButtonLink href=paths::IMPORT kind=ButtonKind::Ghost>
                    "Not now"
                </ButtonLink>
                <Button kind=ButtonKind::Primary submit=true attr:data-testid="import-start">
                    {button.clone()}
                </Button>
            </form>
        }
        .into_any()
    })
}
