//! Sets as bool-vectors.

use crate::convert::FromLisp;
use crate::error::{args_out_of_range, signal};
use crate::sym;
use tenure_gc::{BoolVector, Context, LispResult, NIL, Object, SubrInfo, Throw};
use tenure_macros::{defun, subrs};

fn wrong_length(lengths: &[usize], cx: &Context) -> Throw {
    let lengths: Vec<Object<'_>> = lengths.iter().map(|&n| Object::fixnum(n as i64)).collect();
    signal(sym::WRONG_LENGTH_ARGUMENT, &lengths, cx)
}

/// The bits of a vector's words that are in use.
fn mask(len: usize, word: usize) -> u64 {
    let used = len.saturating_sub(word * 64);
    if used >= 64 { u64::MAX } else { (1 << used) - 1 }
}

/// Combine A and B word by word into DEST, or a new vector; nil if DEST does not change.
fn combine<'ob>(
    a: BoolVector<'ob>,
    b: BoolVector<'ob>,
    dest: Object<'ob>,
    cx: &'ob Context,
    op: impl Fn(u64, u64) -> u64,
) -> LispResult<'ob> {
    let len = a.len();
    if b.len() != len {
        return Err(if dest.is_nil() {
            wrong_length(&[len, b.len()], cx)
        } else {
            wrong_length(&[len, b.len(), BoolVector::from_lisp(dest, cx)?.len()], cx)
        });
    }
    let target = destination(&[len, b.len()], len, dest, cx)?;
    let mut changed = dest.is_nil();
    for (i, word) in target.words().iter().enumerate() {
        let value = op(a.words()[i].get(), b.words()[i].get()) & mask(len, i);
        changed |= word.replace(value) != value;
    }
    Ok(if changed { target.into() } else { NIL })
}

fn destination<'ob>(
    lengths: &[usize],
    len: usize,
    dest: Object<'ob>,
    cx: &'ob Context,
) -> Result<BoolVector<'ob>, Throw> {
    if dest.is_nil() {
        cx.reserve(len / 8 + 64)?;
        return Ok(cx.bool_vector(len));
    }
    let target = BoolVector::from_lisp(dest, cx)?;
    if target.len() == len {
        return Ok(target);
    }
    let mut lengths = lengths.to_vec();
    lengths.push(target.len());
    Err(wrong_length(&lengths, cx))
}

/// Return the union of A and B, bool-vectors of one length.
/// With C, store the result there, and return nil if that changed nothing.
#[defun(min = 2)]
fn bool_vector_union<'ob>(a: BoolVector<'ob>, b: BoolVector<'ob>, c: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    combine(a, b, c, cx, |a, b| a | b)
}

/// Return the intersection of A and B, bool-vectors of one length.
/// With C, store the result there, and return nil if that changed nothing.
#[defun(min = 2)]
fn bool_vector_intersection<'ob>(
    a: BoolVector<'ob>,
    b: BoolVector<'ob>,
    c: Object<'ob>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    combine(a, b, c, cx, |a, b| a & b)
}

/// Return A without B, bool-vectors of one length.
/// With C, store the result there, and return nil if that changed nothing.
#[defun(min = 2)]
fn bool_vector_set_difference<'ob>(
    a: BoolVector<'ob>,
    b: BoolVector<'ob>,
    c: Object<'ob>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    combine(a, b, c, cx, |a, b| a & !b)
}

/// Return what is in just one of A and B, bool-vectors of one length.
/// With C, store the result there, and return nil if that changed nothing.
#[defun(min = 2)]
fn bool_vector_exclusive_or<'ob>(
    a: BoolVector<'ob>,
    b: BoolVector<'ob>,
    c: Object<'ob>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    combine(a, b, c, cx, |a, b| a ^ b)
}

/// Return the complement of the bool-vector A, stored in B if that is given.
#[defun(min = 1)]
fn bool_vector_not<'ob>(a: BoolVector<'ob>, b: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let target = destination(&[a.len()], a.len(), b, cx)?;
    for (i, word) in target.words().iter().enumerate() {
        word.set(!a.words()[i].get() & mask(a.len(), i));
    }
    Ok(target.into())
}

/// Return t if every bit of A is set in B too; both have one length.
#[defun]
fn bool_vector_subsetp(a: BoolVector<'_>, b: BoolVector<'_>, cx: &Context) -> Result<bool, Throw> {
    if a.len() != b.len() {
        return Err(wrong_length(&[a.len(), b.len(), b.len()], cx));
    }
    Ok(a.words().iter().zip(b.words()).all(|(a, b)| a.get() & !b.get() == 0))
}

/// Return how many bits of the bool-vector A are set.
#[defun]
fn bool_vector_count_population(a: BoolVector<'_>) -> i64 {
    a.words().iter().map(|w| i64::from(w.get().count_ones())).sum()
}

/// Return how many bits of the bool-vector A, from index I on, are B until the first that is not.
#[defun]
fn bool_vector_count_consecutive<'ob>(a: BoolVector<'ob>, b: bool, i: usize, cx: &'ob Context) -> Result<i64, Throw> {
    if i > a.len() {
        return Err(args_out_of_range(a.into(), Object::fixnum(i as i64), cx));
    }
    Ok((i..a.len()).take_while(|&at| a.get(at) == Some(b)).count() as i64)
}

/// The primitives of this file.
pub(crate) const SUBRS: &[SubrInfo] = &subrs![
    bool_vector_union,
    bool_vector_intersection,
    bool_vector_set_difference,
    bool_vector_exclusive_or,
    bool_vector_not,
    bool_vector_subsetp,
    bool_vector_count_population,
    bool_vector_count_consecutive
];
