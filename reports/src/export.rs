//! Sessions in the formats of other tools, as pure functions from records to text.
//!
//! | format | for | module |
//! |---|---|---|
//! | `csv` | R, pandas, gnuplot: one row an observation | [`long`] |
//! | `ndjson` | notebooks: the same rows as JSON objects | [`long`] |
//! | `perfetto` | the Perfetto UI: a timeline with one process an invocation | [`perfetto`] |
//! | `hdr` | HdrHistogram's log readers: all distributions in one file | [`hdr`] |
//! | `hgrm` | HdrHistogram's plotter: one file a distribution | [`hdr`] |
//! | `eld` | analysis scripts for emacs-gc-stats | [`eld`] |
//! | `mmtk-stats` | running-ng's log processor | [`mmtk_stats`] |
//! | `org` | the tables of elisp-benchmarks | [`org`] |
//!
//! [`FORMATS`] is the table that a command line takes its choices and its help from.

pub mod eld;
pub mod hdr;
pub mod long;
pub mod mmtk_stats;
pub mod org;
pub mod perfetto;

use tenure_record::Session;

/// A format that a session can be exported to.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// Its name on a command line.
    pub name: &'static str,
    /// What it is for, in a line of help.
    pub help: &'static str,
    /// Names and contents of the files.
    pub files: fn(&Session) -> Vec<(String, String)>,
}

/// All formats, in the order of the documentation.
pub const FORMATS: [Format; 8] = [
    Format {
        name: "csv",
        help: "one row an observation, for R, pandas and gnuplot",
        files: |session| one("session.csv", long::csv(session)),
    },
    Format {
        name: "ndjson",
        help: "one JSON object an observation, for notebooks",
        files: |session| one("observations.ndjson", long::ndjson(session)),
    },
    Format {
        name: "perfetto",
        help: "a timeline for the Perfetto UI (Chrome JSON)",
        files: |session| one("session.perfetto.json", perfetto::trace(session)),
    },
    Format {
        name: "hdr",
        help: "all distributions as an HdrHistogram log",
        files: |session| one("session.hdr", hdr::log(session)),
    },
    Format {
        name: "hgrm",
        help: "each distribution as percentiles for HdrHistogram's plotter",
        files: hdr::percentiles,
    },
    Format {
        name: "eld",
        help: "Lisp data in the shape of emacs-gc-stats",
        files: |session| one("session.eld", eld::data(session)),
    },
    Format {
        name: "mmtk-stats",
        help: "MMTk's statistics blocks, for running-ng",
        files: |session| one("session.mmtk.log", mmtk_stats::log(session)),
    },
    Format {
        name: "org",
        help: "tables in the shape of elisp-benchmarks",
        files: |session| one("session.org", org::tables(session)),
    },
];

/// The format of a name.
#[must_use]
pub fn format(name: &str) -> Option<Format> {
    FORMATS.into_iter().find(|format| format.name == name)
}

fn one(name: &str, text: String) -> Vec<(String, String)> {
    vec![(name.to_owned(), text)]
}
