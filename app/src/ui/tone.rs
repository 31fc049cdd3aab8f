/// The meaning of a badge or note, shown as a colour. The icon and the text always have the same meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    #[default]
    Neutral,
    /// In progress.
    Accent,
    /// Done, available, healthy.
    Ok,
    /// Needs attention.
    Warn,
    /// Failed or forbidden.
    Bad,
    /// Information.
    Info,
}

impl Tone {
    /// The value of `data-tone` in the style sheet. `None` for neutral.
    pub const fn attr(self) -> Option<&'static str> {
        match self {
            Self::Neutral => None,
            Self::Accent => Some("accent"),
            Self::Ok => Some("ok"),
            Self::Warn => Some("warn"),
            Self::Bad => Some("bad"),
            Self::Info => Some("info"),
        }
    }
}
