//! What kind of programs the workloads are, in the numbers that decide what a collector can do for them (after DaCapo Chopin's nominal statistics).

use maud::{Markup, html};

use super::DataTable;
use crate::matrix::Matrix;
use crate::metric::{ALLOCATED, GC, HEAP_AFTER, MUTATOR, Metric, WALL};
use crate::table::{Table, number};
use crate::units::Unit;

/// A column, computed from the means of a workload under one configuration.
struct Column {
    id: &'static str,
    head: &'static str,
    meaning: &'static str,
    unit: Unit,
    of: fn(&dyn Fn(Metric) -> Option<f64>) -> Option<f64>,
    /// What follows the number.
    per: &'static str,
}

const COLUMNS: [Column; 6] = [
    Column {
        id: "total_ns",
        head: "total time",
        meaning: WALL.meaning,
        unit: Unit::Time,
        of: |mean| mean(WALL),
        per: "",
    },
    Column {
        id: "allocated_bytes",
        head: "allocated",
        meaning: ALLOCATED.meaning,
        unit: Unit::Bytes,
        of: |mean| mean(ALLOCATED),
        per: "",
    },
    Column {
        id: "allocated_bytes_per_second",
        head: "allocation rate",
        meaning: "Bytes allocated over mutator time.",
        unit: Unit::Bytes,
        of: |mean| Some(mean(ALLOCATED)? / (mean(MUTATOR)? / 1e9)),
        per: "/s",
    },
    Column {
        id: "heap_after_bytes",
        head: "heap after",
        meaning: HEAP_AFTER.meaning,
        unit: Unit::Bytes,
        of: |mean| mean(HEAP_AFTER),
        per: "",
    },
    Column {
        id: "turnover",
        head: "turnover",
        meaning: "Bytes allocated over bytes in the heap after a last full collection.",
        unit: Unit::Ratio,
        of: |mean| Some(mean(ALLOCATED)? / mean(HEAP_AFTER)?),
        per: "×",
    },
    Column {
        id: "collector_share",
        head: "collector's share",
        meaning: "Collector time over total time.",
        unit: Unit::Share,
        of: |mean| Some(mean(GC)? / mean(WALL)?),
        per: "",
    },
];

/// A row for each workload, as it ran under the first configuration that finished it and knows how much it allocated.
#[must_use]
pub fn table(matrix: &Matrix<'_>) -> Option<DataTable> {
    let rows: Vec<(usize, usize)> = (0..matrix.workloads.len())
        .filter_map(|workload| {
            let knows = |config: &usize| matrix.mean(workload, *config, ALLOCATED).is_some();
            Some((workload, (0..matrix.configs.len()).find(knows)?))
        })
        .collect();
    if rows.is_empty() {
        return None;
    }
    let value = |(workload, config): (usize, usize), column: &Column| {
        let mean = |metric| matrix.mean(workload, config, metric).map(|estimate| estimate.value);
        (column.of)(&mean).filter(|value| value.is_finite())
    };
    let ids = COLUMNS.iter().map(|column| column.id);
    let mut data = Table::new(["workload", "configuration"].into_iter().chain(ids));
    for &(workload, config) in &rows {
        let of = [matrix.workloads[workload].label.clone(), matrix.configs[config].label.clone()];
        data.row(of.into_iter().chain(COLUMNS.iter().map(|column| number(value((workload, config), column)))));
    }
    let markup = html! {
        table.numbers {
            thead {
                tr {
                    th scope="col" { "workload" }
                    @for column in &COLUMNS { th scope="col" title=(column.meaning) { (column.head) } }
                    th scope="col" { "under" }
                }
            }
            tbody {
                @for &(workload, config) in &rows {
                    tr {
                        th.name scope="row" { (matrix.workloads[workload].label) }
                        @for column in &COLUMNS {
                            td {
                                @match value((workload, config), column) {
                                    Some(value) => { (column.unit.show(value)) (column.per) }
                                    None => { span.none { "–" } }
                                }
                            }
                        }
                        td { (matrix.configs[config].label) }
                    }
                }
            }
        }
    };
    Some(DataTable { id: String::new(), markup, csv: data.to_csv() })
}

/// What is said below the table.
pub fn note(matrix: &Matrix<'_>) -> Markup {
    let baseline = matrix.baseline.map(|baseline| matrix.configs[baseline].label.clone()).unwrap_or_default();
    html! {
        "Means over the invocations under " (baseline) ", or where it has none, under the first configuration that does. "
        "They describe the programs, so neither way is better."
    }
}
