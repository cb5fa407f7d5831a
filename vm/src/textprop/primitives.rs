//! The primitives of text properties, on strings.
//!
//! Without OBJECT they work on the current buffer, which here is an empty one.

use super::{Interval, all_intervals, change, position_number, properties, put, range, same_properties, set, without};
use crate::error::{args_out_of_range, wrong_type};
use crate::sym;
use tenure_gc::{Context, LispResult, NIL, Object, Str, SubrInfo, T, Throw};
use tenure_macros::{defun, subrs};

/// Where the text of an empty buffer begins and ends.
const BUFFER_START: i64 = 1;

/// What has text properties: a string, or the empty buffer, which is `None`.
type Text<'ob> = Option<Str<'ob>>;

fn text_of<'ob>(object: Option<Object<'ob>>, cx: &'ob Context) -> Result<Text<'ob>, Throw> {
    match object.filter(|o| !o.is_nil()) {
        None => Ok(None),
        Some(object) => object.as_string().map(Some).ok_or_else(|| wrong_type(sym::BUFFER_OR_STRING_P, object, cx)),
    }
}

/// The end of a text.
fn end_of(text: Text<'_>) -> i64 {
    text.map_or(BUFFER_START, |s| s.chars() as i64)
}

/// A position in a text, its end included.
fn position<'ob>(position: Object<'ob>, text: Text<'ob>, cx: &'ob Context) -> Result<usize, Throw> {
    let n = position_number(position, cx)?;
    let start = if text.is_some() { 0 } else { BUFFER_START };
    if (start..=end_of(text)).contains(&n) {
        return Ok(n as usize);
    }
    Err(args_out_of_range(Object::fixnum(n), Object::fixnum(n), cx))
}

/// A range of a text; an empty one for the empty buffer.
fn range_of<'ob>(
    start: Object<'ob>,
    end: Object<'ob>,
    text: Text<'ob>,
    cx: &'ob Context,
) -> Result<std::ops::Range<usize>, Throw> {
    if let Some(string) = text {
        return range(start, end, string, cx);
    }
    let (a, b) = (position_number(start, cx)?, position_number(end, cx)?);
    if a != b && (a != BUFFER_START || b != BUFFER_START) {
        return Err(args_out_of_range(Object::fixnum(a), Object::fixnum(b), cx));
    }
    Ok(0..0)
}

/// The intervals of a text, and which of them has a position; none if the text has no properties.
fn found<'ob>(text: Text<'ob>, position: usize) -> Option<(Vec<Interval<'ob>>, usize)> {
    let all = text.filter(|s| s.chars() > 0).map(all_intervals)?;
    let last = all.len().checked_sub(1)?;
    let i = all.iter().position(|i| position < i.to).unwrap_or(last);
    Some((all, i))
}

fn index(n: usize) -> Object<'static> {
    Object::fixnum(n as i64)
}

/// Return the property list of the character at POSITION of OBJECT, a string.
#[defun]
fn text_properties_at<'ob>(position: Object<'ob>, object: Option<Object<'ob>>, cx: &'ob Context) -> LispResult<'ob> {
    let text = text_of(object, cx)?;
    let at = self::position(position, text, cx)?;
    Ok(text.map_or(NIL, |string| super::at(string, at)))
}

/// Return the property PROP of the character at POSITION of OBJECT, a string.
#[defun]
fn get_text_property<'ob>(
    position: Object<'ob>,
    prop: Object<'ob>,
    object: Option<Object<'ob>>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    Ok(super::value(text_properties_at(position, object, cx)?, prop, cx))
}

/// Return the property PROP of the character at POSITION of OBJECT, a string; strings have no overlays.
#[defun]
fn get_char_property<'ob>(
    position: Object<'ob>,
    prop: Object<'ob>,
    object: Option<Object<'ob>>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    let at = position_number(position, cx)?;
    if object.is_none_or(|o| o.is_nil()) && at != BUFFER_START {
        return Err(crate::error::signal(sym::ARGS_OUT_OF_RANGE, &[position], cx));
    }
    get_text_property(position, prop, object, cx)
}

/// Return the property PROP of the character at POSITION of OBJECT, a string, and the overlay that it is from: none.
#[defun(min = 2)]
fn get_char_property_and_overlay<'ob>(
    position: Object<'ob>,
    prop: Object<'ob>,
    object: Option<Object<'ob>>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    Ok(cx.cons(get_char_property(position, prop, object, cx)?, NIL).into())
}

/// Combine FACE with the faces of the characters from START to END of OBJECT, a string: in front of them, or behind them
/// if APPEND is non-nil.
#[defun(min = 3)]
fn add_face_text_property<'ob>(
    start: Object<'ob>,
    end: Object<'ob>,
    face: Object<'ob>,
    append: Object<'ob>,
    object: Object<'ob>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    modify(start, end, object, cx, &mut |old| {
        let Some((_, before)) = properties(old).into_iter().find(|(key, _)| *key == sym::FACE) else {
            return Some(put(old, sym::FACE, face, cx));
        };
        if before == face {
            return None;
        }
        // A list that begins with a keyword is one face.
        let several = before
            .as_cons()
            .is_some_and(|c| c.car().as_symbol().is_none_or(|s| s.name(cx).bytes().first() != Some(&b':')));
        let new = match (several, append.is_nil()) {
            (true, true) => cx.cons(face, before).into(),
            (true, false) => {
                let mut faces: Vec<Object<'_>> = crate::tails::tails(before).map(|c| c.car()).collect();
                faces.push(face);
                cx.list(&faces)
            }
            (false, true) => cx.list(&[face, before]),
            (false, false) => cx.list(&[before, face]),
        };
        Some(put(old, sym::FACE, new, cx))
    })?;
    Ok(NIL)
}

/// A list in which properties and values alternate; a symbol is one whose value is nil.
fn check_plist<'ob>(plist: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    if !plist.is_nil() && plist.as_cons().is_none() {
        return Ok(cx.list(&[plist, NIL]));
    }
    match crate::tails::tails(plist).count() % 2 {
        0 => Ok(plist),
        _ => Err(crate::error::error("Odd length text property list", cx)),
    }
}

/// Change the property lists of a range; tells whether any changed.
fn modify<'ob>(
    start: Object<'ob>,
    end: Object<'ob>,
    object: Object<'ob>,
    cx: &'ob Context,
    change: super::Change<'_, 'ob>,
) -> Result<bool, Throw> {
    let text = text_of(Some(object), cx)?;
    let range = range_of(start, end, text, cx)?;
    Ok(text.is_some_and(|string| self::change(string, range, cx, change)))
}

/// Take properties away from a range; tells whether there were any.
fn remove<'ob>(
    start: Object<'ob>,
    end: Object<'ob>,
    unwanted: &[Object<'ob>],
    object: Object<'ob>,
    cx: &'ob Context,
) -> Result<bool, Throw> {
    modify(start, end, object, cx, &mut |old| {
        let kept = without(old, cx, |key| unwanted.contains(&key));
        (kept != old).then_some(kept)
    })
}

/// Set the property PROPERTY of the characters from START to END of OBJECT, a string, to VALUE.
#[defun(min = 4)]
fn put_text_property<'ob>(
    start: Object<'ob>,
    end: Object<'ob>,
    property: Object<'ob>,
    value: Object<'ob>,
    object: Object<'ob>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    let plist = cx.list(&[property, value]);
    add_text_properties(start, end, plist, object, cx).map(|_| NIL)
}

/// Add PROPERTIES to the characters from START to END of OBJECT, a string; return t if that changed anything.
#[defun(min = 3)]
fn add_text_properties<'ob>(
    start: Object<'ob>,
    end: Object<'ob>,
    properties: Object<'ob>,
    object: Object<'ob>,
    cx: &'ob Context,
) -> Result<bool, Throw> {
    let plist = check_plist(properties, cx)?;
    if plist.is_nil() {
        return Ok(false);
    }
    let text = text_of(Some(object), cx)?;
    let range = range_of(start, end, text, cx)?;
    Ok(text.is_some_and(|string| super::add(string, range, plist, cx)))
}

/// Give the characters from START to END of OBJECT, a string, the PROPERTIES and no others.
#[defun(min = 3)]
fn set_text_properties<'ob>(
    start: Object<'ob>,
    end: Object<'ob>,
    properties: Object<'ob>,
    object: Object<'ob>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    let plist = check_plist(properties, cx)?;
    let text = text_of(Some(object), cx)?;
    let range = range_of(start, end, text, cx)?;
    let Some(string) = text else { return Ok(NIL) };
    if plist.is_nil() && (string.intervals().is_nil() || range == (0..string.chars())) {
        let had = !string.intervals().is_nil() && !range.is_empty();
        if had {
            string.set_intervals(NIL, cx);
        }
        return Ok(if had { T } else { NIL });
    }
    set(string, range.clone(), plist, cx);
    Ok(if range.is_empty() { NIL } else { T })
}

/// Take the properties that PROPERTIES names away from START to END of OBJECT, a string; return t if there were any.
#[defun(min = 3)]
fn remove_text_properties<'ob>(
    start: Object<'ob>,
    end: Object<'ob>,
    properties: Object<'ob>,
    object: Object<'ob>,
    cx: &'ob Context,
) -> Result<bool, Throw> {
    let unwanted: Vec<Object<'ob>> = crate::tails::tails(properties).step_by(2).map(|cell| cell.car()).collect();
    remove(start, end, &unwanted, object, cx)
}

/// Take the properties in LIST-OF-PROPERTIES away from START to END of OBJECT, a string; return t if there were any.
#[defun(min = 3)]
fn remove_list_of_text_properties<'ob>(
    start: Object<'ob>,
    end: Object<'ob>,
    list_of_properties: Object<'ob>,
    object: Object<'ob>,
    cx: &'ob Context,
) -> Result<bool, Throw> {
    let unwanted: Vec<Object<'ob>> = crate::tails::tails(list_of_properties).map(|cell| cell.car()).collect();
    remove(start, end, &unwanted, object, cx)
}

/// Whether two neighbours are the same for what looks for a change.
type Same<'a, 'ob> = &'a dyn Fn(Object<'ob>, Object<'ob>) -> bool;

/// The limit of a search as a number.
fn limit_number<'ob>(limit: Object<'ob>, cx: &'ob Context) -> Result<Option<i64>, Throw> {
    (!limit.is_nil()).then(|| position_number(limit, cx)).transpose()
}

/// A limit as it is returned.
fn limit_object(limit: Option<i64>) -> Object<'static> {
    limit.map_or(NIL, Object::fixnum)
}

/// The first place after a position where two neighbours differ; at most the limit.
fn next_change<'ob>(
    position: Object<'ob>,
    text: Text<'ob>,
    limit: Option<i64>,
    same: Same<'_, 'ob>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    let from = self::position(position, text, cx)?;
    let Some((all, at)) = found(text, from) else { return Ok(limit_object(limit)) };
    let before_limit = |n: usize| limit.is_none_or(|l| (n as i64) < l);
    let mut next = at + 1;
    while next < all.len() && same(all[at].plist, all[next].plist) && before_limit(all[next].from) {
        next += 1;
    }
    match all.get(next) {
        Some(next) if (next.from as i64) < limit.unwrap_or(end_of(text)) => Ok(index(next.from)),
        _ => Ok(limit_object(limit)),
    }
}

/// The last place before a position where two neighbours differ; at least the limit.
fn previous_change<'ob>(
    position: Object<'ob>,
    text: Text<'ob>,
    limit: Option<i64>,
    same: Same<'_, 'ob>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    let from = self::position(position, text, cx)?;
    let Some((all, mut at)) = found(text, from) else { return Ok(limit_object(limit)) };
    if all[at].from == from {
        let Some(before) = at.checked_sub(1) else { return Ok(limit_object(limit)) };
        at = before;
    }
    let mut previous = at;
    while let Some(i) = previous.checked_sub(1)
        && same(all[i].plist, all[at].plist)
        && limit.is_none_or(|l| all[i].to as i64 > l)
    {
        previous = i;
    }
    match previous.checked_sub(1) {
        Some(i) if all[i].to as i64 > limit.unwrap_or(0) => Ok(index(all[i].to)),
        _ => Ok(limit_object(limit)),
    }
}

/// Return the next place after POSITION where a property of OBJECT, a string, changes; at most LIMIT.
///
/// If LIMIT is t, where the next stretch begins, though its properties may be the same.
#[defun(min = 1)]
fn next_property_change<'ob>(
    position: Object<'ob>,
    object: Object<'ob>,
    limit: Object<'ob>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    let text = text_of(Some(object), cx)?;
    if limit == T {
        let from = self::position(position, text, cx)?;
        let next = found(text, from).and_then(|(all, at)| all.get(at + 1).map(|next| next.from as i64));
        return Ok(Object::fixnum(next.unwrap_or(end_of(text))));
    }
    let limit = limit_number(limit, cx)?;
    next_change(position, text, limit, &|a, b| same_properties(a, b), cx)
}

/// Return the next place after POSITION where the property PROP of OBJECT, a string, changes; at most LIMIT.
#[defun(min = 2)]
fn next_single_property_change<'ob>(
    position: Object<'ob>,
    prop: Object<'ob>,
    object: Object<'ob>,
    limit: Object<'ob>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    let text = text_of(Some(object), cx)?;
    let limit = limit_number(limit, cx)?;
    next_change(position, text, limit, &|a, b| super::value(a, prop, cx) == super::value(b, prop, cx), cx)
}

/// Return the last place before POSITION where a property of OBJECT, a string, changes; at least LIMIT.
#[defun(min = 1)]
fn previous_property_change<'ob>(
    position: Object<'ob>,
    object: Object<'ob>,
    limit: Object<'ob>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    let text = text_of(Some(object), cx)?;
    let limit = limit_number(limit, cx)?;
    previous_change(position, text, limit, &|a, b| same_properties(a, b), cx)
}

/// Return the last place before POSITION where the property PROP of OBJECT, a string, changes; at least LIMIT.
#[defun(min = 2)]
fn previous_single_property_change<'ob>(
    position: Object<'ob>,
    prop: Object<'ob>,
    object: Object<'ob>,
    limit: Object<'ob>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    let text = text_of(Some(object), cx)?;
    let limit = limit_number(limit, cx)?;
    previous_change(position, text, limit, &|a, b| super::value(a, prop, cx) == super::value(b, prop, cx), cx)
}

/// A limit that must be a fixnum if it is given, or `otherwise`.
fn fixnum_limit<'ob>(limit: Object<'ob>, otherwise: i64, cx: &'ob Context) -> LispResult<'ob> {
    match limit.as_fixnum() {
        Some(_) => Ok(limit),
        None if limit.is_nil() => Ok(Object::fixnum(otherwise)),
        None => Err(wrong_type(sym::FIXNUMP, limit, cx)),
    }
}

/// As `next-single-property-change`; where nothing changes the end of OBJECT, or LIMIT.
#[defun(min = 2)]
fn next_single_char_property_change<'ob>(
    position: Object<'ob>,
    prop: Object<'ob>,
    object: Object<'ob>,
    limit: Object<'ob>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    if object.is_nil() {
        // Nothing changes in an empty buffer.
        get_char_property(position, prop, None, cx)?;
        let limit = limit_number(limit, cx)?.unwrap_or(BUFFER_START);
        return Ok(Object::fixnum(limit.min(BUFFER_START)));
    }
    let found = next_single_property_change(position, prop, object, limit, cx)?;
    if !found.is_nil() {
        return Ok(found);
    }
    fixnum_limit(limit, end_of(text_of(Some(object), cx)?), cx)
}

/// As `previous-single-property-change`; where nothing changes the start of OBJECT, or LIMIT.
#[defun(min = 2)]
fn previous_single_char_property_change<'ob>(
    position: Object<'ob>,
    prop: Object<'ob>,
    object: Object<'ob>,
    limit: Object<'ob>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    if object.is_nil() {
        let at = position_number(position, cx)?;
        let limit = limit_number(limit, cx)?.unwrap_or(BUFFER_START);
        if at > limit {
            get_char_property(Object::fixnum(at - 1), prop, None, cx)?;
        }
        return Ok(Object::fixnum(limit.max(BUFFER_START)));
    }
    let found = previous_single_property_change(position, prop, object, limit, cx)?;
    if !found.is_nil() {
        return Ok(found);
    }
    fixnum_limit(limit, 0, cx)
}

/// The first place in a range whose property is VALUE, or is not.
fn first_place<'ob>(args: [Object<'ob>; 5], is_value: bool, cx: &'ob Context) -> LispResult<'ob> {
    let [start, end, property, value, object] = args;
    let text = text_of(Some(object), cx)?;
    let range = range_of(start, end, text, cx)?;
    if range.is_empty() {
        return Ok(NIL);
    }
    let Some((all, at)) = found(text, range.start) else {
        // All properties are nil.
        let found = value.is_nil() == is_value;
        return Ok(if found { index(range.start) } else { NIL });
    };
    let found = all[at..]
        .iter()
        .take_while(|i| i.from < range.end)
        .find(|i| (super::value(i.plist, property, cx) == value) == is_value);
    Ok(found.map_or(NIL, |i| index(i.from.max(range.start))))
}

/// Return the first place from START to END of OBJECT, a string, where PROPERTY is VALUE, or nil.
#[defun(min = 4)]
fn text_property_any<'ob>(
    start: Object<'ob>,
    end: Object<'ob>,
    property: Object<'ob>,
    value: Object<'ob>,
    object: Object<'ob>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    first_place([start, end, property, value, object], true, cx)
}

/// Return the first place from START to END of OBJECT, a string, where PROPERTY is not VALUE, or nil.
#[defun(min = 4)]
fn text_property_not_all<'ob>(
    start: Object<'ob>,
    end: Object<'ob>,
    property: Object<'ob>,
    value: Object<'ob>,
    object: Object<'ob>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    first_place([start, end, property, value, object], false, cx)
}

/// Return the intervals of OBJECT, a string, as a list of (START END PROPERTIES), or nil if it has no properties.
#[defun]
fn object_intervals<'ob>(object: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let Some(string) = object.as_string() else { return Err(wrong_type(sym::BUFFER_OR_STRING_P, object, cx)) };
    let all = all_intervals(string).into_iter().map(|i| cx.list(&[index(i.from), index(i.to), i.plist]));
    Ok(cx.list(&all.collect::<Vec<_>>()))
}

/// The primitives of this file.
pub const SUBRS: &[SubrInfo] = &subrs![
    get_char_property_and_overlay,
    add_face_text_property,
    text_properties_at,
    get_text_property,
    get_char_property,
    put_text_property,
    add_text_properties,
    set_text_properties,
    remove_text_properties,
    remove_list_of_text_properties,
    next_property_change,
    next_single_property_change,
    previous_property_change,
    previous_single_property_change,
    next_single_char_property_change,
    previous_single_char_property_change,
    text_property_any,
    text_property_not_all,
    object_intervals,
];
