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

/// The nursery; empty, and holding no address, under plans without one.
pub(crate) struct Nursery {
    /// Offset of its first byte from the start of the heap.
    base: usize,
    /// Length of its range.
    range: usize,
    /// Bytes after which a collection is due.
    size: usize,
    slice: usize,
    used: Cell<usize>,
}

impl Nursery {
    pub(crate) fn none() -> Nursery {
        Nursery { base: 0, range: 0, size: 0, slice: 0, used: Cell::new(0) }
    }

    pub(crate) fn new(region: &Region, size: usize) -> Nursery {
        let (base, range) = region.set_aside(RANGE);
        let slice = (size / 64).clamp(256, MAX_SLICE);
        Nursery { base, range, size: size.min(range / 2), slice, used: Cell::new(0) }
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
        self.used.get() >= self.size
    }

    /// A slice for cells of a class; `None` when even the range is used up.
    pub(crate) fn slice(&self, region: &Region, class: Class) -> Option<(NonNull<u8>, usize)> {
        let cell = class.cell_bytes();
        let bytes = (self.slice / cell).max(1) * cell;
        let start = self.used.get();
        if start + bytes > self.range {
            return None;
        }
        self.used.set(start + bytes);
        Some((region.at(self.base + start), bytes))
    }

    /// All survivors were copied out: begin anew.
    pub(crate) fn reset(&self, region: &Region) {
        let used = self.used.replace(0);
        if region.poison && used > 0 {
            // SAFETY: INV-REGION-1: the range is mapped; INV-NURSERY-1: no object is left in it.
            unsafe { region.at(self.base).write_bytes(POISON, used) };
        }
        if used > 2 * self.size {
            region.forget_contents(self.base + self.size.next_multiple_of(1 << 16), used);
        }
    }
}
