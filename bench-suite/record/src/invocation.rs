//! One finished fresh process: what ran, under which options, and what was measured.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Pause;

/// One fresh process that ran one workload once under one collector.
///
/// Only what names the invocation is required in the text; the rest is absent where it was not measured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Invocation {
    /// Name of the workload.
    pub workload: String,
    /// The workload's size, as the experiment gave it (`1`, `1/4`, `large`).
    #[serde(default)]
    pub scale: String,
    /// Name of the collector, or of the peer (`gnu-emacs`).
    pub collector: String,
    /// Every option in effect, flattened to text: `heap-size`, `nursery-size`, `gc-cons-threshold`, ...
    #[serde(default)]
    pub options: BTreeMap<String, String>,
    /// Position in the order in which the session ran its processes, from 0.
    #[serde(default)]
    pub order: u64,
    /// Number of this process among those of the same workload, collector and options, from 0.
    #[serde(default)]
    pub invocation: u32,
    /// What came of it.
    #[serde(default)]
    pub outcome: Outcome,
    /// What the workload printed as its result.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub result: String,
    /// Where the measured region begins, in nanoseconds since the start of the process.
    #[serde(default)]
    pub start_ns: u64,
    /// Wall-clock length of the measured region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wall_ns: Option<u64>,
    /// Processor time in user mode, of all threads, within the measured region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_ns: Option<u64>,
    /// Processor time in the kernel, of all threads, within the measured region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sys_ns: Option<u64>,
    /// Peak resident set of the process, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_rss_bytes: Option<u64>,
    /// Number of collections within the measured region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gc_count: Option<u64>,
    /// Time the mutator stood still for the collector, in total.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gc_ns: Option<u64>,
    /// Processor time of the collector on all threads, where it differs from `gc_ns`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gc_cpu_ns: Option<u64>,
    /// Bytes that the mutator allocated within the measured region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allocated_bytes: Option<u64>,
    /// Bytes in use after a last full collection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heap_after_bytes: Option<u64>,
    /// Events that the recorder's buffer had no room for; the lists below lack them.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub dropped_events: u64,
    /// Counters of the processor or of the runtime, by name (`instructions`, `cycles`).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub counters: BTreeMap<String, u64>,
    /// Stops of the mutator, in order of time.
    /// `None` where the collector keeps no log; an empty list is a run without a stop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pauses: Option<Vec<Pause>>,
    /// The heap's size, in order of time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub heap: Vec<HeapSample>,
    /// Requests (commands of a simulated editor session), in order of their start.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requests: Vec<Request>,
}

/// What came of an invocation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Outcome {
    /// It finished with the right result, or with one that nobody checks.
    #[default]
    Ok,
    /// It finished, with another result than the workload demands.
    WrongResult {
        /// The result that was demanded.
        #[serde(default)]
        expected: String,
    },
    /// It needed more memory than it was given.
    OutOfMemory,
    /// It stopped with an error.
    Error {
        /// What it said.
        #[serde(default)]
        message: String,
    },
    /// It was stopped because it took too long.
    Timeout,
    /// Something that a later version of the schema can tell apart; not a success.
    #[serde(other)]
    Unknown,
}

impl Outcome {
    /// Whether the invocation's times count.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        *self == Self::Ok
    }

    /// A few words for a cell of a table.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::WrongResult { .. } => "wrong result",
            Self::OutOfMemory => "out of memory",
            Self::Error { .. } => "error",
            Self::Timeout => "timeout",
            Self::Unknown => "unknown outcome",
        }
    }
}

/// The heap at an instant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeapSample {
    /// Nanoseconds since the start of the process.
    pub at_ns: u64,
    /// Bytes in objects, dead ones that no collection has found included.
    pub used_bytes: u64,
    /// Bytes that the heap holds from the operating system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub committed_bytes: Option<u64>,
}

/// A request: one command of a simulated editor session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// When its processing began, in nanoseconds since the start of the process.
    pub start_ns: u64,
    /// When it was done.
    pub end_ns: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_zero(n: &u64) -> bool {
    *n == 0
}
