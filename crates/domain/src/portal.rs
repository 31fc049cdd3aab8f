//! The portal, in which the owner and the members of a tenant manage it (`docs/specification.md`, section 7).

mod next_step;

pub use next_step::{NextStep, TenantState};

use crate::{paths, text_form::text_enum};

text_enum! {
    /// A page of the portal. The spelling is the last segment of its path; the home page has none.
    PortalPage {
        /// What the tenant is, and what is left to do.
        Home = "",
        /// The settings.
        Settings = "settings",
        /// The theme, the colours and the logo.
        Branding = "branding",
        /// The members and the invitations.
        Members = "members",
        /// The segments.
        Segments = "segments",
        /// The packages.
        Packages = "packages",
        /// The API keys.
        Keys = "keys",
        /// The use of the quotas.
        Usage = "usage",
        /// What happened in the tenant.
        Activity = "activity",
    }
}

impl PortalPage {
    /// The page of a tenant at a path, with any reference to a tenant. `None` for other paths.
    pub fn at(path: &str) -> Option<Self> {
        let tenant_and_page = path.strip_prefix(paths::PORTAL)?.strip_prefix('/')?;
        Self::from_text(tenant_and_page.split_once('/').map_or("", |(_, page)| page))
    }

    /// The path of the page. `tenant` is the slug, the code or the ID; the page redirects to the slug.
    pub fn path(self, tenant: &str) -> String {
        paths::portal_page(tenant, self.as_str())
    }

    /// The name in the navigation, and the title of the page.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Home => "Home",
            Self::Settings => "Settings",
            Self::Branding => "Branding",
            Self::Members => "Members",
            Self::Segments => "Segments",
            Self::Packages => "Packages",
            Self::Keys => "API keys",
            Self::Usage => "Usage",
            Self::Activity => "Activity",
        }
    }
}

/// The characters of a tenant's mark: the first letter or digit of its name.
pub fn mark_of(name: &str) -> String {
    let first = name.chars().find(|c| c.is_alphanumeric());
    first.map(|first| first.to_uppercase().collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_a_page_names_the_page() {
        for page in PortalPage::ALL {
            assert_eq!(PortalPage::at(&page.path("golden")), Some(*page), "{page}");
        }
        for path in ["/portal", "/tenants/golden", "/portal/golden/other", "/portal/golden/settings/x"] {
            assert_eq!(PortalPage::at(path), None, "{path}");
        }
    }

    #[test]
    fn a_mark_is_the_first_letter_in_upper_case() {
        for (name, mark) in [("golden spoon", "G"), ("  «Élan»", "É"), ("星川旅館", "星"), ("…", "")]
        {
            assert_eq!(mark_of(name), mark);
        }
    }
}
