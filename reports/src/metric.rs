//! What is measured of an invocation, as one table: a name, a unit, and how to get it from the record.
//!
//! Lower is better for each of them.

use tenure_record::{Invocation, Pause};

use crate::units::Unit;

/// Something that an invocation has one value of.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Its name in data files.
    pub id: &'static str,
    /// Its name on a page.
    pub name: &'static str,
    /// What it means, in a sentence.
    pub meaning: &'static str,
    /// What its values count.
    pub unit: Unit,
    /// Its value, where the record has it.
    pub of: fn(&Invocation) -> Option<f64>,
}

/// Wall-clock time of the workload.
pub const WALL: Metric = Metric {
    id: "wall",
    name: "total time",
    meaning: "Wall-clock time of the measured region, collections included.",
    unit: Unit::Time,
    of: |run| run.wall_ns.map(float),
};

/// Processor time of all threads.
pub const CPU: Metric = Metric {
    id: "cpu",
    name: "processor time",
    meaning: "User and system time of all threads, so that a collector on a second core is not free.",
    unit: Unit::Time,
    of: |run| Some(float(run.user_ns?.saturating_add(run.sys_ns?))),
};

/// Time that the mutator stood still.
pub const GC: Metric = Metric {
    id: "gc",
    name: "collector time",
    meaning: "Wall-clock time in which the mutator stood still for the collector.",
    unit: Unit::Time,
    of: |run| run.gc_ns.map(float).or_else(|| Some(pauses(run)?.iter().map(|pause| float(pause.pause_ns)).sum())),
};

/// Time that the mutator had.
pub const MUTATOR: Metric = Metric {
    id: "mutator",
    name: "mutator time",
    meaning: "Total time less collector time; barriers and locality are in here.",
    unit: Unit::Time,
    of: |run| Some((WALL.of)(run)? - (GC.of)(run)?),
};

/// Number of collections.
pub const GC_COUNT: Metric = Metric {
    id: "gc-count",
    name: "collections",
    meaning: "Number of collections in the measured region.",
    unit: Unit::Count,
    of: |run| run.gc_count.map(float),
};

/// The longest pause.
pub const MAX_PAUSE: Metric = Metric {
    id: "max-pause",
    name: "longest pause",
    meaning: "The longest time that the mutator stood still at once.",
    unit: Unit::Time,
    of: |run| Some(pauses(run)?.iter().map(|pause| float(pause.pause_ns)).fold(0.0, f64::max)),
};

/// Peak resident set.
pub const PEAK_RSS: Metric = Metric {
    id: "peak-rss",
    name: "peak memory",
    meaning: "Largest resident set of the process.",
    unit: Unit::Bytes,
    of: |run| run.peak_rss_bytes.map(float),
};

/// Heap after the last full collection.
pub const HEAP_AFTER: Metric = Metric {
    id: "heap-after",
    name: "heap after",
    meaning: "Bytes in use after a last full collection.",
    unit: Unit::Bytes,
    of: |run| run.heap_after_bytes.map(float),
};

/// Bytes that the mutator allocated.
pub const ALLOCATED: Metric = Metric {
    id: "allocated",
    name: "allocated",
    meaning: "Bytes that the mutator allocated in the measured region.",
    unit: Unit::Bytes,
    of: |run| run.allocated_bytes.map(float),
};

/// Processor time of the workload without that of the collector; only the lower-bound overhead needs it.
pub const CPU_WITHOUT_GC: Metric = Metric {
    id: "cpu-without-gc",
    name: "processor time without collector",
    meaning: "Processor time less that of the collector on all threads.",
    unit: Unit::Time,
    of: |run| {
        let collector = run.gc_cpu_ns.map(float).or_else(|| (GC.of)(run))?;
        Some((CPU.of)(run)? - collector)
    },
};

/// All metrics that a record or a table of all values lists.
pub const ALL: [Metric; 9] = [WALL, CPU, GC, MUTATOR, GC_COUNT, MAX_PAUSE, PEAK_RSS, HEAP_AFTER, ALLOCATED];

/// The metrics that collectors are compared by.
pub const COMPARED: [Metric; 5] = [WALL, CPU, GC, MAX_PAUSE, PEAK_RSS];

/// The pauses that begin within the measured region; `None` where no log was kept.
#[must_use]
pub fn pauses(run: &Invocation) -> Option<Vec<&Pause>> {
    let end = run.wall_ns.map_or(u64::MAX, |wall| run.start_ns.saturating_add(wall));
    let pauses = run.pauses.as_ref()?;
    Some(pauses.iter().filter(|pause| (run.start_ns..end).contains(&pause.start_ns)).collect())
}

/// A count as a number to compute with; exact below 2^53, which is 104 days in nanoseconds.
#[must_use]
pub fn float(value: u64) -> f64 {
    value as f64
}
