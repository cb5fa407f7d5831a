//! The summary: every configuration against the baseline, over all workloads.

use maud::{Markup, html};

use super::{Content, DataTable, parts};
use crate::compare::{OverWorkloads, Overheads, mean_ratio};
use crate::matrix::Matrix;
use crate::metric::{COMPARED, MAX_PAUSE, Metric, PEAK_RSS, WALL};
use crate::table::{Table, number};
use crate::units::Unit;

/// The section as markup.
pub fn section(content: &Content<'_>) -> Markup {
    let matrix = content.matrix;
    let swept = matrix.configs.len() > matrix.shown.len();
    html! {
        section id="summary" {
            h2 { "Summary" }
            @match &content.summary {
                None => {
                    p { "The session has no finished invocation, so there is nothing to compare." }
                }
                Some(table) => {
                    (lead(matrix))
                    // A table of a sweep is long, so its curves come first.
                    @if swept { (parts::figures(&content.overview)) }
                    (parts::folded(&title(matrix), table, &note(matrix), swept))
                    @if !swept { (parts::figures(&content.overview)) }
                    @if let Some(table) = &content.nominal {
                        (parts::table("What the workloads are", table, &super::nominal::note(matrix)))
                    }
                }
            }
        }
    }
}

/// The table of geometric means.
#[must_use]
pub fn table(matrix: &Matrix<'_>, overheads: &Overheads) -> Option<DataTable> {
    matrix.baseline?;
    let workloads = matrix.workloads.len();
    let mut data = Table::new(["configuration", "metric", "geometric_mean", "low", "high", "workloads"]);
    let mut add = |config: usize, metric: &str, mean: Option<OverWorkloads>| {
        let Some(mean) = mean else { return };
        let interval = mean.estimate.interval;
        data.row([
            matrix.configs[config].label.clone(),
            metric.to_owned(),
            number(mean.estimate.value),
            number(interval.map(|interval| interval.low)),
            number(interval.map(|interval| interval.high)),
            mean.workloads.to_string(),
        ]);
    };
    let has = |metric: &Metric| (0..matrix.configs.len()).any(|config| mean_ratio(matrix, config, *metric).is_some());
    let columns: Vec<Metric> = COMPARED.into_iter().filter(has).collect();
    let fewer = |mean: Option<OverWorkloads>| {
        mean.filter(|mean| mean.workloads < workloads)
            .map(|mean| format!("{} of {workloads} workloads", mean.workloads))
    };
    let markup = html! {
        table.numbers {
            thead {
                tr {
                    th scope="col" { "configuration" }
                    @for &metric in &columns { th scope="col" title=(metric.meaning) { (metric.name) } }
                    th scope="col" title="Total time over the smallest mutator time of any collector." { "overhead, wall" }
                    th scope="col" title="The same in processor time of all threads." { "overhead, processor" }
                    th scope="col" { "ok" }
                }
            }
            tbody {
                @for config in 0..matrix.configs.len() {
                    tr {
                        (parts::config_head(matrix, config))
                        @for &metric in &columns {
                            @let mean = mean_ratio(matrix, config, metric);
                            ({ add(config, metric.id, mean); parts::ratio(mean.map(|mean| mean.estimate), fewer(mean)) })
                        }
                        @for (overhead, name) in [(&overheads.wall, "overhead-wall"), (&overheads.cpu, "overhead-cpu")] {
                            @let mean = overhead.mean(config);
                            ({ add(config, name, mean); parts::estimate(mean.map(|mean| mean.estimate), Unit::Ratio) })
                        }
                        (outcomes(matrix, config))
                    }
                }
            }
        }
    };
    Some(DataTable { id: String::new(), markup, csv: data.to_csv() })
}

fn title(matrix: &Matrix<'_>) -> String {
    format!("Ratio to {}, geometric mean over workloads", matrix.baseline_name())
}

fn note(matrix: &Matrix<'_>) -> Markup {
    html! {
        "Lower is better, everywhere. Below each value its 95 % bootstrap interval; "
        span.better { "▼" } " and " span.worse { "▲" } " mark intervals that lie below or above 1. "
        "Overhead is a lower bound of the collector's cost: total over the smallest total-less-collector of any collector; 1 is free. "
        @if !matrix.baseline_was_named {
            "The session names no baseline among its collectors, so the first one is taken. "
        }
        "A workload counts where both sides finished and neither value is zero."
    }
}

/// The result in words, for those who read nothing else.
fn lead(matrix: &Matrix<'_>) -> Markup {
    const SENTENCES: usize = 6;
    let name = matrix.baseline_name();
    let others: Vec<usize> = matrix.shown.iter().copied().filter(|&config| !matrix.is_baseline(config)).collect();
    let all = matrix.workloads.len();
    let value = |config, metric| mean_ratio(matrix, config, metric).map(|mean| mean.estimate);
    let workloads = |config| mean_ratio(matrix, config, WALL).map_or(0, |mean| mean.workloads);
    html! {
        @if !others.is_empty() {
            ul.lead {
                @for &config in others.iter().take(SENTENCES) {
                    @if let Some(wall) = value(config, WALL) {
                        li {
                            b { (matrix.configs[config].label) } " takes "
                            b { (Unit::Ratio.show(wall.value)) "×" } " the time of " (name)
                            @if let Some(interval) = wall.interval {
                                " (" (Unit::Ratio.show(interval.low)) " to " (Unit::Ratio.show(interval.high)) ")"
                            }
                            @if let Some(pause) = value(config, MAX_PAUSE) {
                                ", its longest pauses are " b { (Unit::Ratio.show(pause.value)) "×" } " as long"
                            }
                            @if let Some(memory) = value(config, PEAK_RSS) {
                                ", its peak memory is " b { (Unit::Ratio.show(memory.value)) "×" } " as large"
                            }
                            @if workloads(config) < all { ", on " (workloads(config)) " of " (all) " workloads" }
                            "."
                        }
                    }
                }
            }
        }
    }
}

/// How many invocations finished, and what became of the others.
fn outcomes(matrix: &Matrix<'_>, config: usize) -> Markup {
    let cells = || (0..matrix.workloads.len()).filter_map(|workload| matrix.cell(workload, config));
    let all: usize = cells().map(|cell| cell.runs.len()).sum();
    let ok: usize = cells().map(|cell| cell.ok().count()).sum();
    let mut failures = std::collections::BTreeMap::new();
    for (label, number) in cells().flat_map(crate::matrix::Cell::failures) {
        *failures.entry(label).or_insert(0) += number;
    }
    let absent = (0..matrix.workloads.len()).filter(|&workload| matrix.cell(workload, config).is_none()).count();
    html! {
        td {
            (ok) " of " (all)
            @for (label, number) in failures { span.failure { (number) "× " (label) } }
            @if absent > 0 { span.failure { "not run on " (absent) } }
        }
    }
}
