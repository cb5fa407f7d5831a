//! `mark-compact`: mark, then move the last live cells of each size class into its first gaps (Edwards, in Saunders 1974;
//! Handbook, two-finger compaction).
//!
//! Cells of a class have one size, so any of them fits into any gap: one finger goes up over the blocks of the class and
//! stops at gaps, the other comes down and stops at live cells, until they meet.  A moved cell leaves its new address
//! behind, and its mark moves with it.  So a reference is stale if and only if there is no mark where it leads, and a walk
//! over everything that lives mends those.  What lies above the fingers is given back whole.
//! INV-COMPACT-1: from marking to the end of the walk, a live object's cell is marked or holds the object's new address.
//! Limits: three passes in one pause; neighbours do not stay neighbours.

use crate::block::{BLOCK_BYTES, Block};
use crate::context::{Context, trace_everything};
use crate::event::Phase;
use crate::heap::Heap;
use crate::object::string::StringCell;
use crate::plan::{Compacts, Outcome, PauseClock, PlanInfo};
use crate::size_class::Class;
use crate::slot::Slot;
use crate::trace::mark::Marker;
use crate::trace::{Tracer, Visitor, WeakState, children};
use crate::weak;
use crate::word::{TAG_SYMBOL, Word};
use std::ptr::NonNull;

pub(crate) const PLAN: PlanInfo = PlanInfo {
    name: "mark-compact",
    doc: "stop the world; mark, then move what lives into the first gaps",
    moves: true,
    collects: true,
    nursery: false,
    sticky: false,
    incremental: false,
    native: false,
    compacts: Compacts::Everything,
    concurrent: false,
    reserve_divisor: 1,
    refill: |heap, class| heap.refill_from_blocks(&heap.windows, class),
    large: |heap, bytes, data| heap.large.alloc(&heap.region, bytes, data),
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
    let (mut emptied, mut bytes_copied) = (Vec::new(), 0);
    // A word of a symbol is its place, so symbols stay.
    for class in Class::all().filter(|&class| class != Class::SYMBOL) {
        bytes_copied += compact(heap, class, &mut emptied);
    }
    heap.finish_whole_cycle();
    update_references(cx);
    emptied.into_iter().for_each(|block| heap.region.release_block(block));
    clock.end(Phase::Release);
    Outcome {
        live_bytes: marker.live_bytes,
        live_objects: marker.live_objects,
        bytes_copied,
        roots,
        ..Outcome::default()
    }
}

/// Let the two fingers meet in the blocks of a class; tells which blocks that emptied, and gives the bytes moved.
fn compact(heap: &Heap, class: Class, emptied: &mut Vec<Block>) -> usize {
    let (bytes, cells) = (class.cell_bytes(), class.cells_per_block());
    let marks = heap.region.marks();
    let mut blocks = heap.cells.take_blocks(class);
    blocks.sort_unstable();
    let offset = |finger: usize| blocks[finger / cells].0 as usize * BLOCK_BYTES + finger % cells * bytes;
    let (mut low, mut high, mut moved) = (0, blocks.len() * cells, 0);
    loop {
        while low < high && marks.get(offset(low)) {
            low += 1;
        }
        while low < high && !marks.get(offset(high - 1)) {
            high -= 1;
        }
        if low == high {
            break;
        }
        let (gap, cell) = (offset(low), offset(high - 1));
        marks.set(gap);
        marks.clear(cell);
        let (to, from) = (heap.region.at(gap), heap.region.at(cell));
        // SAFETY: INV-BLOCK-1: both are cells of this class; the gap is not marked, so nothing in it is live, and nobody
        // but `moved_to` reads the other one again.  A cell has room for an address (INV-COMPACT-1).
        unsafe {
            to.copy_from_nonoverlapping(from, bytes);
            from.cast::<NonNull<u8>>().write(to);
        }
        moved += bytes;
    }
    emptied.extend(blocks.split_off(low.div_ceil(cells)));
    blocks.into_iter().for_each(|block| heap.cells.adopt(class, block));
    moved
}

/// Mend the roots, the words of everything that lives, and at last what is weak: of that, only what lives is left.
fn update_references(cx: &Context) {
    let heap = cx.heap();
    let mut update = Update { heap, weak: WeakState::new(heap) };
    cx.for_each_root(|slot| update.slot(slot));
    heap.for_each_object(|word| children(heap.origin(), word, &mut update));
    weak::sweep_tables(heap, &mut update);
    cx.doom_finalizers(heap, &mut update);
    cx.sweep_codes(heap, &update);
}

/// Where the object or data at an address was moved to, if it was.
fn moved_to(heap: &Heap, from: NonNull<u8>) -> Option<NonNull<u8>> {
    let stays = heap.region.allocated().get(heap.region.offset(from));
    // SAFETY: INV-COMPACT-1: the marks are the allocated bits by now, and where there is none, there is an address.
    (!stays).then(|| unsafe { from.cast::<NonNull<u8>>().read() })
}

/// The walk that mends references: everything it meets is live.
struct Update<'h> {
    heap: &'h Heap,
    weak: WeakState,
}

impl Visitor for Update<'_> {
    fn slot(&mut self, slot: &Slot) {
        slot.set(self.current(self.heap, slot.get()));
    }

    fn string_data(&mut self, cell: &StringCell) {
        if cell.data_bytes() > 0
            && let Some(to) = moved_to(self.heap, cell.data())
        {
            cell.set_data(to);
        }
    }

    fn weak_table(&mut self, table: Word) {
        self.weak.tables.push(table);
    }
}

impl Tracer for Update<'_> {
    const MOVES: bool = true;

    fn drain(&mut self, _heap: &Heap) {}

    fn is_live(&self, _heap: &Heap, _word: Word) -> bool {
        true
    }

    fn current(&self, heap: &Heap, word: Word) -> Word {
        if word.is_fixnum() || word.tag() == TAG_SYMBOL {
            return word;
        }
        moved_to(heap, word.address()).map_or(word, |to| Word::tagged(to, word.tag()))
    }

    fn weak(&mut self) -> &mut WeakState {
        &mut self.weak
    }
}
