//! The figures of a report, one a file: from the table of invocations to a chart, the words below it, and its data.
//!
//! | figure | shows | of |
//! |---|---|---|
//! | [`ratios`] | each configuration against the baseline | all workloads |
//! | [`sweep`] | cost against the option that was swept | all workloads, or one |
//! | [`time_split`] | the mutator's and the collector's share of the total time | one workload |
//! | [`footprint`] | peak resident set and heap after the last collection | one workload |
//! | [`pause_cumulative`] | how many pauses are no longer than a length | one workload |
//! | [`utilisation`] | minimum mutator utilisation | one workload |
//! | [`pause_histogram`] | pauses and pause time by length and kind | one workload |
//! | [`phases`] | where the pause time goes | one workload |
//! | [`pause_timeline`] | when the pauses were | one invocation a configuration |
//! | [`heap_timeline`] | how the heap grew | one invocation a configuration |
//! | [`latency`] | percentiles of requests, simple and metered | one workload |
//!
//! Each is `None` where no record has what it needs; the page then says so.

pub mod footprint;
pub mod heap_timeline;
pub mod latency;
pub mod pause_cumulative;
pub mod pause_histogram;
pub mod pause_timeline;
pub mod phases;
pub mod ratios;
pub mod sweep;
pub mod time_split;
pub mod utilisation;

use std::collections::BTreeMap;

use tenure_record::{Invocation, Pause, PauseKind};

use crate::chart::{Axis, Chart, Mark, Paint};
use crate::matrix::Matrix;
use crate::metric::{self, float};
use crate::stats::bootstrap::Estimate;
use crate::table::number;

/// Width of a figure that has another beside it, in pixels of the page.
pub const HALF: u32 = 570;
/// Width of a figure that has two others beside it.
pub const THIRD: u32 = 378;
/// Width of a figure that has the page for itself.
pub const WHOLE: u32 = 1160;

/// A figure with everything that stands around it.
#[derive(Clone, Debug)]
pub struct Figure {
    /// Its name, unique on the page, from which those of its data file and of its anchor come.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Which way is better, and what else must be known to read it, a sentence each.
    pub notes: Vec<String>,
    /// What is drawn.
    pub chart: Chart,
    /// What the colours stand for.
    pub legend: Vec<(Paint, String)>,
    /// The drawn data as CSV.
    pub csv: String,
}

impl Figure {
    /// The name of the data file of a figure or table.
    #[must_use]
    pub fn file(id: &str) -> String {
        format!("{id}.csv")
    }
}

/// A name for an anchor and a file: letters, digits and single dashes.
#[must_use]
pub fn slug(text: &str) -> String {
    let mut slug = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

/// The sentence about how many invocations a figure of this workload rests on.
fn invocations_note(matrix: &Matrix<'_>, workload: usize) -> String {
    match matrix.invocations(workload) {
        Some((1, 1)) => "One invocation each, so there is no interval.".to_owned(),
        Some((low, high)) if low == high => format!("{high} invocations each."),
        Some((low, high)) => format!("{low} to {high} invocations each."),
        None => String::new(),
    }
}

/// The colours of the drawn configurations.
fn series_legend(matrix: &Matrix<'_>, drawn: impl IntoIterator<Item = usize>) -> Vec<(Paint, String)> {
    drawn.into_iter().map(|config| (Paint::Series(matrix.slot(config)), matrix.configs[config].label.clone())).collect()
}

/// The sentences about configurations that a figure leaves out: those that have nothing to draw, and those for which there is no room.
fn left_out_notes(matrix: &Matrix<'_>, workload: usize, drawn: &[usize]) -> Vec<String> {
    let absent: Vec<String> = matrix
        .shown
        .iter()
        .filter(|config| !drawn.contains(config))
        .map(|&config| {
            let why = failure_words(matrix, workload, config).unwrap_or_else(|| "nothing recorded".to_owned());
            format!("{}: {why}", matrix.configs[config].label)
        })
        .collect();
    let mut notes = Vec::new();
    if !absent.is_empty() {
        notes.push(format!("Not drawn: {}.", absent.join("; ")));
    }
    let others = matrix.configs.len() - matrix.shown.len();
    if others > 0 {
        notes.push(format!("{others} more configurations are in the tables."));
    }
    notes
}

/// A cell's failures in words, such as `out of memory (3 of 5)`; `None` if all went well.
#[must_use]
pub fn failure_words(matrix: &Matrix<'_>, workload: usize, config: usize) -> Option<String> {
    let Some(cell) = matrix.cell(workload, config) else {
        return Some("not run".to_owned());
    };
    let failures = cell.failures();
    if failures.is_empty() {
        return None;
    }
    let all = cell.runs.len();
    let words: Vec<String> = failures.iter().map(|(label, count)| format!("{label} ({count} of {all})")).collect();
    Some(words.join(", "))
}

/// The pauses of all successful invocations of a cell; `None` where none kept a log.
fn pooled_pauses<'a>(matrix: &Matrix<'a>, workload: usize, config: usize) -> Option<Vec<&'a Pause>> {
    let logs: Vec<Vec<&Pause>> = matrix.cell(workload, config)?.ok().filter_map(metric::pauses).collect();
    (!logs.is_empty()).then(|| logs.into_iter().flatten().collect())
}

/// How many successful invocations of a cell kept a log of pauses.
fn logs(matrix: &Matrix<'_>, workload: usize, config: usize) -> usize {
    matrix.cell(workload, config).map_or(0, |cell| cell.ok().filter(|run| run.pauses.is_some()).count())
}

/// The colour of a kind of pause: known kinds in their order, all others alike.
#[must_use]
pub fn kind_paint(kind: &PauseKind) -> Paint {
    Paint::Kind(match kind {
        PauseKind::Minor => 0,
        PauseKind::Major => 1,
        PauseKind::Increment => 2,
        PauseKind::Initial => 3,
        PauseKind::Final => 4,
        PauseKind::Other(_) => 5,
    })
}

fn kind_legend<'a>(kinds: impl IntoIterator<Item = &'a PauseKind>) -> Vec<(Paint, String)> {
    kinds.into_iter().map(|kind| (kind_paint(kind), kind.to_string())).collect()
}

/// Pauses by kind, the kinds in their order.
fn by_kind<'a>(pauses: &[&'a Pause]) -> BTreeMap<PauseKind, Vec<&'a Pause>> {
    let mut kinds: BTreeMap<PauseKind, Vec<&Pause>> = BTreeMap::new();
    for pause in pauses {
        kinds.entry(pause.kind.clone()).or_default().push(pause);
    }
    kinds
}

/// When something happened, counted from the beginning of the measured region; 0 for what was before.
fn since_start(run: &Invocation, at_ns: u64) -> f64 {
    float(at_ns.saturating_sub(run.start_ns))
}

/// Leaves out points that fall on the place of the one before, since half a million pauses don't fit on a screen.
fn thin(points: &[(f64, f64)], x: &Axis, y: &Axis) -> Vec<(f64, f64)> {
    const PLACES: f64 = 600.0;
    let place = |point: &(f64, f64)| ((x.place(point.0) * PLACES) as i64, (y.place(point.1) * PLACES) as i64);
    let mut thinned: Vec<(f64, f64)> = Vec::new();
    let mut last = None;
    for (index, point) in points.iter().enumerate() {
        if Some(place(point)) != last || index + 1 == points.len() {
            thinned.push(*point);
            last = Some(place(point));
        }
    }
    thinned
}

/// The ends of an interval for a data file.
fn ends(estimate: Option<Estimate>) -> [String; 2] {
    let interval = estimate.and_then(|estimate| estimate.interval);
    [number(interval.map(|interval| interval.low)), number(interval.map(|interval| interval.high))]
}

/// A horizontal bar in a row of [`Axis::rows`].
fn bar(from: f64, to: f64, at: f64, thickness: f64, paint: Paint) -> Mark {
    Mark::Box { from: (from, at - thickness / 2.0), to: (to, at + thickness / 2.0), paint }
}

/// The width of a figure of bars: narrow, unless the names of its rows are long.
fn bars_width(names: &[String]) -> u32 {
    const LONG: usize = 16;
    if names.iter().all(|name| name.chars().count() <= LONG) { THIRD } else { HALF }
}

/// The height of a panel with so many rows.
fn rows_height(rows: usize, each: u32) -> u32 {
    rows as u32 * each + 50
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Unit;

    #[test]
    fn slugs_are_safe_in_names_of_files() {
        assert_eq!(slug("gen · heap-factor 1.5"), "gen-heap-factor-1-5");
        assert_eq!(slug("../../etc"), "etc");
        assert_eq!(slug("ünï"), "n");
    }

    #[test]
    fn thinning_keeps_the_ends_and_what_can_be_seen() {
        let (x, y) = (Axis::from_zero("", 1e6, Unit::Count), Axis::from_zero("", 1.0, Unit::Share));
        let points: Vec<(f64, f64)> = (0..=1_000_000).map(|i| (f64::from(i), f64::from(i) / 1e6)).collect();
        let thinned = thin(&points, &x, &y);
        assert!(thinned.len() < 1300, "{}", thinned.len());
        assert_eq!((thinned.first(), thinned.last()), (points.first(), points.last()));
    }
}
