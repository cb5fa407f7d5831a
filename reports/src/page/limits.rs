//! What failed, and what was not measured.

use std::collections::BTreeMap;

use maud::{Markup, html};
use tenure_record::{Invocation, Outcome};

use super::parts::plural;
use crate::matrix::{Matrix, Workload};
use crate::metric::{self, float};
use crate::units::Unit;

/// How far the sum of logged pauses may be from the collector's own total before it is worth a sentence.
const MISMATCH: f64 = 0.02;

/// Whether any invocation failed.
pub fn any_failure(matrix: &Matrix<'_>) -> bool {
    matrix.session.invocations.iter().any(|run| !run.outcome.is_ok())
}

/// The failures as a section; nothing where there are none.
pub fn failures(matrix: &Matrix<'_>) -> Markup {
    /// Failures with the same words, and how many there are.
    type Alike<'a> = BTreeMap<(usize, usize, &'a str, String), usize>;
    let mut alike: Alike<'_> = BTreeMap::new();
    for workload in 0..matrix.workloads.len() {
        for config in 0..matrix.configs.len() {
            for run in matrix.cell(workload, config).iter().flat_map(|cell| &cell.runs) {
                if !run.outcome.is_ok() {
                    *alike.entry((workload, config, run.outcome.label(), details(run))).or_default() += 1;
                }
            }
        }
    }
    html! {
        @if !alike.is_empty() {
            section id="failures" {
                h2 { "Failures" }
                p { "Invocations that did not finish with the right result. Their times are in no mean, and their cells say so." }
                div.scroll tabindex="0" role="region" aria-label="Failures" {
                    table {
                        thead { tr { th scope="col" { "workload" } th scope="col" { "configuration" } th scope="col" { "invocations" } th scope="col" { "outcome" } th scope="col" { "details" } } }
                        tbody {
                            @for ((workload, config, label, details), number) in &alike {
                                tr {
                                    td { (matrix.workloads[*workload].label) }
                                    td { (matrix.configs[*config].label) }
                                    td { (number) }
                                    td.failed { (label) }
                                    td { @if details.is_empty() { "–" } @else { code { (details) } } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The section about the limits of the session.
pub fn not_measured(matrix: &Matrix<'_>) -> Markup {
    html! {
        section id="not-measured" {
            h2 { "What was not measured" }
            ul.limits { @for sentence in sentences(matrix) { li { (sentence) } } }
        }
    }
}

fn details(run: &Invocation) -> String {
    const LENGTH: usize = 200;
    let text = match &run.outcome {
        Outcome::Error { message } => message.clone(),
        Outcome::WrongResult { expected } if !expected.is_empty() => {
            format!("expected {expected}, found {}", run.result)
        }
        _ => String::new(),
    };
    match text.char_indices().nth(LENGTH) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// What the records show to be missing, and what the experimenter said.
fn sentences(matrix: &Matrix<'_>) -> Vec<String> {
    let session = matrix.session;
    let header = &session.header;
    let runs = &session.invocations;
    let mut all: Vec<String> = header.not_measured.clone();

    if let Some(planned) = header.planned_invocations {
        let missing = planned.saturating_sub(runs.len() as u64);
        if missing > 0 {
            all.push(format!("{missing} of {planned} planned invocations: the session ended before them."));
        }
    }
    if let Some(truncated) = &session.truncated {
        all.push(format!("The invocation whose record is cut off in line {}.", truncated.line));
    }
    if session.unknown_lines > 0 {
        all.push(format!(
            "{} lines of the session are of a kind that this version doesn't know.",
            session.unknown_lines
        ));
    }
    all.extend(pairs_without(matrix, "Not run", |_, cell| cell.is_none_or(|cell| cell.runs.is_empty())));
    all.extend(pairs_without(matrix, "No log of pauses, so no distribution, timeline or utilisation", |_, cell| {
        cell.is_some_and(|cell| cell.ok().next().is_some() && cell.ok().all(|run| run.pauses.is_none()))
    }));
    for metric in
        metric::ALL.iter().filter(|metric| metric.id != metric::MUTATOR.id && metric.id != metric::MAX_PAUSE.id)
    {
        all.extend(pairs_without(matrix, &format!("No value of {}", metric.name), |_, cell| {
            cell.is_some_and(|cell| cell.ok().next().is_some() && cell.values(*metric).is_empty())
        }));
    }
    all.extend(pairs_without(matrix, "One invocation only, so no interval and no test", |_, cell| {
        cell.is_some_and(|cell| cell.ok().count() == 1)
    }));
    all.extend(pairs_without(matrix, "Fewer than five invocations, so intervals are too narrow", |_, cell| {
        cell.is_some_and(|cell| (2..5).contains(&cell.ok().count()))
    }));
    all.extend(log_gaps(matrix));

    if runs.iter().all(|run| run.requests.is_empty()) {
        all.push("Latency of requests: no workload of the session has requests.".to_owned());
    }
    if runs.iter().all(|run| run.counters.is_empty()) {
        all.push("Counters of the processor (instructions, cycles, cache misses): the records have none.".to_owned());
    }
    if !matrix.varied.iter().any(|option| option.starts_with("heap-")) {
        all.push(
            "Other heap sizes: each workload ran at one setting of the heap, and collectors change places with it."
                .to_owned(),
        );
    }
    if session.min_heaps.is_empty() {
        all.push(
            "Smallest heaps: without them, a heap's size can't be said as a multiple of what the workload needs."
                .to_owned(),
        );
    }
    all.extend(machine(matrix));
    all
}

/// A sentence that names the cells for which something holds; as whole workloads or configurations where it can.
fn pairs_without(
    matrix: &Matrix<'_>,
    what: &str,
    holds: impl Fn(usize, Option<&crate::matrix::Cell<'_>>) -> bool,
) -> Option<String> {
    let holds_for = |workload: usize, config: usize| holds(config, matrix.cell(workload, config));
    let (rows, columns) = (matrix.workloads.len(), matrix.configs.len());
    let count = (0..rows).map(|w| (0..columns).filter(|&c| holds_for(w, c)).count()).sum::<usize>();
    if count == 0 {
        return None;
    }
    if count == rows * columns {
        return Some(format!("{what}: everywhere."));
    }
    let mut names: Vec<String> = Vec::new();
    let whole = |config: usize| (0..rows).all(|workload| holds_for(workload, config));
    names.extend((0..columns).filter(|&config| whole(config)).map(|config| matrix.configs[config].label.clone()));
    for (workload, Workload { label, .. }) in matrix.workloads.iter().enumerate() {
        let left: Vec<&str> = (0..columns)
            .filter(|&config| !whole(config) && holds_for(workload, config))
            .map(|config| matrix.configs[config].label.as_str())
            .collect();
        if !left.is_empty() {
            names.push(format!("{label} under {}", left.join(", ")));
        }
    }
    Some(format!("{what}: {}.", names.join("; ")))
}

/// What the logs of pauses lack.
fn log_gaps(matrix: &Matrix<'_>) -> Vec<String> {
    let runs = &matrix.session.invocations;
    let mut all = Vec::new();
    let dropped: u64 = runs.iter().fold(0, |sum, run| sum.saturating_add(run.dropped_events));
    if dropped > 0 {
        let of = runs.iter().filter(|run| run.dropped_events > 0).count();
        all.push(format!(
            "{dropped} events of {of} invocation{}, for which the recorder's buffer had no room.",
            plural(of)
        ));
    }
    let outside: usize =
        runs.iter().filter_map(|run| Some(run.pauses.as_ref()?.len() - metric::pauses(run)?.len())).sum();
    if outside > 0 {
        all.push(format!(
            "{outside} pause{} before or after the measured regions: they are in the records, and in no number here.",
            plural(outside)
        ));
    }
    let mut apart: Vec<(f64, String)> = runs
        .iter()
        .filter(|run| run.outcome.is_ok())
        .filter_map(|run| {
            let total = float(run.gc_ns?);
            let logged: f64 = metric::pauses(run)?.iter().map(|pause| float(pause.pause_ns)).sum();
            let gap = (logged - total).abs() / total;
            (total > 0.0 && gap > MISMATCH).then(|| {
                let words = format!("{} under {}, invocation {}", run.workload, run.collector, run.invocation);
                (gap, words)
            })
        })
        .collect();
    apart.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    if let Some((gap, words)) = apart.first() {
        all.push(format!(
            "In {} invocation{} the logged pauses do not add up to the collector's own total; the widest gap, {}, is in {words}.",
            apart.len(),
            plural(apart.len()),
            Unit::Share.show(*gap)
        ));
    }
    all
}

/// What the machine does not tell, or tells against the measurement.
fn machine(matrix: &Matrix<'_>) -> Vec<String> {
    let header = &matrix.session.header;
    let host = &header.host;
    let mut all = vec!["Other machines: everything ran on one.".to_owned()];
    if header.dirty {
        all.push("The commit alone: the program was built with uncommitted changes.".to_owned());
    }
    if let (Some([now, ..]), Some(cores)) = (host.load, host.cores)
        && now > f64::from(cores) / 2.0
    {
        all.push(format!(
            "A quiet machine: the load was {now} on {cores} processor{} at the start.",
            plural(cores as usize)
        ));
    }
    let unknown: Vec<&str> = [
        (host.cpu_model.is_none(), "processor"),
        (host.kernel.is_none(), "kernel"),
        (host.memory_bytes.is_none(), "memory"),
        (host.thp.is_none(), "huge pages"),
        (host.governor.is_none(), "frequency governor"),
        (host.load.is_none(), "load"),
    ]
    .into_iter()
    .filter_map(|(is_unknown, name)| is_unknown.then_some(name))
    .collect();
    if !unknown.is_empty() {
        all.push(format!("Conditions that the machine did not tell: {}.", unknown.join(", ")));
    }
    all
}
