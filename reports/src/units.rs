//! Numbers as people read them: three significant digits, and a unit that keeps them small.

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Nanoseconds, shown as ns, µs, ms or s.
    Time,
    /// Bytes, shown as B, KiB, MiB or GiB.
    Bytes,
    /// A number of things.
    Count,
    /// A share in 0..=1, shown in per cent.
    Share,
    /// A ratio.
    Ratio,
}

impl Unit {
    /// The number with its unit.
    #[must_use]
    pub fn show(self, value: f64) -> String {
        match self {
            Self::Time => scaled(value, &TIMES),
            Self::Bytes => scaled(value, &BYTES),
            Self::Count => count(value),
            Self::Share => format!("{}\u{a0}%", digits(value * 100.0)),
            Self::Ratio => ratio(value),
        }
    }

    /// An interval with its unit, which is written once if both ends have the same.
    #[must_use]
    pub fn show_interval(self, low: f64, high: f64) -> String {
        let (low, high) = (self.show(low), self.show(high));
        match (low.split_once('\u{a0}'), high.split_once('\u{a0}')) {
            (Some((number, unit)), Some((_, other))) if unit == other => format!("{number}–{high}"),
            _ => format!("{low}–{high}"),
        }
    }

    /// The unit's name in a column of a data file.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Time => "ns",
            Self::Bytes => "bytes",
            Self::Count => "count",
            Self::Share | Self::Ratio => "1",
        }
    }
}

/// Units by the factor that makes one, largest first.
const TIMES: [(f64, &str); 4] = [(1e9, "s"), (1e6, "ms"), (1e3, "µs"), (1.0, "ns")];
const BYTES: [(f64, &str); 4] = [(1_073_741_824.0, "GiB"), (1_048_576.0, "MiB"), (1024.0, "KiB"), (1.0, "B")];

fn scaled(value: f64, units: &[(f64, &str); 4]) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    // 999.6 µs is shown as 1.00 ms: the unit is chosen by the rounded number.
    let (factor, unit) =
        units.iter().find(|(factor, _)| (value / factor).abs() >= 0.9995).unwrap_or(&units[units.len() - 1]);
    format!("{}\u{a0}{unit}", digits(value / factor))
}

/// Three significant digits, without exponent.
#[must_use]
pub fn digits(value: f64) -> String {
    let size = value.abs();
    if !value.is_finite() {
        "–".to_owned()
    } else if size == 0.0 {
        "0".to_owned()
    } else if size >= 99.95 {
        format!("{value:.0}")
    } else if size >= 9.995 {
        format!("{value:.1}")
    } else if size >= 0.0995 {
        format!("{value:.2}")
    } else {
        format!("{value:.3}")
    }
}

/// A ratio with two digits after the point, or one from 10 on.
fn ratio(value: f64) -> String {
    if !value.is_finite() {
        "–".to_owned()
    } else if value.abs() >= 99.95 {
        format!("{value:.0}")
    } else if value.abs() >= 9.995 {
        format!("{value:.1}")
    } else if value.abs() >= 0.0995 {
        format!("{value:.2}")
    } else {
        format!("{value:.3}")
    }
}

/// A whole number with its thousands apart.
#[must_use]
pub fn count(value: f64) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    if value.fract() != 0.0 && value.abs() < 1000.0 {
        return digits(value);
    }
    let whole = format!("{:.0}", value.abs());
    let mut text = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            // A thin space that doesn't break the line.
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    if value < 0.0 { format!("−{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_name_their_unit_once() {
        assert_eq!(Unit::Time.show_interval(1.2e6, 1.3e6), "1.20–1.30\u{a0}ms");
        assert_eq!(Unit::Time.show_interval(0.9e6, 1.3e6), "900\u{a0}µs–1.30\u{a0}ms");
        assert_eq!(Unit::Ratio.show_interval(0.5, 2.0), "0.50–2.00");
    }

    #[test]
    fn three_digits_and_a_unit() {
        for (unit, value, expected) in [
            (Unit::Time, 0.0, "0"),
            (Unit::Time, 999.0, "999\u{a0}ns"),
            (Unit::Time, 999.6, "1.00\u{a0}µs"),
            (Unit::Time, 12_345.0, "12.3\u{a0}µs"),
            (Unit::Time, 1_234_567.0, "1.23\u{a0}ms"),
            (Unit::Time, 61e9, "61.0\u{a0}s"),
            (Unit::Bytes, 512.0, "512\u{a0}B"),
            (Unit::Bytes, 1536.0, "1.50\u{a0}KiB"),
            (Unit::Bytes, 64.0 * 1_048_576.0, "64.0\u{a0}MiB"),
            (Unit::Count, 1_234_567.0, "1\u{202f}234\u{202f}567"),
            (Unit::Count, 12.5, "12.5"),
            (Unit::Count, 7.0, "7"),
            (Unit::Share, 0.1234, "12.3\u{a0}%"),
            (Unit::Ratio, 1.005, "1.00"),
            (Unit::Ratio, 0.0123, "0.012"),
            (Unit::Ratio, f64::NAN, "–"),
        ] {
            assert_eq!(unit.show(value), expected, "{value} in {unit:?}");
        }
    }
}
