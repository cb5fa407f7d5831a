//! The large-object space: objects over 8 KiB, in whole blocks of their own, never moved.
//!
//! Its mark bit is the bit of its first granule, as for any other object; freeing one gives its blocks back at once.

use crate::block::{Block, BlockUse, Region};
use crate::heap::blocks_for;
use std::cell::RefCell;
use std::ptr::NonNull;

/// Large objects, by their first block.
#[derive(Default)]
pub(crate) struct LargeSpace {
    objects: RefCell<Vec<Block>>,
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

    /// Free what the collection that has just ended did not mark, and get the rest ready for the next one.
    /// Called after the bitmaps swapped roles: an allocated bit means that the object was marked.
    pub(crate) fn sweep(&self, region: &Region) {
        self.objects.borrow_mut().retain(|&first| {
            let offset = region.offset(region.start(first));
            region.marks().clear(offset);
            let live = region.allocated().get(offset);
            if !live {
                region.release_run(first, region.desc(first).run.get() as usize);
            }
            live
        });
    }
}
