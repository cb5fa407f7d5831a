//! Minimum mutator utilisation (Cheng & Blelloch 2001) over the length of the window.

use super::{Figure, HALF, invocations_note, left_out_notes, series_legend};
use crate::chart::{Axis, Chart, Mark, Paint, Panel};
use crate::matrix::Matrix;
use crate::metric::float;
use crate::stats::mmu::Utilisation;
use crate::table::{Table, number};
use crate::units::Unit;

/// The shortest window, 0.1 ms.
const SHORTEST: f64 = 1e5;
/// Windows to a factor of ten.
const PER_DECADE: f64 = 24.0;

/// The figure of a workload.
#[must_use]
pub fn figure(matrix: &Matrix<'_>, workload: usize) -> Option<Figure> {
    let mut drawn: Vec<(usize, Vec<Utilisation>)> = Vec::new();
    for &config in &matrix.shown {
        let Some(cell) = matrix.cell(workload, config) else {
            continue;
        };
        let runs: Vec<Utilisation> = cell
            .ok()
            .filter_map(|run| {
                let pauses = run.pauses.as_ref()?.iter().map(|pause| (pause.start_ns, pause.end_ns()));
                Some(Utilisation::new(pauses, run.start_ns, run.wall_ns?))
            })
            .filter(|run| float(run.length()) > SHORTEST)
            .collect();
        if !runs.is_empty() {
            drawn.push((config, runs));
        }
    }
    let shortest_run = |runs: &[Utilisation]| runs.iter().map(Utilisation::length).min().unwrap_or(0);
    let longest = drawn.iter().map(|(_, runs)| float(shortest_run(runs))).fold(0.0, f64::max);
    if longest <= SHORTEST {
        return None;
    }
    let x = Axis::log("length of the window", SHORTEST, longest, Unit::Time);
    let y = Axis::shares("minimum mutator utilisation");
    let mut table = Table::new(["configuration", "window_ns", "minimum_mutator_utilisation"]);
    let mut marks = Vec::new();
    for (config, runs) in &drawn {
        let points: Vec<(f64, f64)> = windows(shortest_run(runs))
            .into_iter()
            .filter_map(|window| {
                let worst = runs.iter().filter_map(|run| run.mmu(window)).min_by(f64::total_cmp)?;
                Some((float(window), worst))
            })
            .collect();
        for (window, share) in &points {
            table.row([matrix.configs[*config].label.clone(), number(*window), number(*share)]);
        }
        marks.push(Mark::Line { points, paint: Paint::Series(matrix.slot(*config)) });
    }
    let mut notes = vec![
        "Higher is better.".to_owned(),
        invocations_note(matrix, workload),
        "For each window length, the worst window of all invocations; a curve ends at the length of its shortest run."
            .to_owned(),
        "The horizontal axis is logarithmic, so it has no zero.".to_owned(),
    ];
    notes.extend(left_out_notes(matrix, workload, &drawn.iter().map(|of| of.0).collect::<Vec<_>>()));
    Some(Figure {
        id: "utilisation".to_owned(),
        title: "Minimum mutator utilisation".to_owned(),
        notes,
        chart: Chart { width: HALF, columns: 1, panels: vec![Panel { title: None, height: 300, x, y, marks }] },
        legend: series_legend(matrix, drawn.iter().map(|(config, _)| *config)),
        csv: table.to_csv(),
    })
}

/// Window lengths from the shortest to the whole run, evenly apart on a logarithmic axis.
fn windows(run: u64) -> Vec<u64> {
    let steps = ((float(run) / SHORTEST).log10() * PER_DECADE).floor().max(0.0) as u32;
    let mut windows: Vec<u64> = (0..=steps)
        .map(|step| (SHORTEST * 10_f64.powf(f64::from(step) / PER_DECADE)).round() as u64)
        .filter(|&window| window < run)
        .collect();
    windows.push(run);
    windows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_reach_from_the_shortest_to_the_run() {
        let windows = windows(1_000_000);
        assert_eq!((windows[0], windows[windows.len() - 1], windows.len()), (100_000, 1_000_000, 25));
        assert!(windows.is_sorted());
    }
}
