//! The conditions of a session: its first line.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The version of the schema that this crate writes, and the newest that it reads.
///
/// It rises when a field changes its meaning, not when one is added.
pub const SCHEMA_VERSION: u32 = 1;

/// Everything that is the same for all invocations of a session, and that someone would need to repeat it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunHeader {
    /// See [`SCHEMA_VERSION`].
    pub schema: u32,
    /// The program that wrote the session, as a user would type it.
    pub tool: String,
    /// The version of that program.
    pub tool_version: String,
    /// What the session is about, for the title of a page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The commit that the program was built from; `None` outside of a checkout.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// Whether the checkout had uncommitted changes.
    #[serde(default)]
    pub dirty: bool,
    /// The first line of `rustc --version` for the build.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rustc: Option<String>,
    /// The build profile and features, for example `release` or `release+jit`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// The command line that started the session, one word an element.
    #[serde(default)]
    pub command_line: Vec<String>,
    /// When the session began, in RFC 3339 form, as told by the runner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<String>,
    /// The seed of everything that the runner randomises.
    pub seed: u64,
    /// How the invocations were ordered: `random`, or `given`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// How many invocations the session was meant to have, to tell an interrupted one from a finished one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned_invocations: Option<u64>,
    /// The collector (or the label of a configuration) that others are compared with, if the experiment names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<String>,
    /// Whether the numbers come from a generator and not from a machine.
    /// A report says so in large letters.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub synthetic: bool,
    /// Sentences of the experimenter, shown with the conditions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Sentences about what the experiment left out on purpose.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_measured: Vec<String>,
    /// The machine.
    #[serde(default)]
    pub host: Host,
    /// The options that are the same for all invocations, flattened to text.
    #[serde(default)]
    pub options: BTreeMap<String, String>,
}

/// The machine, as far as it could be asked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Host {
    /// The processor's own name for itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_model: Option<String>,
    /// Logical processors available to the session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cores: Option<u32>,
    /// System and release of the kernel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kernel: Option<String>,
    /// Physical memory in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<u64>,
    /// Size of a page in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_bytes: Option<u64>,
    /// The setting of transparent huge pages: `always`, `madvise` or `never`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thp: Option<String>,
    /// The frequency governor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub governor: Option<String>,
    /// Load averages over 1, 5 and 15 minutes when the session began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub load: Option<[f64; 3]>,
    /// The hypervisor, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub virtualization: Option<String>,
    /// Version line of the GNU Emacs that took part as a peer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub emacs: Option<String>,
}

impl RunHeader {
    /// A header that knows nothing but who writes it; the runner fills in the rest.
    #[must_use]
    pub fn new(tool: impl Into<String>, tool_version: impl Into<String>, seed: u64) -> Self {
        Self {
            schema: SCHEMA_VERSION,
            tool: tool.into(),
            tool_version: tool_version.into(),
            title: None,
            commit: None,
            dirty: false,
            rustc: None,
            profile: None,
            command_line: Vec::new(),
            started: None,
            seed,
            order: None,
            planned_invocations: None,
            baseline: None,
            synthetic: false,
            notes: Vec::new(),
            not_measured: Vec::new(),
            host: Host::default(),
            options: BTreeMap::new(),
        }
    }
}
