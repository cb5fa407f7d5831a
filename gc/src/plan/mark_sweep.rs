//! `mark-sweep`: stop the world, mark, sweep lazily (McCarthy 1960; Handbook, mark-sweep with lazy sweeping).
//!
//! The pause is marking alone: roots, the closure by the prefetching marker, weak references.  Then the bitmaps swap
//! roles and every block's dead cells are free without being touched; large objects are freed at once.

use crate::context::{Context, trace_everything};
use crate::event::Phase;
use crate::plan::{Compacts, Outcome, PauseClock, PlanInfo};
use crate::trace::mark::Marker;

pub(crate) const PLAN: PlanInfo = PlanInfo {
    name: "mark-sweep",
    doc: "stop the world; prefetching marker, lazy sweep; nothing moves",
    moves: false,
    collects: true,
    nursery: false,
    sticky: false,
    incremental: false,
    native: false,
    compacts: Compacts::StringData,
    concurrent: false,
    reserve_divisor: 1,
    refill: |heap, class| heap.refill_from_blocks(&heap.windows, class),
    large: |heap, bytes, data| heap.large.alloc(&heap.region, bytes, data),
    minor: major,
    major,
};

/// Mark everything that is reached; what is not is swept when its block is next allocated from.
pub(crate) fn major(cx: &mut Context, clock: &mut PauseClock) -> Outcome {
    let heap = cx.heap();
    heap.retire_windows();
    heap.sweep_all();
    heap.choose_sparse_data();
    clock.end(Phase::Prepare);
    let mut marker = Marker::<false, false>::new(heap);
    let roots = trace_everything(cx, &mut marker, clock);
    heap.finish_whole_cycle();
    clock.end(Phase::Release);
    Outcome { live_bytes: marker.live_bytes, live_objects: marker.live_objects, roots, ..Outcome::default() }
}
