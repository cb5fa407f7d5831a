//! `concurrent`: the incremental plan with its marker on a thread of its own; the program stays single-threaded (after
//! Dijkstra, Lamport, Martin, Scholten and Steffens 1978; Handbook, concurrent mark-sweep, snapshot at the beginning).
//!
//! The pauses are those of `incremental` without its marking: the minor collection, steps of shading roots, of weak
//! references and finalizers.  Between them, and during them, the thread marks; `handshake.rs` is how the marker gets there
//! and back.  Only what the barrier shaded, and what promoted objects refer to, is sent after it.
//!
//! The thread reads slots of old objects while the program writes them (INV-SLOT-2), passes over words of young objects,
//! whose range never changes, and sets mark bits that the program may set too.  It writes nothing else, and nothing that it
//! reads is freed or moved before it has given the marker back: blocks are swept only between cycles.
//! INV-MARKER-1: the thread reads of the heap only objects outside the nursery, through atomics or in parts that never
//! change; it writes only mark bits, by atomic operations.

use crate::handshake::{Handshake, Work};
use crate::plan::generational::refill_from_nursery;
use crate::plan::incremental::{CycleMarker, major, step};
use crate::plan::{Compacts, PlanInfo};
use crate::sync::{AtomicBool, Ordering};
use crate::word::Word;
use std::sync::Arc;
use std::thread::JoinHandle;

pub(crate) const PLAN: PlanInfo = PlanInfo {
    name: "concurrent",
    doc: "incremental, with the old generation marked by a thread of its own",
    moves: true,
    collects: true,
    nursery: true,
    sticky: false,
    incremental: true,
    native: false,
    compacts: Compacts::Nothing,
    concurrent: true,
    reserve_divisor: 1,
    refill: refill_from_nursery,
    large: |heap, bytes, data| heap.large.alloc(&heap.region, bytes, data),
    minor: step,
    major,
};

/// A marker on its way to another thread or back.
struct Travelling(Box<CycleMarker>);

// SAFETY: INV-HANDSHAKE-1: one thread at a time has the marker.  What it refers to is read and written by both only as
// INV-MARKER-1 says, and the region stays mapped until the thread has ended (`MarkerThread::drop`).
unsafe impl Send for Travelling {}

/// A word that was shaded.
struct Shaded(Word);

// SAFETY: a word is a number until it is dereferenced, which only the marker does (INV-MARKER-1).
unsafe impl Send for Shaded {}

impl Work for Travelling {
    type Item = Shaded;

    fn add(&mut self, items: Vec<Shaded>) {
        items.into_iter().for_each(|Shaded(word)| self.0.shade(word));
    }

    fn work(&mut self, stop: &AtomicBool) -> bool {
        self.0.drain_until(|| stop.load(Ordering::Relaxed))
    }
}

/// The thread that marks, and what it shares with the program.
pub(crate) struct MarkerThread {
    handshake: Arc<Handshake<Travelling>>,
    thread: Option<JoinHandle<()>>,
}

impl MarkerThread {
    /// Start the thread; `None` if the operating system refuses, and then the program marks in slices.
    pub(crate) fn start() -> Option<MarkerThread> {
        let handshake = Arc::new(Handshake::new());
        let shared = Arc::clone(&handshake);
        let run = move || {
            let abort = crate::context::AbortOnUnwind;
            shared.run();
            std::mem::forget(abort);
        };
        let thread = std::thread::Builder::new().name("marker".to_owned()).spawn(run).ok()?;
        Some(MarkerThread { handshake, thread: Some(thread) })
    }

    pub(crate) fn give(&self, marker: Box<CycleMarker>) {
        self.handshake.give(Travelling(marker));
    }

    pub(crate) fn discard(&self, marker: Box<CycleMarker>) {
        self.handshake.discard(Travelling(marker));
    }

    pub(crate) fn send(&self, words: Vec<Word>) {
        if !words.is_empty() {
            self.handshake.send(words.into_iter().map(Shaded).collect());
        }
    }

    pub(crate) fn take_if_done(&self) -> Option<Box<CycleMarker>> {
        self.handshake.take_if_done().map(|Travelling(marker)| marker)
    }

    pub(crate) fn call_back(&self) -> Option<Box<CycleMarker>> {
        self.handshake.call_back().map(|Travelling(marker)| marker)
    }

    pub(crate) fn take(&self) -> Option<Box<CycleMarker>> {
        self.handshake.take().map(|Travelling(marker)| marker)
    }
}

impl Drop for MarkerThread {
    fn drop(&mut self) {
        self.handshake.quit();
        if let Some(thread) = self.thread.take() {
            // It cannot have panicked: that aborts.
            let _ended = thread.join();
        }
    }
}
