//! Plans: the collectors, chosen by name at start from one table.
//!
//! A plan says what it needs as constants, how it refills an allocation window, and how it collects.  Everything else
//! asks the constants, never the name.  Adding a collector touches its file, its page in `docs/collectors/` and one line
//! of [`PLANS`].

pub(crate) mod concurrent;
mod generational;
mod immix;
pub(crate) mod incremental;
mod malloc;
mod mark_compact;
mod mark_sweep;
mod no_gc;
mod semispace;
mod sticky;

use crate::context::Context;
use crate::event::{PHASES, PauseKind, Phase};
use crate::heap::Heap;
use crate::size_class::Class;
use std::ptr::NonNull;
use std::time::Instant;

/// A row of the table of collectors.
pub struct PlanInfo {
    /// The name, as on the command line.
    pub name: &'static str,
    /// One line for `--help`.
    pub doc: &'static str,
    /// Whether a collection may change the address of an object.
    pub moves: bool,
    /// Whether it ever frees anything.
    pub collects: bool,
    /// Whether objects are born in a nursery, which minor collections empty.
    pub nursery: bool,
    /// Whether an object is young until its mark bit is set, and mark bits outlive a collection.
    pub sticky: bool,
    /// Whether a collection of the whole heap is spread over many short pauses.
    pub incremental: bool,
    /// Whether objects, but for symbols, come from a native allocator and may lie anywhere.
    pub native: bool,
    /// What is moved together when little is left in its blocks, so that a few live objects do not hold much memory.
    pub compacts: Compacts,
    /// Whether the marking is done by a thread of its own meanwhile.
    pub concurrent: bool,
    /// The part of the heap that can be filled before it must collect: 2 when half of it is a copy reserve.
    pub reserve_divisor: usize,
    pub(crate) refill: fn(&Heap, Class) -> bool,
    pub(crate) large: fn(&Heap, usize, bool) -> Option<NonNull<u8>>,
    /// A collection of the young; plans that don't tell do a whole one.
    pub(crate) minor: fn(&mut Context, &mut PauseClock) -> Outcome,
    /// A collection of the whole heap.
    pub(crate) major: fn(&mut Context, &mut PauseClock) -> Outcome,
}

/// What a plan moves out of sparse blocks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Compacts {
    /// Nothing.
    Nothing,
    /// The bytes of strings, to which nothing refers but the string.
    StringData,
    /// Everything but symbols and large objects.
    Everything,
}

impl PlanInfo {
    /// Whether it has collections of young objects alone.
    pub fn generational(&self) -> bool {
        self.nursery || self.sticky
    }
}

impl std::fmt::Debug for PlanInfo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for PlanInfo {
    fn eq(&self, other: &PlanInfo) -> bool {
        self.name == other.name
    }
}

/// All collectors.
pub static PLANS: [PlanInfo; 10] = [
    no_gc::PLAN,
    malloc::PLAN,
    mark_sweep::PLAN,
    mark_compact::PLAN,
    semispace::PLAN,
    sticky::PLAN,
    generational::PLAN,
    immix::PLAN,
    incremental::PLAN,
    concurrent::PLAN,
];

/// The default collector's row: `incremental`, which takes as much time as `generational` on the workloads (`docs/pauses.md`)
/// and never stops for long.
pub const DEFAULT_PLAN: usize = 8;

/// What a collection reports.
pub(crate) struct Outcome {
    pub(crate) kind: PauseKind,
    pub(crate) live_bytes: usize,
    pub(crate) live_objects: usize,
    pub(crate) bytes_copied: usize,
    /// Bytes that became old in a collection of the young.
    pub(crate) bytes_promoted: usize,
    pub(crate) roots: usize,
    pub(crate) remembered: usize,
}

impl Default for Outcome {
    fn default() -> Outcome {
        Outcome {
            kind: PauseKind::Major,
            live_bytes: 0,
            live_objects: 0,
            bytes_copied: 0,
            bytes_promoted: 0,
            roots: 0,
            remembered: 0,
        }
    }
}

/// Measures the phases of one pause.
pub(crate) struct PauseClock {
    since: Instant,
    pub(crate) phases: [u64; PHASES],
}

impl PauseClock {
    pub(crate) fn start() -> PauseClock {
        PauseClock { since: Instant::now(), phases: [0; PHASES] }
    }

    /// The phase that has run since the last call ends now.
    pub(crate) fn end(&mut self, phase: Phase) {
        let now = Instant::now();
        self.phases[phase as usize] += (now - self.since).as_nanos() as u64;
        self.since = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_the_row_that_the_pages_name() {
        assert_eq!(PLANS[DEFAULT_PLAN].name, "incremental");
    }
}
