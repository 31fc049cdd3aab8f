use leptos::prelude::*;

use super::browser;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAY_MS: i64 = 86_400_000;
/// How often relative texts are renewed.
const RENEW: std::time::Duration = std::time::Duration::from_secs(15);

/// A moment of the proleptic Gregorian calendar, to the second.
struct Civil {
    year: i64,
    month: usize,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
}

impl Civil {
    /// From Unix milliseconds, by Howard Hinnant's `civil_from_days`.
    fn of(ms: i64) -> Self {
        let (days, in_day) = (ms.div_euclid(DAY_MS), ms.rem_euclid(DAY_MS) / 1_000);
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        Self {
            year: year_of_era + era * 400 + i64::from(month <= 2),
            month: usize::try_from(month).unwrap_or(1),
            day: day_of_year - (153 * shifted_month + 2) / 5 + 1,
            hour: in_day / 3_600,
            minute: in_day / 60 % 60,
            second: in_day % 60,
        }
    }

    fn iso(&self) -> String {
        let Self { year, month, day, hour, minute, second } = self;
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }

    fn date(&self) -> String {
        format!("{} {} {}", self.day, MONTHS.get(self.month - 1).unwrap_or(&"?"), self.year)
    }

    fn clock(&self) -> String {
        format!("{:02}:{:02}:{:02}", self.hour, self.minute, self.second)
    }
}

/// "21 Nov 2026, 07:25 UTC": what the server can know.
fn utc_text(ms: i64) -> String {
    let at = Civil::of(ms);
    format!("{}, {:02}:{:02} UTC", at.date(), at.hour, at.minute)
}

/// "21 Nov 2026, 08:25:57 UTC+1" in a zone `offset` minutes east of UTC.
fn local_text(ms: i64, offset: i64) -> String {
    let at = Civil::of(ms + offset * 60_000);
    let (hours, minutes) = (offset / 60, offset.abs() % 60);
    let zone = match (offset, minutes) {
        (0, _) => "UTC".to_owned(),
        (_, 0) => format!("UTC{hours:+}"),
        _ => format!("UTC{}{}:{minutes:02}", if offset < 0 { '-' } else { '+' }, hours.abs()),
    };
    format!("{}, {} {zone}", at.date(), at.clock())
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
        _ => return Civil::of(ms + offset * 60_000).date(),
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
        <time class="nowrap" datetime=Civil::of(ms).iso() title=move || shown.get().1>
            {move || shown.get().0}
        </time>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_245_957_000; // 2026-11-21T07:25:57Z

    #[test]
    fn the_calendar_is_right_at_its_edges() {
        for (ms, iso) in [
            (0, "1970-01-01T00:00:00Z"),
            (-1_000, "1969-12-31T23:59:59Z"),
            (951_782_400_000, "2000-02-29T00:00:00Z"),
            (1_709_251_199_000, "2024-02-29T23:59:59Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00Z"),
            (NOW, "2026-11-21T07:25:57Z"),
        ] {
            assert_eq!(Civil::of(ms).iso(), iso);
        }
    }

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
