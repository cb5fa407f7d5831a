//! `semispace`: every collection copies everything (Cheney 1970; Handbook, semispace copying).
//!
//! From-space is all blocks in use; survivors are copied into fresh blocks, and the old ones are given back whole.
//! Symbols and large objects do not move.  The order is depth first, from a worklist: it places a list's conses side by
//! side.  Its cost is proportional to what lives, and it needs twice the memory.  As everything moves at every
//! collection it is also the tests' root shaker: a stale reference is wrong at once.

use crate::block::BlockUse;
use crate::context::{Context, trace_everything};
use crate::event::Phase;
use crate::heap::Heap;
use crate::plan::{Outcome, PauseClock, PlanInfo};
use crate::size_class::Class;
use crate::trace::copy::{Copier, is_movable};

pub(crate) const PLAN: PlanInfo = PlanInfo {
    name: "semispace",
    doc: "stop the world; every collection copies everything",
    moves: true,
    collects: true,
    reserve_divisor: 2,
    refill: Heap::refill_from_blocks,
    large: |heap, bytes, data| heap.large.alloc(&heap.region, bytes, data),
    collect,
};

fn collect(cx: &mut Context, clock: &mut PauseClock) -> Outcome {
    let heap = cx.heap();
    let mut from_space = Vec::new();
    for class in Class::all().filter(|&class| is_movable(BlockUse::Cells, class)) {
        from_space.extend(heap.cells.take_blocks(class));
    }
    for &block in &from_space {
        heap.region.desc(block).from_space.set(true);
    }
    clock.end(Phase::Prepare);
    let mut copier = Copier::new(heap);
    let roots = trace_everything(cx, &mut copier, clock);
    heap.close_windows();
    for &block in &from_space {
        heap.region.release_run(block, 1);
    }
    heap.finish_cycle();
    clock.end(Phase::Release);
    Outcome {
        live_bytes: copier.live_bytes,
        live_objects: copier.live_objects,
        bytes_copied: copier.bytes_copied,
        roots,
    }
}
