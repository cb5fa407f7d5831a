//! Text properties of strings (`textprop.c`, `intervals.c`).
//!
//! A string has none, or a list of `(FROM TO . PLIST)` that covers it, sorted and without gaps; stretches without
//! properties have an empty list.  Neighbours of equal properties stay apart unless one call made them: where stretches
//! begin and end shows when a string is printed, so they are split and joined where Emacs does that.

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
    let mut all = all_intervals(string);
    all.retain(|i| !i.plist.is_nil());
    all
}

/// The intervals of a string: none, or such as cover it.
pub fn all_intervals<'ob>(string: Str<'ob>) -> Vec<Interval<'ob>> {
    tails(string.intervals())
        .filter_map(|cell| parts(cell.car()))
        .map(|(from, to, plist)| Interval { from, to, plist })
        .collect()
}

fn parts(entry: Object<'_>) -> Option<(usize, usize, Object<'_>)> {
    let (head, tail) = (entry.as_cons()?, entry.as_cons()?.cdr().as_cons()?);
    let index = |o: Object<'_>| o.as_fixnum().and_then(|n| usize::try_from(n).ok());
    Some((index(head.car())?, index(tail.car())?, tail.cdr()))
}

/// Make the intervals of a string, which must cover it, or be none.
fn set_intervals(string: Str<'_>, intervals: &[Interval<'_>], cx: &Context) {
    let list = intervals.iter().rev().fold(NIL, |list, i| {
        let range = cx.cons(Object::fixnum(i.to as i64), i.plist);
        cx.cons(cx.cons(Object::fixnum(i.from as i64), range.into()).into(), list).into()
    });
    string.set_intervals(list, cx);
}

/// What a change does to the property list of a stretch: nothing, or the new list.
type Change<'a, 'ob> = &'a mut dyn FnMut(Object<'ob>) -> Option<Object<'ob>>;

/// Split the interval at index `i` before character `at`.
fn split(all: &mut Vec<Interval<'_>>, i: usize, at: usize) {
    let left = Interval { to: at, ..all[i] };
    all[i].from = at;
    all.insert(i, left);
}

/// Change the property lists of a range, each stretch by itself (`add_text_properties_1`); tells whether any changed.
///
/// A stretch that has nothing to change is not split.
pub fn change<'ob>(string: Str<'ob>, range: Range<usize>, cx: &'ob Context, change: Change<'_, 'ob>) -> bool {
    if range.is_empty() {
        return false;
    }
    let mut all = all_intervals(string);
    if all.is_empty() {
        all.push(Interval { from: 0, to: string.chars(), plist: NIL });
    }
    let mut i = all.iter().position(|i| range.start < i.to).unwrap_or(0);
    let mut modified = false;
    while i < all.len() && all[i].from < range.end {
        if let Some(plist) = change(all[i].plist) {
            if all[i].from < range.start {
                split(&mut all, i, range.start);
                i += 1;
            }
            if all[i].to > range.end {
                split(&mut all, i, range.end);
            }
            all[i].plist = plist;
            modified = true;
        }
        i += 1;
    }
    if modified {
        set_intervals(string, &all, cx);
    }
    modified
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

/// A fixnum, an integer cut to one, or where a marker is, which here is nowhere.
pub fn position_number<'ob>(position: Object<'ob>, cx: &'ob Context) -> Result<i64, Throw> {
    match position.untag() {
        Kind::Fixnum(n) => Ok(n),
        Kind::Bignum(n) if n.is_negative() => Ok(tenure_gc::MOST_NEGATIVE_FIXNUM),
        Kind::Bignum(_) => Ok(tenure_gc::MOST_POSITIVE_FIXNUM),
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
        return Err(args_out_of_range(Object::fixnum(a), Object::fixnum(b), cx));
    }
    Ok(from as usize..to as usize)
}

/// Give a range the properties of a list and no others, as one stretch (`set_text_properties_1`).
pub fn set<'ob>(string: Str<'ob>, range: Range<usize>, plist: Object<'ob>, cx: &'ob Context) {
    if range.is_empty() {
        return;
    }
    let mut all = all_intervals(string);
    if all.is_empty() {
        all.push(Interval { from: 0, to: string.chars(), plist: NIL });
    }
    let behind = all.iter().filter(|i| i.to > range.end).map(|&i| Interval { from: i.from.max(range.end), ..i });
    let behind: Vec<Interval<'ob>> = behind.collect();
    all.retain_mut(|i| {
        i.to = i.to.min(range.start);
        i.from < i.to
    });
    all.push(Interval { from: range.start, to: range.end, plist: copy_list(copy_list(plist, cx), cx) });
    all.extend(behind);
    set_intervals(string, &all, cx);
}

/// The property list at a character.
pub fn at<'ob>(string: Str<'ob>, index: usize) -> Object<'ob> {
    all_intervals(string).into_iter().find(|i| (i.from..i.to).contains(&index)).map_or(NIL, |i| i.plist)
}

/// Copy the properties of `range` of one string to another, from character `to` on (`copy_text_properties`).
pub fn copy(from: Str<'_>, range: Range<usize>, to: Str<'_>, offset: usize, cx: &Context) {
    if from.intervals().is_nil() {
        return;
    }
    let inside = intervals(from).into_iter().filter_map(|i| {
        let (start, end) = (i.from.max(range.start), i.to.min(range.end));
        (start < end).then(|| Interval { from: offset + start - range.start, to: offset + end - range.start, ..i })
    });
    add_each(to, &inside.collect::<Vec<_>>(), cx);
}

/// Add the properties of stretches, which are sorted and do not overlap, to a string.
pub fn add_each<'ob>(string: Str<'ob>, stretches: &[Interval<'ob>], cx: &'ob Context) {
    if !string.intervals().is_nil() {
        for i in stretches {
            add(string, i.from..i.to, i.plist, cx);
        }
        return;
    }
    let Some(last) = stretches.last() else { return };
    let mut all = Vec::with_capacity(2 * stretches.len() + 1);
    let mut from = 0;
    for i in stretches {
        if from < i.from {
            all.push(Interval { from, to: i.from, plist: NIL });
        }
        all.push(Interval { plist: copy_list(i.plist, cx), ..*i });
        from = i.to;
    }
    if last.to < string.chars() {
        all.push(Interval { from: last.to, to: string.chars(), plist: NIL });
    }
    set_intervals(string, &all, cx);
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

/// The value of a property in a property list, nil if it has none.
fn listed<'ob>(plist: Object<'ob>, property: Object<'ob>) -> Option<Object<'ob>> {
    properties(plist).into_iter().find(|(key, _)| *key == property).map(|(_, value)| value)
}

/// The value of a property where the property list is `plist` (`textget`): from the list, from the symbol that is the
/// `category`, from another name by `char-property-alias-alist`, or from `default-text-properties`.
pub fn value<'ob>(plist: Object<'ob>, property: Object<'ob>, cx: &'ob Context) -> Object<'ob> {
    if let Some(found) = listed(plist, property) {
        return found;
    }
    let of_category = || {
        let category = properties(plist)
            .into_iter()
            .rev()
            .find_map(|(key, value)| (key == sym::CATEGORY).then_some(value).and_then(Object::as_symbol));
        category.and_then(|symbol| listed(symbol.plist(cx), property)).filter(|value| !value.is_nil())
    };
    let alias = || {
        let aliases = crate::lread::setting(sym::CHAR_PROPERTY_ALIAS_ALIST, cx);
        let names = tails(aliases).filter_map(|cell| cell.car().as_cons()).find(|entry| entry.car() == property)?;
        tails(names.cdr()).find_map(|cell| listed(plist, cell.car()).filter(|value| !value.is_nil()))
    };
    let default = || listed(crate::lread::setting(sym::DEFAULT_TEXT_PROPERTIES, cx), property);
    of_category().or_else(alias).or_else(default).unwrap_or(NIL)
}

/// Whether a list has all properties of another, with the same values.
fn has_all(plist: Object<'_>, wanted: &[(Object<'_>, Object<'_>)]) -> bool {
    wanted.iter().all(|(key, value)| listed(plist, *key) == Some(*value))
}

/// Add the properties of `plist` to a range; tells whether that changed anything.
pub fn add<'ob>(string: Str<'ob>, range: Range<usize>, plist: Object<'ob>, cx: &'ob Context) -> bool {
    let pairs = properties(plist);
    change(string, range, cx, &mut |old| {
        let added = || pairs.iter().fold(old, |list, &(key, value)| put(list, key, value, cx));
        (!has_all(old, &pairs)).then(added)
    })
}
