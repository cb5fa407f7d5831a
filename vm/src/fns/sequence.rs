//! Sequences: lists, vectors, strings, bool-vectors, and what else has a length.

use super::check_end;
use super::equal::is_equal;
use super::list::nth;
use crate::convert::FromLisp;
use crate::data::array::{closure_len, closure_slot};
use crate::error::{args_out_of_range, error, wrong_type};
use crate::eval::list_length;
use crate::string::{aref, character_arg, string_chars};
use crate::tails::tails;
use crate::{character, chartab, sym, textprop};
use std::cmp::Ordering;
use tenure_gc::{BoolVector, Context, Kind, LispResult, NIL, Object, Slots, Str, SubrInfo, Throw};
use tenure_macros::{defun, subrs};

/// The length of a char-table, as Emacs has it.
const CHAR_TABLE_LENGTH: usize = 0x3F_FFFF;
/// The length of any sequence, or `wrong-type-argument`.
pub fn length_of<'ob>(sequence: Object<'ob>, cx: &'ob Context) -> Result<usize, Throw> {
    match sequence.untag() {
        Kind::Cons(_) => list_length(sequence, cx),
        Kind::String(s) => Ok(s.chars()),
        Kind::Vector(v) => Ok(v.len()),
        Kind::Record(r) => Ok(r.len()),
        Kind::BoolVector(v) => Ok(v.len()),
        Kind::CharTable(_) => Ok(CHAR_TABLE_LENGTH),
        Kind::ByteCode(code) => Ok(code.len()),
        Kind::Closure(closure) => Ok(closure_len(closure)),
        _ if sequence.is_nil() => Ok(0),
        _ => Err(wrong_type(sym::SEQUENCEP, sequence, cx)),
    }
}

/// The bits of a bool-vector as Lisp values.
fn bits<'ob>(v: BoolVector<'ob>) -> impl Iterator<Item = Object<'ob>> {
    (0..v.len()).filter_map(move |i| v.get(i).map(Object::bool))
}

/// The characters of a string as Lisp values.
fn characters<'ob>(s: Str<'ob>) -> impl Iterator<Item = Object<'ob>> {
    string_chars(s).map(|c| Object::fixnum(i64::from(c)))
}

/// Append the elements of a sequence to others, or signal `wrong-type-argument`.
fn push_elements<'ob>(sequence: Object<'ob>, all: &mut Vec<Object<'ob>>, cx: &'ob Context) -> Result<(), Throw> {
    match sequence.untag() {
        Kind::Cons(_) => {
            let mut walk = tails(sequence);
            all.extend(walk.by_ref().map(|cell| cell.car()));
            check_end(&walk, walk.end(), cx)?;
        }
        Kind::String(s) => all.extend(characters(s)),
        Kind::Vector(v) => all.extend(v.iter()),
        Kind::BoolVector(v) => all.extend(bits(v)),
        Kind::ByteCode(code) => all.extend(code.iter()),
        Kind::Closure(closure) => all.extend((0..closure_len(closure)).filter_map(|i| closure_slot(closure, i, cx))),
        _ if sequence.is_nil() => {}
        _ => return Err(wrong_type(sym::SEQUENCEP, sequence, cx)),
    }
    Ok(())
}

/// Whether `append` and `vconcat` take elements from an object.
fn is_joinable(object: Object<'_>) -> bool {
    use Kind::{BoolVector, ByteCode, Closure, Cons, String, Vector};
    object.is_nil()
        || matches!(object.untag(), Cons(_) | String(_) | Vector(_) | BoolVector(_) | ByteCode(_) | Closure(_))
}

/// The elements of a sequence, or `wrong-type-argument`.
pub fn elements<'ob>(sequence: Object<'ob>, cx: &'ob Context) -> Result<Vec<Object<'ob>>, Throw> {
    let mut all = Vec::new();
    push_elements(sequence, &mut all, cx)?;
    Ok(all)
}

/// Return the length of SEQUENCE: a list, vector, string, bool-vector, char-table, record or byte-code function.
#[defun]
fn length<'ob>(sequence: Object<'ob>, cx: &'ob Context) -> Result<usize, Throw> {
    length_of(sequence, cx)
}

/// Compare the length of a sequence with a number; of a list no more is walked than is needed.
fn compare_length<'ob>(sequence: Object<'ob>, length: i64, cx: &'ob Context) -> Result<Ordering, Throw> {
    if sequence.as_cons().is_none() {
        return Ok((length_of(sequence, cx)? as i64).cmp(&length));
    }
    let Ok(enough) = usize::try_from(length.saturating_add(1)) else { return Ok(Ordering::Greater) };
    let mut walk = tails(sequence);
    let counted = walk.by_ref().take(enough).count();
    Ok(if walk.is_circular() { Ordering::Greater } else { (counted as i64).cmp(&length) })
}

/// Return t if SEQUENCE is shorter than LENGTH.
#[defun(name = "length<")]
fn length_less<'ob>(sequence: Object<'ob>, length: i64, cx: &'ob Context) -> Result<bool, Throw> {
    Ok(compare_length(sequence, length, cx)?.is_lt())
}

/// Return t if SEQUENCE is longer than LENGTH.
#[defun(name = "length>")]
fn length_greater<'ob>(sequence: Object<'ob>, length: i64, cx: &'ob Context) -> Result<bool, Throw> {
    Ok(compare_length(sequence, length, cx)?.is_gt())
}

/// Return t if the length of SEQUENCE is LENGTH.
#[defun(name = "length=")]
fn length_equal<'ob>(sequence: Object<'ob>, length: i64, cx: &'ob Context) -> Result<bool, Throw> {
    Ok(length >= 0 && compare_length(sequence, length, cx)?.is_eq())
}

/// Return element N of SEQUENCE; a list has nil beyond its end.
#[defun]
fn elt<'ob>(sequence: Object<'ob>, n: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let index = |cx| i64::from_lisp(n, cx);
    let found = match sequence.untag() {
        Kind::Cons(_) => return nth(n, sequence, cx),
        Kind::String(s) => return aref(s, index(cx)?, cx),
        Kind::Vector(v) => usize::try_from(index(cx)?).ok().and_then(|i| v.get(i)),
        Kind::BoolVector(v) => usize::try_from(index(cx)?).ok().and_then(|i| v.get(i)).map(Object::bool),
        Kind::CharTable(table) => {
            index(cx)?;
            return Ok(chartab::char_table_ref(table, character_arg(n, cx)?));
        }
        _ if sequence.is_nil() => return nth(n, sequence, cx),
        _ => return Err(wrong_type(sym::SEQUENCEP, sequence, cx)),
    };
    found.ok_or_else(|| args_out_of_range(sequence, n, cx))
}

/// Join SEQUENCES to a list; all but the last are copied, the last becomes the list's tail and may be anything.
#[defun]
fn append<'ob>(sequences: Slots<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let Some(last) = sequences.len().checked_sub(1) else { return Ok(NIL) };
    let tail = sequences.get(last);
    if let Some(wrong) = sequences.iter().take(last).find(|&s| !is_joinable(s)) {
        return Err(wrong_type(sym::SEQUENCEP, wrong, cx));
    }
    let mut all = Vec::new();
    for sequence in sequences.iter().take(last) {
        push_elements(sequence, &mut all, cx)?;
    }
    Ok(cx.list_with_tail(&all, tail))
}

/// Join SEQUENCES to a vector.
#[defun]
fn vconcat<'ob>(sequences: Slots<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    // What is no sequence at all is told before a list that ends in no list.
    if let Some(wrong) = sequences.iter().find(|&s| !is_joinable(s)) {
        return Err(wrong_type(sym::SEQUENCEP, wrong, cx));
    }
    let mut all = Vec::new();
    for sequence in sequences.iter() {
        push_elements(sequence, &mut all, cx)?;
    }
    cx.reserve(all.len() * size_of::<Object<'_>>())?;
    Ok(cx.vector(&all).into())
}

/// A string of the same kind as `like`, of the given characters.
fn string_like<'ob>(like: Str<'_>, chars: impl Iterator<Item = u32>, cx: &'ob Context) -> Str<'ob> {
    if like.is_multibyte() {
        let mut text = Vec::with_capacity(like.len_bytes());
        chars.for_each(|c| character::push_char(&mut text, c));
        cx.string(&text, character::count(&text), true)
    } else {
        let bytes: Vec<u8> = chars.map(|c| c as u8).collect();
        cx.string(&bytes, bytes.len(), false)
    }
}

/// Return a copy of SEQUENCE with the elements in reverse order.
#[defun]
fn reverse<'ob>(sequence: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    match sequence.untag() {
        Kind::Cons(_) => {
            let mut walk = tails(sequence);
            let reversed = walk.by_ref().fold(NIL, |list, cell| cx.cons(cell.car(), list).into());
            check_end(&walk, walk.end(), cx)?;
            Ok(reversed)
        }
        _ if sequence.is_nil() => Ok(NIL),
        Kind::String(_) | Kind::Vector(_) | Kind::BoolVector(_) => reverse_array(sequence, cx),
        _ => Err(wrong_type(sym::SEQUENCEP, sequence, cx)),
    }
}

fn reverse_array<'ob>(array: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    match array.untag() {
        Kind::String(s) => {
            cx.reserve(s.len_bytes())?;
            let chars: Vec<u32> = string_chars(s).collect();
            Ok(string_like(s, chars.into_iter().rev(), cx).into())
        }
        Kind::Vector(v) => {
            cx.reserve(v.len() * size_of::<Object<'_>>())?;
            Ok(cx.vector(&v.iter().rev().collect::<Vec<_>>()).into())
        }
        Kind::BoolVector(v) => {
            cx.reserve(v.len() / 8)?;
            let new = cx.bool_vector(v.len());
            (0..v.len()).for_each(|i| _ = new.set(i, v.get(v.len() - 1 - i).unwrap_or(false)));
            Ok(new.into())
        }
        _ => Err(wrong_type(sym::ARRAYP, array, cx)),
    }
}

/// Return SEQ with the elements in reverse order; a list, vector or bool-vector is changed.
#[defun]
fn nreverse<'ob>(seq: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    match seq.untag() {
        _ if seq.is_nil() => Ok(seq),
        Kind::Cons(_) => {
            let (mut reversed, mut rest) = (NIL, seq);
            while let Some(cell) = rest.as_cons() {
                rest = cell.cdr();
                if rest == seq {
                    return Err(crate::error::signal(sym::CIRCULAR_LIST, &[seq], cx));
                }
                cell.set_cdr(cx, reversed);
                reversed = cell.into();
            }
            if rest.is_nil() { Ok(reversed) } else { Err(wrong_type(sym::LISTP, seq, cx)) }
        }
        Kind::Vector(v) => {
            for (i, j) in (0..v.len() / 2).zip((0..v.len()).rev()) {
                let (a, b) = (v.get(i).unwrap_or(NIL), v.get(j).unwrap_or(NIL));
                v.set(i, b, cx);
                v.set(j, a, cx);
            }
            Ok(seq)
        }
        Kind::BoolVector(v) => {
            for (i, j) in (0..v.len() / 2).zip((0..v.len()).rev()) {
                let (a, b) = (v.get(i).unwrap_or(false), v.get(j).unwrap_or(false));
                v.set(i, b);
                v.set(j, a);
            }
            Ok(seq)
        }
        Kind::String(s) if s.chars() == 0 => Ok(seq),
        _ => reverse_array(seq, cx),
    }
}

/// Return a copy of ARG, a sequence or record, whose elements are not copied.
#[defun]
fn copy_sequence<'ob>(arg: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    const WORD: usize = size_of::<Object<'static>>();
    match arg.untag() {
        Kind::Cons(_) => Ok(cx.list(&elements(arg, cx)?)),
        Kind::String(s) if s.chars() == 0 => Ok(arg),
        Kind::String(s) => {
            cx.reserve(s.len_bytes())?;
            let copy = cx.string(s.bytes(), s.chars(), s.is_multibyte());
            textprop::copy(s, 0..s.chars(), copy, 0, cx);
            Ok(copy.into())
        }
        Kind::Vector(v) => {
            cx.reserve(v.len() * WORD)?;
            Ok(cx.vector(&v.iter().collect::<Vec<_>>()).into())
        }
        Kind::Record(r) => {
            cx.reserve(r.len() * WORD)?;
            Ok(cx.record(&r.iter().collect::<Vec<_>>()).into())
        }
        Kind::BoolVector(v) => {
            cx.reserve(v.len() / 8)?;
            let copy = cx.bool_vector(v.len());
            copy.words().iter().zip(v.words()).for_each(|(to, from)| to.set(from.get()));
            Ok(copy.into())
        }
        Kind::CharTable(table) => Ok(chartab::copy(table, cx).into()),
        _ if arg.is_nil() => Ok(arg),
        _ => Err(wrong_type(sym::SEQUENCEP, arg, cx)),
    }
}

/// Store ITEM into every element of ARRAY, and return it.
#[defun]
fn fillarray<'ob>(array: Object<'ob>, item: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    match array.untag() {
        Kind::Vector(v) => (0..v.len()).for_each(|i| _ = v.set(i, item, cx)),
        Kind::BoolVector(v) => (0..v.len()).for_each(|i| _ = v.set(i, !item.is_nil())),
        Kind::CharTable(table) => chartab::fill(table, item, cx),
        Kind::String(s) => {
            let c = character_arg(item, cx)?;
            if s.is_multibyte() {
                let mut one = Vec::new();
                character::push_char(&mut one, c);
                if one.len() * s.chars() != s.len_bytes() {
                    return Err(error("Attempt to change byte length of a string", cx));
                }
                s.replace_bytes(&one.repeat(s.chars()), s.chars(), true, cx);
            } else {
                s.replace_bytes(&vec![c as u8; s.chars()], s.chars(), false, cx);
            }
        }
        _ => return Err(wrong_type(sym::ARRAYP, array, cx)),
    }
    Ok(array)
}

/// A vector or string without what is `equal` to `elt`; the same one if there is none.
pub(super) fn delete_from_array<'ob>(elt: Object<'ob>, array: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let mut kept = Vec::new();
    for element in elements(array, cx)? {
        if !is_equal(elt, element, cx)? {
            kept.push(element);
        }
    }
    if kept.len() == length_of(array, cx)? {
        return Ok(array);
    }
    match array.as_string() {
        None => Ok(cx.vector(&kept).into()),
        Some(s) => {
            let chars = kept.iter().filter_map(|o| o.as_fixnum()).map(|c| c as u32);
            Ok(string_like(s, chars, cx).into())
        }
    }
}

/// The primitives of this file.
pub(crate) const SUBRS: &[SubrInfo] = &subrs![
    length,
    length_less,
    length_greater,
    length_equal,
    elt,
    append,
    vconcat,
    reverse,
    nreverse,
    copy_sequence,
    fillarray,
];
