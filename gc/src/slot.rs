//! A place in the heap that holds a word.
//!
//! Every heap word is read and written through [`Slot`], because a marker may run beside the mutator.  Reads are relaxed
//! atomic loads, and stores that others may see are releases: on x86-64 both are the plain moves that they would be
//! anyway, so the other plans pay nothing.
//! INV-SLOT-1: no `&mut` to a slot and no `&Slot` ever leaves this crate, so every pointer store passes a setter
//! that runs the write barrier.
//! INV-SLOT-2: a word that refers to an object is stored into an object of the old generation by a release, after the
//! object was initialised; a marker on another thread loads it by an acquire, so it finds the object initialised.

use crate::word::Word;
use std::sync::atomic::{AtomicPtr, Ordering};

/// One word of a heap object, a root or the Lisp stack.
#[repr(transparent)]
pub(crate) struct Slot(AtomicPtr<u8>);

const _: () = assert!(size_of::<Slot>() == 8);

impl Slot {
    #[inline(always)]
    pub(crate) const fn new(word: Word) -> Slot {
        Slot(AtomicPtr::new(word.raw().as_ptr()))
    }

    #[inline(always)]
    pub(crate) fn get(&self) -> Word {
        // SAFETY: INV-WORD-3: what `new`, `set` and `publish` stored was not null.
        unsafe { Word::from_raw(self.0.load(Ordering::Relaxed)) }
    }

    /// The word, for a marker that runs beside the mutator (INV-SLOT-2).
    #[inline(always)]
    pub(crate) fn get_published(&self) -> Word {
        // SAFETY: as in `get`.
        unsafe { Word::from_raw(self.0.load(Ordering::Acquire)) }
    }

    /// Store without a barrier where no other thread looks: roots, objects that nobody refers to yet.
    #[inline(always)]
    pub(crate) fn set(&self, word: Word) {
        self.0.store(word.raw().as_ptr(), Ordering::Relaxed);
    }

    /// Store into an object (INV-SLOT-2): after the write barrier, or for the collector itself.
    #[inline(always)]
    pub(crate) fn publish(&self, word: Word) {
        self.0.store(word.raw().as_ptr(), Ordering::Release);
    }
}
