use leptos::prelude::*;

use super::{Icon, IconName, browser};

/// Applies the stored theme before the first paint. Goes into the document's head, with
/// the page's nonce.
pub const THEME_SCRIPT: &str = "try{const t=localStorage.getItem('tenantry.theme');\
if(t==='light'||t==='dark')document.documentElement.dataset.theme=t}catch{}";

/// Which theme the reader chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    fn of(stored: &str) -> Self {
        match stored {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::System,
        }
    }

    /// The value to store and to set as `data-theme`; none follows the system.
    const fn value(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }

    const fn next(self) -> Self {
        match self {
            Self::System => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::System,
        }
    }

    const fn look(self) -> (IconName, &'static str) {
        match self {
            Self::System => (IconName::Monitor, "Theme: as the system. Switch to light"),
            Self::Light => (IconName::Sun, "Theme: light. Switch to dark"),
            Self::Dark => (IconName::Moon, "Theme: dark. Switch to the system's"),
        }
    }
}

/// Steps through system, light and dark, and remembers the choice in this browser.
#[component]
pub fn ThemeToggle() -> impl IntoView {
    let theme = RwSignal::new(Theme::System);
    Effect::new(move |_| theme.set(Theme::of(&browser::stored_theme())));
    let step = move |_| {
        let next = theme.get_untracked().next();
        browser::store_theme(next.value());
        theme.set(next);
    };
    view! {
        <button
            type="button"
            class="icon-btn theme-toggle"
            aria-label=move || theme.get().look().1
            title=move || theme.get().look().1
            on:click=step
        >
            {move || view! { <Icon name=theme.get().look().0 /> }}
        </button>
    }
}
