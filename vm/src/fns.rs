//! Lists, sequences, hash tables, equality: Emacs's `fns.c`.
//!
//! - [`equal`] compares and hashes by value; [`hash`] has the hash tables.
//! - [`list`] has what works on lists alone, [`plist`] property lists, [`sequence`] what takes vectors and strings too.
//! - [`map`] and [`sort`] call Lisp for each element; [`feature`] has features, [`random`] random numbers.

pub mod equal;
pub mod feature;
pub mod hash;
pub mod list;
pub mod map;
pub mod plist;
pub mod random;
pub mod sequence;
pub mod sort;

use crate::error::{signal, wrong_type};
use crate::sym;
use crate::tails::Tails;
use tenure_gc::{Context, Object, Throw};

/// What is wrong with the end of a list that was walked, if anything: `circular-list`, or `wrong-type-argument` with
/// `datum`.
#[inline(always)]
pub(crate) fn check_end(walk: &Tails<'_>, datum: Object<'_>, cx: &Context) -> Result<(), Throw> {
    if walk.end().is_nil() { Ok(()) } else { Err(bad_end(walk, sym::LISTP, datum, cx)) }
}

#[cold]
fn bad_end(walk: &Tails<'_>, predicate: Object<'_>, datum: Object<'_>, cx: &Context) -> Throw {
    if walk.is_circular() { signal(sym::CIRCULAR_LIST, &[walk.end()], cx) } else { wrong_type(predicate, datum, cx) }
}
