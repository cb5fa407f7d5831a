//! Variables that are native state: reading and writing them runs native code (Emacs's `DEFVAR_INT` and kin).

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
