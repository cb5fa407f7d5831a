//! Axes: a scale, a range, and ticks with labels.

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};

use crate::units::{Unit, digits};

/// How values become places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scale {
    Linear,
    Log,
    /// Shares near one get the room: 0.9, 0.99 and 0.999 are equally far apart, as in HdrHistogram's plots.
    Tail,
}

/// A place on an axis that has a line, and perhaps words.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Where it is.
    pub at: f64,
    /// What is written there; nothing between the decades of a logarithmic axis.
    pub label: String,
    /// Whether its label goes before others where there isn't room for all.
    pub first: bool,
}

/// An axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// What its values are, with their unit.
    pub title: String,
    /// Its ticks, in order.
    pub ticks: Vec<Tick>,
    /// Whether ticks have lines across the panel.
    pub grid: bool,
    scale: Scale,
    low: f64,
    high: f64,
}

impl Axis {
    /// An axis from zero to beyond `max`.
    #[must_use]
    pub fn from_zero(title: &str, max: f64, unit: Unit) -> Self {
        let high = if max.is_finite() && max > 0.0 { max * 1.04 } else { 1.0 };
        let (factor, symbol) = axis_unit(high, unit);
        let step = nice_step(high / factor / 5.0) * factor;
        let ticks = (0..)
            .map(|index| f64::from(index) * step)
            .take_while(|&at| at <= high * (1.0 + 1e-9))
            .map(|at| Tick { at, label: plain(at / factor), first: true })
            .collect();
        Self { title: with_unit(title, symbol), ticks, grid: true, scale: Scale::Linear, low: 0.0, high }
    }

    /// An axis of overheads from 1, which is no overhead, to beyond `max`.
    #[must_use]
    pub fn from_one(title: &str, max: f64) -> Self {
        let room = Self::from_zero(title, max - 1.0, Unit::Ratio);
        let ticks = room.ticks.iter().map(|tick| {
            let at = tick.at + 1.0;
            Tick { at, label: plain(at), first: true }
        });
        Self { ticks: ticks.collect(), low: 1.0, high: room.high + 1.0, ..room.clone() }
    }

    /// A logarithmic axis around the values from `min` to `max`, which are positive.
    #[must_use]
    pub fn log(title: &str, min: f64, max: f64, unit: Unit) -> Self {
        let (min, max) =
            if min.is_finite() && max.is_finite() && 0.0 < min && min <= max { (min, max) } else { (1.0, 10.0) };
        let (low, high) = (min / 1.15, max * 1.15);
        let decades = (high / low).log10();
        let labelled: &[u32] = if decades < 1.2 {
            &[1, 2, 3, 5, 7]
        } else if decades < 3.2 {
            &[1, 2, 5]
        } else {
            &[1]
        };
        let mut ticks = Vec::new();
        for exponent in low.log10().floor() as i32..=high.log10().ceil() as i32 {
            for digit in 1..=9_u32 {
                let at = f64::from(digit) * 10_f64.powi(exponent);
                let shown = labelled.contains(&digit);
                if (low..=high).contains(&at) && (shown || decades < 4.2) {
                    ticks.push(Tick {
                        at,
                        label: if shown { short(at, unit) } else { String::new() },
                        first: digit == 1,
                    });
                }
            }
        }
        Self { title: title.to_owned(), ticks, grid: true, scale: Scale::Log, low, high }
    }

    /// A logarithmic axis with ticks at the given values, for a sweep, labelled as the experiment wrote them.
    #[must_use]
    pub fn log_at(title: &str, values: &[(f64, String)]) -> Self {
        let low = values.iter().map(|(at, _)| *at).fold(f64::INFINITY, f64::min);
        let high = values.iter().map(|(at, _)| *at).fold(0.0, f64::max);
        let ticks = values.iter().map(|(at, label)| Tick { at: *at, label: label.clone(), first: true });
        Self { ticks: ticks.collect(), ..Self::log(title, low, high, Unit::Ratio) }
    }

    /// An axis of ratios around 1, logarithmic, so that half and double are equally far.
    #[must_use]
    pub fn ratios(title: &str, min: f64, max: f64) -> Self {
        let low = min.clamp(1e-6, 0.9) / 1.08;
        let high = max.clamp(1.1, 1e6) * 1.08;
        let wide = (high / low).log2();
        let all: &[f64] = if wide > 8.0 {
            &[1e-5, 1e-4, 1e-3, 0.01, 0.1, 1.0, 10.0, 100.0, 1e3, 1e4, 1e5]
        } else if wide > 3.0 {
            &[0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0]
        } else if wide > 1.2 {
            &[0.25, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0]
        } else {
            &[0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.4, 1.6, 1.8, 2.0]
        };
        let ticks = all
            .iter()
            .filter(|at| (low..=high).contains(*at))
            .map(|&at| Tick { at, label: format!("{}×", plain(at)), first: at == 1.0 })
            .collect();
        Self { title: title.to_owned(), ticks, grid: true, scale: Scale::Log, low, high }
    }

    /// Shares from 0 to `1 - 1 / samples`, with room for those near one.
    #[must_use]
    pub fn tail(title: &str, samples: usize) -> Self {
        let mut ticks = vec![Tick { at: 0.0, label: "0".to_owned(), first: true }];
        let shares = [(0.5, "50"), (0.9, "90"), (0.99, "99"), (0.999, "99.9"), (0.9999, "99.99"), (0.99999, "99.999")];
        let high = tail_end(samples);
        ticks.extend(shares.iter().filter(|(at, _)| *at <= high + 1e-12).map(|&(at, label)| Tick {
            at,
            label: label.to_owned(),
            first: true,
        }));
        Self { title: with_unit(title, "%"), ticks, grid: true, scale: Scale::Tail, low: 0.0, high }
    }

    /// Shares from 0 to 1.
    #[must_use]
    pub fn shares(title: &str) -> Self {
        let ticks = [0.0, 0.25, 0.5, 0.75, 1.0];
        let ticks = ticks.iter().map(|&at| Tick { at, label: plain(at * 100.0), first: true }).collect();
        Self { title: with_unit(title, "%"), ticks, grid: true, scale: Scale::Linear, low: 0.0, high: 1.0 }
    }

    /// Rows with names, the first on top; row `index` is around [`row`]`(index, names)`.
    #[must_use]
    pub fn rows(names: &[String]) -> Self {
        let ticks = names.iter().enumerate();
        let ticks =
            ticks.map(|(index, name)| Tick { at: row(index, names.len()), label: name.clone(), first: true }).collect();
        let high = names.len().max(1) as f64;
        Self { title: String::new(), ticks, grid: false, scale: Scale::Linear, low: 0.0, high }
    }

    /// The lowest value, where upright lines begin.
    #[must_use]
    pub fn low(&self) -> f64 {
        self.low
    }

    /// The highest value.
    #[must_use]
    pub fn high(&self) -> f64 {
        self.high
    }

    /// Where a value is, from 0 at the low end to 1 at the high end; values beyond the ends are at the ends.
    #[must_use]
    pub fn place(&self, value: f64) -> f64 {
        let of = |value: f64| match self.scale {
            Scale::Linear => value,
            Scale::Log => value.max(f64::MIN_POSITIVE).log10(),
            Scale::Tail => -(1.0 - value).max(1e-12).log10(),
        };
        let (low, high) = (of(self.low), of(self.high));
        if high > low { ((of(value) - low) / (high - low)).clamp(0.0, 1.0) } else { 0.0 }
    }

    /// The widest label, in characters.
    #[must_use]
    pub fn label_length(&self) -> usize {
        self.ticks.iter().map(|tick| tick.label.chars().count()).max().unwrap_or(0)
    }
}

/// The middle of a row, counted from the top, in [`Axis::rows`].
#[must_use]
pub fn row(index: usize, rows: usize) -> f64 {
    rows as f64 - index as f64 - 0.5
}

/// The last share that a tail axis for so many samples shows: where one sample is left.
#[must_use]
pub fn tail_end(samples: usize) -> f64 {
    1.0 - 1.0 / samples.max(2) as f64
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        limit.0 + (self.place(*value) * f64::from(limit.1 - limit.0)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _hint: Hint) -> Vec<f64> {
        self.ticks.iter().map(|tick| tick.at).collect()
    }

    fn range(&self) -> Range<f64> {
        self.low..self.high
    }
}

impl ValueFormatter<f64> for Axis {
    fn format(value: &f64) -> String {
        plain(*value)
    }

    fn format_ext(&self, value: &f64) -> String {
        let tick = self.ticks.iter().find(|tick| tick.at == *value);
        tick.map_or_else(|| plain(*value), |tick| tick.label.clone())
    }
}

/// The unit that an axis up to `high` is labelled in.
fn axis_unit(high: f64, unit: Unit) -> (f64, &'static str) {
    let units: &[(f64, &str)] = match unit {
        Unit::Time => &[(1e9, "s"), (1e6, "ms"), (1e3, "µs"), (1.0, "ns")],
        Unit::Bytes => &[(1_073_741_824.0, "GiB"), (1_048_576.0, "MiB"), (1024.0, "KiB"), (1.0, "B")],
        Unit::Share => &[(0.01, "%")],
        Unit::Count | Unit::Ratio => &[(1.0, "")],
    };
    *units.iter().find(|(factor, _)| high >= *factor * 1.5).unwrap_or(&units[units.len() - 1])
}

fn with_unit(title: &str, symbol: &str) -> String {
    match (title, symbol) {
        (title, "") => title.to_owned(),
        ("", symbol) => symbol.to_owned(),
        (title, symbol) => format!("{title} ({symbol})"),
    }
}

/// The smallest of 1, 2, 2.5 and 5 times a power of ten that is at least `raw`.
fn nice_step(raw: f64) -> f64 {
    let power = 10_f64.powi(raw.log10().floor() as i32);
    let factor = [1.0, 2.0, 2.5, 5.0].into_iter().find(|factor| factor * power >= raw * (1.0 - 1e-9));
    factor.unwrap_or(10.0) * power
}

/// A tick's number without trailing zeros.
fn plain(value: f64) -> String {
    let rounded = (value * 1e6).round() / 1e6;
    if rounded == 0.0 && value != 0.0 { format!("{value:e}") } else { format!("{rounded}") }
}

/// A tick's number with its unit: `200 µs`, `4 MiB`.
fn short(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Time | Unit::Bytes => {
            let units: &[(f64, &str)] = match unit {
                Unit::Time => &[(1e9, "s"), (1e6, "ms"), (1e3, "µs"), (1.0, "ns")],
                _ => &[(1_073_741_824.0, "GiB"), (1_048_576.0, "MiB"), (1024.0, "KiB"), (1.0, "B")],
            };
            let found = units.iter().find(|(factor, _)| value >= *factor * 0.999_999);
            let (factor, symbol) = found.unwrap_or(&units[units.len() - 1]);
            format!("{}\u{a0}{symbol}", trimmed(value / factor))
        }
        Unit::Share => format!("{}\u{a0}%", trimmed(value * 100.0)),
        Unit::Count | Unit::Ratio => trimmed(value),
    }
}

/// At most three digits, without zeros at the end.
fn trimmed(value: f64) -> String {
    let text = if value >= 1000.0 { plain(value) } else { digits(value) };
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|tick| tick.label.as_str()).filter(|label| !label.is_empty()).collect()
    }

    #[test]
    fn a_linear_axis_begins_at_zero_and_reaches_beyond() {
        let axis = Axis::from_zero("total time", 1.93e9, Unit::Time);
        assert_eq!(axis.title, "total time (s)");
        assert_eq!(labels(&axis), ["0", "0.5", "1", "1.5", "2"]);
        assert_eq!((axis.place(0.0), axis.place(3e9)), (0.0, 1.0));
        let axis = Axis::from_zero("peak memory", 90.0 * 1_048_576.0, Unit::Bytes);
        assert_eq!((axis.title.as_str(), labels(&axis)), ("peak memory (MiB)", vec!["0", "20", "40", "60", "80"]));
    }

    #[test]
    fn a_logarithmic_axis_names_decades() {
        let axis = Axis::log("pause", 3e3, 4e8, Unit::Time);
        assert_eq!(labels(&axis), ["10\u{a0}µs", "100\u{a0}µs", "1\u{a0}ms", "10\u{a0}ms", "100\u{a0}ms"]);
        assert_eq!(axis.place(0.0), 0.0);
        let axis = Axis::log("pause", 1.1e6, 3e6, Unit::Time);
        assert_eq!(labels(&axis), ["1\u{a0}ms", "2\u{a0}ms", "3\u{a0}ms"]);
    }

    #[test]
    fn odd_ranges_are_axes_too() {
        for axis in [
            Axis::from_zero("", 0.0, Unit::Time),
            Axis::from_zero("", f64::NAN, Unit::Count),
            Axis::from_one("", 0.5),
            Axis::log("", 0.0, 0.0, Unit::Time),
            Axis::log("", f64::INFINITY, 0.0, Unit::Bytes),
            Axis::log_at("", &[]),
            Axis::rows(&[]),
            Axis::tail("", 0),
            Axis::ratios("", f64::INFINITY, 0.0),
        ] {
            assert!(axis.high() > axis.low(), "{axis:?}");
            assert!(axis.ticks.len() < 200, "{axis:?}");
            assert!((0.0..=1.0).contains(&axis.place(0.5)), "{axis:?}");
        }
    }

    #[test]
    fn tails_get_equal_room_a_nine() {
        let axis = Axis::tail("percentile", 1000);
        assert_eq!(labels(&axis), ["0", "50", "90", "99", "99.9"]);
        assert!((axis.place(0.9) - 1.0 / 3.0).abs() < 1e-9);
        assert!((axis.place(0.99) - 2.0 / 3.0).abs() < 1e-9);
    }

    #[test]
    fn ratios_have_one_in_them() {
        for (low, high) in [(0.9, 1.05), (0.2, 3.0), (0.001, 40.0)] {
            assert!(labels(&Axis::ratios("", low, high)).contains(&"1×"), "{low} {high}");
        }
    }
}
