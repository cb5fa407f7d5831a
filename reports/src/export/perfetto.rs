//! Timelines for the Perfetto UI, in the JSON format that Chrome's tracing had.
//!
//! Each invocation is a process: a track for the mutator, one for the collector, and counters for the heap.
//! Durations on a track are strictly nested, since Perfetto drops what overlaps: a pause is cut where the next one begins, and requests that overlap are put on tracks of their own.
//! Records hold how long a phase took, and not when; within its pause the phases are drawn one after another in the order in which collectors go through them.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};
use tenure_record::{Invocation, Session};

use crate::figure::phases;
use crate::metric::float;

const MUTATOR: u64 = 1;
const COLLECTOR: u64 = 2;
/// The track of the first requests; others follow.
const REQUESTS: u64 = 10;

/// The timelines of all invocations.
#[must_use]
pub fn trace(session: &Session) -> String {
    let mut events = Vec::new();
    for (process, run) in (1..).zip(&session.invocations) {
        Track { process, events: &mut events }.invocation(run);
    }
    let lines: Vec<String> = events.iter().map(json_line).collect();
    let tool = json_line(&BTreeMap::from([("tool", &session.header.tool), ("version", &session.header.tool_version)]));
    format!("{{\"displayTimeUnit\":\"ms\",\"otherData\":{tool},\"traceEvents\":[\n{}\n]}}\n", lines.join(",\n"))
}

/// An event of the format; `ph` says of which sort: `X` a duration, `C` a counter, `M` a name.
#[derive(Serialize)]
struct Event {
    ph: &'static str,
    pid: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    tid: Option<u64>,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    ts: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dur: Option<f64>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    args: BTreeMap<&'static str, Value>,
}

/// The events of one process.
struct Track<'a> {
    process: u64,
    events: &'a mut Vec<Event>,
}

impl Track<'_> {
    fn invocation(&mut self, run: &Invocation) {
        let outcome = run.outcome.label();
        let name = format!("{} · {} · invocation {} · {outcome}", run.workload, run.collector, run.invocation);
        self.name("process_name", None, &name);
        self.name("thread_name", Some(MUTATOR), "mutator");
        self.name("thread_name", Some(COLLECTOR), "collector");
        if let Some(wall) = run.wall_ns {
            let args = BTreeMap::from([("options", json!(run.options)), ("result", json!(run.result))]);
            self.slice(MUTATOR, &run.workload, run.start_ns, run.start_ns.saturating_add(wall), args);
        }
        let lanes = lanes(run);
        for lane in 0..lanes.iter().map(|(lane, _, _)| lane + 1).max().unwrap_or(0) {
            self.name("thread_name", Some(REQUESTS + lane), "requests");
        }
        for (lane, start, end) in lanes {
            self.slice(REQUESTS + lane, "request", start, end, BTreeMap::new());
        }
        self.pauses(run);
        self.counters(run);
    }

    fn pauses(&mut self, run: &Invocation) {
        let mut pauses: Vec<_> = run.pauses.iter().flatten().collect();
        pauses.sort_by_key(|pause| (pause.start_ns, pause.pause_ns));
        for (index, pause) in pauses.iter().enumerate() {
            let next = pauses.get(index + 1).map_or(u64::MAX, |next| next.start_ns);
            let end = pause.end_ns().min(next);
            let mut args = BTreeMap::from([("cause", json!(pause.cause))]);
            let counts = [
                ("bytes_before", pause.bytes_before),
                ("bytes_after", pause.bytes_after),
                ("bytes_copied", pause.bytes_copied),
                ("bytes_promoted", pause.bytes_promoted),
                ("roots", pause.roots),
                ("remembered", pause.remembered),
            ];
            args.extend(counts.into_iter().filter_map(|(name, count)| Some((name, json!(count?)))));
            self.slice(COLLECTOR, pause.kind.as_str(), pause.start_ns, end, args);
            let mut at = pause.start_ns;
            for (phase, ns) in phases::in_order(pause) {
                let until = at.saturating_add(ns).min(end);
                if at < until {
                    self.slice(COLLECTOR, phase, at, until, BTreeMap::new());
                }
                at = until;
            }
        }
    }

    fn counters(&mut self, run: &Invocation) {
        for sample in &run.heap {
            self.counter("heap used", sample.at_ns, Some(sample.used_bytes));
            self.counter("heap committed", sample.at_ns, sample.committed_bytes);
        }
        // Where no samples were taken, what the pauses tell is the heap's curve.
        let (before, after) =
            if run.heap.is_empty() { (Some("heap used"), "heap used") } else { (None, "live after collection") };
        for pause in run.pauses.iter().flatten() {
            if let Some(before) = before {
                self.counter(before, pause.start_ns, pause.bytes_before);
            }
            self.counter(after, pause.end_ns(), pause.bytes_after);
        }
    }

    fn name(&mut self, what: &str, track: Option<u64>, name: &str) {
        self.events.push(Event {
            ph: "M",
            pid: self.process,
            tid: track,
            name: what.to_owned(),
            ts: None,
            dur: None,
            args: BTreeMap::from([("name", json!(name))]),
        });
    }

    fn slice(&mut self, track: u64, name: &str, start: u64, end: u64, args: BTreeMap<&'static str, Value>) {
        self.events.push(Event {
            ph: "X",
            pid: self.process,
            tid: Some(track),
            name: name.to_owned(),
            ts: Some(micros(start)),
            dur: Some(micros(end - start)),
            args,
        });
    }

    fn counter(&mut self, name: &str, at: u64, bytes: Option<u64>) {
        let Some(bytes) = bytes else { return };
        self.events.push(Event {
            ph: "C",
            pid: self.process,
            tid: None,
            name: name.to_owned(),
            ts: Some(micros(at)),
            dur: None,
            args: BTreeMap::from([("bytes", json!(bytes))]),
        });
    }
}

fn json_line(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("text and finite numbers are JSON")
}

/// Requests with the number of the track on which they overlap no other.
fn lanes(run: &Invocation) -> Vec<(u64, u64, u64)> {
    let mut requests: Vec<(u64, u64)> =
        run.requests.iter().map(|request| (request.start_ns, request.end_ns.max(request.start_ns))).collect();
    requests.sort_unstable();
    let mut free: Vec<u64> = Vec::new();
    requests
        .into_iter()
        .map(|(start, end)| {
            let lane = free.iter().position(|&from| from <= start).unwrap_or_else(|| {
                free.push(0);
                free.len() - 1
            });
            free[lane] = end;
            (lane as u64, start, end)
        })
        .collect()
}

/// Microseconds, in which the format counts; three digits after the point keep the nanoseconds.
fn micros(ns: u64) -> f64 {
    float(ns) / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use tenure_record::{Pause, PauseCause, PauseKind, Request, RunHeader};

    /// Durations of each track are disjoint or one within the other.
    fn check_nesting(trace: &str) -> usize {
        let trace: Value = serde_json::from_str(trace).expect("JSON");
        let events = trace["traceEvents"].as_array().expect("events");
        let slices: Vec<(u64, u64, f64, f64)> = events
            .iter()
            .filter(|event| event["ph"] == "X")
            .map(|event| {
                let (start, length) = (event["ts"].as_f64().unwrap(), event["dur"].as_f64().unwrap());
                (event["pid"].as_u64().unwrap(), event["tid"].as_u64().unwrap(), start, start + length)
            })
            .collect();
        for (index, a) in slices.iter().enumerate() {
            for b in &slices[index + 1..] {
                let same_track = (a.0, a.1) == (b.0, b.1);
                let disjoint = a.3 <= b.2 + 1e-6 || b.3 <= a.2 + 1e-6;
                let nested = (a.2 <= b.2 && b.3 <= a.3 + 1e-6) || (b.2 <= a.2 && a.3 <= b.3 + 1e-6);
                assert!(!same_track || disjoint || nested, "{a:?} and {b:?} overlap");
            }
        }
        slices.len()
    }

    #[test]
    fn durations_are_nested_whatever_the_records_say() {
        let mut session = Session::new(RunHeader::new("tenure", "0", 1));
        let pause = |start, length, mark| {
            let mut pause = Pause::new(start, length, PauseKind::Major, PauseCause::Explicit);
            pause.phases = [("mark".to_owned(), mark), ("roots".to_owned(), 7)].into();
            pause
        };
        session.invocations.push(Invocation {
            workload: "w".into(),
            collector: "c".into(),
            wall_ns: Some(1000),
            pauses: Some(vec![pause(100, 50, 30), pause(120, 90, 300), pause(900, u64::MAX, 1)]),
            requests: [(0, 400), (10, 20), (15, 30), (400, 500), (600, 550)]
                .map(|(start_ns, end_ns)| Request { start_ns, end_ns })
                .to_vec(),
            ..Invocation::default()
        });
        // The workload, three pauses with two phases each, five requests.
        assert_eq!(check_nesting(&trace(&session)), 1 + 3 + 6 + 5);
    }
}
