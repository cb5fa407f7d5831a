//! The heap: memory, allocation windows, and the counts that triggers and Lisp ask for.
//!
//! INV-ALLOC-1: an allocator gives memory that is free, aligned to a granule, as long as was asked for, and nobody
//! else's until it is freed by a collection that found nothing in it.

use crate::allocator::Windows;
use crate::block::{BITMAP_WORDS, BLOCK_BYTES, Block, BlockUse, Region};
use crate::native_allocator;
use crate::object::string::StringCell;
use crate::object::symbol::SymbolCell;
use crate::options::Config;
use crate::size_class::{BlockKind, CLASSES, Class, GRANULE};
use crate::space::cells::CellSpace;
use crate::space::large::LargeSpace;
use crate::space::native::NativeSpace;
use crate::space::nursery::{MOST_STEPS, Nursery};
use crate::word::{TAG_CONS, TAG_FLOAT, TAG_STRING, TAG_SYMBOL, TAG_VECTORLIKE, Word};
use std::cell::{Cell, RefCell};
use std::ptr::NonNull;

/// Free memory that a collection keeps, beside a quarter of what is in use, before it gives the rest back.
const KEEP_BYTES: usize = 16 << 20;

/// String data that a collection moves at most: about 0.5 ms.
const MOST_DATA_MOVED: usize = 4 << 20;

/// Memory and its bookkeeping, shared by all plans.
pub(crate) struct Heap {
    pub(crate) region: Region,
    /// Where the mutator allocates.
    pub(crate) windows: Windows,
    /// Where a generational plan promotes to; they stay open between minor collections.
    pub(crate) old_windows: Windows,
    /// Where what survives and stays young is copied to, by step of age; closed between collections.
    aged_windows: [Windows; MOST_STEPS],
    pub(crate) nursery: Nursery,
    /// Mark bits outlive a collection, and say which objects are old.
    pub(crate) sticky: bool,
    pub(crate) cells: CellSpace,
    pub(crate) large: LargeSpace,
    /// Where the `malloc` plan allocates; empty under all others.
    pub(crate) native: NativeSpace,
    /// Whether all objects but symbols are there.
    pub(crate) is_native: bool,
    /// Where the `no-gc` plan allocates; empty under all others.
    pub(crate) arena: bumpalo::Bump,
    /// Blocks of string data that the collection under way empties.
    sparse_data: RefCell<Vec<Block>>,
    /// Bytes ever allocated in retired windows, by class.
    allocated: [Cell<u64>; CLASSES],
    /// Bytes ever allocated in large objects: vectorlikes, then string data.
    large_allocated: [Cell<u64>; 2],
    /// Large vectorlikes ever allocated.
    large_objects: Cell<u64>,
    /// Bytes allocated in retired windows and large objects since the last collection.
    since_collection: Cell<usize>,
    /// Bytes found live by the last collection.
    pub(crate) live_bytes: Cell<usize>,
    /// Objects found live by the last collection.
    pub(crate) live_objects: Cell<usize>,
    /// The number of collections of the whole heap; blocks swept since carry it.
    pub(crate) epoch: Cell<u32>,
    /// Nearly full blocks that a search for free cells looks at before it takes a fresh one.
    pub(crate) patience: Cell<usize>,
}

impl Heap {
    /// A heap with what its plan needs.
    pub(crate) fn new(config: &Config) -> Heap {
        let plan = config.plan;
        // A long pause may wait for a huge page, a short one may not.
        let region = Region::new(config.poison, !plan.generational(), plan.native);
        if plan.native {
            native_allocator::prepare_thread();
        }
        Heap {
            nursery: if plan.nursery {
                Nursery::new(&region, config.nursery_bytes, config.tenure_age)
            } else {
                Nursery::none()
            },
            region,
            native: NativeSpace::default(),
            is_native: plan.native,
            sticky: plan.sticky,
            windows: Windows::new(),
            old_windows: Windows::new(),
            aged_windows: [const { Windows::new() }; MOST_STEPS],
            cells: CellSpace::new(plan.sticky),
            large: LargeSpace::default(),
            arena: bumpalo::Bump::new(),
            sparse_data: RefCell::default(),
            allocated: [const { Cell::new(0) }; CLASSES],
            large_allocated: [const { Cell::new(0) }; 2],
            large_objects: Cell::new(0),
            since_collection: Cell::new(0),
            live_bytes: Cell::new(0),
            live_objects: Cell::new(0),
            epoch: Cell::new(0),
            patience: Cell::new(usize::MAX),
        }
    }

    #[inline(always)]
    pub(crate) fn symbol_cell(&self, word: Word) -> NonNull<SymbolCell> {
        self.origin().symbol_cell(word)
    }

    /// Where the heap begins.
    #[inline(always)]
    pub(crate) fn origin(&self) -> Origin {
        Origin(self.region.base())
    }

    /// Count what was taken from a class's window, which is about to be closed or refilled.
    pub(crate) fn count_window(&self, class: Class) {
        let taken = self.windows.of(class).taken();
        let total = &self.allocated[class.0 as usize];
        total.set(total.get() + taken as u64);
        self.since_collection.set(self.since_collection.get() + taken);
        if self.nursery.pretenures() && class != Class::SYMBOL {
            let objects = if class.kind() == BlockKind::StringData { 0 } else { taken / class.cell_bytes() };
            self.nursery.count_born_old(taken, objects);
        }
    }

    pub(crate) fn count_large(&self, bytes: usize, data: bool) {
        let total = &self.large_allocated[usize::from(data)];
        total.set(total.get() + bytes as u64);
        self.large_objects.set(self.large_objects.get() + u64::from(!data));
        self.since_collection.set(self.since_collection.get() + bytes);
    }

    /// Bytes allocated since the last collection, open windows left out.
    pub(crate) fn bytes_since_collection(&self) -> usize {
        self.since_collection.get()
    }

    /// The same, to the byte.
    pub(crate) fn exact_bytes_since_collection(&self) -> usize {
        self.since_collection.get() + Class::all().map(|c| self.windows.of(c).taken()).sum::<usize>()
    }

    /// Bytes ever allocated in cells of a class.
    pub(crate) fn bytes_allocated(&self, class: Class) -> u64 {
        self.allocated[class.0 as usize].get() + self.windows.of(class).taken() as u64
    }

    /// Bytes ever allocated in large objects: vectorlikes, string data.
    pub(crate) fn large_bytes_allocated(&self) -> [u64; 2] {
        [self.large_allocated[0].get(), self.large_allocated[1].get()]
    }

    /// Objects ever allocated; string data belongs to its string.
    pub(crate) fn objects_allocated(&self) -> u64 {
        let cells = Class::all().filter(|c| c.kind() != BlockKind::StringData);
        cells.map(|c| self.bytes_allocated(c) / c.cell_bytes() as u64).sum::<u64>() + self.large_objects.get()
    }

    /// A collection has ended.
    pub(crate) fn reset_counts(&self, live_bytes: usize, live_objects: usize) {
        self.since_collection.set(0);
        self.live_bytes.set(live_bytes);
        self.live_objects.set(live_objects);
    }

    /// Close all windows before a collection: what they did not give out is free again (INV-BLOCK-1).
    pub(crate) fn retire_windows(&self) {
        Class::all().for_each(|class| self.count_window(class));
        self.close_windows();
    }

    /// Close all windows without counting what was taken: the collector's own copies are nobody's allocation.
    pub(crate) fn close_windows(&self) {
        for class in Class::all() {
            for windows in [&self.windows, &self.old_windows] {
                let Some((rest, bytes)) = windows.of(class).close() else { continue };
                let start = self.region.offset(rest);
                if self.region.contains(rest) && !self.nursery.holds(start) {
                    for offset in (start..start + bytes).step_by(class.cell_bytes()) {
                        self.region.allocated().clear(offset);
                    }
                }
            }
        }
        self.cells.rewind_to_base();
    }

    /// Close the windows on the nursery before a minor collection.  Those on blocks stay open: where objects were born old,
    /// survivors are promoted into what is left of them.
    pub(crate) fn retire_young_windows(&self) {
        for class in Class::all().filter(|&class| class != Class::SYMBOL) {
            self.count_window(class);
            if let Some((rest, bytes)) = self.windows.of(class).close()
                && !self.nursery.holds(self.region.offset(rest))
            {
                self.old_windows.of(class).open(rest, rest.as_ptr().wrapping_add(bytes));
            }
        }
    }

    /// Open a run of the size-class blocks for objects that are born old: what is left of the one that survivors were
    /// promoted into, if anything.
    pub(crate) fn refill_for_born_old(&self, class: Class) -> bool {
        let Some((rest, bytes)) = self.old_windows.of(class).close() else {
            return self.refill_from_blocks(&self.windows, class);
        };
        self.windows.of(class).open(rest, rest.as_ptr().wrapping_add(bytes));
        true
    }

    /// The offset of an object from the start of the heap.
    #[inline(always)]
    pub(crate) fn offset(&self, word: Word) -> usize {
        if word.tag() == TAG_SYMBOL { word.symbol_offset() } else { self.region.offset(word.address()) }
    }

    /// Open a run of free cells from the size-class blocks; false when the address range is used up.
    pub(crate) fn refill_from_blocks(&self, windows: &Windows, class: Class) -> bool {
        let Some((start, bytes)) = self.cells.next_run(&self.region, class, self.epoch.get(), self.patience.get())
        else {
            return false;
        };
        let limit = start.as_ptr().wrapping_add(bytes);
        windows.of(class).open(start, limit);
        true
    }

    /// A cell of the size-class blocks for a copy.
    #[inline]
    pub(crate) fn take_from_blocks(&self, windows: &Windows, class: Class) -> NonNull<u8> {
        loop {
            if let Some(cell) = windows.of(class).take(class.cell_bytes()) {
                return cell;
            }
            assert!(self.refill_from_blocks(windows, class), "the heap's address range is used up");
        }
    }

    /// A cell of the nursery for a copy of what lies at `offset` in it, if that is to stay young and there is room.
    #[inline]
    pub(crate) fn take_aged(&self, offset: usize, class: Class) -> Option<NonNull<u8>> {
        let step = self.nursery.next_step(offset);
        if !self.nursery.has_step(step) {
            return None;
        }
        let window = self.aged_windows[step].of(class);
        loop {
            if let Some(cell) = window.take(class.cell_bytes()) {
                return Some(cell);
            }
            let (start, bytes) = self.nursery.aged_slice(&self.region, step, class)?;
            window.open(start, start.as_ptr().wrapping_add(bytes));
        }
    }

    /// Nothing more is copied within the nursery.
    pub(crate) fn close_aged_windows(&self) {
        for windows in &self.aged_windows {
            Class::all().for_each(|class| _ = windows.of(class).close());
        }
    }

    /// The unused rests of the windows that are open on blocks of a class, as offset and length.
    fn open_rests(&self, class: Class) -> [(usize, usize); 2] {
        [&self.windows, &self.old_windows].map(|windows| {
            let (rest, bytes) = windows.of(class).rest();
            (rest.addr().wrapping_sub(self.region.base().addr().get()), bytes)
        })
    }

    /// How many cells of a block hold objects: allocated, and not the rest of an open window.
    pub(crate) fn count_cells(&self, block: Block) -> usize {
        let class = self.region.desc(block).class.get();
        let base = block.0 as usize * BLOCK_BYTES;
        let here = |&(start, bytes): &(usize, usize)| bytes > 0 && start.wrapping_sub(base) < BLOCK_BYTES;
        let unused: usize = self.open_rests(class).iter().filter(|rest| here(rest)).map(|(_, bytes)| bytes).sum();
        self.region.allocated().count_block(block) - unused / class.cell_bytes()
    }

    /// Visit the offsets of the cells of a block that hold objects.
    pub(crate) fn for_each_cell(&self, block: Block, mut visit: impl FnMut(usize)) {
        let class = self.region.desc(block).class.get();
        let base = block.0 as usize * BLOCK_BYTES;
        let rests = self.open_rests(class);
        for i in 0..BITMAP_WORDS {
            let mut bits = self.region.allocated().word(block, i);
            while bits != 0 {
                let at = base + (i * 64 + bits.trailing_zeros() as usize) * GRANULE;
                bits &= bits - 1;
                if rests.iter().all(|(start, bytes)| at.wrapping_sub(*start) >= *bytes) {
                    visit(at);
                }
            }
        }
    }

    /// Visit every object in blocks and every large one; outside the nursery, that is all that is allocated.
    pub(crate) fn for_each_object(&self, mut visit: impl FnMut(Word)) {
        for block in self.region.blocks_in_use() {
            let desc = self.region.desc(block);
            let tag = match desc.usage.get() {
                BlockUse::Cells => match desc.class.get().kind() {
                    BlockKind::Cons => TAG_CONS,
                    BlockKind::Float => TAG_FLOAT,
                    BlockKind::Symbol => TAG_SYMBOL,
                    BlockKind::String => TAG_STRING,
                    BlockKind::Vectorlike => TAG_VECTORLIKE,
                    BlockKind::StringData => continue,
                },
                BlockUse::LargeHead if !desc.large_data.get() => {
                    visit(Word::tagged(self.region.start(block), TAG_VECTORLIKE));
                    continue;
                }
                _ => continue,
            };
            self.for_each_cell(block, |offset| {
                let is_symbol = tag == TAG_SYMBOL;
                visit(if is_symbol { Word::symbol(offset) } else { Word::tagged(self.region.at(offset), tag) });
            });
        }
    }

    /// Bytes of blocks in use, large objects included.
    pub(crate) fn footprint(&self) -> usize {
        self.region.used_bytes() + self.nursery.used() + self.arena.allocated_bytes() + self.native.bytes()
    }

    /// Marking is about to begin: choose sparse blocks of string data, to be emptied by the marker.
    ///
    /// Only its string refers to data, so it can be moved when the string is marked, under plans too that move nothing
    /// else.  What is moved is bounded, and so is the pause.
    pub(crate) fn choose_sparse_data(&self) {
        let is_data = |class: Class| class.kind() == BlockKind::StringData;
        self.sparse_data.replace(self.cells.choose_sparse(&self.region, is_data, 1, MOST_DATA_MOVED));
    }

    /// Whether string data is being moved.
    pub(crate) fn moves_data(&self) -> bool {
        !self.sparse_data.borrow().is_empty()
    }

    /// A string lives: move its data if it is in a block that is being emptied.
    pub(crate) fn move_sparse_data(&self, string: &StringCell) {
        let (from, bytes) = (string.data(), string.data_bytes());
        if bytes == 0 || !self.region.desc(self.region.block_at(self.region.offset(from))).from_space.get() {
            return;
        }
        let class = Class::data(bytes).expect("INV-BLOCK-1: a cell of a block is small");
        let to = self.take_from_blocks(&self.old_windows, class);
        // SAFETY: INV-ALLOC-1: `to` is a free cell of the class, and `bytes` fit in it; INV-STRING-1: nobody has a slice of
        // the old one in a collection.
        unsafe { to.copy_from_nonoverlapping(from, bytes) };
        string.set_data(to);
    }

    /// The closure is complete: what is marked is what is allocated from now on, and the rest is free.
    pub(crate) fn finish_cycle(&self) {
        if self.moves_data() {
            self.close_windows();
            self.sparse_data.take().into_iter().for_each(|block| self.region.release_block(block));
        }
        self.region.swap_bitmaps();
        self.epoch.set(self.epoch.get().wrapping_add(1));
        self.large.start_sweep();
        self.cells.rewind();
    }

    /// The same in a pause that may be long: free large objects, and give memory back to the operating system.
    pub(crate) fn finish_whole_cycle(&self) {
        self.finish_cycle();
        self.large.sweep_some(&self.region, usize::MAX);
        self.trim(usize::MAX);
    }

    /// The same where mark bits outlive the collection, of the whole heap or of what was allocated since the last one.
    pub(crate) fn finish_sticky_cycle(&self, only_young: bool) {
        self.epoch.set(self.epoch.get().wrapping_add(1));
        self.large.sweep_by_marks(&self.region, only_young);
        if only_young {
            self.cells.rewind_to_base();
        } else {
            self.cells.rewind();
            self.trim(usize::MAX);
        }
    }

    /// Look at some huge pages, and give their memory back if it has long been free.
    pub(crate) fn trim(&self, pages: usize) {
        self.region.trim(self.region.used_bytes() / 4 + KEEP_BYTES, pages);
    }

    /// Sweep every block that the last collection left unswept, and free the empty ones.
    pub(crate) fn sweep_all(&self) {
        self.cells.sweep_all(&self.region, self.epoch.get());
        if !self.sticky {
            self.large.sweep_some(&self.region, usize::MAX);
        }
    }

    /// Do some of what `sweep_all` does; tells whether all is done.
    pub(crate) fn sweep_some(&self, blocks: usize) -> bool {
        self.cells.sweep_some(&self.region, self.epoch.get(), blocks) && self.large.sweep_some(&self.region, blocks)
    }

    /// The addresses that the write barrier watches when no collection is under way, as a start and a length: those of
    /// young objects.
    pub(crate) fn watched_addresses(&self) -> (usize, usize) {
        let (young, bytes) = self.nursery.bounds();
        if self.sticky { (0, usize::MAX) } else { (self.region.base().addr().get() + young, bytes) }
    }

    /// Whether the object or data cell at this offset was allocated since the last collection, in plans that tell.
    #[inline(always)]
    pub(crate) fn is_young(&self, offset: usize) -> bool {
        if self.sticky { !self.region.marks().get(offset) } else { self.nursery.holds(offset) }
    }

    /// Whether so much was allocated since the last collection that one of the young is due.
    pub(crate) fn is_young_full(&self, bytes: usize) -> bool {
        if self.sticky { self.since_collection.get() >= bytes } else { self.nursery.is_full() }
    }
}

impl Drop for Heap {
    fn drop(&mut self) {
        self.native.clear(&self.region);
    }
}

/// Where the heap begins: all that a traversal needs of it to find a symbol.
#[derive(Clone, Copy)]
pub(crate) struct Origin(NonNull<u8>);

impl Origin {
    #[inline(always)]
    pub(crate) fn symbol_cell(self, word: Word) -> NonNull<SymbolCell> {
        // SAFETY: INV-REGION-1 and INV-WORD-1: a symbol's offset lies in the region.
        unsafe { self.0.byte_add(word.symbol_offset()) }.cast()
    }

    #[inline(always)]
    pub(crate) fn address(self) -> usize {
        self.0.addr().get()
    }

    /// The offset of an object from the start of the heap.
    #[inline(always)]
    pub(crate) fn offset(self, word: Word) -> usize {
        if word.tag() == TAG_SYMBOL { word.symbol_offset() } else { (word.bits() & !7).wrapping_sub(self.address()) }
    }
}

/// Blocks that a large object of `bytes` bytes takes.
pub(crate) fn blocks_for(bytes: usize) -> usize {
    bytes.div_ceil(BLOCK_BYTES)
}
