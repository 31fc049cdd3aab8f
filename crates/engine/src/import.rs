//! Import and export of `client.yaml` files (docs/specification.md, section 7).
//!
//! An import reads a source, such as a directory or an archive, parses all files, compares them with the tenants
//! that exist, and creates the missing tenants one after the other. A folder finds its tenant by the external
//! ID, which is unique. Therefore an import can be interrupted at any time and repeated: it creates only what is
//! missing, and it never changes a tenant that has an owner.
//!
//! | module | |
//! | --- | --- |
//! | `directory`, `archive`, `source` | the files |
//! | `yaml`, `client`, `owners` | what the files contain, and their problems |
//! | `credential`, `excerpt` | secrets, which no report shows |
//! | `problems` | how many problems a report lists |
//! | `plan`, `existing`, `compare`, `slugs` | what an import does with each folder |
//! | `run` | creates tenants |
//! | `upload`, `stored`, `background` | imports of the API and the console, which a process works on in the background |
//! | `audit` | the entries of imports in the audit log |
//! | `archived_address` | finds the stored archives that contain the address of a person |
//! | `export`, `yaml_writer` | writes the same files |

mod archive;
mod archived_address;
mod audit;
mod background;
mod client;
mod compare;
mod credential;
mod directory;
mod excerpt;
mod existing;
mod export;
mod export_directory;
mod nested;
mod owners;
mod plan;
mod problems;
mod run;
mod slugs;
mod source;
mod stored;
mod upload;
mod yaml;
mod yaml_writer;

pub use archive::read_archive;
pub(crate) use archived_address::find_archives_with;
pub use background::run_imports;
pub use directory::read_directory;
pub use export::{ExportedFile, export_clients};
pub use export_directory::{WriteError, write_export};
pub use run::{IgnoreProgress, ImportProgress, find_import_employee, preview_import, run_import};
pub use source::ImportSource;
pub(crate) use stored::delete_old_imports;
pub use stored::{find_import, import_filter_problems, list_import_rows, list_imports};
pub use upload::{ImportUpload, accept_import, import_after_dry_run};

use domain::Timestamp;

/// How an import handles its files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportSettings {
    /// Whether literal secrets are stored encrypted. Otherwise a file with such a secret is refused.
    pub encrypt_secrets: bool,
    /// The beginning of the links in invitations, such as `https://console.example.com`.
    pub origin: String,
    /// The tenants that were created after this time count as created by this import, because it continues an
    /// import that was interrupted.
    pub continued_since: Option<Timestamp>,
}
