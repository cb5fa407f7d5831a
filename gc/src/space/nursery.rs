//! The nursery: where objects are born under a generational plan.
//!
//! One contiguous range of addresses, so that "is it young?" is a subtraction and a compare.  It is cut into slices of
//! one class each as windows ask for them.  The range is far longer than the nursery's size: allocation runs on past the
//! size until the next safepoint, and untouched addresses cost nothing.

use crate::block::{POISON, Region};
use crate::size_class::Class;
use std::cell::Cell;
use std::ptr::NonNull;

/// Addresses set aside for the nursery.
const RANGE: usize = 8 << 30;
/// The longest slice.
const MAX_SLICE: usize = 16 << 10;
/// The least size that a nursery shrinks to: 4096 conses, which are copied in 40 microseconds.
const LEAST: usize = 64 << 10;
/// The most bytes that one collection should copy: in conses, 0.1 to 0.4 ms.
const MOST_COPIED: usize = 192 << 10;
/// Roots that make the nursery larger, and how large at most.
const MANY_ROOTS: usize = 16 << 10;
const MOST_FOR_ROOTS: usize = 64 << 20;
/// What is given back to the operating system at once.
const PIECE: usize = 2 << 20;

/// The nursery; empty, and holding no address, under plans without one.
pub(crate) struct Nursery {
    /// Offset of its first byte from the start of the heap.
    base: usize,
    /// Length of its range.
    range: usize,
    /// The most bytes after which a collection is due, as the option says.
    full_size: usize,
    /// Bytes after which a collection is due now.
    size: Cell<usize>,
    used: Cell<usize>,
    /// Bytes of the range whose memory may be held.
    held: Cell<usize>,
}

impl Nursery {
    pub(crate) fn none() -> Nursery {
        Nursery { base: 0, range: 0, full_size: 0, size: Cell::new(0), used: Cell::new(0), held: Cell::new(0) }
    }

    pub(crate) fn new(region: &Region, size: usize) -> Nursery {
        let (base, range) = region.set_aside(RANGE);
        let size = size.min(range / 2);
        Nursery { base, range, full_size: size, size: Cell::new(size), used: Cell::new(0), held: Cell::new(0) }
    }

    #[inline(always)]
    pub(crate) fn holds(&self, offset: usize) -> bool {
        offset.wrapping_sub(self.base) < self.range
    }

    /// Whether the offset lies in the part that was handed out.
    pub(crate) fn in_use(&self, offset: usize) -> bool {
        offset.wrapping_sub(self.base) < self.used.get()
    }

    /// The range as an offset and a length.
    pub(crate) fn bounds(&self) -> (usize, usize) {
        (self.base, self.range)
    }

    pub(crate) fn used(&self) -> usize {
        self.used.get()
    }

    /// Whether a collection is due.
    pub(crate) fn is_full(&self) -> bool {
        self.used.get() >= self.size.get()
    }

    /// A slice for cells of a class; `None` when even the range is used up.
    pub(crate) fn slice(&self, region: &Region, class: Class) -> Option<(NonNull<u8>, usize)> {
        let cell = class.cell_bytes();
        let slice = (self.size.get() / 64).clamp(256, MAX_SLICE);
        let bytes = (slice / cell).max(1) * cell;
        let start = self.used.get();
        if start + bytes > self.range {
            return None;
        }
        self.used.set(start + bytes);
        Some((region.at(self.base + start), bytes))
    }

    /// All survivors, `copied` bytes, were copied out after a scan of `roots` words: begin anew.
    ///
    /// If most of it survived, as when a program builds its data, or so much that the pause was long, the nursery is halved;
    /// in the first case that costs hardly a promotion more.  It grows again when little survives.
    /// A deep stack, which every collection scans, makes the nursery large: 16 bytes a word.
    pub(crate) fn reset(&self, region: &Region, copied: usize, roots: usize) {
        let used = self.used.replace(0);
        if region.poison && used > 0 {
            // SAFETY: INV-REGION-1: the range is mapped; INV-NURSERY-1: no object is left in it.
            unsafe { region.at(self.base).write_bytes(POISON, used) };
        }
        let size = self.size.get();
        if (copied > used / 2 || copied > MOST_COPIED) && used >= size / 2 {
            self.size.set((size / 2).max(LEAST.min(self.full_size)));
        } else if copied < used / 4 && copied < MOST_COPIED / 3 {
            self.size.set((size * 2).min(self.full_size));
        }
        let least = (16 * roots).min(MOST_FOR_ROOTS).min(self.range / 2);
        if roots >= MANY_ROOTS && self.size.get() < least {
            self.size.set(least);
        }
        // What a long primitive used beyond the size is given back piece by piece.
        let held = self.held.get().max(used);
        let keep = (2 * self.full_size).next_multiple_of(PIECE);
        let end = held.next_multiple_of(PIECE);
        if end > keep {
            region.forget_contents(self.base + end - PIECE, PIECE);
            self.held.set(end - PIECE);
        } else {
            self.held.set(held);
        }
    }
}
