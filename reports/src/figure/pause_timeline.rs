//! Pauses over the time of one invocation.

use super::{Figure, HALF, by_kind, failure_words, kind_legend, kind_paint, left_out_notes, since_start};
use crate::chart::{Axis, Chart, Mark, Paint, Panel};
use crate::matrix::Matrix;
use crate::metric::{self, float};
use crate::table::{Table, number};
use crate::units::Unit;

/// How many places there are along the time; of the pauses of a kind at one place the longest is drawn.
const PLACES: f64 = 700.0;
/// Height of a panel without the labels below it.
pub(super) const PANEL: u32 = 104;
/// Height of the last panel, which has the labels.
pub(super) const LAST_PANEL: u32 = 138;

/// The figure of a workload.
#[must_use]
pub fn figure(matrix: &Matrix<'_>, workload: usize) -> Option<Figure> {
    let runs: Vec<_> = matrix
        .shown
        .iter()
        .filter_map(|&config| {
            let run = matrix.cell(workload, config)?.typical()?;
            Some((config, run, metric::pauses(run)?))
        })
        .collect();
    let lengths = || runs.iter().flat_map(|(_, _, pauses)| pauses.iter().map(|pause| float(pause.pause_ns.max(1))));
    let longest = lengths().fold(0.0, f64::max);
    let shortest = lengths().fold(f64::INFINITY, f64::min);
    if longest == 0.0 {
        return None;
    }
    let end = end(matrix, workload)?;
    // A pause at the lower end would have no height.
    let y = Axis::log("pause", shortest / 1.6, longest, Unit::Time);
    let mut kinds: Vec<_> =
        runs.iter().flat_map(|(_, _, pauses)| pauses.iter().map(|pause| pause.kind.clone())).collect();
    kinds.sort();
    kinds.dedup();

    let mut table = Table::new(["configuration", "invocation", "kind", "at_ns", "pause_ns"]);
    let mut panels = Vec::new();
    for (index, (config, run, pauses)) in runs.iter().enumerate() {
        let label = &matrix.configs[*config].label;
        let mut marks = Vec::new();
        for (kind, pauses) in by_kind(pauses) {
            let points: Vec<(f64, f64)> =
                pauses.iter().map(|pause| (since_start(run, pause.start_ns), float(pause.pause_ns))).collect();
            let points = longest_at_each_place(&points, end);
            for (at, length) in &points {
                let invocation = run.invocation.to_string();
                table.row([label.clone(), invocation, kind.to_string(), number(*at), number(*length)]);
            }
            marks.push(Mark::Stems { points, paint: kind_paint(&kind) });
        }
        if pauses.is_empty() {
            marks.push(Mark::Words { at: (0.0, y.low() * 3.0), text: "no pause".to_owned(), paint: Paint::Muted });
        }
        if let Some(wall) = run.wall_ns {
            marks.push(Mark::Rule { at: float(wall), paint: Paint::Muted });
        }
        let title = Some(timeline_title(matrix, workload, *config, run.invocation));
        let is_last = index + 1 == runs.len();
        panels.push(Panel {
            title,
            height: if is_last { LAST_PANEL } else { PANEL },
            x: time_axis(end, is_last),
            y: sparse(&y),
            marks,
        });
    }
    let mut notes = vec![
        "Shorter and fewer is better.".to_owned(),
        "One invocation each, the one with the median total time; the upright line is its end.".to_owned(),
        "The axis of the pauses is logarithmic, so it has no zero; of pauses that fall on one place the longest is drawn.".to_owned(),
    ];
    notes.extend(left_out_notes(matrix, workload, &runs.iter().map(|run| run.0).collect::<Vec<_>>()));
    Some(Figure {
        id: "pauses-timeline".to_owned(),
        title: "Pauses over time".to_owned(),
        notes,
        chart: Chart { width: HALF, columns: 1, panels },
        legend: kind_legend(&kinds),
        csv: table.to_csv(),
    })
}

/// When the longest of the drawn invocations ends.
pub(super) fn end(matrix: &Matrix<'_>, workload: usize) -> Option<f64> {
    let walls = matrix.shown.iter().filter_map(|&config| matrix.cell(workload, config)?.typical()?.wall_ns);
    walls.max().map(float).filter(|&end| end > 0.0)
}

/// The shared axis of time; only the last panel has its labels.
pub(super) fn time_axis(end: f64, labelled: bool) -> Axis {
    let mut x = Axis::from_zero("time since the start of the workload", end, Unit::Time);
    if !labelled {
        x.title.clear();
        x.ticks.iter_mut().for_each(|tick| tick.label.clear());
    }
    x
}

/// What a panel shows.
pub(super) fn timeline_title(matrix: &Matrix<'_>, workload: usize, config: usize, invocation: u32) -> String {
    let label = &matrix.configs[config].label;
    match failure_words(matrix, workload, config) {
        Some(failures) => format!("{label} (invocation {invocation}; others: {failures})"),
        None => format!("{label} (invocation {invocation})"),
    }
}

/// Fewer labels for a low panel: every other decade at most.
fn sparse(y: &Axis) -> Axis {
    let mut y = y.clone();
    let labelled = y.ticks.iter().filter(|tick| !tick.label.is_empty()).count();
    let keep = labelled.div_ceil(4).max(1);
    let mut number_of = 0;
    y.ticks.retain(|tick| {
        if tick.label.is_empty() {
            return false;
        }
        number_of += 1;
        (number_of - 1) % keep == 0
    });
    y
}

fn longest_at_each_place(points: &[(f64, f64)], end: f64) -> Vec<(f64, f64)> {
    let place = |at: f64| (at / end * PLACES) as i64;
    let mut longest: Vec<(f64, f64)> = Vec::new();
    let mut sorted = points.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    for point in sorted {
        match longest.last_mut() {
            Some(last) if place(last.0) == place(point.0) => {
                if point.1 > last.1 {
                    *last = point;
                }
            }
            _ => longest.push(point),
        }
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_pause_of_a_place_is_kept() {
        let points = [(10.0, 5.0), (10.1, 9.0), (10.2, 7.0), (500.0, 1.0)];
        assert_eq!(longest_at_each_place(&points, 1000.0), [(10.1, 9.0), (500.0, 1.0)]);
    }
}
