//! The heap's size over the time of one invocation.

use tenure_record::Invocation;

use super::pause_timeline::{LAST_PANEL, PANEL, end, time_axis, timeline_title};
use super::{Figure, HALF, left_out_notes, since_start, thin};
use crate::chart::{Axis, Chart, Mark, Paint, Panel};
use crate::matrix::Matrix;
use crate::metric::float;
use crate::table::{Table, number};
use crate::units::Unit;

/// The figure of a workload.
#[must_use]
pub fn figure(matrix: &Matrix<'_>, workload: usize) -> Option<Figure> {
    let runs: Vec<_> = matrix
        .shown
        .iter()
        .filter_map(|&config| {
            let run = matrix.cell(workload, config)?.typical()?;
            let curves = curves(run);
            (!curves.used.is_empty()).then_some((config, run, curves))
        })
        .collect();
    let sizes = || {
        let curves = runs.iter().flat_map(|(_, _, curves)| [&curves.used, &curves.committed]);
        curves.flat_map(|curve| curve.iter().map(|(_, size)| *size))
    };
    let largest = sizes().fold(0.0, f64::max);
    if largest == 0.0 {
        return None;
    }
    let end = end(matrix, workload)?;
    let mut table = Table::new(["configuration", "invocation", "curve", "at_ns", "bytes"]);
    let mut panels = Vec::new();
    for (index, (config, run, curves)) in runs.iter().enumerate() {
        let is_last = index + 1 == runs.len();
        let x = time_axis(end, is_last);
        let mut y = Axis::from_zero("heap", largest, Unit::Bytes);
        let title = format!("{}: {}", timeline_title(matrix, workload, *config, run.invocation), y.title);
        if y.ticks.len() > 4 {
            let mut number_of = 0;
            y.ticks.retain(|_| {
                number_of += 1;
                number_of % 2 == 1
            });
        }
        let mut marks = Vec::new();
        for (curve, points, paint) in
            [("committed", &curves.committed, Paint::Resident), ("used", &curves.used, Paint::Heap)]
        {
            let points = thin(points, &x, &y);
            for (at, bytes) in &points {
                let label = matrix.configs[*config].label.clone();
                table.row([label, run.invocation.to_string(), curve.to_owned(), number(*at), number(*bytes)]);
            }
            if !points.is_empty() {
                marks.push(Mark::Line { points, paint });
            }
        }
        if let Some(wall) = run.wall_ns {
            marks.push(Mark::Rule { at: float(wall), paint: Paint::Muted });
        }
        let height = if is_last { LAST_PANEL } else { PANEL };
        panels.push(Panel { title: Some(title), height, x, y, marks });
    }
    let mut legend = vec![(Paint::Heap, "objects, dead ones not yet found included".to_owned())];
    if runs.iter().any(|(_, _, curves)| !curves.committed.is_empty()) {
        legend.push((Paint::Resident, "held from the operating system".to_owned()));
    }
    let mut notes = vec![
        "Lower is better.".to_owned(),
        "One invocation each, the one with the median total time; the upright line is its end.".to_owned(),
        "Both axes begin at zero.".to_owned(),
    ];
    if runs.iter().any(|(_, run, _)| run.heap.is_empty()) {
        notes.push("Where no samples were taken, the line joins the sizes before and after each pause.".to_owned());
    }
    notes.extend(left_out_notes(matrix, workload, &runs.iter().map(|run| run.0).collect::<Vec<_>>()));
    Some(Figure {
        id: "heap-timeline".to_owned(),
        title: "Heap over time".to_owned(),
        notes,
        chart: Chart { width: HALF, columns: 1, panels },
        legend,
        csv: table.to_csv(),
    })
}

/// Sizes over time.
struct Curves {
    used: Vec<(f64, f64)>,
    committed: Vec<(f64, f64)>,
}

/// The samples of an invocation, or what its pauses tell where there are none.
fn curves(run: &Invocation) -> Curves {
    let at = |at_ns: u64| since_start(run, at_ns);
    let wall = run.wall_ns.map_or(f64::INFINITY, float);
    let mut curves = Curves { used: Vec::new(), committed: Vec::new() };
    if run.heap.is_empty() {
        for pause in run.pauses.iter().flatten() {
            let before = pause.bytes_before.map(|bytes| (at(pause.start_ns), float(bytes)));
            let after = pause.bytes_after.map(|bytes| (at(pause.end_ns()), float(bytes)));
            curves.used.extend(before.into_iter().chain(after));
        }
    } else {
        for sample in &run.heap {
            curves.used.push((at(sample.at_ns), float(sample.used_bytes)));
            curves.committed.extend(sample.committed_bytes.map(|bytes| (at(sample.at_ns), float(bytes))));
        }
    }
    for curve in [&mut curves.used, &mut curves.committed] {
        curve.retain(|(at, _)| *at <= wall);
        curve.sort_by(|a, b| a.0.total_cmp(&b.0));
    }
    curves
}
