//! The size-class space: blocks of equal cells, found free again by the mark bits.
//!
//! Sweeping is lazy and touches no dead object: a block's dead cells are the zeros of its allocated bits, which after a
//! collection are the mark bits of before, and allocation opens runs of zeros as windows.
//! A block is *swept* once in a cycle, when it is first allocated from or before the next collection: its old bitmap is
//! cleared for the next marking (INV-BLOCK-2), and an empty block is given back.

use crate::block::{BLOCK_BYTES, Block, POISON, Region};
use crate::size_class::{CLASSES, Class, GRANULE};
use std::cell::{Cell, RefCell};
use std::ptr::NonNull;

/// The longest run that a window opens, so that what a trigger counts lags little behind what was allocated.
const MAX_RUN: usize = 16 << 10;

/// Blocks of all classes.
pub(crate) struct CellSpace {
    classes: [ClassBlocks; CLASSES],
    /// The class that [`CellSpace::sweep_some`] goes on with.
    sweeping: Cell<usize>,
    /// Mark bits outlive a collection, and say which objects are old: a plan with sticky mark bits.
    sticky: bool,
}

/// The place of a block that was given back; closed up when a pass over the class ends.
const GONE: Block = Block(u32::MAX);

#[derive(Default)]
struct ClassBlocks {
    blocks: RefCell<Vec<Block>>,
    /// The first block with free cells, as far as is known: a partial collection frees nothing before it.
    base: Cell<usize>,
    /// The next block to look for free cells in.
    next: Cell<usize>,
    /// The next block that a pass of sweeping looks at.
    cursor: Cell<usize>,
    /// The block in use and the byte up to which it was searched.
    current: Cell<Option<(Block, usize)>>,
}

impl ClassBlocks {
    fn get(&self, i: usize) -> Option<Block> {
        self.blocks.borrow().get(i).copied()
    }

    /// Close the gaps that blocks left which were given back.
    fn close_gaps(&self) {
        let mut blocks = self.blocks.borrow_mut();
        let gone = |upto: usize| blocks[..upto].iter().filter(|&&b| b == GONE).count();
        let (base, next) = (self.base.get() - gone(self.base.get()), self.next.get() - gone(self.next.get()));
        self.base.set(base);
        self.next.set(next);
        blocks.retain(|&block| block != GONE);
        self.cursor.set(blocks.len());
    }
}

impl CellSpace {
    pub(crate) fn new(sticky: bool) -> CellSpace {
        CellSpace { classes: std::array::from_fn(|_| ClassBlocks::default()), sweeping: Cell::new(0), sticky }
    }

    fn of(&self, class: Class) -> &ClassBlocks {
        &self.classes[class.0 as usize]
    }

    /// The next run of free cells of a class, marked allocated as a whole.
    ///
    /// After `patience` blocks that are nearly full it takes a fresh one, if there is one, and goes on with the others the
    /// next time: a heap that is full of live objects has thousands in a row.
    pub(crate) fn next_run(
        &self,
        region: &Region,
        class: Class,
        epoch: u32,
        patience: usize,
    ) -> Option<(NonNull<u8>, usize)> {
        let list = self.of(class);
        let mut full = 0;
        loop {
            if let Some((block, from)) = list.current.get() {
                if let Some((start, end)) = free_run(region, block, class, from) {
                    list.current.set(Some((block, end)));
                    mark_run_allocated(region, block, class, start, end);
                    return Some((region.at(block.0 as usize * BLOCK_BYTES + start), end - start));
                }
                list.current.set(None);
            }
            let at = list.next.get();
            if full >= patience
                && at < list.blocks.borrow().len()
                && let Some(block) = region.acquire(class, epoch)
            {
                // It takes the place of the next candidate, which comes last.
                let mut blocks = list.blocks.borrow_mut();
                let candidate = std::mem::replace(&mut blocks[at], block);
                blocks.push(candidate);
                list.next.set(at + 1);
                list.current.set(Some((block, 0)));
                full = 0;
                continue;
            }
            list.next.set(at + 1);
            let block = match list.get(at) {
                Some(GONE) => continue,
                Some(block) => {
                    let live = self.sweep(region, block, epoch);
                    if is_nearly_full(live, class) {
                        full += 1;
                        if list.base.get() == at {
                            list.base.set(at + 1);
                        }
                        continue;
                    }
                    block
                }
                None => {
                    let block = region.acquire(class, epoch)?;
                    list.blocks.borrow_mut().push(block);
                    block
                }
            };
            list.current.set(Some((block, 0)));
        }
    }

    /// Whether the next run of this class would need a fresh block.
    pub(crate) fn is_exhausted(&self, region: &Region, class: Class) -> bool {
        let list = self.of(class);
        list.next.get() >= list.blocks.borrow().len()
            && list.current.get().is_none_or(|(block, from)| free_run(region, block, class, from).is_none())
    }

    /// Take in a block that was acquired by hand.
    pub(crate) fn adopt(&self, class: Class, block: Block) {
        self.of(class).blocks.borrow_mut().push(block);
    }

    /// Forget the blocks in use: a collection is about to change what is free.
    pub(crate) fn rewind(&self) {
        for list in &self.classes {
            list.base.set(0);
        }
        self.rewind_to_base();
    }

    /// The same for a collection that frees only what was allocated since the last one.
    pub(crate) fn rewind_to_base(&self) {
        self.sweeping.set(0);
        for list in &self.classes {
            list.current.set(None);
            list.next.set(list.base.get());
            list.cursor.set(0);
        }
    }

    /// Sweep what was not swept since the last collection; empty blocks that nobody allocates from are given back.
    pub(crate) fn sweep_all(&self, region: &Region, epoch: u32) {
        self.sweep_some(region, epoch, usize::MAX);
    }

    /// Look at up to `count` more blocks in the pass that does what `sweep_all` does; tells whether the pass has ended.
    pub(crate) fn sweep_some(&self, region: &Region, epoch: u32, count: usize) -> bool {
        let mut left = count;
        while let Some(list) = self.classes.get(self.sweeping.get()) {
            let current = list.current.get().map(|(block, _)| block);
            let mut gaps = false;
            while let Some(block) = list.get(list.cursor.get()) {
                if left == 0 {
                    return false;
                }
                left -= 1;
                let at = list.cursor.get();
                list.cursor.set(at + 1);
                if block == GONE || region.desc(block).swept.get() == epoch || Some(block) == current {
                    gaps |= block == GONE;
                } else if self.sweep(region, block, epoch) == 0 && at >= list.next.get() {
                    region.release_block(block);
                    list.blocks.borrow_mut()[at] = GONE;
                    gaps = true;
                }
            }
            if gaps {
                list.close_gaps();
            }
            self.sweeping.set(self.sweeping.get() + 1);
        }
        true
    }

    /// Take all blocks of a class out of the space: a copying collection empties them.
    pub(crate) fn take_blocks(&self, class: Class) -> Vec<Block> {
        let list = self.of(class);
        list.current.set(None);
        [&list.base, &list.next, &list.cursor].into_iter().for_each(|index| index.set(0));
        let mut blocks = list.blocks.take();
        blocks.retain(|&block| block != GONE);
        blocks
    }

    /// Take blocks that are at most half full out of the space, to be emptied: of each class that `serves` the sparsest, as
    /// many as have room in the gaps of the others, as long as all together hold no more than `most` bytes.  If they are
    /// fewer than `least`, none.  All blocks were swept, and no window is open.
    pub(crate) fn choose_sparse(
        &self,
        region: &Region,
        serves: impl Fn(Class) -> bool,
        least: usize,
        most: usize,
    ) -> Vec<Block> {
        let mut chosen = Vec::new();
        let mut left = most;
        for class in Class::all().filter(|&class| class != Class::SYMBOL && serves(class)) {
            chosen.extend(self.sparse_blocks(region, class, &mut left));
        }
        if chosen.is_empty() || chosen.len() < least {
            return Vec::new();
        }
        for &block in &chosen {
            region.desc(block).from_space.set(true);
        }
        for list in &self.classes {
            let all = list.blocks.borrow().len();
            list.blocks.borrow_mut().retain(|&block| block == GONE || !region.desc(block).from_space.get());
            if list.blocks.borrow().len() < all {
                [&list.base, &list.next, &list.cursor].into_iter().for_each(|index| index.set(0));
            }
        }
        chosen
    }

    fn sparse_blocks(&self, region: &Region, class: Class, most: &mut usize) -> Vec<Block> {
        let cells = class.cells_per_block();
        let blocks = self.of(class).blocks.borrow();
        let live = |block| region.allocated().count_block(block);
        let mut all: Vec<(usize, Block)> = blocks.iter().filter(|&&b| b != GONE).map(|&b| (live(b), b)).collect();
        all.sort_unstable();
        // Gaps of nearly full blocks are not allocated from.
        let usable_gaps = |&(live, _): &(usize, Block)| if is_nearly_full(live, class) { 0 } else { cells - live };
        let mut gaps: usize = all.iter().map(usable_gaps).sum();
        let mut moved = 0;
        let sparse = all.iter().take_while(|&&(live, _)| live <= cells / 2).take_while(|&&(live, _)| {
            gaps -= cells - live;
            moved += live;
            let bytes = live * class.cell_bytes();
            let fits = moved <= gaps && bytes <= *most;
            *most -= if fits { bytes } else { 0 };
            fits
        });
        sparse.map(|&(_, block)| block).collect()
    }

    /// Make a block ready for the next cycle, once; gives the number of cells that are live.
    fn sweep(&self, region: &Region, block: Block, epoch: u32) -> usize {
        let desc = region.desc(block);
        if desc.swept.replace(epoch) != epoch {
            if self.sticky {
                region.allocated().copy_block(region.marks(), block);
            } else {
                region.marks().clear_block(block);
            }
            if region.poison {
                poison_free_cells(region, block, desc.class.get());
            }
        }
        region.allocated().count_block(block)
    }
}

/// A nearly full block costs a refill for a handful of cells; it is left to the next cycle.
fn is_nearly_full(live: usize, class: Class) -> bool {
    live + live / 32 >= class.cells_per_block()
}

fn poison_free_cells(region: &Region, block: Block, class: Class) {
    let start = block.0 as usize * BLOCK_BYTES;
    for cell in 0..class.cells_per_block() {
        let offset = start + cell * class.cell_bytes();
        if !region.allocated().get(offset) {
            // SAFETY: INV-BLOCK-1: the cell holds no object, and it lies in the block.
            unsafe { region.at(offset).write_bytes(POISON, class.cell_bytes()) };
        }
    }
}

/// The first run of free cells at or after byte `from` of a block, as byte offsets in the block.
fn free_run(region: &Region, block: Block, class: Class, from: usize) -> Option<(usize, usize)> {
    let cell = class.cell_bytes();
    let end_of_cells = class.cells_per_block() * cell;
    let allocated = region.allocated();
    if cell == GRANULE {
        return free_granules(|i| allocated.word(block, i), from / GRANULE)
            .map(|(start, end)| (start * GRANULE, end * GRANULE));
    }
    let base = block.0 as usize * BLOCK_BYTES;
    let start = (from..end_of_cells).step_by(cell).find(|&at| !allocated.get(base + at))?;
    let longest = end_of_cells.min(start + (MAX_RUN / cell).max(1) * cell);
    let end = (start..longest).step_by(cell).find(|&at| allocated.get(base + at)).unwrap_or(longest);
    Some((start, end))
}

/// The first run of zero bits at or after `from`, at most [`MAX_RUN`] bytes' worth, a word at a time.
fn free_granules(word: impl Fn(usize) -> u64, from: usize) -> Option<(usize, usize)> {
    use crate::block::BITMAP_WORDS;
    let mut i = from / 64;
    if i >= BITMAP_WORDS {
        return None;
    }
    let mut free = !word(i) & u64::MAX << (from % 64);
    while free == 0 {
        i += 1;
        if i >= BITMAP_WORDS {
            return None;
        }
        free = !word(i);
    }
    let start = i * 64 + free.trailing_zeros() as usize;
    let in_word = (free >> (start % 64)).trailing_ones() as usize;
    let mut end = start + in_word;
    while end.is_multiple_of(64) && end / 64 < BITMAP_WORDS && end - start < MAX_RUN / GRANULE {
        let more = (!word(end / 64)).trailing_ones() as usize;
        end += more;
        if more < 64 {
            break;
        }
    }
    Some((start, end))
}

fn mark_run_allocated(region: &Region, block: Block, class: Class, start: usize, end: usize) {
    let base = block.0 as usize * BLOCK_BYTES;
    let allocated = region.allocated();
    if class.cell_bytes() == GRANULE {
        return allocated.set_range(base + start, base + end);
    }
    for at in (start..end).step_by(class.cell_bytes()) {
        allocated.set(base + at);
    }
}
