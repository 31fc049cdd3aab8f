use domain::{Timestamp, timestamp::DateTime};
use leptos::prelude::*;

use super::browser;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/// How often relative texts are renewed.
const RENEW: std::time::Duration = std::time::Duration::from_secs(15);

fn date_text(at: DateTime) -> String {
    format!("{} {} {}", at.day, MONTHS.get(usize::from(at.month) - 1).unwrap_or(&"?"), at.year)
}

/// "21 Nov 2026, 07:25 UTC": what the server can know.
fn utc_text(ms: i64) -> String {
    let at = Timestamp(ms).date_time();
    format!("{}, {:02}:{:02} UTC", date_text(at), at.hour, at.minute)
}

/// "21 Nov 2026, 08:25:57 UTC+1" in a zone `offset` minutes east of UTC.
fn local_text(ms: i64, offset: i64) -> String {
    let at = Timestamp(ms + offset * 60_000).date_time();
    let (hours, minutes) = (offset / 60, offset.abs() % 60);
    let zone = match (offset, minutes) {
        (0, _) => "UTC".to_owned(),
        (_, 0) => format!("UTC{hours:+}"),
        _ => format!("UTC{}{}:{minutes:02}", if offset < 0 { '-' } else { '+' }, hours.abs()),
    };
    format!("{}, {:02}:{:02}:{:02} {zone}", date_text(at), at.hour, at.minute, at.second)
}

/// "4 min ago", "in 2 h"; from a week on the date, in the zone `offset` minutes east.
fn relative_text(ms: i64, now: i64, offset: i64) -> String {
    // The past is counted in whole units; what ends in 6 days and 23 hours ends in 7 days.
    let rounded = |s: i64, unit: i64| if now >= ms { s / unit } else { (s + unit / 2) / unit };
    let amount = match (now - ms).abs() / 1_000 {
        0..5 => return "just now".to_owned(),
        s @ 5..60 => format!("{s} s"),
        s @ 60..3_600 => format!("{} min", rounded(s, 60)),
        s @ 3_600..86_400 => format!("{} h", rounded(s, 3_600)),
        s @ 86_400..604_800 => match rounded(s, 86_400) {
            1 => "1 day".to_owned(),
            days => format!("{days} days"),
        },
        _ => return date_text(Timestamp(ms + offset * 60_000).date_time()),
    };
    if now >= ms { format!("{amount} ago") } else { format!("in {amount}") }
}

/// A moment: UTC from the server, relative once hydrated, with the exact local time in
/// `title`. Both sides start with the same text; the switch comes in an effect.
#[component]
pub fn Time(
    /// Unix milliseconds.
    ms: i64,
) -> impl IntoView {
    let shown = RwSignal::new((utc_text(ms), None));
    Effect::new(move |_| {
        let renew = move || {
            let Some((now, offset)) = browser::clock(ms) else { return };
            shown.set((relative_text(ms, now, offset), Some(local_text(ms, offset))));
        };
        renew();
        if let Ok(handle) = set_interval_with_handle(renew, RENEW) {
            on_cleanup(move || handle.clear());
        }
    });
    view! {
        <time class="nowrap" datetime=Timestamp(ms).to_string() title=move || shown.get().1>
            {move || shown.get().0}
        </time>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_245_957_000; // 2026-11-21T07:25:57Z

    #[test]
    fn the_server_speaks_utc_and_the_browser_its_own_zone() {
        assert_eq!(utc_text(NOW), "21 Nov 2026, 07:25 UTC");
        assert_eq!(local_text(NOW, 60), "21 Nov 2026, 08:25:57 UTC+1");
        assert_eq!(local_text(NOW, -570), "20 Nov 2026, 21:55:57 UTC-9:30");
        assert_eq!(local_text(NOW, 0), "21 Nov 2026, 07:25:57 UTC");
    }

    #[test]
    fn distance_reads_both_ways() {
        let ago = |seconds: i64| relative_text(NOW - seconds * 1_000, NOW, 0);
        assert_eq!(ago(2), "just now");
        assert_eq!(ago(12), "12 s ago");
        assert_eq!(ago(240), "4 min ago");
        assert_eq!(ago(7_200), "2 h ago");
        assert_eq!(ago(90_000), "1 day ago");
        assert_eq!(ago(500_000), "5 days ago");
        assert_eq!(ago(700_000), "13 Nov 2026");
        assert_eq!(ago(-7_200), "in 2 h");
        assert_eq!(ago(-86_400 * 7 + 30), "in 7 days");
    }
}
