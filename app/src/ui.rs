//! The components of the design system, each in its own file. `style/components/` contains their styles.
//!
//! All components render on the server and hydrate in the browser. [`crate::browser`] has the functions that
//! need a browser. Pass test hooks and other attributes with `attr:`, as in
//! `<Button attr:data-testid="prov-submit">`.

mod address;
mod auth;
mod badge;
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
mod filter;
mod icon;
mod kbd;
mod meter;
mod note;
mod number;
mod page_head;
mod plan;
mod search;
mod select_options;
mod shell;
mod skeleton;
mod status;
mod swatch;
mod table;
mod theme;
mod time;
mod timeline;
mod tone;

pub use address::Address;
pub use auth::AuthLayout;
pub use badge::Badge;
pub use button::{Button, ButtonKind, ButtonLink};
pub use card::{Card, Section};
pub use chip::{Chip, Chips};
pub use copy::{CopyButton, KeyBox};
pub use dialog::{Dialog, DialogActions, close_dialog, open_dialog};
pub use disclosure::Disclosure;
pub use duration::{duration_text, past_runs_text};
pub use empty::EmptyState;
pub use error_summary::{ErrorSummary, SummaryItem};
pub use facts::{Fact, Facts};
pub use field::{Field, FieldStatus, InputGroup, StatusLink, described_by};
pub use filter::{FilterBar, FilterForm, FilterLink, FilterSelect};
pub use icon::{Icon, IconName};
pub use kbd::Kbd;
pub use meter::Meter;
pub use note::Note;
pub use number::{counted, number_text};
pub use page_head::PageHead;
pub use plan::{PlanItem, PlanList};
pub use select_options::select_options;
pub use shell::{AppShell, Crumb, EmployeeView, NavLink, ShellLayout, SignedInPerson, Wordmark, hide_menu};
pub use skeleton::Skeleton;
#[cfg(feature = "ssr")]
pub(crate) use status::status_styles;
pub use status::{StatusBadge, status_style};
pub use swatch::Swatch;
pub use table::{Column, Pager, Table};
pub use theme::ThemeToggle;
pub use time::Time;
pub use timeline::{Dot, DotState, Timeline, TimelineItem};
pub use tone::Tone;
