/// What a badge or note means, as a colour. An icon and words always say it too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    #[default]
    Neutral,
    /// Under way.
    Accent,
    /// Done, available, healthy.
    Ok,
    /// Wants attention.
    Warn,
    /// Failed or forbidden.
    Bad,
    /// Worth knowing.
    Info,
}

impl Tone {
    /// The value of `data-tone` that the style sheet knows; none for neutral.
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
