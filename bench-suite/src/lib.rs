//! # The laboratory of `tenure`
//!
//! Runs workloads under collectors, each in a fresh process, and keeps a record of every one.
//!
//! ```text
//! cli ─► session ─► budget      how large, how often: from trials
//!           │   ├─► plan        what runs, in which order
//!           │   ├─► measure     one process to one record
//!           │   │     ├─► form      the Lisp that the process runs
//!           │   │     └─► process   the process, its limit, what it used
//!           │   ├─► store       the directory of the session
//!           │   └─► progress    how far it is
//!           └─► environment     the machine and the build
//!     ─► min_heap                the smallest heap of a workload, by bisection
//! ```
//!
//! What is measured here is what `tenure --batch` and `emacs --batch` do by public options; nothing of the runtime is reached into.
//! Statistics and drawing are in `tenure-reports`, the schema of the records is in `tenure-record`.
#![forbid(unsafe_code)]

pub mod budget;
pub mod cli;
pub mod environment;
pub mod form;
pub mod measure;
pub mod min_heap;
pub mod plan;
pub mod process;
pub mod progress;
pub mod session;
pub mod store;
pub mod workload;
