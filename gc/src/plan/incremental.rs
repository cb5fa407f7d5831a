//! `incremental`: the generational plan with its old generation marked in bounded slices (Yuasa 1990, snapshot at the
//! beginning; Handbook, incremental collection).
//!
//! A cycle goes: sweep what the last one left, some blocks a pause; shade the stack, then the symbols and the other roots
//! in steps; mark for a bounded time after each minor collection; consider the entries of weak tables, in steps too; and
//! when nothing is left, a final pause that looks at the stack once more, decides about weak references and swaps the
//! bitmaps.  If the final pause finds much that is not marked it is no final one, and marking goes on.
//!
//! Marking runs right after a minor collection, so it never meets a young object.  What is promoted meanwhile is shaded,
//! and so are large objects and symbols at birth.  While a cycle marks, the write barrier watches every store and shades
//! both the value that is overwritten and the one that is stored.
//! INV-SNAPSHOT-1: every old object that was reachable when marking began, or was stored or promoted since, is marked
//! when it ends.
//! Limits: an object that dies during a cycle floats until the next; the stack is scanned in one piece, and the entries of
//! weak tables that die are removed in one.

use crate::context::{Context, trace_everything};
use crate::event::{PauseKind, Phase};
use crate::object::MAX_BUILTIN_SYMBOLS;
use crate::plan::generational::{major as whole, minor as young, refill_from_nursery};
use crate::plan::{Compacts, Outcome, PauseClock, PlanInfo};
use crate::size_class::SYMBOL_BYTES;
use crate::trace::Tracer;
use crate::trace::mark::Marker;
use crate::weak;
use crate::word::Word;
use std::ptr::NonNull;
use std::time::{Duration, Instant};

pub(crate) const PLAN: PlanInfo = PlanInfo {
    name: "incremental",
    doc: "generational, with the old generation marked in bounded slices",
    moves: true,
    collects: true,
    nursery: true,
    sticky: false,
    incremental: true,
    native: false,
    compacts: Compacts::Nothing,
    reserve_divisor: 1,
    refill: refill_from_nursery,
    large: |heap, bytes, data| heap.large.alloc(&heap.region, bytes, data),
    minor: step,
    major,
};

/// How long it marks at least, however little the program did since the last pause.
const LEAST_SLICE: Duration = Duration::from_micros(20);
/// Blocks that are swept in one pause before a cycle begins: 1 KiB of bitmap each.
const BLOCKS_A_PAUSE: usize = 512;
/// Huge pages that are looked at in a pause, to be given back to the operating system.
const PAGES_A_PAUSE: usize = 4;
/// Roots that are shaded, and entries of weak tables that are considered, between two looks at the clock.
const ROOTS_A_STEP: usize = 2048;
const ENTRIES_A_STEP: usize = 512;

/// A cycle under way.
pub(crate) struct Cycle {
    pub(crate) marker: Marker,
    /// The next symbol of the obarray to be shaded; `None` when all were.
    symbols: Option<usize>,
}

/// A minor collection, and one step of a cycle if one is due or under way.
fn step(cx: &mut Context, clock: &mut PauseClock) -> Outcome {
    let minor = young(cx, clock);
    let started = Instant::now();
    let increment = |outcome: Outcome| Outcome { kind: PauseKind::Increment, ..outcome };
    let under_way = cx.cycle.borrow().is_some();
    if !under_way {
        // Under stress a cycle is always under way.
        if cx.config.stress == 0 && !cx.is_major_due_after(minor.bytes_promoted) {
            cx.heap.trim(PAGES_A_PAUSE);
            return minor;
        }
        let swept = cx.heap.sweep_some(BLOCKS_A_PAUSE);
        clock.end(Phase::Release);
        if !swept {
            return increment(minor);
        }
        begin(cx);
        clock.end(Phase::Roots);
    }
    let deadline = started + slice(cx);
    let done = advance(cx, deadline);
    clock.end(Phase::Trace);
    if !done || !finish(cx, clock, started.max(deadline) + LEAST_SLICE) {
        return increment(minor);
    }
    let outcome = conclude(cx, clock);
    Outcome {
        kind: PauseKind::Final,
        bytes_copied: minor.bytes_copied,
        bytes_promoted: minor.bytes_promoted,
        remembered: minor.remembered,
        ..outcome
    }
}

/// How long to mark now: as long as the program ran since the last pause, up to a limit, so that at least half of the
/// time is the program's; longer only if the old generation has doubled meanwhile.
fn slice(cx: &Context) -> Duration {
    if cx.config.stress != 0 {
        // As many mutator steps as possible between two slices.
        return Duration::ZERO;
    }
    let late = cx.old_growth.get() > cx.heap.live_bytes.get();
    let budget = Duration::from_micros(u64::from(cx.config.slice_us));
    let ran = Duration::from_nanos(cx.mutator_ns.get());
    if late { 2 * budget } else { ran.clamp(LEAST_SLICE.min(budget), budget) }
}

/// Shade the stack, and let the barrier watch every store.
fn begin(cx: &Context) {
    let mut marker = Marker::new(&cx.heap);
    cx.for_each_live_root(|slot| marker.slot(slot));
    (0..MAX_BUILTIN_SYMBOLS).for_each(|number| marker.shade(Word::symbol(number * SYMBOL_BYTES)));
    cx.tables.borrow().iter().for_each(|table| table.unshade());
    *cx.cycle.borrow_mut() = Some(Cycle { marker, symbols: Some(0) });
    cx.barrier_base.set(0);
    cx.barrier_span.set(usize::MAX);
}

/// Mark until the closure is complete but for what the stack has picked up, or until the deadline; tells which.
fn advance(cx: &Context, deadline: Instant) -> bool {
    let Some(Cycle { marker, symbols }) = &mut *cx.cycle.borrow_mut() else { return true };
    loop {
        if !marker.drain_until(&cx.heap, deadline) {
            return false;
        }
        if let Some(from) = *symbols {
            *symbols = cx.obarray.for_some(from, ROOTS_A_STEP, |word| marker.shade(word));
            continue;
        }
        let tables = cx.tables.borrow();
        if tables.iter().any(|table| table.shade(ROOTS_A_STEP, |slot| marker.slot(slot)) > 0) {
            continue;
        }
        if weak::is_all_considered(marker) {
            return true;
        }
        weak::consider_some(&cx.heap, marker, ENTRIES_A_STEP);
    }
}

/// Look at the stack again, and at finalizers; tells whether everything is marked that will be.
fn finish(cx: &Context, clock: &mut PauseClock, deadline: Instant) -> bool {
    if let Some(Cycle { marker, .. }) = &mut *cx.cycle.borrow_mut() {
        cx.for_each_live_root(|slot| marker.shade_unmarked(slot.get()));
    }
    clock.end(Phase::Roots);
    let done = advance(cx, deadline);
    clock.end(Phase::Trace);
    let Some(Cycle { marker, .. }) = &mut *cx.cycle.borrow_mut() else { return done };
    // Finalizers that nothing reaches are roots from now on, and what they refer to is to be marked first.
    done && !cx.doom_finalizers(&cx.heap, marker)
}

/// Everything is marked: remove what is dead from weak tables, and end.
fn conclude(cx: &Context, clock: &mut PauseClock) -> Outcome {
    let Some(Cycle { mut marker, .. }) = cx.cycle.borrow_mut().take() else { return Outcome::default() };
    let (base, span) = cx.heap.watched_addresses();
    cx.barrier_base.set(base);
    cx.barrier_span.set(span);
    cx.heap.retire_windows();
    weak::sweep_tables(&cx.heap, &mut marker);
    cx.sweep_codes(&cx.heap, &marker);
    clock.end(Phase::Weak);
    cx.heap.finish_cycle();
    clock.end(Phase::Release);
    Outcome { live_bytes: marker.live_bytes, live_objects: marker.live_objects, ..Outcome::default() }
}

/// A whole collection at once, because Lisp asked for one or a fixed heap is full.  A cycle under way is ended first:
/// what it marked may be dead by now, and Lisp wants to know what lives.
fn major(cx: &mut Context, clock: &mut PauseClock) -> Outcome {
    if cx.cycle.borrow().is_some() {
        young(cx, clock);
        if let Some(Cycle { marker, .. }) = &mut *cx.cycle.borrow_mut() {
            trace_everything(cx, marker, clock);
        }
        conclude(cx, clock);
    }
    whole(cx, clock)
}

impl Context {
    /// An object was born old: while a cycle marks, it is shaded, and string data, which nothing scans, is marked.
    pub(crate) fn shade_newborn(&self, object: Option<Word>, start: NonNull<u8>) {
        if let Some(cycle) = &mut *self.cycle.borrow_mut() {
            match object {
                Some(word) => cycle.marker.shade(word),
                None => _ = self.heap.region.marks().set(self.heap.region.offset(start)),
            }
        }
    }

    /// The program is idle for about `ns` nanoseconds: work on a cycle that is under way, or on one that will be due
    /// soon, in pauses as short as any other.  Tells whether there was anything to do.
    pub fn idle(&mut self, ns: u64) -> bool {
        let deadline = Instant::now() + Duration::from_nanos(ns);
        let mut worked = false;
        while self.plan.incremental
            && !self.is_collection_inhibited()
            && (self.cycle.borrow().is_some() || self.is_major_due_after(0))
            && Instant::now() < deadline
        {
            self.collect_because(crate::event::Cause::Idle);
            worked = true;
        }
        worked
    }
}
