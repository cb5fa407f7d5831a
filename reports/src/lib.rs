//! Records to figures, tables, pages and exports.
//!
//! A session of `tenure-record` goes in; text comes out, and the same session always gives the same text.
//! Nothing here asks a clock, a network or the order of a hash table, and nothing runs a collector: the crate knows records alone.
//!
//! ```text
//!  Session ─► Matrix ─► compare ─► figure ─► chart ─► SVG ┐
//!             (rows: workloads,     │                     ├─► page ─► index.html
//!              columns: configurations) ─► page tables ───┘     └───► one CSV a figure and table
//!  Session ─► export ─► csv, ndjson, perfetto, hdr, hgrm, eld, mmtk-stats, org
//! ```
//!
//! ```
//! use tenure_record::{Invocation, RunHeader, Session};
//!
//! let mut session = Session::new(RunHeader::new("tenure", "0.1.0", 42));
//! for (collector, wall_ns) in [("ms", 1_200_000), ("gen", 900_000)] {
//!     session.invocations.push(Invocation {
//!         workload: "fib".into(),
//!         collector: collector.into(),
//!         wall_ns: Some(wall_ns),
//!         ..Invocation::default()
//!     });
//! }
//! let report = tenure_reports::render(&session);
//! assert!(report.html.contains("fib"));
//! assert!(report.figures.iter().any(|(name, _)| name == "fib-time-split.csv"));
//! ```
//!
//! # What a report may be relied on for
//!
//! * **The unit is the invocation**, a fresh process. Intervals are of invocations, never of iterations or pauses within one.
//! * **Nothing that failed is dropped.** Out of memory, wrong results and errors are cells of tables, words in figures, and a section of the page.
//! * **Each figure says** its units, the number of invocations, the kind and level of its intervals, its baseline, which way is better, and why an axis that doesn't begin at zero doesn't.
//! * **What is missing is said.** The page derives a section about what was not measured from what the records lack.
//! * **The page is one file**: no script, no network, figures as SVG inside, readable in light and dark, with the data of each figure and table beside it.
//!
//! # Where things are
//!
//! | module | question |
//! |---|---|
//! | [`report`] | how does a session become a page and its files |
//! | [`matrix`] | which invocations belong together, what is a configuration, what is the baseline |
//! | [`metric`] | what is measured of an invocation, from which fields |
//! | [`compare`] | ratios, geometric means, lower-bound overhead |
//! | [`stats`] | bootstrap, percentiles, rank test, mutator utilisation, metered latency |
//! | [`figure`] | one figure a file: from the matrix to a chart, its words and its data |
//! | [`chart`] | axes, marks, and their drawing |
//! | [`page`] | the markup around them, and the style sheet |
//! | [`export`] | other tools' formats |
//! | [`units`], [`table`] | numbers for people, and for programs |
//!
//! To add a figure, write a file below [`figure`] with a function from matrix and workload to [`figure::Figure`], and name it in the list of [`report`].
//! `gallery/` has examples that a test renders byte for byte.
#![forbid(unsafe_code)]

pub mod chart;
pub mod compare;
pub mod export;
pub mod figure;
pub mod matrix;
pub mod metric;
pub mod page;
pub mod report;
pub mod stats;
pub mod table;
pub mod units;

pub use report::{Report, render, write_report};
