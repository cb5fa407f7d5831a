//! The copier: moves every object out of from-space blocks and leaves its new address behind.
//!
//! A forwarding address is the object's first word with tag `000`, which no live first word has; a float's is in its
//! cell's second word.  Copies are marked where they land, so that after the collection the mark bits say what is
//! allocated in every block alike.  Symbols and large objects are marked in place.
//! A trace of the whole heap scans objects when they have gone through a ring of prefetches, as the marker does; what is
//! copied out of the nursery is in the cache.
//! INV-FORWARD-1: the first word of a from-space object has tag `000` if and only if it was copied in this collection.

use crate::allocator::Windows;
use crate::block::{BlockUse, prefetch};
use crate::heap::Heap;
use crate::object::NIL;
use crate::object::float::FloatCell;
use crate::object::string::StringCell;
use crate::object::vectorlike::Vectorlike;
use crate::size_class::{Class, GRANULE};
use crate::slot::Slot;
use crate::trace::mark::{EMPTY, NEAR, RING, size_of_cell};
use crate::trace::{Card, Remembered, Tracer, Visitor, WeakState, children};
use crate::word::{TAG_CONS, TAG_FLOAT, TAG_FORWARD, TAG_STRING, TAG_SYMBOL, TAG_VECTORLIKE, Word};
use crate::worklist::Worklist;
use std::ptr::NonNull;

/// Which objects are moved, and where to.
pub(crate) trait FromSpace: Copy {
    /// Whether the closure is over the whole heap: what stays is marked and scanned, and copies are marked.
    const WHOLE: bool;
    /// Whether what is moved may stay young.
    const AGES: bool = false;
    /// Whether the object or data cell at this address, `offset` bytes from the start of the heap, is to be moved.
    fn holds(self, heap: &Heap, offset: usize) -> bool;
    /// The windows that copies are allocated from.
    fn to_space(self, heap: &Heap) -> &Windows;
}

/// All blocks that a whole-heap collection set out to empty.
#[derive(Clone, Copy)]
pub(crate) struct Blocks;

impl FromSpace for Blocks {
    const WHOLE: bool = true;
    #[inline(always)]
    fn holds(self, heap: &Heap, offset: usize) -> bool {
        heap.region.desc(heap.region.block_at(offset)).from_space.get()
    }
    #[inline(always)]
    fn to_space(self, heap: &Heap) -> &Windows {
        &heap.windows
    }
}

/// The nursery; copies are promoted into the size-class blocks.
#[derive(Clone, Copy)]
pub(crate) struct Young;

impl FromSpace for Young {
    const WHOLE: bool = false;
    #[inline(always)]
    fn holds(self, heap: &Heap, offset: usize) -> bool {
        heap.nursery.holds(offset)
    }
    #[inline(always)]
    fn to_space(self, heap: &Heap) -> &Windows {
        &heap.old_windows
    }
}

/// The same with aging: what has not survived often enough is copied within the nursery.
#[derive(Clone, Copy)]
pub(crate) struct Aging;

impl FromSpace for Aging {
    const WHOLE: bool = false;
    const AGES: bool = true;
    #[inline(always)]
    fn holds(self, heap: &Heap, offset: usize) -> bool {
        heap.nursery.is_from(offset)
    }
    #[inline(always)]
    fn to_space(self, heap: &Heap) -> &Windows {
        &heap.old_windows
    }
}

/// Copies everything that is reached out of from-space.
pub(crate) struct Copier<'h, F: FromSpace> {
    heap: &'h Heap,
    from_space: F,
    worklist: Worklist,
    weak: WeakState,
    pub(crate) live_bytes: usize,
    pub(crate) live_objects: usize,
    pub(crate) bytes_copied: usize,
    /// Bytes and objects that were copied and are still young.
    pub(crate) aged: (usize, usize),
    /// Some word that was visited since this was asked refers to an object that is still young.
    saw_young: bool,
    /// Old objects, or cards of them, that refer to such.
    pub(crate) still_remembered: Vec<Remembered>,
    promote: Promote,
    /// What is being scanned was promoted black, and what it refers to may not be marked yet.
    shades: bool,
    /// Objects that are to be marked and scanned.
    pub(crate) shaded: Vec<Word>,
    /// Bytes of large string data whose strings were promoted black.
    pub(crate) large_data: usize,
}

/// What a copy is to a collection of the whole heap that is under way.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Promote {
    /// Nothing: there is none.
    White,
    /// It is marked, and the copier, which scans it anyway, shades the old objects that it refers to.
    Shading { shared: bool },
    /// It is marked, and so is what it refers to: everything that the program can reach is.
    Black { shared: bool },
}

impl<'h, F: FromSpace> Copier<'h, F> {
    pub(crate) fn new(heap: &'h Heap, from_space: F, promote: Promote) -> Copier<'h, F> {
        Copier {
            heap,
            from_space,
            worklist: Worklist::default(),
            weak: WeakState::new(heap),
            live_bytes: 0,
            live_objects: 0,
            bytes_copied: 0,
            aged: (0, 0),
            saw_young: false,
            still_remembered: Vec::new(),
            promote,
            shades: false,
            shaded: Vec::new(),
            large_data: 0,
        }
    }

    #[inline(always)]
    fn offset(&self, word: Word) -> usize {
        if word.tag() == TAG_SYMBOL { word.symbol_offset() } else { self.heap.region.offset(word.address()) }
    }

    #[inline(always)]
    fn is_from(&self, offset: usize) -> bool {
        self.from_space.holds(self.heap, offset)
    }

    /// Whether a copy is still young.
    #[inline(always)]
    fn is_aged(&self, offset: usize) -> bool {
        F::AGES && self.heap.nursery.holds(offset)
    }

    fn forward(&mut self, word: Word) -> Word {
        let offset = self.offset(word);
        if word.tag() == TAG_SYMBOL || !self.is_from(offset) {
            if F::WHOLE && self.heap.region.marks().set(offset) {
                self.found(word, word);
            }
            return word;
        }
        if let Some(to) = forwarded(word) {
            return to;
        }
        let bytes = size_of_cell(word);
        let class = match word.tag() {
            TAG_CONS => Class::CONS,
            TAG_FLOAT => Class::FLOAT,
            TAG_STRING => Class::STRING,
            _ => Class::vectorlike(bytes).expect("INV-BLOCK-1: a cell of a block is small"),
        };
        let from = word.address();
        let to = self.copy_cell(from, class, bytes, true);
        // SAFETY: INV-WORD-1 for both casts; from-space cells are at least 16 bytes and nobody reads them but us.
        unsafe {
            if word.tag() == TAG_FLOAT {
                from.cast::<FloatCell>().as_ref().forward.set(Some(to));
            } else {
                from.cast::<Slot>().as_ref().set(Word::tagged(to, TAG_FORWARD));
            }
        }
        let new = Word::tagged(to, word.tag());
        self.found(word, new);
        new
    }

    fn copy_cell(&mut self, from: NonNull<u8>, class: Class, bytes: usize, may_age: bool) -> NonNull<u8> {
        let heap = self.heap;
        let aged = if F::AGES && may_age { heap.take_aged(heap.region.offset(from), class) } else { None };
        if aged.is_some() {
            self.aged.0 += bytes;
        }
        let to = aged.unwrap_or_else(|| heap.take_from_blocks(self.from_space.to_space(heap), class));
        // SAFETY: INV-ALLOC-1: `to` is a free cell of the class, and `bytes` fit in it; the two cells are distinct.
        unsafe { to.copy_from_nonoverlapping(from, bytes) };
        if F::WHOLE {
            self.heap.region.marks().set(self.heap.region.offset(to));
        }
        self.bytes_copied += bytes;
        to
    }

    /// Scan all that was found, each object when it has been prefetched for as long as others take.
    fn drain_by_ring(&mut self, heap: &Heap) {
        let mut ring = [EMPTY; RING];
        let (mut at, mut in_ring) = (0, 0);
        loop {
            let next = self.worklist.pop();
            if next.is_none() && in_ring == 0 {
                return;
            }
            if let Some(next) = next {
                in_ring += 1;
                if next.tag() != TAG_SYMBOL {
                    prefetch(next.address().as_ptr());
                }
            }
            let arrived = std::mem::replace(&mut ring[at], next.unwrap_or(EMPTY));
            at = (at + 1) % RING;
            if arrived != EMPTY {
                in_ring -= 1;
                self.scan_with_neighbours(heap, arrived);
            }
        }
    }

    /// Scan an object, and at once what it refers to as long as that lies near: a list whose conses were copied one after
    /// the other would be slowed down by the ring.
    fn scan_with_neighbours(&mut self, heap: &Heap, mut word: Word) {
        loop {
            self.live_bytes += size_of_cell(word);
            children(heap.origin(), word, self);
            let Some(next) = self.worklist.pop() else { return };
            if next.tag() == TAG_SYMBOL || next.bits().wrapping_sub(word.bits()).wrapping_add(NEAR) >= 2 * NEAR {
                return self.worklist.push(next);
            }
            word = next;
        }
    }

    /// What was promoted to this offset is marked, if a collection of the whole heap is under way.
    #[inline(always)]
    fn blacken(&self, offset: usize) {
        let marks = self.heap.region.marks();
        match self.promote {
            Promote::White => {}
            Promote::Shading { shared: true } | Promote::Black { shared: true } => _ = marks.set_shared(offset),
            Promote::Shading { shared: false } | Promote::Black { shared: false } => _ = marks.set(offset),
        }
    }

    /// An object was reached for the first time.
    fn found(&mut self, old: Word, new: Word) {
        self.live_objects += 1;
        // Where objects are prefetched before they are scanned, their size is asked then.
        if !F::WHOLE || new.tag() == TAG_FLOAT {
            self.live_bytes += size_of_cell(new);
        }
        if self.weak.someone_waits() {
            self.weak.wake(old);
        }
        let offset = self.heap.offset(new);
        if self.is_aged(offset) {
            self.aged.1 += 1;
        } else if matches!(self.promote, Promote::Shading { .. }) && is_weak_table(new) {
            // The marker must come to know of it.
            self.shaded.push(new);
        } else {
            self.blacken(offset);
        }
        if new.tag() != TAG_FLOAT {
            self.worklist.push(new);
        }
    }
}

impl<F: FromSpace> Visitor for Copier<'_, F> {
    const ONLY_YOUNG: bool = !F::WHOLE;

    #[inline(always)]
    fn slot(&mut self, slot: &Slot) {
        let word = slot.get();
        if !word.is_fixnum() {
            let to = self.forward(word);
            if to != word {
                slot.publish(to);
                self.saw_young |= self.is_aged(self.heap.region.offset(to.address()));
            } else if !F::WHOLE && self.shades && word != NIL.0 && !self.heap.region.marks().get(self.offset(word)) {
                self.shaded.push(word);
            }
        }
    }

    fn string_data(&mut self, cell: &StringCell) {
        let bytes = cell.data_bytes();
        if bytes == 0 {
            return;
        }
        if F::WHOLE {
            self.live_bytes += bytes.next_multiple_of(GRANULE);
        }
        let data = cell.data();
        let offset = self.heap.region.offset(data);
        if self.is_from(offset) {
            let class = Class::data(bytes).expect("INV-BLOCK-1: a cell of a block is small");
            // Only this string refers to the data, so no forwarding address is needed.
            // Data of an old string are old, so that a string need not be remembered for them.
            let young = self.is_aged(self.heap.region.offset(NonNull::from(cell).cast()));
            let copy = self.copy_cell(data, class, bytes, young);
            cell.set_data(copy);
            let copied_to = self.heap.region.offset(copy);
            // The string itself may be black already.
            if !self.is_aged(copied_to) {
                self.blacken(copied_to);
            }
        } else if F::WHOLE {
            self.heap.region.marks().set(offset);
        } else if self.shades {
            // Large data are born old, and only their string keeps them.
            self.blacken(offset);
            self.large_data += bytes;
        }
    }

    fn weak_table(&mut self, table: Word) {
        if F::WHOLE {
            self.weak.tables.push(table);
        }
    }
}

impl<F: FromSpace> Tracer for Copier<'_, F> {
    const MOVES: bool = true;

    fn drain(&mut self, heap: &Heap) {
        if F::WHOLE {
            return self.drain_by_ring(heap);
        }
        self.saw_young = false;
        let shading = matches!(self.promote, Promote::Shading { .. });
        while let Some(word) = self.worklist.pop() {
            self.shades = shading && !self.is_aged(self.heap.offset(word));
            children(heap.origin(), word, self);
            self.scanned(word, None);
        }
        self.shades = false;
    }

    #[inline(always)]
    fn scanned(&mut self, word: Word, card: Option<Card>) {
        if F::AGES && std::mem::take(&mut self.saw_young) && !self.heap.nursery.holds(self.heap.offset(word)) {
            self.still_remembered.push((word, card));
        }
    }

    fn is_live(&self, heap: &Heap, word: Word) -> bool {
        if word.is_fixnum() {
            return true;
        }
        let offset = self.offset(word);
        if word.tag() != TAG_SYMBOL && self.is_from(offset) {
            forwarded(word).is_some()
        } else {
            !F::WHOLE || heap.region.marks().get(offset)
        }
    }

    fn current(&self, _heap: &Heap, word: Word) -> Word {
        if word.is_fixnum() || word.tag() == TAG_SYMBOL || !self.is_from(self.offset(word)) {
            return word;
        }
        forwarded(word).unwrap_or(word)
    }

    fn weak(&mut self) -> &mut WeakState {
        &mut self.weak
    }
}

/// Whether the marker must note a table to consider its entries.
fn is_weak_table(word: Word) -> bool {
    // SAFETY: INV-WORD-1: the tag says what the word refers to.
    word.tag() == TAG_VECTORLIKE && unsafe { Vectorlike::from_word(word) }.is_weak_table()
}

/// The new address of a from-space object that was copied.
fn forwarded(word: Word) -> Option<Word> {
    let address = word.address();
    let first = if word.tag() == TAG_FLOAT {
        // SAFETY: INV-WORD-1: the tag says that this is a float.
        return unsafe { address.cast::<FloatCell>().as_ref() }.forward.get().map(|to| Word::tagged(to, TAG_FLOAT));
    } else {
        // SAFETY: every cell begins with a word: a slot or a header, neither of which is zero.
        unsafe { address.cast::<Slot>().as_ref() }.get()
    };
    // INV-FORWARD-1.
    (first.tag() == TAG_FORWARD).then(|| Word::tagged(first.address(), word.tag()))
}

/// Whether a block of this use may be emptied by copying.
pub(crate) fn is_movable(usage: BlockUse, class: Class) -> bool {
    usage == BlockUse::Cells && class != Class::SYMBOL
}
