use domain::{
    activity::ActivityEntry,
    catalog::{Package, Segment},
    portal::NextStep,
    tenant_form::FormValues,
    tenant_key::TenantKey,
    usage::Usage,
};
use serde::{Deserialize, Serialize};

use crate::server_fns::OpenedForm;

/// The home page of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HomeContent {
    /// The use of its quotas.
    pub usage: Vec<Usage>,
    /// The latest entries of its activity.
    pub activity: Vec<ActivityEntry>,
    /// What is left to do.
    pub next_steps: Vec<NextStep>,
    /// How many packages and segments customers see.
    pub visible: (usize, usize),
    /// When the trial ends, in Unix milliseconds.
    pub trial_ends_at: Option<i64>,
    /// The verified custom domains.
    pub domains: Vec<String>,
}

/// The branding of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrandingContent {
    /// The form.
    pub form: OpenedForm,
    /// The texts of the preview.
    pub preview: PreviewTexts,
}

/// The tenant's own texts, which the preview of its branding shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewTexts {
    /// The name of the company.
    pub company: String,
    /// The letter of its mark.
    pub mark: String,
    /// The title of the first visible segment.
    pub title: String,
    /// The text under the title.
    pub text: String,
    /// The names of the visible segments.
    pub segments: Vec<String>,
    /// The name, the description and the price of the first visible packages.
    pub packages: Vec<[String; 3]>,
    /// The address to which customers write.
    pub support: String,
    /// The three saved colours: primary, secondary, accent.
    pub colors: [String; 3],
}

/// The segments and the packages of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogContent {
    /// The segments in their order.
    pub segments: Vec<Segment>,
    /// The packages in their order.
    pub packages: Vec<Package>,
    /// The entity tags of the segments or the packages that the page lists, by their slugs.
    pub versions: FormValues,
    /// The code of the currency.
    pub currency: String,
    /// A form that was refused, after it was posted without JavaScript: [`super::super::PostedForm`] as JSON,
    /// or empty.
    pub posted: String,
}

impl CatalogContent {
    /// The entity tag for the form of an entry: the one that the form has posted, so that a change in the meantime
    /// is not overwritten, or the current one. Empty for a new entry.
    pub fn version(&self, slug: &str, posted: Option<&FormValues>) -> String {
        let posted = posted.and_then(|posted| posted.get("version"));
        posted.or_else(|| self.versions.get(slug)).unwrap_or_default().to_owned()
    }
}

/// The API keys of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeysContent {
    /// The newest keys.
    pub keys: Vec<TenantKey>,
}

#[cfg(feature = "ssr")]
pub(super) use self::read::{branding, home, keys};

#[cfg(feature = "ssr")]
mod read {
    use domain::{
        Timestamp,
        portal::{NextStep, TenantState, mark_of},
        tenant_form::TenantForm,
        usage::Metric,
    };
    use engine::{
        Engine, Error,
        page::PageRequest,
        tenants::{
            TenantCaller, find_branding, find_settings, find_tenant_overview, list_activity, list_keys,
            list_packages, list_segments, list_usage,
        },
    };

    use super::{BrandingContent, HomeContent, KeysContent, PreviewTexts};
    use crate::server_fns::tenant_forms::open_portal_form;

    /// How many entries of the activity the home page shows.
    const LATEST: u8 = 5;
    /// How many packages the preview shows.
    const PREVIEWED: usize = 3;

    pub(in super::super) async fn home(engine: &Engine, caller: &TenantCaller) -> Result<HomeContent, Error> {
        let overview = find_tenant_overview(engine, caller).await?.value;
        let (settings, branding) =
            (find_settings(engine, caller).await?, find_branding(engine, caller).await?);
        let (packages, segments) =
            (list_packages(engine, caller).await?, list_segments(engine, caller).await?);
        let usage = list_usage(engine, caller).await?;
        let keys = match list_keys(engine, caller, PageRequest::default()).await {
            Ok(page) => Some(page.rows),
            // A member who may not see the keys.
            Err(Error::Refused(_)) => None,
            Err(error) => return Err(error),
        };
        let users = usage.iter().find(|usage| usage.metric == Metric::Users);
        let state = TenantState {
            settings: &settings.value,
            branding: &branding.value,
            packages: &packages,
            members: users.map_or(1, |users| users.used),
            has_used_key: keys.map(|keys| keys.iter().any(|key| key.last_used_at.is_some())),
        };
        let next_steps = NextStep::of(state);
        let visible_packages = packages.iter().filter(|package| package.active).count();
        Ok(HomeContent {
            next_steps,
            usage,
            activity: list_activity(engine, caller, None, LATEST).await?.entries,
            visible: (visible_packages, segments.iter().filter(|segment| segment.active).count()),
            trial_ends_at: overview.trial_ends_at.map(|Timestamp(ms)| ms),
            domains: overview.domains.iter().map(ToString::to_string).collect(),
        })
    }

    pub(in super::super) async fn branding(
        engine: &Engine,
        caller: &TenantCaller,
    ) -> Result<BrandingContent, Error> {
        let form = open_portal_form(engine, caller, TenantForm::Branding).await?;
        let (settings, branding) =
            (find_settings(engine, caller).await?, find_branding(engine, caller).await?);
        let (settings, branding) = (settings.value, branding.value);
        let segments = list_segments(engine, caller).await?;
        let mut segments: Vec<_> = segments.into_iter().filter(|segment| segment.active).collect();
        let (title, text) = segments.first().map_or_else(Default::default, |segment| {
            (segment.hero_title.clone(), segment.description.clone())
        });
        let packages = list_packages(engine, caller).await?.into_iter().filter(|package| package.active);
        let preview = PreviewTexts {
            mark: mark_of(&settings.company_name),
            company: settings.company_name,
            title,
            text,
            segments: segments.drain(..).map(|segment| segment.name).collect(),
            packages: packages
                .take(PREVIEWED)
                .map(|package| {
                    [package.name, package.description, format!("{} {}", package.price, package.currency)]
                })
                .collect(),
            support: settings.support_email.unwrap_or_default(),
            colors: [branding.color_primary, branding.color_secondary, branding.color_accent],
        };
        Ok(BrandingContent { form, preview })
    }

    pub(in super::super) async fn keys(engine: &Engine, caller: &TenantCaller) -> Result<KeysContent, Error> {
        Ok(KeysContent { keys: list_keys(engine, caller, PageRequest::default()).await?.rows })
    }
}
