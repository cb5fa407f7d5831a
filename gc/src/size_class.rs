//! Size classes: which cell an object of a given kind and size gets.
//!
//! Conses, floats, symbols and string headers have one fixed cell each.
//! Vectorlikes and string data each have their own ladder of cells, at most 12.5 % apart up to 2 KiB and cut so that
//! a 64 KiB block wastes little above it.  Objects over [`MAX_SMALL`] go to the large-object space.

use crate::block::BLOCK_BYTES;

/// Granule: every cell is a multiple of it, and the side bitmaps have one bit for each.
pub(crate) const GRANULE: usize = 16;
/// Bytes of a cons cell; it has no header.
pub(crate) const CONS_BYTES: usize = 16;
/// Bytes of a float cell: the value, then a word that a moving plan uses for the forwarding address.
pub(crate) const FLOAT_BYTES: usize = 16;
/// Bytes of a symbol cell.
pub(crate) const SYMBOL_BYTES: usize = 48;
/// Bytes of a string's header cell.
pub(crate) const STRING_BYTES: usize = 32;

/// The ladder of cells for vectorlikes and string data, in bytes.
pub(crate) const LADDER: [usize; 30] = [
    16, 32, 48, 64, 80, 96, 112, 128, 144, 160, 192, 224, 256, 320, 384, 448, 512, 640, 768, 896, 1024, 1280, 1536,
    1792, 2048, 2720, 3264, 4096, 5456, 8192,
];
/// The largest cell; beyond it an object is large.
pub(crate) const MAX_SMALL: usize = LADDER[LADDER.len() - 1];

/// A space class: a kind of block together with a cell size.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Class(pub(crate) u8);

/// How many classes there are.
pub(crate) const CLASSES: usize = 4 + 2 * LADDER.len();
const FIRST_VECTOR: usize = 4;
const FIRST_DATA: usize = FIRST_VECTOR + LADDER.len();
const _: () = assert!(CLASSES <= 64);

/// What the cells of a block hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum BlockKind {
    Cons,
    Float,
    Symbol,
    String,
    Vectorlike,
    StringData,
}

impl Class {
    pub(crate) const CONS: Class = Class(0);
    pub(crate) const FLOAT: Class = Class(1);
    pub(crate) const SYMBOL: Class = Class(2);
    pub(crate) const STRING: Class = Class(3);

    pub(crate) fn all() -> impl Iterator<Item = Class> {
        (0..CLASSES as u8).map(Class)
    }

    /// The class of a vectorlike of `bytes` bytes, or `None` if it is large.
    #[inline(always)]
    pub(crate) fn vectorlike(bytes: usize) -> Option<Class> {
        ladder_index(bytes).map(|i| Class(i + FIRST_VECTOR as u8))
    }

    /// The class of string data of `bytes` bytes, or `None` if it is large.
    #[inline(always)]
    pub(crate) fn data(bytes: usize) -> Option<Class> {
        ladder_index(bytes).map(|i| Class(i + FIRST_DATA as u8))
    }

    #[inline(always)]
    pub(crate) fn kind(self) -> BlockKind {
        match self.0 as usize {
            0 => BlockKind::Cons,
            1 => BlockKind::Float,
            2 => BlockKind::Symbol,
            3 => BlockKind::String,
            FIRST_VECTOR..FIRST_DATA => BlockKind::Vectorlike,
            _ => BlockKind::StringData,
        }
    }

    #[inline(always)]
    pub(crate) fn cell_bytes(self) -> usize {
        CELL_BYTES[self.0 as usize] as usize
    }

    pub(crate) fn cells_per_block(self) -> usize {
        BLOCK_BYTES / self.cell_bytes()
    }
}

/// Cell size by class: one load instead of a match in the allocator.
const CELL_BYTES: [u16; 64] = {
    let mut table = [0u16; 64];
    table[0] = CONS_BYTES as u16;
    table[1] = FLOAT_BYTES as u16;
    table[2] = SYMBOL_BYTES as u16;
    table[3] = STRING_BYTES as u16;
    let mut i = 0;
    while i < LADDER.len() {
        table[FIRST_VECTOR + i] = LADDER[i] as u16;
        table[FIRST_DATA + i] = LADDER[i] as u16;
        i += 1;
    }
    table
};

/// Ladder index by size in granules, rounded up.
const LADDER_INDEX: [u8; MAX_SMALL / GRANULE + 1] = {
    let mut table = [0u8; MAX_SMALL / GRANULE + 1];
    let (mut granules, mut step) = (0, 0);
    while granules < table.len() {
        while LADDER[step] < granules * GRANULE {
            step += 1;
        }
        table[granules] = step as u8;
        granules += 1;
    }
    table
};

#[inline(always)]
fn ladder_index(bytes: usize) -> Option<u8> {
    LADDER_INDEX.get(bytes.div_ceil(GRANULE)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_size_gets_the_least_cell_that_holds_it() {
        for bytes in 1..=MAX_SMALL {
            let class = Class::vectorlike(bytes).expect("small");
            assert!(class.cell_bytes() >= bytes);
            let smaller = LADDER.iter().rev().find(|&&cell| cell < class.cell_bytes());
            assert!(smaller.is_none_or(|&cell| cell < bytes), "{bytes}");
            assert_eq!(Class::data(bytes).map(Class::cell_bytes), Some(class.cell_bytes()));
        }
        assert!(Class::vectorlike(MAX_SMALL + 1).is_none());
    }

    #[test]
    fn cells_are_granules() {
        for class in Class::all() {
            assert_eq!(class.cell_bytes() % GRANULE, 0, "{class:?}");
            assert!(class.cell_bytes() > 0);
        }
    }
}
