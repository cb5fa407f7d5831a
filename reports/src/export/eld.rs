//! Lisp data in the shape that the package emacs-gc-stats saves.
//!
//! The file is one list; each of its elements is a session of Emacs, here an invocation; each of its elements is a record, the newest first.
//! A record has perhaps a title, then a time, then pairs of a variable's or function's name and its value:
//!
//! ```text
//! ((("Session end stats" TIME (gc-elapsed . 0.31) (gcs-done . 12) ...)
//!   (TIME (gc-cons-threshold . 800000) (gc-elapsed . 0.31) (gcs-done . 12) ...)
//!   ...
//!   ("Initial stats" TIME (gc-cons-threshold . 800000) ...))
//!  ...)
//! ```
//!
//! `gc-elapsed` and `gcs-done` count from the start of the process, as in Emacs.
//! Times are that of the session's header and the seconds since the start of the process, since no invocation has a clock of its own.
//! Names that begin with `tenure-` are ours.

use std::fmt::Write as _;

use tenure_record::{Invocation, Session};

use crate::metric::float;

/// All invocations, the newest first.
#[must_use]
pub fn data(session: &Session) -> String {
    let started = session.header.started.as_deref().unwrap_or("unknown time");
    let mut runs: Vec<&Invocation> = session.invocations.iter().collect();
    runs.sort_by_key(|run| std::cmp::Reverse(run.order));
    let entries: Vec<String> = runs.iter().map(|run| entry(run, started)).collect();
    format!("({})\n", entries.join("\n "))
}

fn entry(run: &Invocation, started: &str) -> String {
    let mut records = vec![initial(run, started)];
    let mut elapsed = 0.0;
    let mut pauses: Vec<_> = run.pauses.iter().flatten().collect();
    pauses.sort_by_key(|pause| pause.start_ns);
    for (done, pause) in (1_u64..).zip(&pauses) {
        elapsed += float(pause.pause_ns) / 1e9;
        let mut record = format!("({}", time(started, pause.end_ns()));
        settings(run, &mut record);
        pair(&mut record, "gc-elapsed", &seconds(elapsed));
        pair(&mut record, "gcs-done", &done.to_string());
        pair(&mut record, "tenure-kind", &string(pause.kind.as_str()));
        pair(&mut record, "tenure-pause", &seconds(float(pause.pause_ns) / 1e9));
        for (name, value) in [("tenure-bytes-before", pause.bytes_before), ("tenure-bytes-after", pause.bytes_after)] {
            if let Some(value) = value {
                pair(&mut record, name, &value.to_string());
            }
        }
        record.push(')');
        records.push(record);
    }
    records.push(end(run, started, elapsed, pauses.len() as u64));
    records.reverse();
    format!("({})", records.join("\n  "))
}

fn initial(run: &Invocation, started: &str) -> String {
    let mut record = format!("(\"Initial stats\" {}", time(started, 0));
    settings(run, &mut record);
    pair(&mut record, "tenure-workload", &string(&run.workload));
    pair(&mut record, "tenure-scale", &string(&run.scale));
    pair(&mut record, "tenure-collector", &string(&run.collector));
    pair(&mut record, "tenure-invocation", &run.invocation.to_string());
    pair(&mut record, "tenure-outcome", &string(run.outcome.label()));
    let options: Vec<String> =
        run.options.iter().map(|(key, value)| format!("({} . {})", string(key), string(value))).collect();
    if !options.is_empty() {
        let _ = write!(record, " (tenure-options {})", options.join(" "));
    }
    record.push(')');
    record
}

fn end(run: &Invocation, started: &str, logged: f64, pauses: u64) -> String {
    let at = run.start_ns.saturating_add(run.wall_ns.unwrap_or(0));
    let mut record = format!("(\"Session end stats\" {}", time(started, at));
    settings(run, &mut record);
    // A run without a log of pauses has its totals all the same.
    let has_log = run.pauses.is_some();
    let elapsed = if has_log { Some(logged) } else { run.gc_ns.map(|ns| float(ns) / 1e9) };
    let done = if has_log { Some(pauses) } else { run.gc_count };
    if let Some(elapsed) = elapsed {
        pair(&mut record, "gc-elapsed", &seconds(elapsed));
    }
    if let Some(done) = done {
        pair(&mut record, "gcs-done", &done.to_string());
    }
    if let Some(bytes) = run.peak_rss_bytes {
        pair(&mut record, "memory-limit", &(bytes / 1024).to_string());
    }
    pair(&mut record, "emacs-uptime", &string(&format!("{} seconds", at / 1_000_000_000)));
    record.push(')');
    record
}

/// The two variables that decide when Emacs collects, where the record has them as numbers.
fn settings(run: &Invocation, record: &mut String) {
    for name in ["gc-cons-threshold", "gc-cons-percentage"] {
        let value = run.options.get(name).filter(|value| value.parse::<f64>().is_ok_and(f64::is_finite));
        if let Some(value) = value {
            pair(record, name, value);
        }
    }
}

fn pair(record: &mut String, name: &str, value: &str) {
    let _ = write!(record, " ({name} . {value})");
}

fn time(started: &str, ns: u64) -> String {
    string(&format!("{started} + {:.6} s", float(ns) / 1e9))
}

/// A float as Lisp reads it.
fn seconds(value: f64) -> String {
    format!("{value:.9}")
}

/// A string as Lisp reads it.
fn string(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
