//! `sort`: a stable merge sort of lists and vectors.
//!
//! What is sorted are numbers of elements; the elements stay where they were noted at the start, in roots if the
//! predicate may collect.  So whatever the predicate does, be it changing the sequence, signalling or contradicting
//! itself, the result is an arrangement of the elements that there were.
//! A predicate that is a primitive that cannot collect, such as `<`, is called without any of Lisp's calling.

use crate::error::wrong_type;
use crate::eval::{indirect_function, list_length};
use crate::tails::tails;
use crate::{funcall, sym};
use tenure_gc::{CallResult, Context, Kind, MaxArgs, NIL, Object, Root, Subr, SubrInfo, Throw};
use tenure_macros::{defun, subrs};

/// Sort SEQ, a list or vector, by PREDICATE, which says whether its first argument goes before its second.
/// SEQ is changed: a vector is sorted in place, a list by linking its conses anew; the sorted sequence is returned.
#[defun]
fn sort(seq: Root<'_>, predicate: Root<'_>, cx: &mut Context) -> CallResult {
    let length = match seq.get(cx).untag() {
        Kind::Cons(_) => list_length(seq.get(cx), cx)?,
        Kind::Vector(v) => v.len(),
        _ if seq.get(cx).is_nil() => 0,
        _ => return Err(wrong_type(sym::LIST_OR_VECTOR_P, seq.get(cx), cx)),
    };
    if length < 2 {
        return Ok(cx.ret(seq.get(cx)));
    }
    let is_list = seq.get(cx).as_cons().is_some();
    let mut order: Vec<usize> = (0..length).collect();
    if let Some(subr) = pure_predicate(predicate.get(cx), cx) {
        let cx: &Context = cx;
        let items = items(seq.get(cx));
        let keys: Vec<Object<'_>> = items.iter().map(|item| key(*item, is_list)).collect();
        merge_sort(&mut order, is_list, &mut |i, j| call_pure(subr, keys[i], keys[j], cx))?;
        let sorted = rearrange(seq.get(cx), order.iter().map(|&i| items[i]), cx);
        return Ok(cx.ret(sorted));
    }
    let roots = cx.root_vec();
    items(seq.get(cx)).into_iter().for_each(|item| _ = roots.push(cx, item));
    merge_sort(&mut order, is_list, &mut |i, j| {
        let (a, b) = (key(roots.get(cx, i), is_list), key(roots.get(cx, j), is_list));
        let less = funcall!(cx, predicate.get(cx), a, b)?.get(cx);
        Ok(!less.is_nil())
    })?;
    let sorted = rearrange(seq.get(cx), order.iter().map(|&i| roots.get(cx, i)), cx);
    Ok(cx.ret(sorted))
}

/// What is arranged: the conses of a list, the elements of a vector.
pub(crate) fn items<'ob>(seq: Object<'ob>) -> Vec<Object<'ob>> {
    match seq.untag() {
        Kind::Vector(v) => v.iter().collect(),
        _ => tails(seq).map(Object::from).collect(),
    }
}

/// What the predicate compares of an item.
#[inline(always)]
pub(crate) fn key(item: Object<'_>, is_list: bool) -> Object<'_> {
    match item.as_cons() {
        Some(cell) if is_list => cell.car(),
        _ => item,
    }
}

/// Give a sequence its items in another order.
pub(crate) fn rearrange<'ob>(
    seq: Object<'ob>,
    mut items: impl Iterator<Item = Object<'ob>>,
    cx: &'ob Context,
) -> Object<'ob> {
    if let Some(v) = seq.as_vector() {
        items.enumerate().for_each(|(i, item)| _ = v.set(i, item, cx));
        return seq;
    }
    let first = items.next().unwrap_or(NIL);
    let last = items.fold(first, |last, item| {
        if let Some(last) = last.as_cons() {
            last.set_cdr(cx, item);
        }
        item
    });
    if let Some(last) = last.as_cons() {
        last.set_cdr(cx, NIL);
    }
    first
}

/// The primitive behind a predicate, if it cannot collect and takes two arguments.
fn pure_predicate(predicate: Object<'_>, cx: &Context) -> Option<Subr> {
    let function = match predicate.as_symbol() {
        Some(symbol) => {
            // A predicate that leads nowhere gets its error from the call.
            let function = symbol.function(cx);
            function.as_symbol().map_or(Some(function), |next| indirect_function(next, cx).ok())?
        }
        None => predicate,
    };
    let info = function.as_subr()?.info(cx);
    match info.function {
        Subr::Pure2(_) if info.min <= 2 => Some(info.function),
        Subr::PureMany(_) if info.min <= 2 && info.max == MaxArgs::Many => Some(info.function),
        _ => None,
    }
}

#[inline(always)]
fn call_pure(subr: Subr, a: Object<'_>, b: Object<'_>, cx: &Context) -> Result<bool, Throw> {
    match subr {
        Subr::Pure2(f) => Ok(!f(a, b, cx)?.is_nil()),
        Subr::PureMany(f) => {
            let base = cx.stack_len();
            cx.push(a);
            cx.push(b);
            let result = f(cx.window(base, 2).slots(cx), cx).map(|v| !v.is_nil());
            cx.truncate_stack(base);
            result
        }
        _ => Ok(false),
    }
}

/// Sort numbers by a predicate on them, stably: halves are sorted, then merged, and the later half's element goes first
/// only if the predicate says so, in the order of calls that Emacs has: of a list the back half is sorted first.
fn merge_sort(
    order: &mut [usize],
    back_first: bool,
    less: &mut impl FnMut(usize, usize) -> Result<bool, Throw>,
) -> Result<(), Throw> {
    if order.len() < 2 {
        return Ok(());
    }
    // The recursion halves, so it is as deep as the length has bits.
    let (front, back) = order.split_at_mut(order.len() / 2);
    let (first, second) = if back_first { (back, &mut *front) } else { (&mut *front, back) };
    merge_sort(first, back_first, less)?;
    merge_sort(second, back_first, less)?;
    let front: Vec<usize> = front.to_vec();
    let (mut i, mut j, mut to) = (0, front.len(), 0);
    while i < front.len() && j < order.len() {
        if less(order[j], front[i])? {
            order[to] = order[j];
            j += 1;
        } else {
            order[to] = front[i];
            i += 1;
        }
        to += 1;
    }
    order[to..to + front.len() - i].copy_from_slice(&front[i..]);
    Ok(())
}

/// The primitives of this file.
pub(crate) const SUBRS: &[SubrInfo] = &subrs![sort];
