/// Formats a duration in milliseconds: "94 ms", "1.8 s", "2 min 5 s", "3 h 4 min".
pub fn duration_text(ms: f64) -> String {
    let ms = ms.max(0.0);
    // Values at or above these limits would round up to the next unit.
    if ms < 999.5 {
        return format!("{} ms", round_to_integer(ms));
    }
    if ms < 59_950.0 {
        let tenths = round_to_integer(ms / 100.0);
        return format!("{}.{} s", tenths / 10, tenths % 10);
    }
    let seconds = round_to_integer(ms / 1_000.0);
    match seconds {
        0..3_600 => pair(seconds / 60, "min", seconds % 60, "s"),
        3_600..86_400 => pair(seconds / 3_600, "h", seconds % 3_600 / 60, "min"),
        _ => pair(seconds / 86_400, "d", seconds % 86_400 / 3_600, "h"),
    }
}

/// Describes the past runs that an estimated duration comes from.
pub fn past_runs_text(runs: u32) -> String {
    match runs {
        1 => "1 past run".to_owned(),
        runs => format!("median of {runs} past runs"),
    }
}

/// Rounds to an integer. Formatting integers instead of floats saves 4 kB of the browser's download.
/// The cast saturates, and no duration here comes near its limit.
fn round_to_integer(value: f64) -> u64 {
    value.round() as u64
}

fn pair(large: u64, unit: &str, small: u64, small_unit: &str) -> String {
    if small == 0 { format!("{large} {unit}") } else { format!("{large} {unit} {small} {small_unit}") }
}

#[cfg(test)]
mod tests {
    use super::duration_text;

    #[test]
    fn each_magnitude_has_its_unit() {
        for (ms, text) in [
            (0.0, "0 ms"),
            (4.42, "4 ms"),
            (94.4, "94 ms"),
            (999.4, "999 ms"),
            (999.9, "1.0 s"),
            (1_840.0, "1.8 s"),
            (12_340.0, "12.3 s"),
            (59_990.0, "1 min"),
            (120_000.0, "2 min"),
            (125_000.0, "2 min 5 s"),
            (11_040_000.0, "3 h 4 min"),
            (90_000_000.0, "1 d 1 h"),
            (-3.0, "0 ms"),
        ] {
            assert_eq!(duration_text(ms), text);
        }
    }
}
