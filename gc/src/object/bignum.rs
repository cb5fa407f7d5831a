//! Bignums: sign and magnitude, immutable.

use crate::context::Context;
use crate::header::HeaderKind;
use crate::object::{NIL, vectorlike_reference};
use std::cell::Cell;

vectorlike_reference!(
    /// An integer outside the fixnum range.
    Bignum, Bignum, as_bignum
);

const NEGATIVE: u8 = 1;

impl<'ob> Bignum<'ob> {
    /// Whether the number is below zero.
    pub fn is_negative(self) -> bool {
        self.0.header().flags() & NEGATIVE != 0
    }

    /// The magnitude in base 2^64, least significant digit first, to be read in place.
    #[inline]
    pub fn as_digits(self) -> &'ob [Cell<u64>] {
        self.0.raw()
    }

    /// The magnitude in base 2^64, least significant digit first.
    pub fn digits(self) -> impl ExactSizeIterator<Item = u64> + 'ob {
        self.0.raw().iter().map(|d| d.get())
    }
}

impl Context {
    /// A bignum of the given sign and magnitude; the caller keeps it outside the fixnum range.
    pub fn bignum(&self, negative: bool, digits: &[u64]) -> Bignum<'_> {
        let v = self.alloc_vectorlike(HeaderKind::Bignum, digits.len(), 0, NIL.0);
        for (cell, &digit) in v.raw().iter().zip(digits) {
            cell.set(digit);
        }
        if negative {
            v.set_flags(NEGATIVE);
        }
        Bignum(v)
    }
}
