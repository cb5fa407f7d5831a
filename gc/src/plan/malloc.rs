//! `malloc`: mark-sweep in which each object is a call to a native allocator (Handbook, mark-sweep over segregated fits,
//! where the fits are somebody else's).
//!
//! So allocators can be compared under one mutator and one collector, with no block, window or size class of this project
//! between them and the program but the rounding of sizes.  A window has one cell, and the next object asks again.
//! The pause is marking as in `mark-sweep`, and then a sweep at once: the allocator's `free` is called for each object
//! that died.  Symbols are in their own blocks as everywhere, since a word of a symbol is its place.
//! Which allocator it is was decided when the program was built.
//! Limits: bits for all addresses are three terabytes of addresses, though hardly any memory.

use crate::context::{Context, trace_everything};
use crate::event::Phase;
use crate::plan::{Compacts, Outcome, PauseClock, PlanInfo};
use crate::size_class::Class;
use crate::trace::mark::Marker;

pub(crate) const PLAN: PlanInfo = PlanInfo {
    name: "malloc",
    doc: "mark-sweep in which each object is a call to a native allocator",
    moves: false,
    collects: true,
    nursery: false,
    sticky: false,
    incremental: false,
    native: true,
    compacts: Compacts::Nothing,
    concurrent: false,
    reserve_divisor: 1,
    refill: |heap, class| {
        if class == Class::SYMBOL {
            return heap.refill_from_blocks(&heap.windows, class);
        }
        let bytes = class.cell_bytes();
        let Some(cell) = heap.native.alloc(&heap.region, bytes) else { return false };
        heap.windows.of(class).open(cell, cell.as_ptr().wrapping_add(bytes));
        true
    },
    large: |heap, bytes, _| heap.native.alloc(&heap.region, bytes),
    minor: major,
    major,
};

fn major(cx: &mut Context, clock: &mut PauseClock) -> Outcome {
    let heap = cx.heap();
    heap.retire_windows();
    heap.sweep_all();
    clock.end(Phase::Prepare);
    let mut marker = Marker::<false, false>::new(heap);
    let roots = trace_everything(cx, &mut marker, clock);
    heap.native.sweep(&heap.region, marker.live_bytes);
    heap.finish_whole_cycle();
    clock.end(Phase::Release);
    Outcome { live_bytes: marker.live_bytes, live_objects: marker.live_objects, roots, ..Outcome::default() }
}
