//! Variables that are native state: reading and writing them runs native code (Emacs's `DEFVAR_INT` and kin).

use crate::error::{signal, wrong_type};
use crate::{number, sym};
use tenure_gc::{Context, Object, Throw};

/// A forwarded variable: a row of `defvar!`.
#[derive(Clone, Copy)]
pub struct Forward {
    /// The Lisp name.
    pub name: &'static str,
    /// The present value.
    pub get: for<'ob> fn(&'ob Context) -> Object<'ob>,
    /// Check and store a value.
    pub set: fn(Object<'_>, &Context) -> Result<(), Throw>,
}

/// The value of an integer variable: any integer of 64 bits.
pub(crate) fn intmax(value: Object<'_>, cx: &Context) -> Result<i64, Throw> {
    if let Some(n) = value.as_fixnum() {
        return Ok(n);
    }
    let Some(big) = value.as_bignum() else { return Err(wrong_type(sym::INTEGERP, value, cx)) };
    i64::try_from(number::bignum_value(big)).map_err(|_| signal(sym::OVERFLOW_ERROR, &[value], cx))
}
