//! One stop of the mutator: an element of [`crate::Invocation::pauses`], and a line of the runtime's `--gc-log`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::open_enum::open_enum;

open_enum! {
    /// What a collector did while the mutator stood still.
    pub enum PauseKind {
        /// Collected the nursery.
        Minor = "minor",
        /// Collected the whole heap at once.
        Major = "major",
        /// Did a slice of an incremental or concurrent collection.
        Increment = "increment",
        /// Began an incremental or concurrent collection.
        Initial = "initial",
        /// Finished an incremental or concurrent collection.
        Final = "final",
    }
}

open_enum! {
    /// Why the mutator was stopped.
    pub enum PauseCause {
        /// `gc-cons-threshold` bytes were allocated.
        Threshold = "threshold",
        /// `gc-cons-percentage` of the live heap was allocated.
        Percentage = "percentage",
        /// The program called `garbage-collect`.
        Explicit = "explicit",
        /// The heap had reached its size.
        HeapFull = "heap-full",
        /// The heap had grown by what its trigger allows.
        Growth = "growth",
        /// The nursery had no room.
        NurseryFull = "nursery-full",
        /// Stress mode collects at every safepoint, or at every so many.
        Stress = "stress",
        /// The editor was idle.
        Idle = "idle",
    }
}

impl Default for PauseCause {
    fn default() -> Self {
        Self::Other("unknown".to_owned())
    }
}

/// One stop of the mutator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// When the mutator stopped, in nanoseconds since the start of the process.
    pub start_ns: u64,
    /// How long it stood still.
    pub pause_ns: u64,
    /// What was done.
    pub kind: PauseKind,
    /// Why.
    #[serde(default)]
    pub cause: PauseCause,
    /// Where the time went, in nanoseconds by phase (`roots`, `mark`, `weak`, `sweep`, `copy`, ...).
    /// The sum may be less than `pause_ns`: what is between phases has no name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub phases: BTreeMap<String, u64>,
    /// Bytes in objects when the mutator stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes_before: Option<u64>,
    /// Bytes in objects when it went on; where the sweep is lazy, bytes in live objects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes_after: Option<u64>,
    /// Objects when the mutator stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objects_before: Option<u64>,
    /// Objects when it went on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objects_after: Option<u64>,
    /// Bytes that were copied or promoted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes_copied: Option<u64>,
    /// Bytes that became old: with aging, fewer than were copied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes_promoted: Option<u64>,
    /// Root slots that were scanned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roots: Option<u64>,
    /// Entries of the remembered set that were scanned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remembered: Option<u64>,
}

impl Pause {
    /// A pause of which only the time and the reason are known.
    #[must_use]
    pub fn new(start_ns: u64, pause_ns: u64, kind: PauseKind, cause: PauseCause) -> Self {
        Self {
            start_ns,
            pause_ns,
            kind,
            cause,
            phases: BTreeMap::new(),
            bytes_before: None,
            bytes_after: None,
            objects_before: None,
            objects_after: None,
            bytes_copied: None,
            bytes_promoted: None,
            roots: None,
            remembered: None,
        }
    }

    /// When the mutator went on; saturating, since records come from files.
    #[must_use]
    pub fn end_ns(&self) -> u64 {
        self.start_ns.saturating_add(self.pause_ns)
    }
}
