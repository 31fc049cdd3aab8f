use domain::import::{
    AcceptedImport, ExcerptLine, ImportAction, ImportCounts, ImportDetail, ImportProblem, ImportRow,
    ImportState, ImportSummary, Severity,
};

use super::{CREATED, id};

pub(crate) fn accepted_import() -> AcceptedImport {
    AcceptedImport {
        id: id(0xd1),
        file_name: "clients.zip".to_owned(),
        dry_run: true,
        encrypt_secrets: false,
        total: 2,
        created_at: CREATED,
    }
}

pub(crate) fn import_summary() -> ImportSummary {
    let AcceptedImport { id, file_name, dry_run, encrypt_secrets, total, created_at } = accepted_import();
    ImportSummary {
        id,
        file_name,
        dry_run,
        encrypt_secrets,
        state: ImportState::Completed,
        total,
        done: 2,
        counts: ImportCounts { create: 1, refused: 1, ..ImportCounts::default() },
        created_by: "Ada Kim".to_owned(),
        created_at,
        started_at: Some(CREATED),
        finished_at: Some(CREATED),
        failure: None,
        can_be_imported: true,
    }
}

pub(crate) fn import_detail() -> ImportDetail {
    let excerpt = [(4, "branding:", false), (5, "  primary_color: \"#12G45F\"", true)];
    let problem = ImportProblem {
        severity: Severity::Error,
        file: "saffron-quay/client.yaml".to_owned(),
        line: Some(5),
        column: Some(18),
        field: "branding.primary_color".to_owned(),
        rule: "invalid".to_owned(),
        message: "A colour is # and six hexadecimal digits, such as #334155. Enter one.".to_owned(),
        excerpt: excerpt
            .map(|(line, text, is_marked)| ExcerptLine { line, text: text.to_owned(), is_marked })
            .to_vec(),
    };
    let row = |external_id: &str, name: &str, action| ImportRow {
        file: format!("{external_id}/client.yaml"),
        external_id: external_id.to_owned(),
        name: name.to_owned(),
        action,
        code: None,
        slug: None,
        has_owner: true,
        problems: Vec::new(),
        differences: Vec::new(),
    };
    let refused =
        ImportRow { problems: vec![problem], ..row("saffron-quay", "Saffron Quay", ImportAction::Refused) };
    let created = ImportRow {
        slug: Some("golden-spoon".to_owned()),
        ..row("golden-spoon", "Golden Spoon", ImportAction::Create)
    };
    ImportDetail {
        summary: import_summary(),
        problems: Vec::new(),
        not_imported: vec!["golden-spoon/logo.png".to_owned()],
        rows: vec![refused, created],
        next: None,
    }
}
