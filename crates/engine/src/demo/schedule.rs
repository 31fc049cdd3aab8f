//! The events of the demo data, and their times.

use domain::{jobs::StepFailure, pipeline::Step};

use super::organisations::{ORGANISATIONS, Organisation};

const HOUR: i64 = 60;
const DAY: i64 = 24 * HOUR;

/// What an admin does after a step has died.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repair {
    Retry,
    Skip,
    RollBack,
}

/// A change of a tenant.
#[derive(Debug, Clone, Copy)]
pub(super) enum Event {
    /// An admin provisions the tenant.
    Provision {
        has_owner: bool,
    },
    /// An admin imports the tenant, without an owner.
    Import,
    /// An admin acts on the dead step.
    Repair(Repair),
    /// A request that is refused.
    Refused(Refusal),
    /// The owner accepts the invitation.
    OwnerJoins,
    /// The people of the tenant do something.
    Activity(Activity),
    Trial {
        days: i64,
    },
    Upgrade,
    Suspend,
    Resume,
    Delete,
}

/// What the people of a tenant do.
#[derive(Debug, Clone, Copy)]
pub(super) enum Activity {
    /// The owner's team is invited. The last person does not accept.
    InviteTeam,
    Settings,
    Branding,
    NewKey,
    RotateKey,
    Domain,
    Usage,
}

/// Why a request is refused.
#[derive(Debug, Clone, Copy)]
pub(super) enum Refusal {
    DuplicateSlug,
    DuplicateEmail,
    ReservedSlug,
    InvalidEmail,
    UnknownTimeZone,
}

/// An event of a tenant.
#[derive(Debug, Clone, Copy)]
pub(super) struct ScheduledEvent {
    /// How long ago it is to have happened, in minutes.
    pub age: i64,
    pub organisation: &'static Organisation,
    /// The position of the organisation.
    pub index: usize,
    pub event: Event,
}

/// The step that fails for these tenants, how often, and whether a retry can help.
pub(super) fn failures_of(slug: &str) -> Option<(Step, Vec<StepFailure>)> {
    let transient = |step, count: usize, text: &str| Some((step, vec![StepFailure::transient(text); count]));
    let permanent = |step, text: &str| Some((step, vec![StepFailure::permanent(text)]));
    match slug {
        "sakura-ryokan" => transient(Step::SignInToOdoo, 2, "Odoo 18 responded with 502 Bad Gateway"),
        "hangang-cafe" => transient(Step::UpsertTenant, 1, "Odoo 19 responded with 503 Service Unavailable"),
        "omalleys" => {
            Some((Step::UpsertBridgeMetadata, vec![StepFailure::timed_out("no response after 30 s")]))
        }
        "don-julio" => transient(Step::CopyDatabase, 1, "the template is being used by another session"),
        "aurora-lodge" => transient(Step::UpsertTenantUser, 2, "Odoo 19 responded with 500"),
        "golden-dragon" => permanent(Step::UpsertTenant, "Odoo 19 responded with 403: the key has no access"),
        "nile-view" => permanent(Step::SetAdminUser, "Odoo 18 responded: the user admin does not exist"),
        "zuerich-velo" => {
            permanent(Step::UpsertBridgeMetadata, "the bridge responded with 400: unknown plan")
        }
        "cafe-lodz" => permanent(Step::UpsertBridgeMetadata, "the bridge responded with 403 Forbidden"),
        "tacos-el-rey" => permanent(Step::CopyDatabase, "the template restaurant does not exist"),
        "lagos-lounge" => permanent(Step::SignInToOdoo, "Odoo 18 responded: access denied"),
        "tbilisi-wine" => permanent(Step::CopyDatabase, "the template winery does not exist"),
        "austin-bbq" => permanent(Step::UpsertTenant, "Odoo 19 responded with 403: the key has no access"),
        "halifax-lobster" => permanent(Step::UpsertBridgeMetadata, "the bridge responded with 422"),
        "marlowe-sons" => permanent(Step::SignInToOdoo, "Odoo 18 responded: access denied"),
        _ => None,
    }
}

fn repair_of(slug: &str) -> Option<Repair> {
    match slug {
        "golden-dragon" | "nile-view" => Some(Repair::Retry),
        "zuerich-velo" => Some(Repair::Skip),
        "cafe-lodz" | "tacos-el-rey" | "lagos-lounge" => Some(Repair::RollBack),
        _ => None,
    }
}

fn is_dead(slug: &str) -> bool {
    matches!(slug, "tbilisi-wine" | "austin-bbq" | "halifax-lobster" | "marlowe-sons")
}

fn has_owner(slug: &str) -> bool {
    !matches!(slug, "colombo-tea" | "kathmandu-treks" | "quito-quinoa") && !is_imported(slug)
}

fn is_imported(slug: &str) -> bool {
    matches!(slug, "kiwi-kayaks" | "satay-club" | "patagonia-trails")
}

/// All events, oldest first.
pub(super) fn schedule() -> Vec<ScheduledEvent> {
    let mut all = Vec::new();
    for (index, organisation) in ORGANISATIONS.iter().enumerate() {
        let position = i64::try_from(index).unwrap_or_default();
        // From half a year ago until today, at different times of the day.
        let age = (60 - position) * 3 * DAY + (position * 97) % (9 * HOUR) - 2 * DAY;
        let mut add =
            |age: i64, event| all.push(ScheduledEvent { age: age.max(15), organisation, index, event });
        let slug = organisation.slug;
        add(
            age,
            if is_imported(slug) { Event::Import } else { Event::Provision { has_owner: has_owner(slug) } },
        );
        let mut created = age;
        if let Some(repair) = repair_of(slug) {
            add(age - 40, Event::Repair(repair));
            created = age - 40;
            if repair == Repair::RollBack {
                created = age - 26 * HOUR;
                add(created, Event::Provision { has_owner: true });
            }
        }
        refusal(position).into_iter().for_each(|refusal| add(created - 20, Event::Refused(refusal)));
        if !is_dead(slug) && has_owner(slug) {
            schedule_active_tenant(index, slug, created, &mut add);
        }
    }
    all.sort_by_key(|scheduled| std::cmp::Reverse(scheduled.age));
    all
}

fn refusal(position: i64) -> Option<Refusal> {
    match position % 15 {
        1 | 8 => Some(Refusal::DuplicateSlug),
        3 | 11 => Some(Refusal::DuplicateEmail),
        5 => Some(Refusal::ReservedSlug),
        9 => Some(Refusal::InvalidEmail),
        13 => Some(Refusal::UnknownTimeZone),
        _ => None,
    }
}

/// What happens to a tenant that is active.
fn schedule_active_tenant(index: usize, slug: &str, created: i64, add: &mut impl FnMut(i64, Event)) {
    let position = i64::try_from(index).unwrap_or_default();
    // A part of the time since the tenant exists.
    let later = |percent: i64| created * (100 - percent) / 100;
    if index % 5 != 4 {
        add(created - 90 - 35 * (position % 9), Event::OwnerJoins);
    }
    if index.is_multiple_of(4) {
        add(later(30), Event::Activity(Activity::InviteTeam));
    }
    if index.is_multiple_of(3) {
        add(later(22), Event::Activity(Activity::Settings));
    }
    if index % 6 == 1 {
        add(later(25), Event::Activity(Activity::Branding));
    }
    if index.is_multiple_of(5) {
        add(later(35), Event::Activity(Activity::NewKey));
    }
    if index.is_multiple_of(10) {
        add(later(60), Event::Activity(Activity::RotateKey));
    }
    if index % 8 == 2 {
        add(later(45), Event::Activity(Activity::Domain));
    }
    if index % 7 == 3 {
        add(later(50), Event::Upgrade);
    }
    match slug {
        "vilnius-vinyl" => add(later(40), Event::Trial { days: 2 }),
        "cascade-climbing" => add(later(40), Event::Trial { days: 5 }),
        "ghost-walks" => add(later(40), Event::Trial { days: 9 }),
        "maple-street" | "kahvila-kapy" | "riad-jasmin" | "ceviche-lab" => add(later(80), Event::Suspend),
        "tapas-del-puerto" => {
            add(later(55), Event::Suspend);
            add(later(65), Event::Resume);
        }
        "gulyas-haz" => add(20 * DAY, Event::Delete),
        "manila-bay" => add(12 * DAY, Event::Delete),
        "warung-ibu-sari" => add(4 * DAY, Event::Delete),
        _ if index % 5 < 2 => add(30 + position, Event::Activity(Activity::Usage)),
        _ => {}
    }
}
