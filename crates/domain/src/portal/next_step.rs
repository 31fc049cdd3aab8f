use super::PortalPage;
use crate::{branding::TenantBranding, catalog::Package, settings::TenantSettings, text_form::text_enum};

text_enum! {
    /// What is left to do before a tenant can welcome customers.
    NextStep {
        /// A package has no price.
        SetPrices = "set_prices",
        /// Customers have no address to write to.
        AddSupportEmail = "add_support_email",
        /// The tenant has no logo.
        AddLogo = "add_logo",
        /// The owner is the only member.
        InviteMembers = "invite_members",
        /// No program has used an API key.
        ConnectProgram = "connect_program",
    }
}

/// The values from which the next steps follow.
#[derive(Debug, Clone, Copy)]
pub struct TenantState<'a> {
    /// The settings.
    pub settings: &'a TenantSettings,
    /// The branding.
    pub branding: &'a TenantBranding,
    /// All packages.
    pub packages: &'a [Package],
    /// The number of members, the owner included.
    pub members: i64,
    /// Whether an API key was used. `None` for a member who may not see the keys.
    pub has_used_key: Option<bool>,
}

impl NextStep {
    /// What is left to do, the most useful first.
    pub fn of(state: TenantState<'_>) -> Vec<Self> {
        let is_due = |step: &Self| match step {
            Self::SetPrices => state.packages.iter().any(|package| package.active && package.base_price == 0),
            Self::AddSupportEmail => state.settings.support_email.is_none(),
            Self::AddLogo => state.branding.logo_url.is_none(),
            Self::InviteMembers => state.members <= 1,
            Self::ConnectProgram => state.has_used_key == Some(false),
        };
        Self::ALL.iter().copied().filter(is_due).collect()
    }

    /// The page on which this is done.
    pub const fn page(self) -> PortalPage {
        match self {
            Self::SetPrices => PortalPage::Packages,
            Self::AddSupportEmail => PortalPage::Settings,
            Self::AddLogo => PortalPage::Branding,
            Self::InviteMembers => PortalPage::Members,
            Self::ConnectProgram => PortalPage::Keys,
        }
    }

    /// What to do, as the text of a link.
    pub const fn label(self) -> &'static str {
        match self {
            Self::SetPrices => "Set the prices of your packages",
            Self::AddSupportEmail => "Add a support e-mail",
            Self::AddLogo => "Add your logo",
            Self::InviteMembers => "Invite your colleagues",
            Self::ConnectProgram => "Connect a program with an API key",
        }
    }

    /// Why.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::SetPrices => "A package without a price is offered for free.",
            Self::AddSupportEmail => "Customers see it on your booking page and in your e-mails.",
            Self::AddLogo => "Your booking page and your e-mails show it.",
            Self::InviteMembers => "You are the only member. A second owner can help if you lose access.",
            Self::ConnectProgram => "No program has used a key yet.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::defaults::{BookingType, ThemePreset};

    fn settings(support_email: Option<&str>) -> TenantSettings {
        TenantSettings {
            company_name: "Golden Spoon".into(),
            support_email: support_email.map(str::to_owned),
            support_phone: None,
            website_url: None,
            time_zone: "UTC".into(),
            currency: "EUR".into(),
            locale: "en-GB".into(),
            email_from_name: None,
            email_from_address: None,
        }
    }

    fn branding(logo_url: Option<&str>) -> TenantBranding {
        let theme = ThemePreset::Ocean;
        TenantBranding {
            theme: theme.to_string(),
            logo_url: logo_url.map(str::to_owned),
            color_primary: theme.primary().into(),
            color_secondary: theme.secondary().into(),
            color_accent: theme.accent().into(),
        }
    }

    fn package(base_price: i64, active: bool) -> Package {
        Package {
            id: uuid::Uuid::nil(),
            slug: "basic".into(),
            name: "Basic".into(),
            description: String::new(),
            base_price,
            price: String::new(),
            currency: "EUR".into(),
            booking_type: BookingType::Date,
            grouping_order: 1,
            active,
            segment: "general".into(),
        }
    }

    #[test]
    fn a_new_tenant_has_everything_left_to_do() {
        let state = TenantState {
            settings: &settings(None),
            branding: &branding(None),
            packages: &[package(0, true)],
            members: 1,
            has_used_key: Some(false),
        };
        assert_eq!(NextStep::of(state), NextStep::ALL);
    }

    #[test]
    fn a_step_that_is_done_or_concerns_nothing_visible_is_not_listed() {
        let state = TenantState {
            settings: &settings(Some("help@golden.example")),
            branding: &branding(Some("https://golden.example/mark.svg")),
            packages: &[package(1250, true), package(0, false)],
            members: 2,
            has_used_key: None,
        };
        assert_eq!(NextStep::of(state), []);
    }
}
