//! A place in the heap that holds a word.
//!
//! Every heap word is read and written through [`Slot`], so that a plan whose marker runs beside the mutator needs
//! a change in this file alone (relaxed atomics compile to the same moves on x86-64 and AArch64).
//! INV-SLOT-1: no `&mut` to a slot and no `&Slot` ever leaves this crate, so every pointer store passes a setter
//! that runs the write barrier.

use crate::word::Word;
use std::cell::Cell;

/// One word of a heap object, a root or the Lisp stack.
#[repr(transparent)]
pub(crate) struct Slot(Cell<Word>);

const _: () = assert!(size_of::<Slot>() == 8);

impl Slot {
    #[inline(always)]
    pub(crate) const fn new(word: Word) -> Slot {
        Slot(Cell::new(word))
    }

    #[inline(always)]
    pub(crate) fn get(&self) -> Word {
        self.0.get()
    }

    /// Store without a barrier: initialising stores, roots, and the collector's own updates.
    #[inline(always)]
    pub(crate) fn set(&self, word: Word) {
        self.0.set(word);
    }
}
