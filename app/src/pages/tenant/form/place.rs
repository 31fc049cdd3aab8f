use domain::{paths, portal::PortalPage, tenant_form::TenantForm};

/// Where a form is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::pages) enum FormPlace {
    /// On the page of the tenant in the console, which a link opens and saving closes.
    Console {
        /// The code of the tenant.
        code: String,
    },
    /// On its own page in the portal, which shows the form always.
    Portal {
        /// The slug of the tenant.
        slug: String,
    },
}

impl FormPlace {
    /// The reference of the tenant in calls.
    pub fn tenant(&self) -> &str {
        match self {
            Self::Console { code } => code,
            Self::Portal { slug } => slug,
        }
    }

    /// The path that shows the form, and to which the form is posted without JavaScript.
    pub fn path(&self, form: TenantForm) -> String {
        match self {
            Self::Console { code } => paths::tenant_form(code, form),
            Self::Portal { slug } => match form {
                TenantForm::Branding => PortalPage::Branding.path(slug),
                TenantForm::Settings | TenantForm::Terms => PortalPage::Settings.path(slug),
            },
        }
    }

    /// Whether the form stays open after it was saved.
    pub const fn stays_open(&self) -> bool {
        matches!(self, Self::Portal { .. })
    }
}
