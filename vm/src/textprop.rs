//! Text properties of strings (`textprop.c`, `intervals.c`).
//!
//! A string's intervals are a list of `(FROM TO . PLIST)`, sorted, without overlaps, without empty property lists, and
//! with neighbours of equal (`eq`) properties joined.

mod primitives;

pub use primitives::SUBRS;

use crate::error::{args_out_of_range, wrong_type};
use crate::sym;
use crate::tails::tails;
use std::ops::Range;
use tenure_gc::{Context, Kind, NIL, Object, Str, Throw};

/// A stretch of text with the same properties.
#[derive(Clone, Copy, PartialEq)]
pub struct Interval<'ob> {
    /// Its first character.
    pub from: usize,
    /// The character behind its last.
    pub to: usize,
    /// Properties and values, alternating.
    pub plist: Object<'ob>,
}

/// The intervals of a string that have properties.
pub fn intervals<'ob>(string: Str<'ob>) -> Vec<Interval<'ob>> {
    let mut found = Vec::new();
    let mut rest = string.intervals();
    while let Kind::Cons(c) = rest.untag() {
        if let Some((from, to, plist)) = parts(c.car()) {
            found.push(Interval { from, to, plist });
        }
        rest = c.cdr();
    }
    found
}

fn parts(entry: Object<'_>) -> Option<(usize, usize, Object<'_>)> {
    let (head, tail) = (entry.as_cons()?, entry.as_cons()?.cdr().as_cons()?);
    let index = |o: Object<'_>| o.as_fixnum().and_then(|n| usize::try_from(n).ok());
    Some((index(head.car())?, index(tail.car())?, tail.cdr()))
}

/// Make the intervals of a string.
pub fn set_intervals(string: Str<'_>, intervals: &[Interval<'_>], cx: &Context) {
    let mut joined: Vec<Interval<'_>> = Vec::new();
    for &next in intervals.iter().filter(|i| i.from < i.to && !i.plist.is_nil()) {
        match joined.last_mut() {
            Some(last) if last.to == next.from && same_properties(last.plist, next.plist) => last.to = next.to,
            _ => joined.push(next),
        }
    }
    let list = joined.iter().rev().fold(NIL, |list, i| {
        let range = cx.cons(Object::fixnum(i.to as i64), i.plist);
        cx.cons(cx.cons(Object::fixnum(i.from as i64), range.into()).into(), list).into()
    });
    string.set_intervals(list, cx);
}

/// The properties of a list, in pairs.
pub fn properties<'ob>(plist: Object<'ob>) -> Vec<(Object<'ob>, Object<'ob>)> {
    let mut found = Vec::new();
    let mut cells = tails(plist);
    while let (Some(key), Some(value)) = (cells.next(), cells.next()) {
        found.push((key.car(), value.car()));
    }
    found
}

/// Whether two lists give the same properties the same values, in any order (`intervals_equal`).
pub fn same_properties(a: Object<'_>, b: Object<'_>) -> bool {
    if a == b {
        return true;
    }
    let (a, b) = (properties(a), properties(b));
    a.len() == b.len() && a.iter().all(|(key, value)| b.iter().any(|(k, v)| k == key && v == value))
}

/// A fixnum, or where a marker is, which here is nowhere.
pub(crate) fn position_number<'ob>(position: Object<'ob>, cx: &'ob Context) -> Result<i64, Throw> {
    match position.untag() {
        Kind::Fixnum(n) => Ok(n),
        Kind::Marker(_) => Err(crate::error::error("Marker does not point anywhere", cx)),
        _ => Err(wrong_type(sym::INTEGER_OR_MARKER_P, position, cx)),
    }
}

/// A range of a string from two positions in either order, or `args-out-of-range`.
pub fn range<'ob>(
    start: Object<'ob>,
    end: Object<'ob>,
    string: Str<'ob>,
    cx: &'ob Context,
) -> Result<Range<usize>, Throw> {
    let index = |o: Object<'ob>| position_number(o, cx);
    let (a, b) = (index(start)?, index(end)?);
    let (from, to) = (a.min(b), a.max(b));
    if from == to {
        // An empty range is not looked at, wherever it is.
        return Ok(0..0);
    }
    if from < 0 || to > string.chars() as i64 {
        return Err(args_out_of_range(start, end, cx));
    }
    Ok(from as usize..to as usize)
}

/// Replace the properties of a range.
pub fn set<'ob>(string: Str<'ob>, range: Range<usize>, plist: Object<'ob>, cx: &'ob Context) {
    map(string, range, cx, |_| plist);
}

/// Change the property list of every stretch of a range; stretches without properties have nil.
pub fn map<'ob>(
    string: Str<'ob>,
    range: Range<usize>,
    cx: &'ob Context,
    mut change: impl FnMut(Object<'ob>) -> Object<'ob>,
) {
    if range.is_empty() {
        return;
    }
    let mut out = Vec::new();
    let mut at = range.start;
    let old = intervals(string);
    for i in &old {
        if i.to <= range.start || i.from >= range.end {
            continue;
        }
        let (from, to) = (i.from.max(range.start), i.to.min(range.end));
        out.push(Interval { from: at, to: from, plist: NIL });
        out.push(Interval { from, to, plist: i.plist });
        at = to;
    }
    out.push(Interval { from: at, to: range.end, plist: NIL });
    out.retain(|i| i.from < i.to);
    out.iter_mut().for_each(|i| i.plist = change(i.plist));
    for i in old {
        if i.from < range.start {
            out.push(Interval { to: i.to.min(range.start), ..i });
        }
        if i.to > range.end {
            out.push(Interval { from: i.from.max(range.end), ..i });
        }
    }
    out.sort_by_key(|i| i.from);
    set_intervals(string, &out, cx);
}

/// The property list at a character.
pub fn at<'ob>(string: Str<'ob>, index: usize) -> Object<'ob> {
    intervals(string).into_iter().find(|i| (i.from..i.to).contains(&index)).map_or(NIL, |i| i.plist)
}

/// Copy the properties of `range` of one string to another, from character `to` on.
pub fn copy(from: Str<'_>, range: Range<usize>, to: Str<'_>, offset: usize, cx: &Context) {
    if from.intervals().is_nil() {
        return;
    }
    let mut all = intervals(to);
    for i in intervals(from) {
        let (start, end) = (i.from.max(range.start), i.to.min(range.end));
        if start < end {
            let plist = copy_list(i.plist, cx);
            all.push(Interval { from: offset + start - range.start, to: offset + end - range.start, plist });
        }
    }
    all.sort_by_key(|i| i.from);
    set_intervals(to, &all, cx);
}

/// A copy in which the properties are in the other order: Emacs adds them one by one, each in front.
fn copy_list<'ob>(list: Object<'ob>, cx: &'ob Context) -> Object<'ob> {
    let flat: Vec<Object<'ob>> = properties(list).into_iter().rev().flat_map(|(key, value)| [key, value]).collect();
    cx.list(&flat)
}

/// Replace one property in a list; the list itself is left as it is.
fn put<'ob>(plist: Object<'ob>, key: Object<'ob>, value: Object<'ob>, cx: &'ob Context) -> Object<'ob> {
    let mut pairs = properties(plist);
    match pairs.iter_mut().find(|(k, _)| *k == key) {
        Some(pair) => pair.1 = value,
        None => pairs.insert(0, (key, value)),
    }
    let flat: Vec<Object<'ob>> = pairs.into_iter().flat_map(|(key, value)| [key, value]).collect();
    cx.list(&flat)
}

/// A list without some properties.
fn without<'ob>(plist: Object<'ob>, cx: &'ob Context, mut unwanted: impl FnMut(Object<'ob>) -> bool) -> Object<'ob> {
    let pairs = properties(plist);
    if !pairs.iter().any(|&(key, _)| unwanted(key)) {
        return plist;
    }
    let kept = pairs.into_iter().filter(|&(key, _)| !unwanted(key));
    let flat: Vec<Object<'ob>> = kept.flat_map(|(key, value)| [key, value]).collect();
    cx.list(&flat)
}

/// The value of a property in a list, nil if it has none.
pub fn value<'ob>(plist: Object<'ob>, property: Object<'ob>) -> Object<'ob> {
    properties(plist).into_iter().find(|(key, _)| *key == property).map_or(NIL, |(_, value)| value)
}

/// Add the properties of `plist` to a range.
pub fn add<'ob>(string: Str<'ob>, range: Range<usize>, plist: Object<'ob>, cx: &'ob Context) {
    map(string, range, cx, |old| {
        properties(plist).into_iter().fold(old, |list, (key, value)| put(list, key, value, cx))
    });
}
