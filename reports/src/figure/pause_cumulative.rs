//! The cumulative distribution of pauses: what share of them is no longer than a length.

use super::{Figure, HALF, invocations_note, left_out_notes, pooled_pauses, series_legend, thin};
use crate::chart::axis::tail_end;
use crate::chart::{Axis, Chart, Mark, Paint, Panel};
use crate::matrix::Matrix;
use crate::metric::float;
use crate::table::{Table, number};
use crate::units::Unit;

/// The figure of a workload.
#[must_use]
pub fn figure(matrix: &Matrix<'_>, workload: usize) -> Option<Figure> {
    let mut drawn: Vec<(usize, Vec<f64>)> = Vec::new();
    for &config in &matrix.shown {
        let Some(pauses) = pooled_pauses(matrix, workload, config) else {
            continue;
        };
        let mut lengths: Vec<f64> = pauses.iter().map(|pause| float(pause.pause_ns.max(1))).collect();
        lengths.sort_by(f64::total_cmp);
        if !lengths.is_empty() {
            drawn.push((config, lengths));
        }
    }
    let most = drawn.iter().map(|(_, lengths)| lengths.len()).max()?;
    let shortest = drawn.iter().map(|(_, lengths)| lengths[0]).fold(f64::INFINITY, f64::min);
    let longest = drawn.iter().map(|(_, lengths)| lengths[lengths.len() - 1]).fold(0.0, f64::max);
    let x = Axis::log("length of the pause", shortest, longest, Unit::Time);
    let y = Axis::tail("share of pauses that are no longer", most);
    let mut table = Table::new(["configuration", "pause_ns", "share"]);
    let mut marks = Vec::new();
    for (config, lengths) in &drawn {
        let points = thin(&steps(lengths), &x, &y);
        for (pause, share) in &points {
            table.row([matrix.configs[*config].label.clone(), number(*pause), number(*share)]);
        }
        // The last step, to one, has no place on a tail axis; the dot stands where one pause is left.
        let end = (points[points.len() - 1].0, tail_end(lengths.len()));
        let paint = Paint::Series(matrix.slot(*config));
        let line = points.into_iter().map(|(pause, share)| (pause, share.min(end.1))).collect();
        marks.push(Mark::Line { points: line, paint });
        marks.push(Mark::Dots { points: vec![end], paint, radius: 3 });
    }
    let mut notes = vec![
        "Further left and higher is better.".to_owned(),
        invocations_note(matrix, workload),
        "Pauses of all invocations together; the dot is the longest one.".to_owned(),
        "The horizontal axis is logarithmic, so it has no zero; the vertical axis gives each nine the same room."
            .to_owned(),
    ];
    notes.extend(left_out_notes(matrix, workload, &drawn.iter().map(|of| of.0).collect::<Vec<_>>()));
    Some(Figure {
        id: "pauses-cumulative".to_owned(),
        title: "Pauses, cumulative".to_owned(),
        notes,
        chart: Chart { width: HALF, columns: 1, panels: vec![Panel { title: None, height: 300, x, y, marks }] },
        legend: series_legend(matrix, drawn.iter().map(|(config, _)| *config)),
        csv: table.to_csv(),
    })
}

/// The corners of the distribution's steps: values in ascending order to points.
fn steps(sorted: &[f64]) -> Vec<(f64, f64)> {
    let all = sorted.len() as f64;
    let mut below = 0;
    let mut points = Vec::with_capacity(2 * sorted.len());
    for group in sorted.chunk_by(|a, b| a == b) {
        points.push((group[0], below as f64 / all));
        below += group.len();
        points.push((group[0], below as f64 / all));
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_rise_at_each_value_to_one() {
        let points = steps(&[2.0, 5.0, 5.0, 9.0]);
        assert_eq!(points, [(2.0, 0.0), (2.0, 0.25), (5.0, 0.25), (5.0, 0.75), (9.0, 0.75), (9.0, 1.0)]);
        assert!(steps(&[]).is_empty());
    }
}
