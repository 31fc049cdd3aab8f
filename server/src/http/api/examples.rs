//! The example values of the OpenAPI document, which all describe the same tenant. They are values of the
//! types that the API serialises, so that an example cannot have other fields than a response.

mod access;
mod audit;
mod availability;
mod catalog;
mod domains;
mod imports;
mod invitations;
mod keys;
mod lifecycle;
mod provisioning;
mod settings;
mod sign_up;
mod tenants;
mod usage;

use domain::{Timestamp, plan::Quotas};
use uuid::Uuid;

pub(super) use self::{
    access::*, audit::*, availability::*, catalog::*, domains::*, imports::*, invitations::*, keys::*,
    lifecycle::*, provisioning::*, settings::*, sign_up::*, tenants::*, usage::*,
};

const QUOTAS: Quotas =
    Quotas { max_users: Some(25), max_monthly_quotes: Some(1_000), max_storage_gb: Some(10) };
const CODE: &str = "TEN-00000012";
const NAME: &str = "Golden Spoon";
const SLUG: &str = "golden-spoon";
const OWNER: (&str, &str) = ("Mara Ortiz", "mara@goldenspoon.example");
const PUBLIC_KEY: &str = "pk_live_golden-spoon_2XzhTfe5x1ZEknVpiqBihyzRswBsiMiJN2KHXfF";

/// 2026-11-21T07:14:00.000Z.
const CREATED: Timestamp = Timestamp(1_795_245_240_000);

fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x019a_a5b0_7c40_7000_8000_0000_0000_0000 + number)
}

const fn days_later(days: i64) -> Timestamp {
    Timestamp(CREATED.0 + days * 86_400_000)
}
