//! The filters of a list as the parameters of a URL.

/// Returns the field of a filter that a parameter sets.
pub type FilterField<F> = fn(&mut F) -> &mut String;

/// The filters of a list. The query strings of its page, of the API and of the export contain them.
pub trait ListFilter: Clone + Default + Send + Sync + 'static {
    /// The name of each parameter, with its field.
    const PARAMETERS: &'static [(&'static str, FilterField<Self>)];

    /// The cursor of the page. Empty for the first page.
    fn after(&mut self) -> &mut String;

    /// Creates a filter from the values of its parameters. A missing parameter has an empty value.
    fn from_parameters(mut value: impl FnMut(&str) -> String) -> Self {
        let mut filter = Self::default();
        for (name, field) in Self::PARAMETERS {
            *field(&mut filter) = value(name);
        }
        filter
    }

    /// The same filter for the page at a cursor.
    fn at(&self, after: String) -> Self {
        let mut filter = self.clone();
        *filter.after() = after;
        filter
    }
}
