//! The smallest fixed heap in which a workload completes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The result of a bisection over heap sizes, after running-ng's `minheap`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MinHeap {
    /// Name of the workload.
    pub workload: String,
    /// The workload's size.
    #[serde(default)]
    pub scale: String,
    /// Name of the collector.
    pub collector: String,
    /// The options in effect, without the heap size.
    #[serde(default)]
    pub options: BTreeMap<String, String>,
    /// The smallest heap in which it completed; `None` if it did not complete in the largest one tried.
    pub heap_bytes: Option<u64>,
    /// The largest heap in which it did not complete, which bounds the error of the above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed_bytes: Option<u64>,
    /// How many processes the search took.
    #[serde(default)]
    pub probes: u32,
}
