//! The primitives of text properties, on strings.
//!
//! Emacs: without OBJECT, or with a buffer as OBJECT, they work on buffers; here that signals.

use super::{Interval, at, intervals, map, properties, put, range, same_properties, set, value, without};
use crate::error::{args_out_of_range, wrong_type};
use crate::sym;
use tenure_gc::{Context, Kind, LispResult, NIL, Object, Str, SubrInfo, T, Throw};
use tenure_macros::{defun, subrs};

fn string_of<'ob>(object: Option<Object<'ob>>, cx: &'ob Context) -> Result<Str<'ob>, Throw> {
    let object = object.unwrap_or(NIL);
    object.as_string().ok_or_else(|| wrong_type(sym::BUFFER_OR_STRING_P, object, cx))
}

/// A position in a string, its end included.
fn position<'ob>(position: Object<'ob>, string: Str<'ob>, cx: &'ob Context) -> Result<usize, Throw> {
    match super::position_number(position, cx)? {
        n if n >= 0 && n as usize <= string.chars() => Ok(n as usize),
        _ => Err(args_out_of_range(position, position, cx)),
    }
}

/// The whole string as intervals, those without properties included.
fn all_intervals<'ob>(string: Str<'ob>) -> Vec<Interval<'ob>> {
    let mut all = Vec::new();
    let mut from = 0;
    for i in intervals(string) {
        if from < i.from {
            all.push(Interval { from, to: i.from, plist: NIL });
        }
        all.push(i);
        from = i.to;
    }
    if from < string.chars() {
        all.push(Interval { from, to: string.chars(), plist: NIL });
    }
    all
}

fn index(n: usize) -> Object<'static> {
    Object::fixnum(n as i64)
}

/// Return the property list of the character at POSITION of OBJECT, a string.
#[defun]
fn text_properties_at<'ob>(position: Object<'ob>, object: Option<Object<'ob>>, cx: &'ob Context) -> LispResult<'ob> {
    let string = string_of(object, cx)?;
    Ok(at(string, self::position(position, string, cx)?))
}

/// Return the property PROP of the character at POSITION of OBJECT, a string.
#[defun]
fn get_text_property<'ob>(
    position: Object<'ob>,
    prop: Object<'ob>,
    object: Option<Object<'ob>>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    Ok(value(text_properties_at(position, object, cx)?, prop))
}

/// Return the property PROP of the character at POSITION of OBJECT, a string; strings have no overlays.
#[defun]
fn get_char_property<'ob>(
    position: Object<'ob>,
    prop: Object<'ob>,
    object: Option<Object<'ob>>,
    cx: &'ob Context,
) -> LispResult<'ob> {
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
    if !matches!(position.untag(), Kind::Bignum(_)) {
        super::position_number(position, cx)?;
    }
    Ok(cx.cons(get_text_property(position, prop, object, cx)?, NIL).into())
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
    modify(start, end, Some(object), cx, |old| {
        let Some((_, before)) = properties(old).into_iter().find(|(key, _)| *key == sym::FACE) else {
            return put(old, sym::FACE, face, cx);
        };
        if before == face {
            return old;
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
        put(old, sym::FACE, new, cx)
    })?;
    Ok(NIL)
}

/// Properties and values alternate.
fn check_plist(plist: Object<'_>, cx: &Context) -> Result<(), Throw> {
    match crate::tails::tails(plist).count() % 2 {
        0 => Ok(()),
        _ => Err(crate::error::error("Odd length text property list", cx)),
    }
}

/// Change the property lists of a range; tells whether any changed.
fn modify<'ob>(
    start: Object<'ob>,
    end: Object<'ob>,
    object: Option<Object<'ob>>,
    cx: &'ob Context,
    mut change: impl FnMut(Object<'ob>) -> Object<'ob>,
) -> Result<bool, Throw> {
    let string = string_of(object, cx)?;
    let range = range(start, end, string, cx)?;
    let mut changed = false;
    map(string, range, cx, |old| {
        let new = change(old);
        changed |= !same_properties(old, new);
        new
    });
    Ok(changed)
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
    modify(start, end, Some(object), cx, |old| put(old, property, value, cx))?;
    Ok(NIL)
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
    check_plist(properties, cx)?;
    let pairs = self::properties(properties);
    if pairs.is_empty() {
        return string_of(Some(object), cx).map(|_| false);
    }
    modify(start, end, Some(object), cx, |old| pairs.iter().fold(old, |list, &(key, value)| put(list, key, value, cx)))
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
    check_plist(properties, cx)?;
    let string = string_of(Some(object), cx)?;
    let range = range(start, end, string, cx)?;
    if range.is_empty() || properties.is_nil() && string.intervals().is_nil() {
        return Ok(NIL);
    }
    set(string, range, properties, cx);
    Ok(T)
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
    let unwanted: Vec<Object<'ob>> = self::properties(properties).into_iter().map(|(key, _)| key).collect();
    modify(start, end, Some(object), cx, |old| without(old, cx, |key| unwanted.contains(&key)))
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
    modify(start, end, Some(object), cx, |old| {
        without(old, cx, |key| crate::tails::tails(list_of_properties).any(|cell| cell.car() == key))
    })
}

/// The first place after `from` where two neighbours differ in what `view` shows of them.
fn next_change<'ob>(
    string: Str<'ob>,
    from: usize,
    view: impl Fn(Object<'ob>) -> Object<'ob>,
    whole: bool,
) -> Option<usize> {
    let all = all_intervals(string);
    let here = all.iter().find(|i| (i.from..i.to).contains(&from))?;
    let same = |a: Object<'ob>, b: Object<'ob>| if whole { same_properties(a, b) } else { a == b };
    let mine = view(here.plist);
    all.iter().filter(|i| i.from > from).find(|i| !same(view(i.plist), mine)).map(|i| i.from)
}

/// The last place before `from` where two neighbours differ.
fn previous_change<'ob>(
    string: Str<'ob>,
    from: usize,
    view: impl Fn(Object<'ob>) -> Object<'ob>,
    whole: bool,
) -> Option<usize> {
    let all = all_intervals(string);
    let here = all.iter().find(|i| i.from < from && from <= i.to)?;
    let same = |a: Object<'ob>, b: Object<'ob>| if whole { same_properties(a, b) } else { a == b };
    let mine = view(here.plist);
    all.iter().rev().filter(|i| i.to < from).find(|i| !same(view(i.plist), mine)).map(|i| i.to)
}

fn limited<'ob>(found: Option<usize>, limit: Option<Object<'ob>>, is_beyond: impl Fn(i64, i64) -> bool) -> Object<'ob> {
    match (found, limit) {
        (Some(n), Some(limit)) if limit.as_fixnum().is_some_and(|l| is_beyond(n as i64, l)) => limit,
        (Some(n), _) => index(n),
        (None, limit) => limit.unwrap_or(NIL),
    }
}

/// Return the next place after POSITION where a property of OBJECT, a string, changes; at most LIMIT.
#[defun]
fn next_property_change<'ob>(
    position: Object<'ob>,
    object: Option<Object<'ob>>,
    limit: Option<Object<'ob>>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    let string = string_of(object, cx)?;
    let from = self::position(position, string, cx)?;
    Ok(limited(next_change(string, from, |plist| plist, true), limit, |n, l| n >= l))
}

/// Return the next place after POSITION where the property PROP of OBJECT, a string, changes; at most LIMIT.
#[defun]
fn next_single_property_change<'ob>(
    position: Object<'ob>,
    prop: Object<'ob>,
    object: Option<Object<'ob>>,
    limit: Option<Object<'ob>>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    let string = string_of(object, cx)?;
    let from = self::position(position, string, cx)?;
    Ok(limited(next_change(string, from, |plist| value(plist, prop), false), limit, |n, l| n >= l))
}

/// Return the last place before POSITION where a property of OBJECT, a string, changes; at least LIMIT.
#[defun]
fn previous_property_change<'ob>(
    position: Object<'ob>,
    object: Option<Object<'ob>>,
    limit: Option<Object<'ob>>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    let string = string_of(object, cx)?;
    let from = self::position(position, string, cx)?;
    Ok(limited(previous_change(string, from, |plist| plist, true), limit, |n, l| n <= l))
}

/// Return the last place before POSITION where the property PROP of OBJECT, a string, changes; at least LIMIT.
#[defun]
fn previous_single_property_change<'ob>(
    position: Object<'ob>,
    prop: Object<'ob>,
    object: Option<Object<'ob>>,
    limit: Option<Object<'ob>>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    let string = string_of(object, cx)?;
    let from = self::position(position, string, cx)?;
    Ok(limited(previous_change(string, from, |plist| value(plist, prop), false), limit, |n, l| n <= l))
}

/// As `next-single-property-change`; where nothing changes the end of OBJECT, or LIMIT.
#[defun]
fn next_single_char_property_change<'ob>(
    position: Object<'ob>,
    prop: Object<'ob>,
    object: Option<Object<'ob>>,
    limit: Option<Object<'ob>>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    let found = next_single_property_change(position, prop, object, limit, cx)?;
    Ok(if found.is_nil() { index(string_of(object, cx)?.chars()) } else { found })
}

/// As `previous-single-property-change`; where nothing changes the start of OBJECT, or LIMIT.
#[defun]
fn previous_single_char_property_change<'ob>(
    position: Object<'ob>,
    prop: Object<'ob>,
    object: Option<Object<'ob>>,
    limit: Option<Object<'ob>>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    let found = previous_single_property_change(position, prop, object, limit, cx)?;
    Ok(if found.is_nil() { index(0) } else { found })
}

/// The first place in a range whose property passes a test.
fn first_place<'ob>(args: [Object<'ob>; 5], cx: &'ob Context, wanted: impl Fn(bool) -> bool) -> LispResult<'ob> {
    let string = string_of(Some(args[4]), cx)?;
    let range = range(args[0], args[1], string, cx)?;
    if range.is_empty() {
        return Ok(NIL);
    }
    let found = all_intervals(string)
        .into_iter()
        .filter(|i| i.to > range.start && i.from < range.end)
        .find(|i| wanted(value(i.plist, args[2]) == args[3]));
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
    first_place([start, end, property, value, object], cx, |same| same)
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
    first_place([start, end, property, value, object], cx, |same| !same)
}

/// Return the intervals of OBJECT, a string, as a list of (START END PROPERTIES), or nil if it has no properties.
#[defun]
fn object_intervals<'ob>(object: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let string = string_of(Some(object), cx)?;
    if string.intervals().is_nil() {
        return Ok(NIL);
    }
    let all: Vec<Object<'ob>> =
        all_intervals(string).into_iter().map(|i| cx.list(&[index(i.from), index(i.to), i.plist])).collect();
    Ok(cx.list(&all))
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
