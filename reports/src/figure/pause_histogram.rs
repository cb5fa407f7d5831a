//! Histograms of pauses by length and kind: how many there are, and how much time they take.
//!
//! Counted alone, a thousand short pauses hide the one long pause that was felt; weighed by time, the long one shows.

use tenure_record::{Pause, PauseKind};

use super::{Figure, WHOLE, by_kind, invocations_note, kind_legend, kind_paint, left_out_notes, logs, pooled_pauses};
use crate::chart::{Axis, Chart, Mark, Panel};
use crate::matrix::Matrix;
use crate::metric::float;
use crate::table::{Table, number};
use crate::units::Unit;

/// Bins to a factor of ten.
const PER_DECADE: f64 = 8.0;

/// A bin of one kind: its number on the logarithmic scale, and the pauses in it.
struct Bin {
    kind: PauseKind,
    number: i32,
    count: f64,
    time: f64,
}

/// What the height of a bar is: its panel's place, from left to right.
struct Weight {
    what: &'static str,
    unit: Unit,
    of: fn(&Bin) -> f64,
}

const WEIGHTS: [Weight; 2] = [
    Weight { what: "pauses", unit: Unit::Count, of: |bin| bin.count },
    Weight { what: "time", unit: Unit::Time, of: |bin| bin.time },
];

/// The figure of a workload.
#[must_use]
pub fn figure(matrix: &Matrix<'_>, workload: usize) -> Option<Figure> {
    let mut drawn: Vec<(usize, Vec<Bin>)> = Vec::new();
    for &config in &matrix.shown {
        let Some(pauses) = pooled_pauses(matrix, workload, config) else {
            continue;
        };
        if !pauses.is_empty() {
            drawn.push((config, bins(&pauses, logs(matrix, workload, config))));
        }
    }
    let numbers = || drawn.iter().flat_map(|(_, bins)| bins.iter().map(|bin| bin.number));
    let (first, last) = (numbers().min()?, numbers().max()?);
    let mut kinds: Vec<&PauseKind> = drawn.iter().flat_map(|(_, bins)| bins.iter().map(|bin| &bin.kind)).collect();
    kinds.sort();
    kinds.dedup();

    let mut table =
        Table::new(["configuration", "kind", "from_ns", "to_ns", "pauses_per_invocation", "ns_per_invocation"]);
    let mut panels = Vec::new();
    for (config, bins) in &drawn {
        let label = &matrix.configs[*config].label;
        for bin in bins {
            table.row([
                label.clone(),
                bin.kind.to_string(),
                number(edge(bin.number)),
                number(edge(bin.number + 1)),
                number(bin.count),
                number(bin.time),
            ]);
        }
        for Weight { what, unit, of } in WEIGHTS {
            let x = Axis::log("", edge(first), edge(last + 1), Unit::Time);
            let (marks, highest) = stacks(bins, first, last, of);
            let y = Axis::from_zero(what, highest, unit);
            let title = Some(format!("{label}: {}", y.title));
            panels.push(Panel { title, height: 128, x, y, marks });
        }
    }
    let mut notes = vec![
        invocations_note(matrix, workload),
        "For each configuration the number of pauses and beside it the time in them, both a mean per invocation; bins are eighths of a factor of ten.".to_owned(),
        "Vertical axes begin at zero, each panel with its own; the horizontal axis is the length of the pause, logarithmic, so it has no zero.".to_owned(),
    ];
    notes.extend(left_out_notes(matrix, workload, &drawn.iter().map(|of| of.0).collect::<Vec<_>>()));
    Some(Figure {
        id: "pauses-histogram".to_owned(),
        title: "Pauses by length and kind".to_owned(),
        notes,
        chart: Chart { width: WHOLE, columns: 4, panels },
        legend: kind_legend(kinds),
        csv: table.to_csv(),
    })
}

/// Bars on top of each other, one a kind, and the height of the highest.
fn stacks(bins: &[Bin], first: i32, last: i32, height: fn(&Bin) -> f64) -> (Vec<Mark>, f64) {
    let mut marks = Vec::new();
    let mut highest: f64 = 0.0;
    for place in first..=last {
        let mut below = 0.0;
        for bin in bins.iter().filter(|bin| bin.number == place) {
            let above = below + height(bin);
            let paint = kind_paint(&bin.kind);
            marks.push(Mark::Box { from: (edge(place) * 1.015, below), to: (edge(place + 1) / 1.015, above), paint });
            below = above;
        }
        highest = highest.max(below);
    }
    (marks, highest)
}

fn bins(pauses: &[&Pause], invocations: usize) -> Vec<Bin> {
    let mut bins: Vec<Bin> = Vec::new();
    let share = 1.0 / invocations.max(1) as f64;
    for (kind, pauses) in by_kind(pauses) {
        let first = bins.len();
        let mut lengths: Vec<u64> = pauses.iter().map(|pause| pause.pause_ns).collect();
        lengths.sort_unstable();
        for length in lengths {
            let number = (float(length.max(1)).log10() * PER_DECADE + 1e-9).floor() as i32;
            if bins.len() == first || bins[bins.len() - 1].number != number {
                bins.push(Bin { kind: kind.clone(), number, count: 0.0, time: 0.0 });
            }
            let bin = bins.len() - 1;
            bins[bin].count += share;
            bins[bin].time += float(length) * share;
        }
    }
    bins
}

/// The lower edge of a bin.
fn edge(number: i32) -> f64 {
    10_f64.powf(f64::from(number) / PER_DECADE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tenure_record::PauseCause;

    #[test]
    fn every_pause_is_in_a_bin_around_it() {
        let lengths = [0, 1, 999, 1000, 1001, 1_000_000, 123_456_789];
        let pauses: Vec<Pause> =
            lengths.iter().map(|&ns| Pause::new(0, ns, PauseKind::Minor, PauseCause::Threshold)).collect();
        let bins = bins(&pauses.iter().collect::<Vec<_>>(), 1);
        assert_eq!(bins.iter().map(|bin| bin.count).sum::<f64>(), lengths.len() as f64);
        assert_eq!(bins.iter().map(|bin| bin.time).sum::<f64>(), float(lengths.iter().sum()));
        for bin in &bins {
            let mean = bin.time / bin.count;
            assert!(
                mean.max(1.0) >= edge(bin.number) * 0.4 && mean < edge(bin.number + 1) * 1.001,
                "bin {}",
                bin.number
            );
        }
        assert!(bins.is_sorted_by_key(|bin| bin.number));
    }
}
