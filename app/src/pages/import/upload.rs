use domain::{Problem, paths};
use leptos::prelude::*;

use crate::{
    pages::plain_form::{FormProblems, field_message},
    ui::{Button, ButtonKind, Card, Field, FieldStatus, IconName, Section, described_by},
};

/// The form that uploads an archive. The upload begins with a dry run.
#[component]
pub(super) fn UploadForm(key: String, problem: Option<Problem>) -> impl IntoView {
    let file =
        |id: &'static str, label: &'static str, help: &'static str, accept: &'static str, optional: bool| {
            let status = field_message(problem.as_ref(), id).map(FieldStatus::Invalid).unwrap_or_default();
            let invalid = status.aria_invalid();
            view! {
                <Field id label help optional status>
                    <input
                        class="input"
                        type="file"
                        id=id
                        name=id
                        accept=accept
                        required=!optional
                        aria-describedby=described_by(id)
                        aria-invalid=invalid
                    />
                </Field>
            }
            .into_any()
        };
    let archive = file(
        "archive",
        "Archive",
        "A zip or tar.gz of at most 16 MiB, with one folder for each tenant and a client.yaml in it.",
        ".zip,.gz,.tgz,application/zip,application/gzip",
        false,
    );
    let owners = file(
        "owners",
        "Owners",
        "A CSV file with the columns tenant_id, email, name and role. Tenants without an owner stay incomplete.",
        ".csv,text/csv",
        true,
    );
    view! {
        <Card>
            <Section
                title="Upload an archive"
                sentence="The upload is stored encrypted, and deleted after the import or after a day."
            >
                <FormProblems problem=problem.clone() />
                <form
                    method="post"
                    action=paths::IMPORT
                    enctype="multipart/form-data"
                    class="fields"
                    data-testid="import-form"
                >
                    <input type="hidden" name="idempotencyKey" value=key />
                    {archive}
                    {owners}
                    <label class="check">
                        <input type="checkbox" name="encryptSecrets" value="true" />
                        <span>"Encrypt secrets that are in plain text. Otherwise files with such secrets are refused."</span>
                    </label>
                    <div class="cluster">
                        <Button
                            kind=ButtonKind::Primary
                            submit=true
                            icon=IconName::Upload
                            attr:data-testid="import-submit"
                        >
                            "Start the dry run"
                        </Button>
                    </div>
                </form>
            </Section>
        </Card>
    }
}
