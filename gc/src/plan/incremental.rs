//! `incremental`: the generational plan with its old generation marked in bounded slices (Yuasa 1990, snapshot at the
//! beginning; Handbook, incremental collection).
//!
//! A cycle goes: sweep what the last one left, some blocks a pause; shade the roots; mark for a bounded time after each
//! minor collection; and when nothing is left to mark, a final pause that looks at the roots once more, decides about
//! weak references and swaps the bitmaps.
//!
//! Marking runs right after a minor collection, so it never meets a young object.  What is promoted meanwhile is shaded,
//! and so are large objects and symbols at birth.  While a cycle marks, the write barrier watches every store and shades
//! both the value that is overwritten and the one that is stored.
//! INV-SNAPSHOT-1: every old object that was reachable when marking began, or was stored or promoted since, is marked
//! when it ends.
//! Limits: an object that dies during a cycle floats until the next; the weak phase and a stack of roots are not sliced.

use crate::context::{Context, trace_everything};
use crate::event::{PauseKind, Phase};
use crate::plan::generational::{major as whole, minor as young, refill_from_nursery};
use crate::plan::{Outcome, PauseClock, PlanInfo};
use crate::trace::Tracer;
use crate::trace::mark::Marker;
use crate::word::Word;
use std::ptr::NonNull;
use std::time::{Duration, Instant};

pub(crate) const PLAN: PlanInfo = PlanInfo {
    name: "incremental",
    doc: "generational, with the old generation marked in bounded slices",
    moves: true,
    collects: true,
    nursery: true,
    incremental: true,
    reserve_divisor: 1,
    refill: refill_from_nursery,
    large: |heap, bytes, data| heap.large.alloc(&heap.region, bytes, data),
    minor: step,
    major,
};

/// How long one slice marks.
const SLICE: Duration = Duration::from_micros(300);
/// How long it marks when the old generation has grown by half since the cycle should have begun.
const LONG_SLICE: Duration = Duration::from_micros(600);
/// Blocks that are swept in one pause before a cycle begins: 1 KiB of bitmap each.
const BLOCKS_A_PAUSE: usize = 512;

/// A minor collection, and one step of a cycle if one is due or under way.
fn step(cx: &mut Context, clock: &mut PauseClock) -> Outcome {
    let minor = young(cx, clock);
    let under_way = cx.cycle.borrow().is_some();
    if !under_way {
        // Under stress a cycle is always under way.
        if cx.config.stress == 0 && !cx.is_major_due_after(minor.bytes_copied) {
            return minor;
        }
        let swept = cx.heap.cells.sweep_some(&cx.heap.region, cx.heap.epoch.get(), BLOCKS_A_PAUSE);
        clock.end(Phase::Release);
        if !swept {
            return Outcome { kind: PauseKind::Increment, ..minor };
        }
        begin(cx);
    }
    let late = cx.old_growth.get() > cx.heap.live_bytes.get();
    let slice = match (cx.config.stress, late) {
        (0, false) => SLICE,
        (0, true) => LONG_SLICE,
        // As many mutator steps as possible between two slices.
        _ => Duration::ZERO,
    };
    let deadline = Instant::now() + slice;
    let done = match &mut *cx.cycle.borrow_mut() {
        Some(marker) => marker.drain_until(&cx.heap, deadline),
        None => false,
    };
    clock.end(Phase::Trace);
    if !done {
        return Outcome { kind: PauseKind::Increment, ..minor };
    }
    let outcome = finish(cx, clock);
    Outcome { kind: PauseKind::Final, bytes_copied: minor.bytes_copied, remembered: minor.remembered, ..outcome }
}

/// Shade the roots and let the barrier watch every store.
fn begin(cx: &Context) {
    let mut marker = Marker::new(&cx.heap);
    cx.for_each_root(|slot| marker.slot(slot));
    *cx.cycle.borrow_mut() = Some(marker);
    cx.barrier_base.set(0);
    cx.barrier_span.set(usize::MAX);
}

/// The closure is complete but for what the roots have picked up: look again, decide about weak references, and end.
/// The nursery is empty.
fn finish(cx: &mut Context, clock: &mut PauseClock) -> Outcome {
    let Some(mut marker) = cx.cycle.borrow_mut().take() else { return Outcome::default() };
    let (offset, range) = cx.heap.nursery.bounds();
    cx.barrier_base.set(cx.heap.region.base().addr().get() + offset);
    cx.barrier_span.set(range);
    cx.heap.retire_windows();
    let roots = trace_everything(cx, &mut marker, clock);
    cx.heap.finish_cycle();
    clock.end(Phase::Release);
    Outcome { live_bytes: marker.live_bytes, live_objects: marker.live_objects, roots, ..Outcome::default() }
}

/// A whole collection at once, because Lisp asked for one or a fixed heap is full.  A cycle under way is ended first:
/// what it marked may be dead by now, and Lisp wants to know what lives.
fn major(cx: &mut Context, clock: &mut PauseClock) -> Outcome {
    if cx.cycle.borrow().is_some() {
        young(cx, clock);
        finish(cx, clock);
    }
    whole(cx, clock)
}

impl Context {
    /// An object was born old: while a cycle marks, it is shaded, and string data, which nothing scans, is marked.
    pub(crate) fn shade_newborn(&self, object: Option<Word>, start: NonNull<u8>) {
        if let Some(marker) = &mut *self.cycle.borrow_mut() {
            match object {
                Some(word) => marker.shade(word),
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
