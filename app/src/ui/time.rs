use std::time::Duration;

use domain::Timestamp;
use leptos::prelude::*;

use crate::browser;

/// How often relative times are updated.
const UPDATE_INTERVAL: Duration = Duration::from_secs(15);

/// Formats a time relative to `now`: "4 min ago", "in 2 h". Returns `None` for a week or more.
fn relative_text(ms: i64, now: i64) -> Option<String> {
    // Past times are rounded down. Future times are rounded to the nearest unit, so that 6 days and 23 hours
    // are 7 days.
    let rounded = |s: i64, unit: i64| if now >= ms { s / unit } else { (s + unit / 2) / unit };
    let amount = match (now - ms).abs() / 1_000 {
        0..5 => return Some("just now".to_owned()),
        s @ 5..60 => format!("{s} s"),
        s @ 60..3_600 => format!("{} min", rounded(s, 60)),
        s @ 3_600..86_400 => format!("{} h", rounded(s, 3_600)),
        s @ 86_400..604_800 => match rounded(s, 86_400) {
            1 => "1 day".to_owned(),
            days => format!("{days} days"),
        },
        _ => return None,
    };
    Some(if now >= ms { format!("{amount} ago") } else { format!("in {amount}") })
}

/// Formats a time relative to `now`, or as a date if it is a week or more away.
fn time_text(ms: i64, now: i64) -> String {
    relative_text(ms, now).unwrap_or_else(|| browser::local_date_text(ms))
}

/// A time. The server renders the time in UTC. After hydration, an effect replaces the text with the time
/// relative to the server's clock. The title is the exact local time. It is set when the pointer enters,
/// because the first local time is slow to format.
#[component]
pub fn Time(
    /// Unix milliseconds.
    ms: i64,
    /// For the time of a future event: the text before the time, and the text that replaces both after the
    /// time has passed.
    #[prop(optional)]
    event: Option<(&'static str, &'static str)>,
) -> impl IntoView {
    let (prefix, passed) = event.unwrap_or_default();
    let text = RwSignal::new(format!("{prefix}{}", Timestamp(ms).utc_text()));
    let title = RwSignal::new(None::<String>);
    Effect::new(move |_| {
        let update = move || {
            let Some(now) = browser::now_ms() else { return };
            text.set(match event.is_some() {
                true if now >= ms => passed.to_owned(),
                // At least five seconds, because a shorter time would be "just now".
                true => format!("{prefix}{}", time_text(ms.max(now + 5_000), now)),
                false => time_text(ms, now),
            });
        };
        update();
        if let Ok(handle) = set_interval_with_handle(update, UPDATE_INTERVAL) {
            on_cleanup(move || handle.clear());
        }
    });
    view! {
        <time
            class="nowrap"
            datetime=Timestamp(ms).to_string()
            title=move || title.get()
            on:pointerenter=move |_| title.set(Some(browser::local_time_text(ms)))
        >
            {move || text.get()}
        </time>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relative_time_has_a_direction_and_a_unit() {
        const NOW: i64 = 1_795_245_957_000;
        let text = |seconds: i64| relative_text(NOW - seconds * 1_000, NOW);
        for (seconds, expected) in [
            (2, "just now"),
            (12, "12 s ago"),
            (240, "4 min ago"),
            (7_200, "2 h ago"),
            (90_000, "1 day ago"),
            (500_000, "5 days ago"),
            (-7_200, "in 2 h"),
            (-86_400 * 7 + 30, "in 7 days"),
        ] {
            assert_eq!(text(seconds).as_deref(), Some(expected));
        }
        assert_eq!(text(700_000), None);
    }
}
