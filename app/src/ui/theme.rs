use leptos::prelude::*;

use super::{Icon, IconName};
use crate::browser;

/// The name of the setting.
const SETTING: &str = "theme";

/// The selected theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    fn from_value(value: Option<&str>) -> Self {
        match value {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ => Self::System,
        }
    }

    /// The value of the setting. `None` follows the system.
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

    /// The icon of the button, and its accessible name.
    const fn style(self) -> (IconName, &'static str) {
        match self {
            Self::System => (IconName::Monitor, "Theme: system. Switch to light"),
            Self::Light => (IconName::Sun, "Theme: light. Switch to dark"),
            Self::Dark => (IconName::Moon, "Theme: dark. Switch to system"),
        }
    }
}

/// A button that cycles through the system, light and dark themes. The browser stores the selection.
#[component]
pub fn ThemeToggle() -> impl IntoView {
    let theme = RwSignal::new(Theme::System);
    Effect::new(move |_| theme.set(Theme::from_value(browser::setting(SETTING).as_deref())));
    let select_next = move |_| {
        let next = theme.get_untracked().next();
        browser::set_setting(SETTING, next.value());
        theme.set(next);
    };
    view! {
        <button
            type="button"
            class="icon-btn"
            data-scripted=""
            aria-label=move || theme.get().style().1
            title=move || theme.get().style().1
            on:click=select_next
        >
            {move || view! { <Icon name=theme.get().style().0 /> }}
        </button>
    }
}
