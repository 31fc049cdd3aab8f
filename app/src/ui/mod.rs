//! The design system's components: one file each, styled by `style/components/`.
//!
//! All of them render on the server and hydrate in the browser; what only a browser can
//! do stands in [`browser`]. Test hooks and other attributes are passed through with
//! `attr:`, as in `<Button attr:data-testid="prov-submit">`.

mod auth;
mod badge;
mod browser;
mod button;
mod card;
mod chip;
mod copy;
mod dialog;
mod disclosure;
mod duration;
mod empty;
mod error_summary;
mod facts;
mod field;
mod icon;
mod kbd;
mod list;
mod note;
mod page_head;
mod plan;
mod search;
mod shell;
mod skeleton;
mod status;
mod theme;
mod time;
mod timeline;
mod tone;

pub use auth::AuthLayout;
pub use badge::Badge;
pub use button::{Button, ButtonKind, ButtonLink};
pub use card::{Card, Section};
pub use chip::{Chip, Chips};
pub use copy::{CopyButton, KeyBox};
pub use dialog::{Dialog, DialogActions, close_dialog, open_dialog};
pub use disclosure::Disclosure;
pub use duration::duration_text;
pub use empty::EmptyState;
pub use error_summary::{ErrorSummary, SummaryItem};
pub use facts::{Fact, Facts};
pub use field::{Field, FieldStatus, InputGroup, StatusLink, described_by};
pub use icon::{Icon, IconName};
pub use kbd::Kbd;
pub use list::{FilterBar, FilterLink, Pager, TableRegion};
pub use note::Note;
pub use page_head::PageHead;
pub use plan::{PlanItem, PlanList};
pub use shell::{AppShell, Crumb, PersonView, Wordmark};
pub use skeleton::Skeleton;
#[cfg(feature = "ssr")]
pub(crate) use status::status_looks;
pub use status::{StatusBadge, StatusLook, status_look};
pub use theme::{THEME_SCRIPT, ThemeToggle};
pub use time::Time;
pub use timeline::{Dot, DotState, Timeline, TimelineItem};
pub use tone::Tone;
