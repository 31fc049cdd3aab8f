//! The currencies that a tenant can use.
//!
//! The list has the currencies of the offered time zones. A complete list such as `iso_currency`'s would
//! enlarge the browser download (`docs/adr/0007-libraries-considered.md`).

use serde::{Deserialize, Serialize};

use crate::text_form::problems;

/// A currency of ISO 4217.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency {
    code: &'static str,
    name: &'static str,
}

problems! {
    /// The reason why a text is not a supported currency.
    CurrencyProblem {
        Unknown = "unknown", "This currency is not supported. Choose a currency from the list, such as EUR.";
    }
}

const fn currency(code: &'static str, name: &'static str) -> Currency {
    Currency { code, name }
}

impl Currency {
    /// Every currency, by code.
    pub const ALL: &'static [Self] = &[
        currency("AED", "UAE dirham"),
        currency("ARS", "Argentine peso"),
        currency("AUD", "Australian dollar"),
        currency("BRL", "Brazilian real"),
        currency("CAD", "Canadian dollar"),
        currency("CHF", "Swiss franc"),
        currency("CLP", "Chilean peso"),
        currency("CNY", "Chinese yuan"),
        currency("COP", "Colombian peso"),
        currency("CZK", "Czech koruna"),
        currency("DKK", "Danish krone"),
        currency("EGP", "Egyptian pound"),
        currency("EUR", "Euro"),
        currency("GBP", "Pound sterling"),
        currency("HKD", "Hong Kong dollar"),
        currency("HUF", "Hungarian forint"),
        currency("IDR", "Indonesian rupiah"),
        currency("ILS", "Israeli new shekel"),
        currency("INR", "Indian rupee"),
        currency("JPY", "Japanese yen"),
        currency("KES", "Kenyan shilling"),
        currency("KRW", "South Korean won"),
        currency("KWD", "Kuwaiti dinar"),
        currency("MAD", "Moroccan dirham"),
        currency("MXN", "Mexican peso"),
        currency("MYR", "Malaysian ringgit"),
        currency("NGN", "Nigerian naira"),
        currency("NOK", "Norwegian krone"),
        currency("NZD", "New Zealand dollar"),
        currency("PEN", "Peruvian sol"),
        currency("PHP", "Philippine peso"),
        currency("PKR", "Pakistani rupee"),
        currency("PLN", "Polish złoty"),
        currency("RON", "Romanian leu"),
        currency("SAR", "Saudi riyal"),
        currency("SEK", "Swedish krona"),
        currency("SGD", "Singapore dollar"),
        currency("THB", "Thai baht"),
        currency("TRY", "Turkish lira"),
        currency("TWD", "New Taiwan dollar"),
        currency("UAH", "Ukrainian hryvnia"),
        currency("USD", "US dollar"),
        currency("VND", "Vietnamese đồng"),
        currency("ZAR", "South African rand"),
    ];

    /// Parses a code in capital letters.
    ///
    /// # Errors
    /// [`CurrencyProblem::Unknown`] for a code that is not in [`Self::ALL`].
    pub fn parse(text: &str) -> Result<Self, CurrencyProblem> {
        let found = Self::ALL.iter().find(|currency| currency.code == text);
        found.copied().ok_or(CurrencyProblem::Unknown)
    }

    /// The three-letter code.
    pub const fn as_str(&self) -> &'static str {
        self.code
    }

    /// The number of decimals of a price (ISO 4217): 0, 2 or 3.
    pub fn decimals(self) -> usize {
        match self.code {
            "CLP" | "JPY" | "KRW" | "VND" => 0,
            "KWD" => 3,
            _ => 2,
        }
    }

    /// The display name.
    pub const fn label(self) -> &'static str {
        self.name
    }
}

/// The US dollar.
impl Default for Currency {
    fn default() -> Self {
        currency("USD", "US dollar")
    }
}

impl std::str::FromStr for Currency {
    type Err = CurrencyProblem;

    fn from_str(text: &str) -> Result<Self, CurrencyProblem> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Currency {
    type Error = CurrencyProblem;

    fn try_from(text: String) -> Result<Self, CurrencyProblem> {
        Self::parse(&text)
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.code.to_owned()
    }
}

impl std::fmt::Display for Currency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code)
    }
}
