//! The long format: one row an observation, with everything that tells it from the others in the same row.
//!
//! Each invocation has a row for its outcome, so that one that failed is in the data as well.
//! `at_ns` is nanoseconds since the start of the process, as in the records; a value that belongs to the whole invocation has none.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use tenure_record::{Invocation, Session};

use crate::metric::{self, float};
use crate::table::{Table, number};

/// One observed value.
struct Observation<'a> {
    metric: String,
    kind: &'a str,
    at_ns: Option<u64>,
    value: f64,
    unit: &'static str,
}

/// All observations as CSV; the options are the last columns, named `option.NAME`.
#[must_use]
pub fn csv(session: &Session) -> String {
    let options = options(session);
    let heads = options.iter().map(|option| format!("option.{option}")).collect::<Vec<_>>();
    let columns = [
        "workload",
        "scale",
        "collector",
        "order",
        "invocation",
        "outcome",
        "metric",
        "kind",
        "at_ns",
        "value",
        "unit",
    ];
    let mut table = Table::new(columns.into_iter().chain(heads.iter().map(String::as_str)));
    for run in &session.invocations {
        for observation in observations(run) {
            let mut row = vec![
                run.workload.clone(),
                run.scale.clone(),
                run.collector.clone(),
                run.order.to_string(),
                run.invocation.to_string(),
                run.outcome.label().to_owned(),
                observation.metric,
                observation.kind.to_owned(),
                observation.at_ns.map_or_else(String::new, |at| at.to_string()),
                number(observation.value),
                observation.unit.to_owned(),
            ];
            row.extend(options.iter().map(|option| run.options.get(*option).cloned().unwrap_or_default()));
            table.row(row);
        }
    }
    table.to_csv()
}

/// An observation as a JSON object, its fields in the order of the columns.
#[derive(Serialize)]
struct Row<'a> {
    workload: &'a str,
    scale: &'a str,
    collector: &'a str,
    options: &'a BTreeMap<String, String>,
    order: u64,
    invocation: u32,
    outcome: &'static str,
    metric: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    at_ns: Option<u64>,
    value: f64,
    unit: &'static str,
}

/// All observations, each as a JSON object on a line.
#[must_use]
pub fn ndjson(session: &Session) -> String {
    let mut text = String::new();
    for run in &session.invocations {
        for observation in observations(run) {
            let row = Row {
                workload: &run.workload,
                scale: &run.scale,
                collector: &run.collector,
                options: &run.options,
                order: run.order,
                invocation: run.invocation,
                outcome: run.outcome.label(),
                metric: &observation.metric,
                kind: observation.kind,
                at_ns: observation.at_ns,
                value: observation.value,
                unit: observation.unit,
            };
            text.push_str(&serde_json::to_string(&row).expect("text and numbers are JSON"));
            text.push('\n');
        }
    }
    text
}

fn options(session: &Session) -> BTreeSet<&str> {
    session.invocations.iter().flat_map(|run| run.options.keys().map(String::as_str)).collect()
}

fn observations(run: &Invocation) -> Vec<Observation<'_>> {
    let mut all = Vec::new();
    let mut add = |metric: &str, kind, at_ns, value: Option<u64>, unit| {
        all.extend(value.map(|value| Observation {
            metric: metric.to_owned(),
            kind,
            at_ns,
            value: float(value),
            unit,
        }));
    };
    add("ok", "", None, Some(u64::from(run.outcome.is_ok())), "1");
    for (name, value) in &run.counters {
        add(&format!("counter.{name}"), "", None, Some(*value), "count");
    }
    for pause in run.pauses.iter().flatten() {
        let (kind, at) = (pause.kind.as_str(), Some(pause.start_ns));
        add("pause", kind, at, Some(pause.pause_ns), "ns");
        for (phase, ns) in &pause.phases {
            add(&format!("pause.phase.{phase}"), kind, at, Some(*ns), "ns");
        }
        for (name, value, unit) in [
            ("bytes-before", pause.bytes_before, "bytes"),
            ("bytes-after", pause.bytes_after, "bytes"),
            ("bytes-copied", pause.bytes_copied, "bytes"),
            ("bytes-promoted", pause.bytes_promoted, "bytes"),
            ("objects-before", pause.objects_before, "count"),
            ("objects-after", pause.objects_after, "count"),
            ("roots", pause.roots, "count"),
            ("remembered", pause.remembered, "count"),
        ] {
            add(&format!("pause.{name}"), kind, at, value, unit);
        }
    }
    for sample in &run.heap {
        add("heap.used", "", Some(sample.at_ns), Some(sample.used_bytes), "bytes");
        add("heap.committed", "", Some(sample.at_ns), sample.committed_bytes, "bytes");
    }
    for request in &run.requests {
        add("request", "", Some(request.start_ns), Some(request.end_ns.saturating_sub(request.start_ns)), "ns");
    }
    let scalars = metric::ALL.iter().filter_map(|metric| {
        let value = (metric.of)(run)?;
        Some(Observation { metric: metric.id.to_owned(), kind: "", at_ns: None, value, unit: metric.unit.symbol() })
    });
    let at = 1;
    let rest = all.split_off(at);
    all.extend(scalars);
    all.extend(rest);
    all
}
