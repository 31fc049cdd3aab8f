mod blueprint_view;

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

pub(crate) use self::blueprint_view::{BlueprintView, PlannedStep};
use crate::{codec::JsonText, server_fns::PortalTenant, ui::EmployeeView};

/// The values that every page needs. The server computes the values, and the browser reads them from the
/// page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PageContext {
    /// The signed-in employee.
    pub employee: Option<EmployeeView>,
    /// The employee's ID. Empty for a visitor.
    pub employee_id: String,
    pub may_provision: bool,
    pub environment: String,
    /// The host in tenants' addresses.
    pub host: String,
    /// The configured blueprints, the default first. Empty if the role may not provision.
    pub blueprints: Vec<BlueprintView>,
    /// The configured plans, smallest first. Empty for a visitor.
    pub plans: Vec<PlanView>,
    /// The signed-in account of a person who is not an employee.
    pub account: Option<AccountView>,
    /// The tenants of the account, on pages of the portal.
    pub tenants: Vec<PortalTenant>,
}

/// The signed-in account of a person who is not an employee, as the portal shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AccountView {
    pub name: String,
    /// One or two letters.
    pub initials: String,
}

/// A plan, as forms and lists show it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PlanView {
    pub name: String,
    pub label: String,
    /// The quota of users, as a phrase.
    pub users: String,
}

impl PageContext {
    /// On the server, computes the values and adds them to the page. In the browser, reads them from the
    /// page.
    pub fn share() -> Self {
        SharedValue::<_, JsonText>::new_with_encoding(Self::from_request).into_inner()
    }

    #[cfg(feature = "ssr")]
    fn from_request() -> Self {
        let console = use_context::<crate::Console>();
        let employee = crate::server_context::current_person().and_then(engine::access::Person::employee);
        let origin = console.as_ref().map(|c| c.origin.to_string()).unwrap_or_default();
        let may_provision = employee.as_ref().is_some_and(|employee| employee.role.may_provision());
        let pipeline = console.as_ref().filter(|_| may_provision).map(|c| c.engine.pipeline());
        let blueprints = pipeline
            .map(|pipeline| pipeline.blueprints.iter().map(|b| BlueprintView::new(b, pipeline)).collect())
            .unwrap_or_default();
        let account = match crate::server_context::current_person() {
            Some(engine::access::Person::Account(account)) => {
                Some(AccountView { initials: initials(&account.name), name: account.name })
            }
            _ => None,
        };
        let tenants = use_context::<crate::AccountTenants>().map(|tenants| tenants.0).unwrap_or_default();
        let plans = console.as_ref().filter(|_| employee.is_some()).map(|c| c.engine.plans());
        Self {
            account,
            tenants,
            blueprints,
            plans: plans.unwrap_or_default().iter().map(PlanView::new).collect(),
            employee_id: employee.as_ref().map(|employee| employee.id.to_string()).unwrap_or_default(),
            may_provision,
            employee: employee.map(|employee| EmployeeView {
                initials: initials(&employee.name),
                name: employee.name,
                role: employee.role.label().to_owned(),
            }),
            environment: console.map(|c| c.environment.to_string()).unwrap_or_default(),
            host: origin.split_once("://").map_or_else(String::new, |(_, host)| host.to_owned()),
        }
    }

    #[cfg(not(feature = "ssr"))]
    fn from_request() -> Self {
        Self::default()
    }

    /// The blueprint with this name, or the default blueprint.
    pub fn blueprint(&self, name: &str) -> Option<&BlueprintView> {
        self.blueprints.iter().find(|blueprint| blueprint.name == name).or(self.blueprints.first())
    }

    /// The label of a plan. A plan that is no longer configured has only its name.
    pub fn plan_label(&self, name: &str) -> String {
        let plan = self.plans.iter().find(|plan| plan.name == name);
        plan.map_or(name, |plan| plan.label.as_str()).to_owned()
    }

    /// The signed-in employee, as the sidebar shows them.
    pub fn employee_view(&self) -> EmployeeView {
        self.employee.clone().unwrap_or_default()
    }
}

#[cfg(feature = "ssr")]
impl PlanView {
    pub fn new(plan: &domain::plan::Plan) -> Self {
        let users = plan.quotas.max_users.map_or("unlimited users".into(), |users| format!("{users} users"));
        Self { name: plan.name.clone(), label: plan.label.clone(), users }
    }
}

/// The first letters of the first two words, in upper case. Computed on the server, because Unicode case
/// tables would make the browser's download larger.
#[cfg(feature = "ssr")]
fn initials(name: &str) -> String {
    name.split_whitespace().filter_map(|word| word.chars().next()).take(2).collect::<String>().to_uppercase()
}
