//! A workload: its results, its figures, and the percentiles of its pauses and requests.

use maud::{Markup, html};
use tenure_record::Pause;

use super::{DataTable, Section, parts};
use crate::compare::{self, Overheads};
use crate::figure::failure_words;
use crate::figure::latency::Counting;
use crate::matrix::Matrix;
use crate::metric::{
    self, ALLOCATED, CPU, GC, GC_COUNT, HEAP_AFTER, MAX_PAUSE, MUTATOR, Metric, PEAK_RSS, WALL, float,
};
use crate::stats::quantile::{percentile, supported_percentile};
use crate::table::{Table, number};
use crate::units::{Unit, count};

/// The columns of means.
const MEANS: [Metric; 8] = [GC, GC_COUNT, MAX_PAUSE, PEAK_RSS, HEAP_AFTER, CPU, MUTATOR, ALLOCATED];
/// The columns of percentiles, with their heads.
const PERCENTILES: [(f64, &str); 4] = [(0.5, "p50"), (0.9, "p90"), (0.99, "p99"), (0.999, "p99.9")];
/// The further column for requests, of which there are more.
const REQUEST_PERCENTILES: [(f64, &str); 5] =
    [(0.5, "p50"), (0.9, "p90"), (0.99, "p99"), (0.999, "p99.9"), (0.9999, "p99.99")];

/// The section as markup.
pub fn section(matrix: &Matrix<'_>, section: &Section) -> Markup {
    let workload = &matrix.workloads[section.workload];
    html! {
        section.workload id=(section.anchor) {
            h2 { (workload.label) }
            @if !workload.scale.is_empty() { p.sub { "Scale " (workload.scale) "." } }
            @if let Some(table) = &section.grid {
                (parts::table("Costs of the sweep", table, &html! {
                    "Lower is better. Means over the invocations that finished; the deeper the colour, the nearer to the worst of its block, on a logarithmic scale. "
                    "Intervals are with the results of each configuration."
                }))
            }
            @if let Some(table) = &section.results {
                (parts::folded("Results of each configuration", table, &html! {
                    "Lower is better. Means over the invocations that finished, with their 95 % bootstrap intervals. "
                    "The ratio is that of the means of the total time; "
                    i { "p" } " is that of the Mann-Whitney test of the total times against the baseline's."
                }, matrix.configs.len() > matrix.shown.len()))
            }
            (parts::figures(&section.figures))
            @if let Some(table) = &section.percentiles {
                (parts::table("Pauses", table, &html! {
                    "Lower is better. Pauses of all invocations together, each percentile one of the pauses (nearest rank); "
                    "a dash is where fewer than one pause is beyond the percentile, so that it would only repeat the maximum. "
                    "The sum is a mean per invocation."
                }))
            }
            @if let Some(table) = &section.latencies {
                (parts::table("Requests", table, &html! {
                    "Lower is better. Requests of all invocations together. Simple is end less start; "
                    "metered counts from a start on a schedule that is smoothed over 100 ms or over the whole run."
                }))
            }
        }
    }
}

/// The results by configuration.
#[must_use]
pub fn results(matrix: &Matrix<'_>, workload: usize, overheads: &Overheads) -> Option<DataTable> {
    let columns =
        MEANS.iter().filter(|metric| (0..matrix.configs.len()).any(|c| matrix.mean(workload, c, **metric).is_some()));
    let columns: Vec<Metric> = columns.copied().collect();
    let mut data = Table::new(["configuration", "metric", "unit", "invocations", "mean", "low", "high"]);
    let mut add = |config: usize, metric: Metric| {
        let Some(mean) = matrix.mean(workload, config, metric) else {
            return;
        };
        let invocations = matrix.cell(workload, config).map_or(0, |cell| cell.values(metric).len());
        data.row([
            matrix.configs[config].label.clone(),
            metric.id.to_owned(),
            metric.unit.symbol().to_owned(),
            invocations.to_string(),
            number(mean.value),
            number(mean.interval.map(|interval| interval.low)),
            number(mean.interval.map(|interval| interval.high)),
        ]);
    };
    for config in 0..matrix.configs.len() {
        for metric in metric::ALL {
            add(config, metric);
        }
    }
    let markup = html! {
        table.numbers {
            thead {
                tr {
                    th scope="col" { "configuration" }
                    th scope="col" title=(WALL.meaning) { (WALL.name) }
                    th scope="col" { "ratio" }
                    th scope="col" title="Total time over the smallest mutator time of any collector." { "overhead, wall" }
                    th scope="col" title="The same in processor time of all threads." { "overhead, processor" }
                    @for metric in &columns { th scope="col" title=(metric.meaning) { (metric.name) } }
                }
            }
            tbody {
                @for config in 0..matrix.configs.len() {
                    @let cell = matrix.cell(workload, config);
                    @let ok = cell.map_or(0, |cell| cell.ok().count());
                    @let failures = failure_words(matrix, workload, config);
                    tr {
                        (parts::config_head_with(matrix, config, Some(format!("{ok} of {} ok", cell.map_or(0, |cell| cell.runs.len())))))
                        @if ok == 0 {
                            td.failed colspan=(4 + columns.len()) { (failures.unwrap_or_default()) }
                        } @else {
                            (with_failures(parts::estimate(matrix.mean(workload, config, WALL), WALL.unit), failures))
                            (parts::ratio(compare::ratio(matrix, workload, config, WALL), p_value(matrix, workload, config)))
                            @for overhead in [&overheads.wall, &overheads.cpu] {
                                (parts::estimate(overhead.on(workload, config), Unit::Ratio))
                            }
                            @for metric in &columns {
                                (parts::estimate(matrix.mean(workload, config, *metric), metric.unit))
                            }
                        }
                    }
                }
            }
        }
    };
    Some(DataTable { id: String::new(), markup, csv: data.to_csv() })
}

/// Percentiles of pauses by configuration and kind.
#[must_use]
pub fn percentiles(matrix: &Matrix<'_>, workload: usize) -> Option<DataTable> {
    let mut rows: Vec<(usize, String, Vec<u64>, usize)> = Vec::new();
    for config in 0..matrix.configs.len() {
        let Some(cell) = matrix.cell(workload, config) else {
            continue;
        };
        let logs: Vec<Vec<&Pause>> = cell.ok().filter_map(metric::pauses).collect();
        let all: Vec<&Pause> = logs.iter().flatten().copied().collect();
        let mut kinds: Vec<_> = all.iter().map(|pause| pause.kind.clone()).collect();
        kinds.sort();
        kinds.dedup();
        let lengths = |keep: &dyn Fn(&Pause) -> bool| {
            let mut lengths: Vec<u64> = all.iter().filter(|pause| keep(pause)).map(|pause| pause.pause_ns).collect();
            lengths.sort_unstable();
            lengths
        };
        if kinds.len() != 1 && !all.is_empty() {
            rows.push((config, "all".to_owned(), lengths(&|_| true), logs.len()));
        }
        for kind in kinds {
            rows.push((config, kind.to_string(), lengths(&|pause| pause.kind == kind), logs.len()));
        }
    }
    if rows.is_empty() {
        return None;
    }
    let mut data = Table::new(
        ["configuration", "kind", "count", "min_ns"]
            .into_iter()
            .chain(PERCENTILES.map(|(_, head)| head))
            .chain(["max_ns", "sum_ns_per_invocation"]),
    );
    for (config, kind, lengths, logs) in &rows {
        let mut row = vec![matrix.configs[*config].label.clone(), kind.clone(), lengths.len().to_string()];
        row.push(number(percentile(lengths, 0.0).map(float)));
        row.extend(PERCENTILES.map(|(p, _)| number(supported_percentile(lengths, p).map(float))));
        row.push(number(percentile(lengths, 1.0).map(float)));
        row.push(number(sum(lengths) / *logs as f64));
        data.row(row);
    }
    let markup = html! {
        table.numbers.grouped {
            thead {
                tr {
                    th scope="col" { "configuration" }
                    th.kind scope="col" { "kind" }
                    @for head in ["number", "min"] { th scope="col" { (head) } }
                    @for (_, head) in PERCENTILES { th scope="col" { (head) } }
                    @for head in ["max", "sum"] { th scope="col" { (head) } }
                }
            }
            tbody {
                @for (index, (config, kind, lengths, logs)) in rows.iter().enumerate() {
                    @let first = index == 0 || rows[index - 1].0 != *config;
                    tr.begins[first] {
                        @if first { (parts::config_head(matrix, *config)) } @else { td {} }
                        td.kind { (kind) }
                        td { (count(lengths.len() as f64)) }
                        (time(percentile(lengths, 0.0).map(float)))
                        @for (p, _) in PERCENTILES { (time(supported_percentile(lengths, p).map(float))) }
                        (time(percentile(lengths, 1.0).map(float)))
                        (time(Some(sum(lengths) / *logs as f64)))
                    }
                }
            }
        }
    };
    Some(DataTable { id: String::new(), markup, csv: data.to_csv() })
}

/// Percentiles of requests by configuration and way of counting.
#[must_use]
pub fn latencies(matrix: &Matrix<'_>, workload: usize) -> Option<DataTable> {
    let mut rows: Vec<(usize, Counting, Vec<u64>)> = Vec::new();
    for config in 0..matrix.configs.len() {
        for counting in Counting::ALL {
            let latencies = counting.latencies(matrix, workload, config);
            if !latencies.is_empty() {
                rows.push((config, counting, latencies));
            }
        }
    }
    if rows.is_empty() {
        return None;
    }
    let mut data = Table::new(
        ["configuration", "counting", "count"]
            .into_iter()
            .chain(REQUEST_PERCENTILES.map(|(_, head)| head))
            .chain(["max_ns"]),
    );
    for (config, counting, latencies) in &rows {
        let mut row =
            vec![matrix.configs[*config].label.clone(), counting.name().to_owned(), latencies.len().to_string()];
        row.extend(REQUEST_PERCENTILES.map(|(p, _)| number(supported_percentile(latencies, p).map(float))));
        row.push(number(percentile(latencies, 1.0).map(float)));
        data.row(row);
    }
    let markup = html! {
        table.numbers.grouped {
            thead {
                tr {
                    th scope="col" { "configuration" }
                    th.kind scope="col" { "latency" }
                    th scope="col" { "requests" }
                    @for (_, head) in REQUEST_PERCENTILES { th scope="col" { (head) } }
                    th scope="col" { "max" }
                }
            }
            tbody {
                @for (config, counting, latencies) in &rows {
                    @let first = *counting == Counting::Simple;
                    tr.begins[first] {
                        @if first { (parts::config_head(matrix, *config)) } @else { td {} }
                        td.kind { (counting.name()) }
                        td { (count(latencies.len() as f64)) }
                        @for (p, _) in REQUEST_PERCENTILES { (time(supported_percentile(latencies, p).map(float))) }
                        (time(percentile(latencies, 1.0).map(float)))
                    }
                }
            }
        }
    };
    Some(DataTable { id: String::new(), markup, csv: data.to_csv() })
}

fn time(value: Option<f64>) -> Markup {
    html! { td { @match value { Some(value) => (Unit::Time.show(value)), None => span.none { "–" } } } }
}

fn sum(lengths: &[u64]) -> f64 {
    lengths.iter().map(|&length| float(length)).sum()
}

/// The value of a cell of which some invocations failed.
fn with_failures(value: Markup, failures: Option<String>) -> Markup {
    match failures {
        None => value,
        Some(failures) => {
            let text = value.into_string();
            let inner = text.trim_start_matches("<td>").trim_end_matches("</td>").to_owned();
            html! { td { (maud::PreEscaped(inner)) span.failure { (failures) } } }
        }
    }
}

fn p_value(matrix: &Matrix<'_>, workload: usize, config: usize) -> Option<String> {
    let test = compare::rank_test(matrix, workload, config, WALL)?;
    Some(if test.p < 0.0001 { "p < 0.0001".to_owned() } else { format!("p = {:.4}", test.p) })
}
