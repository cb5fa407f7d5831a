//! Memory: the peak resident set of the process, and the heap after its last collection.

use super::{Figure, bar, bars_width, ends, failure_words, invocations_note, left_out_notes, rows_height};
use crate::chart::axis::row;
use crate::chart::{Axis, Chart, Mark, Paint, Panel};
use crate::matrix::Matrix;
use crate::metric::{HEAP_AFTER, PEAK_RSS};
use crate::table::{Table, number};
use crate::units::Unit;

/// The two bars of a row: metric, colour, and how far above the row's middle.
const BARS: [(crate::metric::Metric, Paint, f64); 2] =
    [(PEAK_RSS, Paint::Resident, 0.17), (HEAP_AFTER, Paint::Heap, -0.17)];

/// The figure of a workload.
#[must_use]
pub fn figure(matrix: &Matrix<'_>, workload: usize) -> Option<Figure> {
    let rows = matrix.shown.len();
    let names: Vec<String> = matrix.shown.iter().map(|&config| matrix.configs[config].label.clone()).collect();
    let mut table = Table::new(["configuration", "metric", "mean_bytes", "low_bytes", "high_bytes"]);
    let mut marks = Vec::new();
    let mut largest: f64 = 0.0;
    for (index, &config) in matrix.shown.iter().enumerate() {
        let mut end: f64 = 0.0;
        for (metric, paint, above) in BARS {
            let Some(mean) = matrix.mean(workload, config, metric) else {
                continue;
            };
            let at = row(index, rows) + above;
            let [low, high] = ends(Some(mean));
            table.row([names[index].clone(), metric.id.to_owned(), number(mean.value), low, high]);
            marks.push(bar(0.0, mean.value, at, 0.3, paint));
            if let Some(interval) = mean.interval {
                marks.push(Mark::Whisker { low: interval.low, high: interval.high, at, paint: Paint::Ink });
            }
            end = end.max(mean.interval.map_or(mean.value, |interval| interval.high));
        }
        largest = largest.max(end);
        if let Some(text) = failure_words(matrix, workload, config) {
            marks.push(Mark::Words { at: (end, row(index, rows)), text, paint: Paint::Bad });
        }
    }
    if largest == 0.0 {
        return None;
    }
    let mut notes = vec![
        "Lower is better.".to_owned(),
        invocations_note(matrix, workload),
        "Bars are means; whiskers are 95 % bootstrap intervals of the mean.".to_owned(),
        "The resident set holds the program and its tables as well as the heap.".to_owned(),
    ];
    notes.extend(left_out_notes(matrix, workload, &matrix.shown));
    Some(Figure {
        id: "footprint".to_owned(),
        title: "Footprint".to_owned(),
        notes,
        chart: Chart {
            width: bars_width(&names),
            columns: 1,
            panels: vec![Panel {
                title: None,
                height: rows_height(rows, 36),
                x: Axis::from_zero("memory", largest, Unit::Bytes),
                y: Axis::rows(&names),
                marks,
            }],
        },
        legend: BARS
            .iter()
            .map(|(metric, paint, _)| {
                let name =
                    if metric.id == PEAK_RSS.id { "peak resident set" } else { "heap after a last full collection" };
                (*paint, name.to_owned())
            })
            .collect(),
        csv: table.to_csv(),
    })
}
