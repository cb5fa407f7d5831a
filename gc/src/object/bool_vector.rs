//! Bool-vectors: a length in bits, then the bits, 64 a word.

use crate::context::Context;
use crate::header::HeaderKind;
use crate::object::{NIL, vectorlike_reference};
use std::cell::Cell;

vectorlike_reference!(
    /// A bool-vector.
    BoolVector, BoolVector, as_bool_vector
);

impl<'ob> BoolVector<'ob> {
    /// Length in bits.
    pub fn len(self) -> usize {
        self.0.raw()[0].get() as usize
    }

    /// Whether there are no bits.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The words that hold the bits, lowest first; bits beyond the length are zero.
    pub fn words(self) -> &'ob [Cell<u64>] {
        &self.0.raw()[1..]
    }

    /// Bit `i`, or `None` beyond the last.
    pub fn get(self, i: usize) -> Option<bool> {
        (i < self.len()).then(|| self.words()[i / 64].get() >> (i % 64) & 1 != 0)
    }

    /// Store bit `i`; false beyond the last.
    pub fn set(self, i: usize, bit: bool) -> bool {
        if i >= self.len() {
            return false;
        }
        let word = &self.words()[i / 64];
        word.set(word.get() & !(1 << (i % 64)) | u64::from(bit) << (i % 64));
        true
    }
}

impl Context {
    /// A bool-vector of `len` bits, all zero; callers of a size that Lisp chose call [`Context::reserve`] first.
    pub fn bool_vector(&self, len: usize) -> BoolVector<'_> {
        let v = self.alloc_vectorlike(HeaderKind::BoolVector, 1 + len.div_ceil(64), 0, NIL.0);
        v.raw()[0].set(len as u64);
        BoolVector(v)
    }
}
