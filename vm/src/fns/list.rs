//! Lists: walking, searching, joining and changing them.
//!
//! Walks that meet a circle signal `circular-list`, those that meet a bad end `wrong-type-argument` with Emacs's datum.

use super::equal::{is_eql, is_equal};
use super::{check_end, sequence};
use crate::error::{signal, wrong_type};
use crate::number::bignum_value;
use crate::tails::tails;
use crate::{funcall, sym};
use num_bigint::BigInt;
use num_traits::ToPrimitive;
use tenure_gc::{CallResult, Cons, Context, Kind, LispResult, NIL, Object, Root, Slots, SubrInfo, Throw};
use tenure_macros::{defun, subrs};

/// Return the argument.
#[defun]
fn identity(argument: Object<'_>) -> Object<'_> {
    argument
}

/// Return how many conses LIST has, whatever it is; of a circular list some number that is no less.
#[defun]
pub fn safe_length(list: Object<'_>) -> i64 {
    tails(list).count() as i64
}

/// Return the length of OBJECT if it is a proper list, else nil.
#[defun]
fn proper_list_p(object: Object<'_>, cx: &Context) -> Option<usize> {
    let _ = cx;
    let mut walk = tails(object);
    let length = walk.by_ref().count();
    walk.end().is_nil().then_some(length)
}

/// Up to here it is not worth while to look for a circle.
const FEW: i64 = 127;

/// The tail of a list behind its first `n` conses.
#[inline]
fn nth_tail<'ob>(n: Object<'ob>, list: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let mut rest = list;
    match n.as_fixnum() {
        Some(n @ ..=FEW) => {
            for _ in 0..n {
                match rest.as_cons() {
                    Some(cell) => rest = cell.cdr(),
                    None if rest.is_nil() => return Ok(NIL),
                    None => return Err(wrong_type(sym::LISTP, list, cx)),
                }
            }
            Ok(rest)
        }
        _ => far_tail(n, list, cx),
    }
}

fn far_tail<'ob>(n: Object<'ob>, list: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let count = match n.untag() {
        Kind::Fixnum(n) => n.max(0) as usize,
        Kind::Bignum(n) if n.is_negative() => 0,
        Kind::Bignum(_) => usize::MAX,
        _ => return Err(wrong_type(sym::INTEGERP, n, cx)),
    };
    let mut walk = tails(list);
    let taken = walk.by_ref().take(count).count();
    if taken == count || walk.end().is_nil() {
        return Ok(walk.end());
    }
    if !walk.is_circular() {
        return Err(wrong_type(sym::LISTP, list, cx));
    }
    // The walk stands on the circle: the rest of the way is shorter by whole rounds.
    let start = walk.end();
    let next = |o: Object<'ob>| o.as_cons().map_or(NIL, |c| c.cdr());
    let mut period = 1;
    let mut at = next(start);
    while at != start {
        at = next(at);
        period += 1;
    }
    let left = match n.untag() {
        Kind::Bignum(n) => {
            let left: BigInt = (bignum_value(n) - taken) % period;
            left.to_usize().unwrap_or(0)
        }
        _ => (count - taken) % period,
    };
    Ok((0..left).fold(start, |at, _| next(at)))
}

/// Return the tail of LIST behind its first N elements.
#[defun]
pub fn nthcdr<'ob>(n: Object<'ob>, list: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    nth_tail(n, list, cx)
}

/// Return element N of LIST, nil beyond its end.
#[defun]
pub fn nth<'ob>(n: Object<'ob>, list: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let tail = nth_tail(n, list, cx)?;
    match tail.as_cons() {
        Some(cell) => Ok(cell.car()),
        None if tail.is_nil() => Ok(NIL),
        None => Err(wrong_type(sym::LISTP, tail, cx)),
    }
}

/// `nth` as byte code does it: what a list ends in is the datum of the error, not the list.
#[inline(always)]
pub(crate) fn nth_in_code<'ob>(n: Object<'ob>, list: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    match n.as_fixnum() {
        Some(count @ 0..=FEW) => {
            let mut rest = list;
            for _ in 0..count {
                let Some(cell) = rest.as_cons() else { break };
                rest = cell.cdr();
            }
            crate::data::car(rest, cx)
        }
        _ => nth(n, list, cx),
    }
}

/// The first cons of a list that `same` accepts, or nil.
#[inline(always)]
fn find_tail<'ob>(
    list: Object<'ob>,
    mut same: impl FnMut(Cons<'ob>) -> Result<bool, Throw>,
    cx: &'ob Context,
) -> Result<Option<Cons<'ob>>, Throw> {
    /// So many are looked at without a look for a circle (`assq` of the tenth: a third less time).
    const NEAR: usize = 30;
    let mut rest = list;
    for _ in 0..NEAR {
        let Some(cell) = rest.as_cons() else { break };
        if same(cell)? {
            return Ok(Some(cell));
        }
        rest = cell.cdr();
    }
    let mut walk = tails(list);
    let seen = walk.by_ref().take(NEAR).count();
    if seen == NEAR {
        for cell in walk.by_ref() {
            if same(cell)? {
                return Ok(Some(cell));
            }
        }
    }
    check_end(&walk, list, cx)?;
    Ok(None)
}

/// Return the tail of LIST that begins with ELT, compared by `eq`.
#[defun]
pub fn memq<'ob>(elt: Object<'ob>, list: Object<'ob>, cx: &'ob Context) -> Result<Option<Cons<'ob>>, Throw> {
    find_tail(list, |cell| Ok(cell.car() == elt), cx)
}

/// Return the tail of LIST that begins with ELT, compared by `eql`.
#[defun]
fn memql<'ob>(elt: Object<'ob>, list: Object<'ob>, cx: &'ob Context) -> Result<Option<Cons<'ob>>, Throw> {
    find_tail(list, |cell| Ok(is_eql(cell.car(), elt)), cx)
}

/// Return the tail of LIST that begins with ELT, compared by `equal`.
#[defun]
pub fn member<'ob>(elt: Object<'ob>, list: Object<'ob>, cx: &'ob Context) -> Result<Option<Cons<'ob>>, Throw> {
    find_tail(list, |cell| is_equal(elt, cell.car(), cx), cx)
}

/// The first element of a list that is a cons and that `same` accepts, or nil.
#[inline(always)]
fn find_pair<'ob>(
    alist: Object<'ob>,
    same: impl Fn(Cons<'ob>) -> Result<bool, Throw>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    let found = find_tail(alist, |cell| cell.car().as_cons().map_or(Ok(false), &same), cx)?;
    Ok(found.map_or(NIL, |cell| cell.car()))
}

/// Return the first pair of ALIST whose car is KEY, compared by `eq`.
#[defun]
pub fn assq<'ob>(key: Object<'ob>, alist: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    find_pair(alist, |pair| Ok(pair.car() == key), cx)
}

/// Return the first pair of ALIST whose cdr is KEY, compared by `eq`.
#[defun]
fn rassq<'ob>(key: Object<'ob>, alist: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    find_pair(alist, |pair| Ok(pair.cdr() == key), cx)
}

/// Return the first pair of ALIST whose cdr is KEY, compared by `equal`.
#[defun]
fn rassoc<'ob>(key: Object<'ob>, alist: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    find_pair(alist, |pair| is_equal(pair.cdr(), key, cx), cx)
}

/// Return the first pair of ALIST whose car is KEY, compared by TESTFN or by `equal`.
#[defun]
fn assoc(key: Root<'_>, alist: Root<'_>, testfn: Option<Root<'_>>, cx: &mut Context) -> CallResult {
    match testfn {
        Some(testfn) => assoc_by(key, alist, testfn, cx),
        None => {
            let key = key.get(cx);
            let pair = find_pair(alist.get(cx), |pair| is_equal(pair.car(), key, cx), cx)?;
            Ok(cx.ret(pair))
        }
    }
}

/// The walk of [`tails`], with its state in roots since the test may collect.
fn assoc_by(key: Root<'_>, alist: Root<'_>, testfn: Root<'_>, cx: &mut Context) -> CallResult {
    let scope = cx.scope();
    let (rest, tortoise) = (scope.root(alist.get(cx)), scope.root(alist.get(cx)));
    let found = scope.root(NIL);
    let (mut left, mut period) = (2usize, 2usize);
    while let Some(cell) = rest.get(cx).as_cons() {
        if let Some(pair) = cell.car().as_cons() {
            found.set(cx, pair.into());
            let same = funcall!(cx, testfn.get(cx), pair.car(), key.get(cx))?.get(cx);
            if !same.is_nil() {
                return Ok(cx.ret(found.get(cx)));
            }
        }
        let tail = rest.get(cx).as_cons().map_or(NIL, |cell| cell.cdr());
        rest.set(cx, tail);
        left -= 1;
        if left == 0 {
            tortoise.set(cx, tail);
            period = period.saturating_mul(2);
            left = period;
        } else if tail == tortoise.get(cx) && !tail.is_nil() {
            return Err(signal(sym::CIRCULAR_LIST, &[tail], cx));
        }
    }
    if rest.get(cx).is_nil() { Ok(cx.ret(NIL)) } else { Err(wrong_type(sym::LISTP, alist.get(cx), cx)) }
}

/// Take the conses whose car `drop` accepts out of a list.
#[inline(always)]
fn delete_from<'ob>(
    list: Object<'ob>,
    drop: impl Fn(Object<'ob>) -> Result<bool, Throw>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    let mut list = list;
    let mut kept: Option<Cons<'ob>> = None;
    let mut walk = tails(list);
    for cell in walk.by_ref() {
        if !drop(cell.car())? {
            kept = Some(cell);
        } else if let Some(kept) = kept {
            kept.set_cdr(cx, cell.cdr());
        } else {
            list = cell.cdr();
        }
    }
    check_end(&walk, list, cx)?;
    Ok(list)
}

/// Remove what is `eq` to ELT from LIST, which is changed; return the rest.
#[defun]
fn delq<'ob>(elt: Object<'ob>, list: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    delete_from(list, |o| Ok(o == elt), cx)
}

/// Remove what is `equal` to ELT from SEQ.
/// A list is changed; of a vector or string a copy is returned, unless nothing is to be removed.
#[defun]
fn delete<'ob>(elt: Object<'ob>, seq: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    match seq.untag() {
        Kind::Vector(_) | Kind::String(_) => sequence::delete_from_array(elt, seq, cx),
        _ => delete_from(seq, |o| is_equal(elt, o, cx), cx),
    }
}

/// Joins lists by changing their ends, one after the other.
#[derive(Default)]
pub(crate) struct Joiner<'ob> {
    first: Object<'ob>,
    last: Option<Cons<'ob>>,
}

impl<'ob> Joiner<'ob> {
    /// Join one more list; the last of all may be anything.
    pub(crate) fn join(&mut self, list: Object<'ob>, is_last: bool, cx: &'ob Context) -> Result<(), Throw> {
        match self.last {
            Some(last) => last.set_cdr(cx, list),
            None => self.first = list,
        }
        if list.is_nil() || is_last {
            return Ok(());
        }
        let mut walk = tails(list);
        match walk.by_ref().last() {
            None => Err(wrong_type(sym::CONSP, list, cx)),
            Some(_) if walk.is_circular() => Err(signal(sym::CIRCULAR_LIST, &[walk.end()], cx)),
            last => {
                self.last = last;
                Ok(())
            }
        }
    }

    /// The joined list.
    pub(crate) fn list(&self) -> Object<'ob> {
        self.first
    }
}

/// Join LISTS by changing the last cdr of each; the last argument may be anything.
#[defun]
fn nconc<'ob>(lists: Slots<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let mut joiner = Joiner::default();
    for (i, list) in lists.iter().enumerate() {
        joiner.join(list, i + 1 == lists.len(), cx)?;
    }
    Ok(joiner.list())
}

/// Return a list like ALIST whose pairs are copied.
#[defun]
fn copy_alist<'ob>(alist: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let mut elements = sequence::elements(alist, cx)?;
    for element in &mut elements {
        if let Some(pair) = element.as_cons() {
            *element = cx.cons(pair.car(), pair.cdr()).into();
        }
    }
    Ok(cx.list(&elements))
}

/// The primitives of this file.
pub(crate) const SUBRS: &[SubrInfo] = &subrs![
    identity,
    safe_length,
    proper_list_p,
    nthcdr,
    nth,
    memq,
    memql,
    member,
    assq,
    rassq,
    rassoc,
    assoc,
    delq,
    delete,
    nconc,
    copy_alist,
];
