//! The forms of segments and packages in the portal. The browser and the server run the same rules.

use super::{NewSegment, PackageNumbers, SentPackage, derive_slug};
use crate::{
    FieldProblem, defaults::Currency, field::Parsed, slug::Slug, tenant_form::FormValues,
    text_form::text_enum,
};

text_enum! {
    /// What a form of the catalog concerns.
    CatalogKind {
        /// A segment.
        Segment = "segment",
        /// A package.
        Package = "package",
    }
}

text_enum! {
    /// What a form of the catalog does.
    CatalogAction {
        /// Creates the entry, or changes the one with the slug.
        Save = "save",
        /// Shows the entry to customers.
        Show = "show",
        /// Hides the entry from customers.
        Hide = "hide",
        /// Moves the entry one position up.
        Up = "up",
        /// Moves the entry one position down.
        Down = "down",
        /// Deletes the package.
        Delete = "delete",
    }
}

/// The value of the control that says whether customers see the entry.
pub const VISIBLE: &str = "true";

impl CatalogKind {
    /// The problems of all fields of the form.
    pub fn problems(self, values: &FormValues, currency: &str) -> Vec<FieldProblem> {
        match self {
            Self::Segment => segment_from_form(values).problems,
            Self::Package => {
                let package = package_from_form(values);
                let mut problems = package.fields.problems;
                if let Ok(currency) = Currency::parse(currency) {
                    problems.extend(price_problem(&package.price.in_minor_units(currency), currency));
                }
                problems
            }
        }
    }

    /// The slug of a new entry: from its name or, for a name without Latin letters, [`Self::free_slug`].
    pub fn new_slug(self, name: &str, taken: &[String]) -> String {
        derive_slug(name).map_or_else(|| self.free_slug(taken), |slug: Slug| slug.to_string())
    }

    /// The kind with the next number, such as `package-4`, that none of the taken slugs has.
    pub fn free_slug(self, taken: &[String]) -> String {
        let mut slugs = (taken.len() + 1..).map(|number| format!("{self}-{number}"));
        slugs.find(|slug| !taken.contains(slug)).unwrap_or_default()
    }
}

/// The problem of a price in the form, with the decimals of the currency.
fn price_problem(price: &Result<i64, super::PriceProblem>, currency: Currency) -> Option<FieldProblem> {
    let problem = price.as_ref().err()?;
    let message = match (problem, currency.decimals()) {
        (super::PriceProblem::TooLarge, _) => "This price is too large. Enter a smaller one.".to_owned(),
        (_, 0) => {
            format!("Prices in {} have no decimals. Enter a whole number, such as 12.", currency.as_str())
        }
        (_, decimals) => format!(
            "Enter a number with at most {decimals} decimals, such as 12.{}.",
            "50".chars().chain("0".chars()).take(decimals).collect::<String>()
        ),
    };
    Some(FieldProblem::new("price", problem.rule(), &message))
}

/// Reads the form of a segment.
pub fn segment_from_form(values: &FormValues) -> Parsed<NewSegment> {
    NewSegment::parse(text(values), number(values, "sortOrder"), is_visible(values))
}

/// Reads the form of a package. The price is in major units, with a decimal point or a decimal comma.
pub fn package_from_form(values: &FormValues) -> SentPackage {
    let numbers = PackageNumbers {
        grouping_order: number(values, "groupingOrder"),
        active: is_visible(values),
        ..PackageNumbers::default()
    };
    let price = |text: String| text.trim().replacen(',', ".", 1);
    SentPackage::parse(
        |name| match name {
            // A response of the API has these names, too.
            "title" => None,
            "price" => Some(values.get("price").map(str::to_owned).map(price).unwrap_or_default()),
            name => values.get(name).map(str::to_owned),
        },
        numbers,
    )
}

fn text(values: &FormValues) -> impl FnMut(&str) -> Option<String> {
    move |name| values.get(name).map(str::to_owned)
}

fn number(values: &FormValues, name: &str) -> Option<u64> {
    values.get(name).and_then(|text| text.trim().parse().ok())
}

/// A form without the control is that of an entry that customers do not see.
fn is_visible(values: &FormValues) -> Option<bool> {
    Some(values.get("active") == Some(VISIBLE))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(pairs: &[(&str, &str)]) -> FormValues {
        pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect::<Vec<_>>().into()
    }

    fn price_message(price: &str, currency: &str) -> Option<String> {
        let problems = CatalogKind::Package.problems(&form(&[("name", "A"), ("price", price)]), currency);
        problems.into_iter().find(|problem| problem.field == "price").map(|problem| problem.message)
    }

    #[test]
    fn a_price_is_typed_in_major_units_with_a_point_or_a_comma() {
        for (price, currency) in [("12.50", "EUR"), ("12,5", "EUR"), ("1250", "JPY"), ("0.005", "KWD")] {
            assert_eq!(price_message(price, currency), None, "{price} {currency}");
        }
        let package = package_from_form(&form(&[("name", "A"), ("price", "12,5")]));
        let euro = Currency::parse("EUR").unwrap();
        assert_eq!(package.price.in_minor_units(euro), Ok(1250));
    }

    #[test]
    fn the_problem_of_a_price_names_the_decimals_of_the_currency() {
        assert!(price_message("12.5", "JPY").unwrap().contains("no decimals"));
        assert!(price_message("12.505", "EUR").unwrap().contains("at most 2 decimals, such as 12.50"));
        assert!(price_message("1.2345", "KWD").unwrap().contains("at most 3 decimals, such as 12.500"));
        assert!(price_message("", "EUR").is_some());
    }

    #[test]
    fn an_entry_is_visible_if_its_control_is_checked() {
        let visible = |pairs: &[(&str, &str)]| segment_from_form(&form(pairs)).value.unwrap().active;
        assert!(visible(&[("name", "A"), ("active", "true")]));
        assert!(!visible(&[("name", "A")]));
    }

    #[test]
    fn the_slug_of_a_new_entry_comes_from_its_name() {
        let taken = ["segment-2", "segment-3"].map(str::to_owned);
        assert_eq!(CatalogKind::Package.new_slug("Sunday Brunch", &taken), "sunday-brunch");
        assert_eq!(CatalogKind::Package.new_slug("!!", &taken), "package-3");
        assert_eq!(CatalogKind::Segment.new_slug("!!", &taken), "segment-4");
    }
}
