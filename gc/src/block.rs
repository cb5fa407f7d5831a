//! Blocks and their side metadata.
//!
//! The heap is one reserved range of addresses, cut into 4 MiB chunks (huge pages advised) of 64 KiB blocks; a block
//! holds cells of one [`Class`].  Metadata lies beside the heap, never in it, at fixed offsets:
//!
//! ```text
//!  mapping ─► ┌ bitmap 0 ┬ bitmap 1 ┬ log bits   ┬ waiters      ┬ block descriptors ┬ pad ┬ chunk 0 ┬ chunk 1 ┬ ...
//!             └ 1 bit a granule (16 B) each ─────┴ 4 B in 128 B ┴ 64 B a block ─────┘     └ 4 MiB ──┘
//! ```
//!
//! Bitmaps 0 and 1 are the *allocated* and the *mark* bits, and swap roles when a collection ends (as in Go's
//! runtime): what was marked is what is allocated, and no collection clears a bitmap in its pause.
//! The old bitmap of a block is cleared when the block is swept, which its `swept` epoch records.
//! Cost per live cons: 16 B + 2 bits + 1/64 B = 16.27 B, and a bit more where it is remembered.
//!
//! INV-BLOCK-1: an allocated bit is set at the first granule of every cell that may hold an object, windows included.
//! INV-BLOCK-2: when a collection starts, every mark bit is clear.
//! INV-BLOCK-3: a free block has no bit set in any bitmap.

use crate::size_class::{Class, GRANULE};
use bitvec::vec::BitVec;
use std::cell::{Cell, RefCell};
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// Bytes of a block.
pub(crate) const BLOCK_BYTES: usize = 64 << 10;
/// Bytes of a chunk, the unit in which huge pages are advised and memory is given back.
pub(crate) const CHUNK_BYTES: usize = 4 << 20;
const BLOCKS_PER_CHUNK: usize = CHUNK_BYTES / BLOCK_BYTES;
const HUGE_PAGE: usize = 2 << 20;
/// Words of one bitmap that belong to one block.
pub(crate) const BITMAP_WORDS: usize = BLOCK_BYTES / GRANULE / 64;
/// Byte written over freed memory when poisoning is on.  As a word it has tag 3 and an address nobody maps.
pub(crate) const POISON: u8 = 0xDB;

/// What a block is used for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum BlockUse {
    /// Nobody's. Zero, so untouched descriptors are free.
    Free = 0,
    /// Cells of one class.
    Cells,
    /// The first block of a large object.
    LargeHead,
    /// A further block of a large object.
    LargeBody,
}

/// The descriptor of a block.
#[repr(C, align(64))]
pub(crate) struct BlockDesc {
    pub(crate) usage: Cell<BlockUse>,
    pub(crate) class: Cell<Class>,
    /// In a moving plan's collection: the objects of this block are being moved out of it.
    pub(crate) from_space: Cell<bool>,
    /// The collection after which this block was last swept.
    pub(crate) swept: Cell<u32>,
    /// Blocks of the large object that starts here.
    pub(crate) run: Cell<u32>,
    /// Bytes of the large object that starts here.
    pub(crate) large_bytes: Cell<usize>,
    /// Whether the large object that starts here is string data (no header, nothing to trace).
    pub(crate) large_data: Cell<bool>,
}
const _: () = assert!(size_of::<BlockDesc>() == 64);

/// A block, by its number from the start of the heap.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Block(pub(crate) u32);

/// One of the side bitmaps.
///
/// Its words are atomic because a marker may set mark bits on another thread; where that is so, both set them by
/// [`Bitmap::set_shared`].  Everything else here is a load and a store.
#[derive(Clone, Copy)]
pub(crate) struct Bitmap(NonNull<AtomicU64>);

impl Bitmap {
    /// The word that holds the bit of the granule at `offset`, and the bit.
    #[inline(always)]
    fn place(&self, offset: usize) -> (&AtomicU64, u64) {
        // SAFETY: INV-REGION-1: the bitmap has a bit for every granule that an offset may lead to, and what lies below the
        // region has a negative offset, if it has bits at all.
        (unsafe { self.0.offset(offset as isize >> 10).as_ref() }, 1 << (offset >> 4 & 63))
    }

    #[inline(always)]
    pub(crate) fn get(self, offset: usize) -> bool {
        let (word, bit) = self.place(offset);
        word.load(Ordering::Relaxed) & bit != 0
    }

    /// Set the bit and say whether it was clear.
    #[inline(always)]
    pub(crate) fn set(self, offset: usize) -> bool {
        let (word, bit) = self.place(offset);
        let old = word.load(Ordering::Relaxed);
        word.store(old | bit, Ordering::Relaxed);
        old & bit == 0
    }

    /// The same where another thread may set bits too.
    #[inline(always)]
    pub(crate) fn set_shared(self, offset: usize) -> bool {
        let (word, bit) = self.place(offset);
        // Most are set already, and a load is cheaper.
        word.load(Ordering::Relaxed) & bit == 0 && word.fetch_or(bit, Ordering::Relaxed) & bit == 0
    }

    /// Set the bits of all granules from `start` to before `end`, a word at a time.
    pub(crate) fn set_range(self, start: usize, end: usize) {
        let (mut granule, end) = (start >> 4, end >> 4);
        while granule < end {
            let in_word = (64 - granule % 64).min(end - granule);
            let bits = (u64::MAX >> (64 - in_word)) << (granule % 64);
            let word = self.place(granule << 4).0;
            word.store(word.load(Ordering::Relaxed) | bits, Ordering::Relaxed);
            granule += in_word;
        }
    }

    /// The 64 bits from an offset on that is a multiple of 64 granules.
    pub(crate) fn word_at(self, offset: usize) -> u64 {
        self.place(offset).0.load(Ordering::Relaxed)
    }

    /// The same, and clear them.
    pub(crate) fn take_word(self, offset: usize) -> u64 {
        self.place(offset).0.swap(0, Ordering::Relaxed)
    }

    #[inline(always)]
    pub(crate) fn clear(self, offset: usize) {
        let (word, bit) = self.place(offset);
        word.store(word.load(Ordering::Relaxed) & !bit, Ordering::Relaxed);
    }

    /// The words of one block.
    #[inline(always)]
    fn block_words(&self, block: Block) -> &[AtomicU64; BITMAP_WORDS] {
        // SAFETY: INV-REGION-1: as in `place`; the words of one block are contiguous.
        unsafe { self.0.add(block.0 as usize * BITMAP_WORDS).cast().as_ref() }
    }

    #[inline(always)]
    pub(crate) fn word(self, block: Block, i: usize) -> u64 {
        self.block_words(block)[i].load(Ordering::Relaxed)
    }

    /// Clear the bits of a block.  No marker runs on another thread meanwhile.
    pub(crate) fn clear_block(self, block: Block) {
        // SAFETY: INV-REGION-1: as in `place`; and no other thread uses these words now.
        unsafe { ptr::write_bytes(self.0.add(block.0 as usize * BITMAP_WORDS).as_ptr(), 0, BITMAP_WORDS) }
    }

    /// Make this block's bits those of another bitmap.
    pub(crate) fn copy_block(self, from: Bitmap, block: Block) {
        for (to, from) in self.block_words(block).iter().zip(from.block_words(block)) {
            to.store(from.load(Ordering::Relaxed), Ordering::Relaxed);
        }
    }

    pub(crate) fn count_block(self, block: Block) -> usize {
        (0..BITMAP_WORDS).map(|i| self.word(block, i).count_ones() as usize).sum()
    }

    /// Ask the processor to fetch the word that holds the bit of `offset`.
    #[inline(always)]
    pub(crate) fn prefetch(self, offset: usize) {
        prefetch(ptr::from_ref(self.place(offset).0).cast());
    }
}

/// Objects that begin in so many bytes of the heap share a chain of waiters.
const GROUP_BYTES: usize = 128;

/// A number for each 128 bytes of the heap: the head of a chain of entries of weak tables that wait for an object there.
/// Zero, as memory is at first, is none; whoever sets one clears it again.
#[derive(Clone, Copy)]
pub(crate) struct Waiters(NonNull<AtomicU32>);

impl Waiters {
    #[inline(always)]
    pub(crate) fn head(&self, offset: usize) -> &AtomicU32 {
        // SAFETY: INV-REGION-1: there is a number for each group that an offset may lead to, as in `Bitmap::place`.
        unsafe { self.0.offset(offset as isize >> GROUP_BYTES.trailing_zeros()).as_ref() }
    }
}

/// One word of a bitmap, held in a register while bits near each other are set.  If it is not shared, nobody else may
/// look at the bitmap between `open` and `close`; if it is, others may set bits, and a bit may be found clear twice.
pub(crate) struct MarkWord {
    bitmap: Bitmap,
    shared: bool,
    index: usize,
    bits: u64,
}

impl MarkWord {
    /// Hold the word with the bit of `offset`.
    #[inline(always)]
    pub(crate) fn open(bitmap: Bitmap, offset: usize, shared: bool) -> MarkWord {
        MarkWord { bitmap, shared, index: offset >> 10, bits: bitmap.place(offset).0.load(Ordering::Relaxed) }
    }

    /// Set the bit of `offset` and say whether it was clear.
    #[inline(always)]
    pub(crate) fn set(&mut self, offset: usize) -> bool {
        if offset >> 10 != self.index {
            self.store();
            *self = MarkWord::open(self.bitmap, offset, self.shared);
        }
        let bit = 1 << (offset >> 4 & 63);
        let new = self.bits & bit == 0;
        self.bits |= bit;
        new
    }

    #[inline(always)]
    fn store(&self) {
        let word = self.bitmap.place(self.index << 10).0;
        if self.shared {
            word.fetch_or(self.bits, Ordering::Relaxed);
        } else {
            word.store(self.bits, Ordering::Relaxed);
        }
    }

    /// Put the word back.
    #[inline(always)]
    pub(crate) fn close(self) {
        self.store();
    }
}

/// Ask the processor to fetch a cache line.
#[inline(always)]
pub(crate) fn prefetch(pointer: *const u8) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a prefetch of any address is allowed and has no effect that a program can see.
    unsafe {
        std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(pointer.cast())
    };
    #[cfg(not(target_arch = "x86_64"))]
    let _ = pointer;
}

/// The reserved range of addresses, its side metadata and its free blocks.
///
/// INV-REGION-1: `base` is the start of `capacity` bytes, aligned to a chunk, that stay mapped for the region's life,
/// together with the bits and descriptors of every block in them, or with bits for all addresses there are; fresh memory
/// reads as zero.
pub(crate) struct Region {
    base: NonNull<u8>,
    capacity: usize,
    /// Addresses with bits: the region's, or all.
    with_bits: std::ops::Range<usize>,
    /// Bytes from the start of which blocks are handed out; what lies above was set aside.
    limit: Cell<usize>,
    mapping: NonNull<u8>,
    mapping_bytes: usize,
    bitmaps: [Bitmap; 2],
    /// Which of the two bitmaps holds the allocated bits now.
    allocated_role: Cell<usize>,
    log: Bitmap,
    waiters: Waiters,
    descs: NonNull<BlockDesc>,
    /// One bit for each block below the high-water mark: free or not.
    free: RefCell<BitVec<u64>>,
    free_count: Cell<usize>,
    /// No free block lies below this one.
    free_hint: Cell<usize>,
    /// Huge pages whose memory was given back since they were last in use.
    forgotten: RefCell<BitVec<u64>>,
    /// Huge pages that are not to be touched as such, because they were given back.
    small: RefCell<BitVec<u64>>,
    /// The huge page that trimming looks at next.
    trimming: Cell<usize>,
    /// Ask for huge pages before memory is first touched.  That makes one touch in 512 very long.
    huge_pages: bool,
    /// Offset up to which memory was touched ahead of its use.
    touched: Cell<usize>,
    pub(crate) poison: bool,
}

/// The range that a region reserves unless the machine refuses: 64 GiB of addresses, no memory.
pub(crate) const RESERVE: usize = 64 << 30;
/// Addresses that a process can have: Linux gives no others unless it is asked for them.
const ADDRESSES: usize = 1 << 47;

impl Region {
    /// A region; with bits for all addresses if objects may lie anywhere.
    pub(crate) fn new(poison: bool, huge_pages: bool, anywhere: bool) -> Region {
        let mut capacity = RESERVE;
        loop {
            if let Some(region) = Region::reserve(capacity, poison, huge_pages, anywhere) {
                return region;
            }
            capacity /= 2;
            assert!(capacity >= CHUNK_BYTES, "cannot reserve an address range for the heap");
        }
    }

    fn reserve(capacity: usize, poison: bool, huge_pages: bool, anywhere: bool) -> Option<Region> {
        let bitmap_bytes = if anywhere { ADDRESSES } else { capacity } / GRANULE / 8;
        let desc_bytes = capacity / BLOCK_BYTES * size_of::<BlockDesc>();
        let waiters_bytes = if anywhere { ADDRESSES } else { capacity } / GROUP_BYTES * size_of::<u32>();
        let side = 3 * bitmap_bytes + waiters_bytes + desc_bytes;
        let mapping_bytes = side + CHUNK_BYTES + capacity;
        // SAFETY: an anonymous private mapping at an address of the kernel's choice touches nothing that exists.
        let mapping = unsafe {
            libc::mmap(
                ptr::null_mut(),
                mapping_bytes,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
                -1,
                0,
            )
        };
        if mapping == libc::MAP_FAILED {
            return None;
        }
        let mapping = NonNull::new(mapping.cast::<u8>())?;
        // SAFETY: every offset below lies inside the mapping of `mapping_bytes` bytes.
        let at = |offset: usize| unsafe { mapping.byte_add(offset) };
        let start = mapping.addr().get();
        let padded = (start + side).next_multiple_of(CHUNK_BYTES) - start;
        // A bitmap is known by the word of the region's start: the first one, or the one that has the bits of the address.
        let before = if anywhere { (start + padded) / GRANULE / 8 } else { 0 };
        let waiters_before = if anywhere { (start + padded) / GROUP_BYTES * size_of::<u32>() } else { 0 };
        let bitmap = |number: usize| Bitmap(at(number * bitmap_bytes + before).cast());
        Some(Region {
            base: at(padded),
            capacity,
            with_bits: if anywhere { 0..ADDRESSES } else { start + padded..start + padded + capacity },
            limit: Cell::new(capacity),
            mapping,
            mapping_bytes,
            bitmaps: [bitmap(0), bitmap(1)],
            allocated_role: Cell::new(0),
            log: bitmap(2),
            waiters: Waiters(at(3 * bitmap_bytes + waiters_before).cast()),
            descs: at(3 * bitmap_bytes + waiters_bytes).cast(),
            free: RefCell::default(),
            free_count: Cell::new(0),
            free_hint: Cell::new(0),
            forgotten: RefCell::default(),
            small: RefCell::default(),
            trimming: Cell::new(0),
            huge_pages,
            touched: Cell::new(0),
            poison,
        })
    }

    #[inline(always)]
    pub(crate) fn base(&self) -> NonNull<u8> {
        self.base
    }

    /// The offset of a pointer from the start of the heap.
    #[inline(always)]
    pub(crate) fn offset(&self, pointer: NonNull<u8>) -> usize {
        pointer.addr().get().wrapping_sub(self.base.addr().get())
    }

    /// Whether a pointer lies in the region; objects of the plans `no-gc` and `malloc` do not.
    #[inline(always)]
    pub(crate) fn contains(&self, pointer: NonNull<u8>) -> bool {
        self.offset(pointer) < self.capacity
    }

    /// Whether there are bits for what lies at this address.
    pub(crate) fn has_bits_of(&self, pointer: NonNull<u8>) -> bool {
        self.with_bits.contains(&pointer.addr().get())
    }

    #[inline(always)]
    pub(crate) fn at(&self, offset: usize) -> NonNull<u8> {
        debug_assert!(offset < self.capacity);
        // SAFETY: INV-REGION-1: callers pass offsets inside the region.
        unsafe { self.base.byte_add(offset) }
    }

    #[inline(always)]
    pub(crate) fn start(&self, block: Block) -> NonNull<u8> {
        self.at(block.0 as usize * BLOCK_BYTES)
    }

    #[inline(always)]
    pub(crate) fn block_at(&self, offset: usize) -> Block {
        Block((offset / BLOCK_BYTES) as u32)
    }

    #[inline(always)]
    pub(crate) fn desc(&self, block: Block) -> &BlockDesc {
        debug_assert!((block.0 as usize) < self.capacity / BLOCK_BYTES);
        // SAFETY: INV-REGION-1: descriptors of all blocks are mapped; zero bytes are a free block; all fields are cells.
        unsafe { self.descs.add(block.0 as usize).as_ref() }
    }

    #[inline(always)]
    pub(crate) fn allocated(&self) -> Bitmap {
        self.bitmaps[self.allocated_role.get() & 1]
    }

    #[inline(always)]
    pub(crate) fn marks(&self) -> Bitmap {
        self.bitmaps[(self.allocated_role.get() + 1) & 1]
    }

    /// A collection has ended: the mark bits are the allocated bits from now on.
    pub(crate) fn swap_bitmaps(&self) {
        self.allocated_role.set(self.allocated_role.get() ^ 1);
    }

    /// Blocks that were ever in use.
    pub(crate) fn high_water(&self) -> usize {
        self.free.borrow().len()
    }

    /// How many blocks are in use.
    pub(crate) fn blocks_used(&self) -> usize {
        self.high_water() - self.free_count.get()
    }

    /// Bytes of blocks in use.
    pub(crate) fn used_bytes(&self) -> usize {
        self.blocks_used() * BLOCK_BYTES
    }

    /// Blocks in use, in address order.
    pub(crate) fn blocks_in_use(&self) -> impl Iterator<Item = Block> + '_ {
        (0..self.high_water() as u32).map(Block).filter(|&b| self.desc(b).usage.get() != BlockUse::Free)
    }

    /// The bits of objects that are in the remembered set.
    #[inline(always)]
    pub(crate) fn logged(&self) -> Bitmap {
        self.log
    }

    /// Which objects entries of weak tables wait for.
    #[inline(always)]
    pub(crate) fn waiters(&self) -> Waiters {
        self.waiters
    }

    /// Set aside up to `bytes` bytes of addresses that are never handed out as blocks; gives their offset and length.
    pub(crate) fn set_aside(&self, bytes: usize) -> (usize, usize) {
        let bytes = bytes.min(self.limit.get() / 4);
        let start = (self.limit.get() - bytes) / CHUNK_BYTES * CHUNK_BYTES;
        self.limit.set(start);
        (start, bytes / CHUNK_BYTES * CHUNK_BYTES)
    }

    /// Give the memory of `bytes` bytes that hold no object back to the operating system; they read as zero afterwards.
    pub(crate) fn forget_contents(&self, offset: usize, bytes: usize) {
        let end = (offset + bytes).min(self.capacity);
        // SAFETY: INV-REGION-1: the range is mapped, and the caller says that it holds no object.
        unsafe { libc::madvise(self.at(offset).as_ptr().cast(), end - offset, libc::MADV_DONTNEED) };
    }

    /// A block for cells of `class`, the one with the lowest address; `None` when the address range is used up.
    pub(crate) fn acquire(&self, class: Class, epoch: u32) -> Option<Block> {
        let block = self.acquire_run(1)?;
        let desc = self.desc(block);
        desc.usage.set(BlockUse::Cells);
        desc.class.set(class);
        desc.from_space.set(false);
        desc.swept.set(epoch);
        Some(block)
    }

    /// `run` blocks in a row, first fit.  Their use is for the caller to set.
    pub(crate) fn acquire_run(&self, run: usize) -> Option<Block> {
        let mut free = self.free.borrow_mut();
        if self.free_count.get() >= run
            && let Some(first) = first_fit(&free, self.free_hint.get(), run)
        {
            free[first..first + run].fill(false);
            self.note_use(first, run);
            self.free_count.set(self.free_count.get() - run);
            if run == 1 {
                self.free_hint.set(first + 1);
            }
            return Some(Block(first as u32));
        }
        let first = free.len();
        if (first + run) * BLOCK_BYTES > self.limit.get() {
            return None;
        }
        free.resize(first + run, false);
        self.advise_for_large_object(first, run);
        self.advise_huge_pages(first, first + run);
        Some(Block(first as u32))
    }

    /// Blocks are taken: the memory of their pages is held again.
    fn note_use(&self, first: usize, run: usize) {
        const BLOCKS: usize = HUGE_PAGE / BLOCK_BYTES;
        let mut forgotten = self.forgotten.borrow_mut();
        let end = (first + run).div_ceil(BLOCKS).min(forgotten.len());
        if first / BLOCKS < end {
            forgotten[first / BLOCKS..end].fill(false);
        }
    }

    /// Touch some memory that will be handed out soon, so that a short pause need not wait for the operating system.
    pub(crate) fn touch_ahead(&self) {
        const AHEAD: usize = 256 << 10;
        const PAGE: usize = 4 << 10;
        let start = self.high_water() * BLOCK_BYTES;
        let touched = self.touched.get().max(start);
        if touched < (start + AHEAD).min(self.limit.get()) {
            for page in 0..4 {
                // SAFETY: INV-REGION-1: mapped, and above all blocks, so no object is there and it stays zero.
                unsafe { self.at(touched + page * PAGE).write_volatile(0) };
            }
            self.touched.set(touched + 4 * PAGE);
        }
    }

    /// Ask for huge pages in the memory of an object that is longer than some of them: it is mostly a vector that is
    /// about to be filled, or a hash table, where each access would need another small page.
    fn advise_for_large_object(&self, first: usize, run: usize) {
        let start = (first * BLOCK_BYTES).next_multiple_of(HUGE_PAGE);
        let end = (first + run) * BLOCK_BYTES / HUGE_PAGE * HUGE_PAGE;
        if start < end {
            self.advise(start, end - start, libc::MADV_HUGEPAGE);
        }
    }

    /// Say whether memory should be in huge pages.
    fn advise(&self, offset: usize, bytes: usize, advice: libc::c_int) {
        debug_assert!(offset + bytes <= self.capacity);
        // SAFETY: INV-REGION-1: the range lies in the mapping; the advice does not change its contents.
        unsafe { libc::madvise(self.at(offset).as_ptr().cast(), bytes, advice) };
    }

    /// Ask for huge pages in chunks, either those that `first..end` begins, before they are touched, or those that it
    /// ends: those the kernel may put together in the background, for the sake of long marking.  Memory that is first
    /// touched as a huge page costs 0.1 ms, and on a virtual machine whose host has none ready 7 ms.
    /// The first chunk is left with small pages: a small program then touches only the blocks it uses.
    fn advise_huge_pages(&self, first: usize, end: usize) {
        let chunks = if self.huge_pages {
            first.div_ceil(BLOCKS_PER_CHUNK).max(1)..end.div_ceil(BLOCKS_PER_CHUNK)
        } else {
            (first / BLOCKS_PER_CHUNK).max(1)..end / BLOCKS_PER_CHUNK
        };
        for chunk in chunks {
            let offset = chunk * CHUNK_BYTES;
            if offset + CHUNK_BYTES <= self.capacity {
                self.advise(offset, CHUNK_BYTES, libc::MADV_HUGEPAGE);
            }
        }
    }

    /// Give a block of cells back.  Clears its bits (INV-BLOCK-3) and poisons its memory if asked to.
    pub(crate) fn release_block(&self, block: Block) {
        self.bitmaps.iter().chain([&self.log]).for_each(|bitmap| bitmap.clear_block(block));
        self.release(block, 1);
    }

    /// Give the blocks of a large object back.  Only its first granule had bits: what the log bits of its cards said was
    /// forgotten when the remembered set was last emptied, and a dead object does not enter it.
    pub(crate) fn release_large(&self, first: Block) {
        let offset = first.0 as usize * BLOCK_BYTES;
        self.bitmaps.iter().chain([&self.log]).for_each(|bitmap| bitmap.clear(offset));
        self.release(first, self.desc(first).run.get() as usize);
    }

    fn release(&self, first: Block, run: usize) {
        for i in first.0..first.0 + run as u32 {
            let desc = self.desc(Block(i));
            desc.usage.set(BlockUse::Free);
            desc.from_space.set(false);
        }
        let at = first.0 as usize;
        self.free.borrow_mut()[at..at + run].fill(true);
        self.free_count.set(self.free_count.get() + run);
        self.free_hint.set(self.free_hint.get().min(at));
        if self.poison {
            // SAFETY: INV-REGION-1: the blocks are mapped, and being free they hold no object.
            unsafe { ptr::write_bytes(self.start(first).as_ptr(), POISON, run * BLOCK_BYTES) };
        }
    }

    /// Look at `pages` more huge pages: give the memory of those that are wholly free back to the operating system, but
    /// for `keep_bytes` of free memory.
    ///
    /// Where a short pause may not wait for a huge page, it is touched again in small ones, and may be put together again
    /// when it is wholly in use.
    pub(crate) fn trim(&self, keep_bytes: usize, pages: usize) {
        const BLOCKS: usize = HUGE_PAGE / BLOCK_BYTES;
        let free = self.free.borrow();
        let mut forgotten = self.forgotten.borrow_mut();
        let mut small = self.small.borrow_mut();
        let all = free.len() / BLOCKS;
        forgotten.resize(all, false);
        small.resize(all, false);
        for _ in 0..pages.min(all) {
            let page = self.trimming.get();
            if page >= all {
                self.trimming.set(0);
                return;
            }
            self.trimming.set(page + 1);
            let blocks = &free[page * BLOCKS..(page + 1) * BLOCKS];
            if small[page] && blocks.not_any() {
                self.advise(page * HUGE_PAGE, HUGE_PAGE, libc::MADV_HUGEPAGE);
                small.set(page, false);
            }
            let is_free = blocks.all();
            let held = (self.free_count.get() * BLOCK_BYTES).saturating_sub(forgotten.count_ones() * HUGE_PAGE);
            if is_free && !forgotten[page] && held > keep_bytes {
                if !self.huge_pages {
                    self.advise(page * HUGE_PAGE, HUGE_PAGE, libc::MADV_NOHUGEPAGE);
                    small.set(page, true);
                }
                self.forget_contents(page * HUGE_PAGE, HUGE_PAGE);
                forgotten.set(page, true);
            }
        }
    }
}

/// The first `run` set bits in a row, at or after `from`.
fn first_fit(free: &BitVec<u64>, from: usize, run: usize) -> Option<usize> {
    let mut start = from;
    while let Some(skip) = free.get(start..)?.first_one() {
        start += skip;
        let window = free.get(start..start + run)?;
        match window.first_zero() {
            None => return Some(start),
            Some(zero) => start += zero + 1,
        }
    }
    None
}

impl Drop for Region {
    fn drop(&mut self) {
        // SAFETY: the mapping is ours alone; the context that owns the region has no objects alive when it is dropped.
        unsafe { libc::munmap(self.mapping.as_ptr().cast(), self.mapping_bytes) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_reused_lowest_first() {
        let region = Region::new(true, true, false);
        let blocks: Vec<Block> = (0..5).map(|_| region.acquire(Class::CONS, 0).expect("room")).collect();
        region.release_block(blocks[3]);
        region.release_block(blocks[1]);
        assert_eq!(region.acquire(Class::CONS, 0), Some(blocks[1]));
        assert_eq!(region.acquire(Class::CONS, 0), Some(blocks[3]));
        assert_eq!(region.acquire(Class::CONS, 0), Some(Block(5)));
    }

    #[test]
    fn runs_are_first_fit() {
        let region = Region::new(false, true, false);
        let run = region.acquire_run(6).expect("room");
        let after = region.acquire_run(1).expect("room");
        region.desc(run).run.set(6);
        region.release_large(run);
        assert_eq!(region.acquire_run(7), Some(Block(after.0 + 1)));
        assert_eq!(region.acquire_run(4), Some(run));
        assert_eq!(region.acquire_run(2), Some(Block(run.0 + 4)));
        assert_eq!(region.used_bytes(), (6 + 1 + 7) * BLOCK_BYTES);
    }

    #[test]
    fn bits_belong_to_granules() {
        let region = Region::new(false, true, false);
        let marks = region.marks();
        assert!(marks.set(16 * 77));
        assert!(!marks.set(16 * 77));
        assert!(marks.get(16 * 77) && !marks.get(16 * 76) && !region.allocated().get(16 * 77));
        region.swap_bitmaps();
        assert!(region.allocated().get(16 * 77));
        assert_eq!(region.allocated().count_block(Block(0)), 1);
    }
}
