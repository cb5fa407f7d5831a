//! Percentiles of the latency of requests, simple and metered.

use super::{Figure, WHOLE, invocations_note, left_out_notes, series_legend};
use crate::chart::axis::tail_end;
use crate::chart::{Axis, Chart, Mark, Paint, Panel};
use crate::matrix::Matrix;
use crate::metric::float;
use crate::stats::latency::{metered, simple};
use crate::stats::quantile::percentile;
use crate::table::{Table, number};
use crate::units::Unit;

/// The window of the second panel, 100 ms, DaCapo's default.
pub const WINDOW_NS: u64 = 100_000_000;

/// How latency is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counting {
    /// From the start of the request.
    Simple,
    /// From a start that is smoothed over 100 ms.
    MeteredWindow,
    /// From a start that is smoothed over the whole run.
    MeteredFull,
}

impl Counting {
    /// All three, in the order of the panels.
    pub const ALL: [Self; 3] = [Self::Simple, Self::MeteredWindow, Self::MeteredFull];

    /// Its name on a page.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Simple => "simple",
            Self::MeteredWindow => "metered, 100 ms",
            Self::MeteredFull => "metered, whole run",
        }
    }

    /// Latencies of the requests of all successful invocations of a cell, in ascending order.
    ///
    /// The schedule of a metered latency is each invocation's own.
    #[must_use]
    pub fn latencies(self, matrix: &Matrix<'_>, workload: usize, config: usize) -> Vec<u64> {
        let Some(cell) = matrix.cell(workload, config) else {
            return Vec::new();
        };
        let of = |requests| match self {
            Self::Simple => simple(requests),
            Self::MeteredWindow => metered(requests, Some(WINDOW_NS)),
            Self::MeteredFull => metered(requests, None),
        };
        let mut latencies: Vec<u64> = cell.ok().flat_map(|run| of(&run.requests)).collect();
        latencies.sort_unstable();
        latencies
    }
}

/// The figure of a workload.
#[must_use]
pub fn figure(matrix: &Matrix<'_>, workload: usize) -> Option<Figure> {
    let mut curves: Vec<(Counting, usize, Vec<u64>)> = Vec::new();
    for counting in Counting::ALL {
        for &config in &matrix.shown {
            let latencies = counting.latencies(matrix, workload, config);
            if !latencies.is_empty() {
                curves.push((counting, config, latencies));
            }
        }
    }
    let most = curves.iter().map(|(_, _, latencies)| latencies.len()).max()?;
    let all = || curves.iter().flat_map(|(_, _, latencies)| latencies.iter().map(|&latency| float(latency.max(1))));
    let (shortest, longest) = (all().fold(f64::INFINITY, f64::min), all().fold(0.0, f64::max));
    let y = Axis::log("latency", shortest, longest, Unit::Time);
    let x = Axis::tail("percentile", most);
    let mut table = Table::new(["configuration", "counting", "percentile", "latency_ns"]);
    let mut panels = Vec::new();
    for counting in Counting::ALL {
        let mut marks = Vec::new();
        for (_, config, latencies) in curves.iter().filter(|(of, _, _)| *of == counting) {
            let points = percentiles(latencies);
            for (share, latency) in &points {
                let label = matrix.configs[*config].label.clone();
                table.row([label, counting.name().to_owned(), number(*share * 100.0), number(*latency)]);
            }
            marks.push(Mark::Line { points, paint: Paint::Series(matrix.slot(*config)) });
        }
        let title = Some(format!("latency, {}", counting.name()));
        panels.push(Panel { title, height: 300, x: x.clone(), y: y.clone(), marks });
    }
    let mut drawn: Vec<usize> = curves.iter().map(|(_, config, _)| *config).collect();
    drawn.sort_unstable();
    drawn.dedup();
    let mut notes = vec![
        "Lower is better.".to_owned(),
        invocations_note(matrix, workload),
        "Requests of all invocations together.".to_owned(),
        "Simple latency is a request's end less its start; metered latency counts from a smoothed schedule, so that requests queueing behind a pause are charged for it (DaCapo).".to_owned(),
        "The axis of latency is logarithmic, so it has no zero; that of percentiles gives each nine the same room.".to_owned(),
    ];
    notes.extend(left_out_notes(matrix, workload, &drawn));
    Some(Figure {
        id: "latency".to_owned(),
        title: "Latency of requests".to_owned(),
        notes,
        chart: Chart { width: WHOLE, columns: Counting::ALL.len(), panels },
        legend: series_legend(matrix, drawn.iter().copied()),
        csv: table.to_csv(),
    })
}

/// How many points a curve has each time that the share of slower requests halves.
const PER_HALVING: u32 = 8;

/// The latency that a share of the requests doesn't exceed, for shares that come closer and closer to one, and the longest at the end.
fn percentiles(sorted: &[u64]) -> Vec<(f64, f64)> {
    let end = tail_end(sorted.len());
    let shares = (0..).map(|step| 1.0 - 0.5_f64.powf(f64::from(step) / f64::from(PER_HALVING)));
    let mut points: Vec<(f64, f64)> = shares
        .take_while(|share| *share < end)
        .filter_map(|share| Some((share, float(percentile(sorted, share)?.max(1)))))
        .collect();
    points.extend(sorted.last().map(|&longest| (end, float(longest.max(1)))));
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_rise_to_the_longest_request() {
        let latencies: Vec<u64> = (1..=1000).collect();
        let points = percentiles(&latencies);
        assert_eq!(points[0], (0.0, 1.0));
        assert_eq!(points[PER_HALVING as usize], (0.5, 500.0));
        assert_eq!(points[points.len() - 1], (0.999, 1000.0));
        assert!(points.is_sorted_by_key(|point| point.1));
        assert!(percentiles(&[]).is_empty());
        assert_eq!(percentiles(&[7]).last(), Some(&(0.5, 7.0)));
    }
}
