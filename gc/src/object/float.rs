//! Floats: a boxed `f64`.
//!
//! A raw `f64` may look like any word, so the cell has a second word for the forwarding address of moving plans.
//! That costs 16 bytes a float where Emacs pays 8; `docs/design.md` says why.

use crate::context::Context;
use crate::object::Object;
use crate::size_class::{Class, FLOAT_BYTES};
use crate::word::{TAG_FLOAT, Word};
use std::cell::Cell;
use std::marker::PhantomData;
use std::ptr::NonNull;

/// A float in the heap.
#[repr(C)]
pub(crate) struct FloatCell {
    pub(crate) value: f64,
    /// The new address while a moving collection runs; else null.
    pub(crate) forward: Cell<Option<NonNull<u8>>>,
}
const _: () = assert!(size_of::<FloatCell>() == FLOAT_BYTES);

/// A float.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub struct Float<'ob>(NonNull<FloatCell>, PhantomData<&'ob Context>);

impl<'ob> Float<'ob> {
    /// # Safety
    /// As [`Object::from_word`], and the word's tag is that of a float.
    #[inline(always)]
    pub(crate) unsafe fn from_word(word: Word) -> Float<'ob> {
        Float(word.untagged(TAG_FLOAT), PhantomData)
    }

    /// The value.
    #[inline(always)]
    pub fn value(self) -> f64 {
        // SAFETY: INV-OBJECT-1: the cell is alive and in place during 'ob.
        unsafe { self.0.as_ref() }.value
    }
}

impl<'ob> From<Float<'ob>> for Object<'ob> {
    #[inline(always)]
    fn from(f: Float<'ob>) -> Self {
        // SAFETY: INV-WORD-1: a Float only ever points to an initialised float cell.
        unsafe { Object::from_word(Word::tagged(f.0.cast(), TAG_FLOAT)) }
    }
}

impl Context {
    /// Allocate a float.  Never collects.
    #[inline(always)]
    pub fn float(&self, value: f64) -> Float<'_> {
        let cell = self.alloc_cell::<FloatCell>(Class::FLOAT);
        // SAFETY: INV-ALLOC-1: the cell is free, big enough and ours.
        unsafe { cell.write(FloatCell { value, forward: Cell::new(None) }) };
        Float(cell, PhantomData)
    }
}
