//! The large-object space: objects over 8 KiB, in whole blocks of their own, never moved.
//!
//! Its mark bit is the bit of its first granule, as for any other object; freeing one gives its blocks back at once.
//! Sweeping can be done in steps.

use crate::block::{Block, BlockUse, Region};
use crate::heap::blocks_for;
use std::cell::{Cell, RefCell};
use std::ptr::NonNull;

/// Large objects, by their first block.
#[derive(Default)]
pub(crate) struct LargeSpace {
    objects: RefCell<Vec<Block>>,
    /// Objects before this one were swept since the last collection.
    cursor: Cell<usize>,
    /// Objects from this one on were allocated since the last collection.
    young: Cell<usize>,
}

impl LargeSpace {
    /// Memory for an object of `bytes` bytes; `None` when the address range is used up.
    pub(crate) fn alloc(&self, region: &Region, bytes: usize, data: bool) -> Option<NonNull<u8>> {
        let run = blocks_for(bytes);
        let first = region.acquire_run(run)?;
        for i in 0..run as u32 {
            region.desc(Block(first.0 + i)).usage.set(if i == 0 { BlockUse::LargeHead } else { BlockUse::LargeBody });
        }
        let desc = region.desc(first);
        desc.run.set(run as u32);
        desc.large_bytes.set(bytes);
        desc.large_data.set(data);
        desc.from_space.set(false);
        let start = region.start(first);
        region.allocated().set(region.offset(start));
        self.objects.borrow_mut().push(first);
        Some(start)
    }

    /// The bitmaps have changed roles: an allocated bit means from now on that the object was marked.
    pub(crate) fn start_sweep(&self) {
        self.cursor.set(0);
    }

    /// Free what the last collection did not mark and get the rest ready for the next one, until about `count` objects
    /// were looked at or blocks freed; tells whether all is done.
    pub(crate) fn sweep_some(&self, region: &Region, count: usize) -> bool {
        let mut objects = self.objects.borrow_mut();
        let mut work = 0;
        while let Some(&first) = objects.get(self.cursor.get()) {
            if work >= count {
                return false;
            }
            work += 1;
            let offset = region.offset(region.start(first));
            region.marks().clear(offset);
            if region.allocated().get(offset) {
                self.cursor.set(self.cursor.get() + 1);
            } else {
                work += region.desc(first).run.get() as usize / 8;
                region.release_large(first);
                objects.swap_remove(self.cursor.get());
            }
        }
        true
    }

    /// Free what is not marked, of all objects or of those allocated since the last collection, and keep the marks.
    pub(crate) fn sweep_by_marks(&self, region: &Region, only_young: bool) {
        let mut objects = self.objects.borrow_mut();
        let mut i = if only_young { self.young.get() } else { 0 };
        while let Some(&first) = objects.get(i) {
            if region.marks().get(region.offset(region.start(first))) {
                i += 1;
            } else {
                region.release_large(first);
                objects.swap_remove(i);
            }
        }
        self.young.set(i);
    }
}
