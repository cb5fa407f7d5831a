//! The native space: objects that are each a piece of memory from a native allocator, anywhere in the address space.
//!
//! The index of objects is the two bitmaps, which under this plan reach over all addresses that a process can have: a
//! terabyte of addresses each, of which only the pages are ever touched whose bits stand for an object.  So the marker is
//! the same as elsewhere, no object has a header that it wouldn't have in a block, and the allocator gets the sizes as
//! they are.  A table of the 4 MiB stretches in which there is an object says where sweeping has to look.
//! INV-NATIVE-1: between collections the allocated bits outside the blocks are those of the pieces that the native
//! allocator gave and did not get back, and each lies in a stretch of the table.

use crate::block::{Bitmap, CHUNK_BYTES, POISON, Region};
use crate::native_allocator;
use crate::size_class::GRANULE;
use rustc_hash::FxHashSet;
use std::cell::{Cell, RefCell};
use std::ptr::NonNull;

/// Pieces of memory from a native allocator.
#[derive(Default)]
pub(crate) struct NativeSpace {
    /// Numbers of the stretches, counted from address 0.
    stretches: RefCell<FxHashSet<usize>>,
    /// The stretch of the last allocation.
    last: Cell<usize>,
    /// Bytes that were asked for since the last collection, and bytes that it found live.
    bytes: Cell<usize>,
}

impl NativeSpace {
    /// Memory for an object; `None` when the allocator has none.
    #[inline]
    pub(crate) fn alloc(&self, region: &Region, bytes: usize) -> Option<NonNull<u8>> {
        let start = native_allocator::allocate(bytes.next_multiple_of(GRANULE))?;
        let address = start.expose_provenance().get();
        assert!(region.has_bits_of(start) && address.is_multiple_of(GRANULE), "the native allocator gave {address:#x}");
        let stretch = address / CHUNK_BYTES;
        if self.last.replace(stretch) != stretch {
            self.stretches.borrow_mut().insert(stretch);
        }
        region.allocated().set(region.offset(start));
        self.bytes.set(self.bytes.get() + bytes);
        Some(start)
    }

    /// Bytes of objects, as far as they were asked for: what the allocator adds is not known.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.get()
    }

    /// Everything is marked that lives: give the rest back, and clear the allocated bits, which are to be the next mark
    /// bits.
    pub(crate) fn sweep(&self, region: &Region, live_bytes: usize) {
        self.release_all_but(region, Some(region.marks()));
        self.bytes.set(live_bytes);
    }

    /// Give everything back.
    pub(crate) fn clear(&self, region: &Region) {
        self.release_all_but(region, None);
    }

    fn release_all_but(&self, region: &Region, live: Option<Bitmap>) {
        const STEP: usize = 64 * GRANULE;
        self.last.set(0);
        self.stretches.borrow_mut().retain(|stretch| {
            let mut any = false;
            for address in (stretch * CHUNK_BYTES..(stretch + 1) * CHUNK_BYTES).step_by(STEP) {
                let offset = address.wrapping_sub(region.base().addr().get());
                let kept = live.map_or(0, |marks| marks.word_at(offset));
                any |= kept != 0;
                let mut dead = region.allocated().take_word(offset) & !kept;
                while dead != 0 {
                    let start = address + dead.trailing_zeros() as usize * GRANULE;
                    dead &= dead - 1;
                    let Some(start) = NonNull::new(std::ptr::with_exposed_provenance_mut::<u8>(start)) else {
                        continue;
                    };
                    if region.poison {
                        // SAFETY: INV-NATIVE-1: a piece of at least a granule begins here, and nothing refers to it.
                        unsafe { start.write_bytes(POISON, GRANULE) };
                    }
                    // SAFETY: INV-NATIVE-1: the allocator gave it and did not get it back; its bit was just cleared.
                    unsafe { native_allocator::release(start) };
                }
            }
            any
        });
    }
}
