//! `no-gc`: never collects (Epsilon; Handbook, the lower bound of every comparison).
//!
//! Allocation bumps through a `bumpalo` arena, the cheapest allocator there is; nothing is ever freed.  What any other
//! collector costs shows against it.  Symbols live in their own blocks as everywhere.

use crate::block::BLOCK_BYTES;
use crate::plan::{Compacts, Outcome, PlanInfo};
use crate::size_class::{Class, GRANULE};
use std::alloc::Layout;

pub(crate) const PLAN: PlanInfo = PlanInfo {
    name: "no-gc",
    doc: "never collects; bump allocation in an arena, the lower bound",
    moves: false,
    collects: false,
    nursery: false,
    sticky: false,
    incremental: false,
    native: false,
    compacts: Compacts::Nothing,
    concurrent: false,
    reserve_divisor: 1,
    refill: |heap, class| {
        if class == Class::SYMBOL {
            return heap.refill_from_blocks(&heap.windows, class);
        }
        let bytes = BLOCK_BYTES / class.cell_bytes() * class.cell_bytes();
        let Some(layout) = Layout::from_size_align(bytes, GRANULE).ok() else { return false };
        let Ok(run) = heap.arena.try_alloc_layout(layout) else { return false };
        heap.windows.of(class).open(run, run.as_ptr().wrapping_add(bytes));
        true
    },
    large: |heap, bytes, _| heap.arena.try_alloc_layout(Layout::from_size_align(bytes, GRANULE).ok()?).ok(),
    minor: |_, _| Outcome::default(),
    major: |_, _| Outcome::default(),
};
