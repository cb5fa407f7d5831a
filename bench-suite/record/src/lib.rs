//! The record schema: what a measuring session writes, and what a report reads.
//!
//! A session is a text of lines, each line one JSON object (NDJSON):
//!
//! ```text
//! {"line":"header","schema":1,"tool":"tenure",...}       the conditions: first line, carries the schema version
//! {"line":"invocation","workload":"splay",...}           one finished fresh process, whatever came of it
//! {"line":"invocation","workload":"splay",...}
//! {"line":"min-heap","workload":"splay",...}             a smallest heap found by bisection
//! ```
//!
//! Lines are appended as processes finish, so an interrupted session is a valid session with fewer lines, and perhaps half a line at its end.
//! [`Session::parse`] tolerates exactly that half line and says where it began; a resumed session cuts the text there and appends, starting with another header.
//!
//! # What a reader may rely on
//!
//! * **Later additions don't break it.** Fields it doesn't know are ignored, kinds of line it doesn't know are counted and skipped, and words it doesn't know ([`PauseKind`], [`PauseCause`], [`Outcome`]) are kept or marked as unknown.
//!   [`SCHEMA_VERSION`] rises only when a field changes its meaning; a text of a later version is refused.
//! * **Failures are records.** A process that ran out of memory or gave a wrong result has its line with its [`Outcome`], so nothing downstream can drop it by accident.
//! * **One clock.** All instants are nanoseconds since the start of the process (for `requests`, `pauses` and `heap` alike); the measured region begins at [`Invocation::start_ns`] and lasts [`Invocation::wall_ns`].
//! * **What could not be measured is absent** (`None`, or an empty list), never zero.
//!
//! # Contents
//!
//! | item | what it is |
//! |---|---|
//! | [`RunHeader`], [`Host`] | tool, commit, command line, seed, options and the machine |
//! | [`Invocation`], [`Outcome`], [`HeapSample`], [`Request`] | one fresh process and what was measured in it |
//! | [`Pause`], [`PauseKind`], [`PauseCause`] | one stop of the mutator; also a line of the runtime's `--gc-log` |
//! | [`MinHeap`] | the smallest fixed heap in which a workload completes |
//! | [`Session`], [`SessionReader`], [`parse_gc_log`], [`GcLog`], [`ReadError`] | text to records, with the line number in each error |
//! | [`RunHeader::to_line`] and its siblings, [`Session::to_ndjson`] | records to text |
//!
//! The crate does no I/O and asks no clock: the caller reads the file, and fills in what the machine and the time are.
#![forbid(unsafe_code)]

mod header;
mod invocation;
mod min_heap;
mod open_enum;
mod pause;
mod read;
mod session;
mod write;

pub use header::{Host, RunHeader, SCHEMA_VERSION};
pub use invocation::{HeapSample, Invocation, Outcome, Request};
pub use min_heap::MinHeap;
pub use pause::{Pause, PauseCause, PauseKind};
pub use read::{GcLog, ReadError, ReadErrorKind, SessionReader, Truncated, parse_gc_log};
pub use session::Session;
