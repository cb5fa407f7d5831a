//! `sticky`: sticky mark bits, a generational collector that moves nothing (Demers, Weiser, Hayes, Boehm, Bobrow and
//! Shenker 1990).
//!
//! Mark bits are not cleared when a collection ends, so a marked object is one that survived: it is old.  A minor
//! collection traces from the roots and the remembered set and stops at marked objects; what it reaches is marked and old
//! from then on, and what is allocated and not marked is free.  A major collection clears all mark bits first.
//! Objects are born in the gaps of blocks that were last allocated from, so a minor collection looks at no other block.
//! INV-STICKY-1: between collections the mark bits are those of the objects that survived one, and of all symbols.

use crate::context::{Context, trace_everything};
use crate::event::{PauseKind, Phase};
use crate::plan::{Compacts, Outcome, PauseClock, PlanInfo};
use crate::trace::mark::Marker;
use crate::trace::{Tracer, Visitor, remembered_set};

pub(crate) const PLAN: PlanInfo = PlanInfo {
    name: "sticky",
    doc: "generational without moving: mark bits that stay say which objects are old",
    moves: false,
    collects: true,
    nursery: false,
    sticky: true,
    incremental: false,
    native: false,
    compacts: Compacts::Nothing,
    concurrent: false,
    reserve_divisor: 1,
    refill: |heap, class| heap.refill_from_blocks(&heap.windows, class),
    large: |heap, bytes, data| heap.large.alloc(&heap.region, bytes, data),
    minor,
    major,
};

fn minor(cx: &mut Context, clock: &mut PauseClock) -> Outcome {
    let heap = cx.heap();
    heap.retire_windows();
    let mut marker = Marker::<true, false>::new(heap);
    let roots = cx.for_each_young_root(|slot| marker.slot(slot));
    let remembered = cx.take_remembered();
    remembered_set(heap, &remembered, &mut marker);
    clock.end(Phase::Roots);
    marker.drain(heap);
    clock.end(Phase::Trace);
    cx.decide_finalizers_and_codes(heap, &mut marker);
    clock.end(Phase::Weak);
    heap.finish_sticky_cycle(true);
    clock.end(Phase::Release);
    Outcome {
        kind: PauseKind::Minor,
        live_bytes: heap.live_bytes.get() + marker.live_bytes,
        live_objects: heap.live_objects.get() + marker.live_objects,
        bytes_promoted: marker.live_bytes,
        roots: roots + remembered.len(),
        remembered: remembered.len(),
        ..Outcome::default()
    }
}

fn major(cx: &mut Context, clock: &mut PauseClock) -> Outcome {
    let heap = cx.heap();
    heap.retire_windows();
    let _forgotten = cx.take_remembered();
    heap.region.blocks_in_use().for_each(|block| heap.region.marks().clear_block(block));
    clock.end(Phase::Prepare);
    let mut marker = Marker::<false, false>::new(heap);
    let roots = trace_everything(cx, &mut marker, clock);
    heap.finish_sticky_cycle(false);
    clock.end(Phase::Release);
    Outcome { live_bytes: marker.live_bytes, live_objects: marker.live_objects, roots, ..Outcome::default() }
}
