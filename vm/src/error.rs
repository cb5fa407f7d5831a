//! Signals that native code raises: one function a condition, with Emacs's data.

use crate::sym;
use tenure_gc::{Context, Object, Throw};

/// `(wrong-type-argument PREDICATE VALUE)`.
#[cold]
pub fn wrong_type(predicate: Object<'_>, value: Object<'_>, cx: &Context) -> Throw {
    signal(sym::WRONG_TYPE_ARGUMENT, &[predicate, value], cx)
}

/// `(args-out-of-range A B)`.
#[cold]
pub fn args_out_of_range(a: Object<'_>, b: Object<'_>, cx: &Context) -> Throw {
    signal(sym::ARGS_OUT_OF_RANGE, &[a, b], cx)
}

/// `(CONDITION DATA...)`.
#[cold]
pub fn signal(condition: Object<'_>, data: &[Object<'_>], cx: &Context) -> Throw {
    cx.signal(condition, cx.list(data))
}

/// `(error MESSAGE)`.
#[cold]
pub fn error(message: &str, cx: &Context) -> Throw {
    signal(sym::ERROR, &[cx.string_from_str(message).into()], cx)
}

/// `(error MESSAGE DATUM)`; a datum that is a proper list gives the data itself, as Emacs's `signal_error`.
#[cold]
pub fn error_with(message: &str, datum: Object<'_>, cx: &Context) -> Throw {
    let mut walk = crate::tails::tails(datum);
    walk.by_ref().for_each(drop);
    let data = if walk.end().is_nil() { datum } else { cx.list(&[datum]) };
    cx.signal(sym::ERROR, cx.cons(cx.string_from_str(message).into(), data).into())
}
