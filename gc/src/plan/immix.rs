//! `immix`: the generational plan over an old generation that empties its sparse blocks (after Blackburn and McKinley
//! 2008; Handbook, mark-region collection with opportunistic evacuation).
//!
//! Promotion bumps through free runs that the bitmaps show, as under every plan here.  What Immix adds is that a major
//! collection may copy: blocks that the last one left at most half full are emptied while everything else is marked in
//! place, if what is in them fits into the gaps of the others, so that the copies need no reserve.
//! The blocks differ from Immix's: each has cells of one size class, since a cons has no header and its kind is known by
//! its block.  So free runs are found to the cell, not to a line of 256 bytes, and they serve their own class alone.
//! Limits: how full a block is, is known from the last collection, so what died since is only seen by the next one.

use crate::context::{Context, trace_everything};
use crate::event::{PauseKind, Phase};
use crate::plan::generational::{empty_nursery, minor, refill_from_nursery};
use crate::plan::{Compacts, Outcome, PauseClock, PlanInfo};
use crate::trace::copy::{Blocks, Copier, Promote};
use crate::trace::mark::Marker;

pub(crate) const PLAN: PlanInfo = PlanInfo {
    name: "immix",
    doc: "generational, with sparse blocks of the old generation emptied by copying",
    moves: true,
    collects: true,
    nursery: true,
    sticky: false,
    incremental: false,
    native: false,
    compacts: Compacts::Everything,
    concurrent: false,
    reserve_divisor: 1,
    refill: refill_from_nursery,
    large: |heap, bytes, data| heap.large.alloc(&heap.region, bytes, data),
    minor,
    major,
};

/// Sparse blocks are emptied if they are at least this part of all blocks: below it, copying costs more than it brings.
const WORTH_IT: usize = 16;

fn major(cx: &mut Context, clock: &mut PauseClock) -> Outcome {
    let young = empty_nursery(cx, clock);
    let heap = cx.heap();
    heap.retire_windows();
    heap.sweep_all();
    let least = heap.region.blocks_used() / WORTH_IT;
    let sparse = heap.cells.choose_sparse(&heap.region, |_| true, least, usize::MAX);
    clock.end(Phase::Prepare);
    let whole = |live_bytes, live_objects, roots| Outcome {
        kind: PauseKind::Major,
        live_bytes,
        live_objects,
        roots: roots + young.roots,
        ..young
    };
    if sparse.is_empty() {
        let mut marker = Marker::<false, false>::new(heap);
        let roots = trace_everything(cx, &mut marker, clock);
        heap.finish_whole_cycle();
        clock.end(Phase::Release);
        return whole(marker.live_bytes, marker.live_objects, roots);
    }
    let mut copier = Copier::new(heap, Blocks, Promote::White);
    let roots = trace_everything(cx, &mut copier, clock);
    heap.close_windows();
    sparse.into_iter().for_each(|block| heap.region.release_block(block));
    heap.finish_whole_cycle();
    clock.end(Phase::Release);
    let bytes_copied = young.bytes_copied + copier.bytes_copied;
    Outcome { bytes_copied, ..whole(copier.live_bytes, copier.live_objects, roots) }
}
