//! The tagged word: how a Lisp value fits in 64 bits.
//!
//! ```text
//!  63                                              3 2   0
//! ┌────────────────────────────────────────────────┬─────┐
//! │ address of an object, offset of a symbol        │ tag │
//! ├──────────────────────────────────────────────┬─┴─────┤
//! │ fixnum, two's complement, 62 bits             │ 0 1   │
//! └──────────────────────────────────────────────┴───────┘
//!   000  forwarding address: only in from-space, never seen by the mutator
//!   x01  fixnum (Emacs's 62 bits)
//!   010  symbol: byte offset of its cell from the start of the heap, so built-in symbols are constants
//!   011  cons           100  string           110  vectorlike (has a header)           111  float
//! ```
//!
//! INV-WORD-1: a tag is only ever put on a pointer to an initialised object of that kind.
//! INV-WORD-2: a word keeps the provenance of the pointer it was made from; it is never rebuilt from an integer.
//! INV-WORD-3: no word is zero, so `Option<Object>` and `LispResult` need no extra space.

use std::num::NonZeroUsize;
use std::ptr::NonNull;

pub(crate) const TAG_MASK: usize = 7;
pub(crate) const TAG_FORWARD: usize = 0;
pub(crate) const TAG_SYMBOL: usize = 2;
pub(crate) const TAG_CONS: usize = 3;
pub(crate) const TAG_STRING: usize = 4;
pub(crate) const TAG_VECTORLIKE: usize = 6;
pub(crate) const TAG_FLOAT: usize = 7;
const FIXNUM_MASK: usize = 3;
const FIXNUM_TAG: usize = 1;
const FIXNUM_SHIFT: u32 = 2;

/// The largest fixnum, `most-positive-fixnum`.
pub const MOST_POSITIVE_FIXNUM: i64 = i64::MAX >> FIXNUM_SHIFT;
/// The smallest fixnum, `most-negative-fixnum`.
pub const MOST_NEGATIVE_FIXNUM: i64 = i64::MIN >> FIXNUM_SHIFT;

/// A tagged word. See the module's picture.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(transparent)]
pub(crate) struct Word(NonNull<u8>);

const _: () = assert!(size_of::<Word>() == 8 && size_of::<Option<Word>>() == 8);

impl Word {
    /// A word that is no pointer.
    #[inline(always)]
    pub(crate) const fn immediate(bits: usize) -> Word {
        match NonZeroUsize::new(bits) {
            Some(bits) => Word(NonNull::without_provenance(bits)),
            None => panic!("a word is never zero"),
        }
    }

    /// The fixnum `n`, whose top two bits are lost if it does not fit.
    #[inline(always)]
    pub(crate) const fn fixnum(n: i64) -> Word {
        Word::immediate(((n as usize) << FIXNUM_SHIFT) | FIXNUM_TAG)
    }

    /// Tag a pointer whose low bits are zero.
    #[inline(always)]
    pub(crate) fn tagged(pointer: NonNull<u8>, tag: usize) -> Word {
        debug_assert!(pointer.addr().get() & TAG_MASK == 0 && tag <= TAG_MASK);
        // SAFETY: INV-WORD-1: the callers tag the start of a cell of at least 16 bytes, so the sum stays inside it.
        Word(unsafe { pointer.byte_add(tag) })
    }

    /// The symbol whose cell lies `offset` bytes from the start of the heap.
    #[inline(always)]
    pub(crate) const fn symbol(offset: usize) -> Word {
        Word::immediate(offset | TAG_SYMBOL)
    }

    /// The word as a pointer, for a slot to hold.
    #[inline(always)]
    pub(crate) const fn raw(self) -> NonNull<u8> {
        self.0
    }

    /// # Safety
    /// The pointer came from [`Word::raw`], so it is not null (INV-WORD-3) and has its provenance (INV-WORD-2).
    #[inline(always)]
    pub(crate) unsafe fn from_raw(pointer: *mut u8) -> Word {
        // SAFETY: the caller says so.
        Word(unsafe { NonNull::new_unchecked(pointer) })
    }

    #[inline(always)]
    pub(crate) fn bits(self) -> usize {
        self.0.addr().get()
    }

    #[inline(always)]
    pub(crate) fn tag(self) -> usize {
        self.bits() & TAG_MASK
    }

    #[inline(always)]
    pub(crate) fn is_fixnum(self) -> bool {
        self.bits() & FIXNUM_MASK == FIXNUM_TAG
    }

    #[inline(always)]
    pub(crate) fn fixnum_value(self) -> i64 {
        self.bits() as i64 >> FIXNUM_SHIFT
    }

    /// The pointer under a known tag.
    #[inline(always)]
    pub(crate) fn untagged<T>(self, tag: usize) -> NonNull<T> {
        debug_assert_eq!(self.tag(), tag);
        // SAFETY: INV-WORD-1: the pointer was tagged by `tagged`, so the difference is the start of the cell.
        unsafe { self.0.byte_sub(tag).cast() }
    }

    /// The pointer under whatever tag this word has; a fixnum or symbol gives nonsense that must not be read.
    #[inline(always)]
    pub(crate) fn address(self) -> NonNull<u8> {
        // A heap pointer is at least 16, so masking the tag never gives zero; wrapping keeps provenance.
        let p = self.0.as_ptr().map_addr(|a| a & !TAG_MASK);
        NonNull::new(p).unwrap_or(NonNull::dangling())
    }

    /// The byte offset of a symbol's cell.
    #[inline(always)]
    pub(crate) fn symbol_offset(self) -> usize {
        self.bits() - TAG_SYMBOL
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixnums_keep_62_bits() {
        for n in [0, 1, -1, MOST_POSITIVE_FIXNUM, MOST_NEGATIVE_FIXNUM, 1 << 40] {
            assert!(Word::fixnum(n).is_fixnum());
            assert_eq!(Word::fixnum(n).fixnum_value(), n);
        }
    }

    #[test]
    fn symbols_are_offsets() {
        assert_eq!(Word::symbol(48).symbol_offset(), 48);
        assert_eq!(Word::symbol(0).tag(), TAG_SYMBOL);
    }
}
