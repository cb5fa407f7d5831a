//! Statistics blocks as MMTk prints them at the end of a run, which running-ng's log processor reads.
//!
//! A block is a line of names and a line of values, separated by tabs, between a header and a footer that are known by their text.

use tenure_record::{Invocation, Session};

use crate::metric::{GC, GC_COUNT, WALL, float};

const HEADER: &str = "============================ MMTk Statistics Totals ============================";
const FOOTER: &str = "------------------------------ End MMTk Statistics -----------------------------";

/// The blocks of all invocations that finished, each below a line that names it, and a line for each that didn't.
#[must_use]
pub fn log(session: &Session) -> String {
    let mut text = String::new();
    for run in &session.invocations {
        let name = format!("{} {} invocation {}", run.workload, run.collector, run.invocation);
        match block(run) {
            Some(block) if run.outcome.is_ok() => text.push_str(&format!("===== tenure {name} =====\n{block}")),
            _ => text.push_str(&format!("===== tenure {name} FAILED: {} =====\n", run.outcome.label())),
        }
    }
    text
}

/// The block of an invocation; `None` if its times are not known.
#[must_use]
pub fn block(run: &Invocation) -> Option<String> {
    let millis = |ns: f64| format!("{:.2}", ns / 1e6);
    let (wall, gc) = ((WALL.of)(run)?, (GC.of)(run)?);
    let collections = (GC_COUNT.of)(run).or_else(|| Some(float(run.pauses.as_ref()?.len() as u64)));
    let mut columns: Vec<(String, String)> = Vec::new();
    columns.extend(collections.map(|number| ("GC".to_owned(), format!("{number:.0}"))));
    columns.push(("time.other".to_owned(), millis(wall - gc)));
    columns.push(("time.stw".to_owned(), millis(gc)));
    columns.extend(run.counters.iter().map(|(name, value)| (name.replace(['\t', '\n'], " "), value.to_string())));
    let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
    let values: Vec<&str> = columns.iter().map(|(_, value)| value.as_str()).collect();
    let (names, values) = (names.join("\t"), values.join("\t"));
    Some(format!("{HEADER}\n{names}\n{values}\nTotal time: {} ms\n{FOOTER}\n", millis(wall)))
}
