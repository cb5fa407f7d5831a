//! Total time, split into the mutator's and the collector's.

use super::{Figure, bar, bars_width, ends, failure_words, invocations_note, left_out_notes, rows_height};
use crate::chart::axis::row;
use crate::chart::{Axis, Chart, Mark, Paint, Panel};
use crate::matrix::Matrix;
use crate::metric::{CPU, GC, MUTATOR, WALL};
use crate::table::{Table, number};
use crate::units::Unit;

/// The figure of a workload.
#[must_use]
pub fn figure(matrix: &Matrix<'_>, workload: usize) -> Option<Figure> {
    let rows = matrix.shown.len();
    let names: Vec<String> = matrix.shown.iter().map(|&config| matrix.configs[config].label.clone()).collect();
    let mut table = Table::new([
        "configuration",
        "invocations",
        "total_ns",
        "low_ns",
        "high_ns",
        "mutator_ns",
        "collector_ns",
        "processor_ns",
    ]);
    let mut marks = Vec::new();
    let mut longest: f64 = 0.0;
    let mut unsplit = false;
    for (index, &config) in matrix.shown.iter().enumerate() {
        let at = row(index, rows);
        let total = matrix.mean(workload, config, WALL);
        let mean = |metric| matrix.mean(workload, config, metric).map(|estimate| estimate.value);
        let (mutator, collector) = (mean(MUTATOR), mean(GC));
        let interval = total.and_then(|total| total.interval);
        let ok = matrix.cell(workload, config).map_or(0, |cell| cell.ok().count());
        let [low, high] = ends(total);
        table.row([
            names[index].clone(),
            ok.to_string(),
            number(total.map(|total| total.value)),
            low,
            high,
            number(mutator),
            number(collector),
            number(mean(CPU)),
        ]);
        if let Some(total) = total {
            longest = longest.max(interval.map_or(total.value, |interval| interval.high));
            let split = mutator.filter(|_| collector.is_some());
            unsplit |= split.is_none();
            marks.push(bar(0.0, split.unwrap_or(total.value), at, 0.62, Paint::Mutator));
            if let Some(mutator) = split {
                marks.push(bar(mutator, total.value, at, 0.62, Paint::Collector));
            }
            if let Some(interval) = interval {
                marks.push(Mark::Whisker { low: interval.low, high: interval.high, at, paint: Paint::Ink });
            }
        }
        if let Some(text) = failure_words(matrix, workload, config) {
            let end = interval.map(|interval| interval.high).or(total.map(|total| total.value));
            marks.push(Mark::Words { at: (end.unwrap_or(0.0), at), text, paint: Paint::Bad });
        }
    }
    if longest == 0.0 {
        return None;
    }
    let mut notes = vec![
        "Lower is better.".to_owned(),
        invocations_note(matrix, workload),
        "Bars are means; whiskers are 95 % bootstrap intervals of the mean total.".to_owned(),
    ];
    if unsplit {
        notes.push("A bar of one colour has no collector time in its records.".to_owned());
    }
    notes.extend(left_out_notes(matrix, workload, &matrix.shown));
    Some(Figure {
        id: "time-split".to_owned(),
        title: "Total time: mutator and collector".to_owned(),
        notes,
        chart: Chart {
            width: bars_width(&names),
            columns: 1,
            panels: vec![Panel {
                title: None,
                height: rows_height(rows, 36),
                x: Axis::from_zero("wall-clock time", longest, Unit::Time),
                y: Axis::rows(&names),
                marks,
            }],
        },
        legend: vec![
            (Paint::Mutator, "mutator".to_owned()),
            (Paint::Collector, "collector (mutator stopped)".to_owned()),
        ],
        csv: table.to_csv(),
    })
}
