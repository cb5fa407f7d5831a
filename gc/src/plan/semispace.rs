//! `semispace`: every collection copies everything (Cheney 1970; Handbook, semispace copying).
//!
//! From-space is all blocks in use; survivors are copied into fresh blocks, and the old ones are given back whole.
//! Symbols and large objects do not move.  The order is depth first, from a worklist: it places a list's conses side by
//! side.  Its cost is proportional to what lives, and it needs twice the memory.  As everything moves at every
//! collection it is also the tests' root shaker: a stale reference is wrong at once.

use crate::block::BlockUse;
use crate::context::{Context, trace_everything};
use crate::event::Phase;
use crate::plan::{Compacts, Outcome, PauseClock, PlanInfo};
use crate::size_class::Class;
use crate::trace::copy::{Blocks, Copier, Promote, is_movable};

pub(crate) const PLAN: PlanInfo = PlanInfo {
    name: "semispace",
    doc: "stop the world; every collection copies everything",
    moves: true,
    collects: true,
    nursery: false,
    sticky: false,
    incremental: false,
    native: false,
    compacts: Compacts::Everything,
    concurrent: false,
    reserve_divisor: 2,
    refill: |heap, class| heap.refill_from_blocks(&heap.windows, class),
    large: |heap, bytes, data| heap.large.alloc(&heap.region, bytes, data),
    minor: major,
    major,
};

fn major(cx: &mut Context, clock: &mut PauseClock) -> Outcome {
    let heap = cx.heap();
    heap.retire_windows();
    heap.sweep_all();
    let mut from_space = Vec::new();
    for class in Class::all().filter(|&class| is_movable(BlockUse::Cells, class)) {
        from_space.extend(heap.cells.take_blocks(class));
    }
    for &block in &from_space {
        heap.region.desc(block).from_space.set(true);
    }
    clock.end(Phase::Prepare);
    let mut copier = Copier::new(heap, Blocks, Promote::White);
    let roots = trace_everything(cx, &mut copier, clock);
    heap.close_windows();
    for &block in &from_space {
        heap.region.release_block(block);
    }
    heap.finish_whole_cycle();
    clock.end(Phase::Release);
    Outcome {
        live_bytes: copier.live_bytes,
        live_objects: copier.live_objects,
        bytes_copied: copier.bytes_copied,
        roots,
        ..Outcome::default()
    }
}
