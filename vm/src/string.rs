//! Strings: making, joining, cutting and changing them (`fns.c`, `alloc.c`, `editfns.c`, `character.c`).
//!
//! Comparison is in `compare`, change of representation and numbers in `convert`.
//! A string knows its length in characters; ASCII and unibyte strings are indexed in constant time, others by a walk.

mod compare;
mod convert;

pub use compare::{COMPARE_SUBRS, string_less};
pub use convert::{CONVERT_SUBRS, as_unibyte};

use crate::character::{self, byte_index, chars, count, decode, push_char, push_unibyte};
use crate::error::{args_out_of_range, signal, wrong_type};
use crate::state::Vm;
use crate::{sym, textprop};
use std::ops::Range;
use tenure_gc::{CallResult, Context, Kind, LispResult, NIL, Object, Root, Slots, Str, SubrInfo, Throw};
use tenure_macros::{defun, subrs};

/// The string of text in the internal encoding; unibyte if it is ASCII.
pub fn from_text<'ob>(text: &[u8], cx: &'ob Context) -> Str<'ob> {
    let chars = count(text);
    cx.string(text, chars, chars != text.len())
}

/// A character argument.
pub fn character_arg<'ob>(object: Object<'ob>, cx: &'ob Context) -> Result<u32, Throw> {
    match object.as_fixnum() {
        Some(c @ 0..=0x3F_FFFF) => Ok(c as u32),
        _ => Err(wrong_type(sym::CHARACTERP, object, cx)),
    }
}

/// Append the characters of a string to multibyte text.
pub fn push_multibyte(text: &mut Vec<u8>, string: Str<'_>) {
    if string.is_multibyte() { text.extend_from_slice(string.bytes()) } else { push_unibyte(text, string.bytes()) }
}

/// The characters of a string; a unibyte string's bytes beyond ASCII are numbers from 128 to 255.
pub fn string_chars<'ob>(string: Str<'ob>) -> impl Iterator<Item = u32> + use<'ob> {
    let (bytes, multibyte) = (string.bytes(), string.is_multibyte());
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = bytes.get(at..).filter(|rest| !rest.is_empty())?;
        let (c, len) = if multibyte { decode(rest) } else { (u32::from(rest[0]), 1) };
        at += len;
        Some(c)
    })
}

/// Where a character of some string was found, so that the next one near it is found soon.
///
/// The text is known by its address: no other text is there until a collection, a store of another number of bytes takes
/// another address, and one in place leaves all characters where they are.
#[derive(Clone, Copy, Default)]
pub(crate) struct Place {
    address: usize,
    bytes: usize,
    collections: u64,
    index: usize,
    at: usize,
}

/// The byte index of character `index` of a multibyte string.
fn find_character(string: Str<'_>, index: usize, cx: &Context) -> usize {
    /// A text of so many bytes is walked from its start.
    const SHORT: usize = 32;
    let text = string.bytes();
    if text.len() <= SHORT {
        return byte_index(text, index);
    }
    let place = &Vm::of(cx).place;
    let key = Place { address: text.as_ptr().addr(), bytes: text.len(), collections: cx.collections(), index, at: 0 };
    let last = place.get();
    let known = (last.address, last.bytes, last.collections) == (key.address, key.bytes, key.collections);
    let at = match index.checked_sub(last.index) {
        Some(ahead) if known => last.at + byte_index(&text[last.at..], ahead),
        None if known && last.index - index < index => {
            step_back(text, last.at, last.index - index).unwrap_or_else(|| byte_index(text, index))
        }
        _ => byte_index(text, index),
    };
    place.set(Place { at, ..key });
    at
}

/// The byte index `count` characters before `at`; nothing if the text there is not well formed.
fn step_back(text: &[u8], at: usize, count: usize) -> Option<usize> {
    let mut at = at;
    for _ in 0..count {
        let start = (at.saturating_sub(character::MAX_BYTES)..at).rev().find(|&i| text[i] & 0xC0 != 0x80)?;
        if start + decode(&text[start..]).1 != at {
            return None;
        }
        at = start;
    }
    Some(at)
}

/// The bytes of a range of a string's characters.
fn bytes_of<'ob>(string: Str<'ob>, range: &Range<usize>, cx: &'ob Context) -> &'ob [u8] {
    let bytes = string.bytes();
    if bytes.len() == string.chars() {
        return &bytes[range.clone()];
    }
    let from = find_character(string, range.start, cx);
    let to = from + byte_index(&bytes[from..], range.len());
    &bytes[from..to]
}

/// The range that START and END mean in something of `size` elements, from the end if negative (`validate_subarray`).
pub fn range<'ob>(
    array: Object<'ob>,
    start: Option<Object<'ob>>,
    end: Option<Object<'ob>>,
    size: usize,
    cx: &'ob Context,
) -> Result<Range<usize>, Throw> {
    let index = |o: Option<Object<'ob>>, default: usize| match o {
        None => Ok(default as i64),
        Some(o) => match o.as_fixnum() {
            Some(n) if n < 0 => Ok(n + size as i64),
            Some(n) => Ok(n),
            None => Err(wrong_type(sym::INTEGERP, o, cx)),
        },
    };
    let (from, to) = (index(start, 0)?, index(end, size)?);
    if 0 <= from && from <= to && to <= size as i64 {
        return Ok(from as usize..to as usize);
    }
    let data = [array, start.unwrap_or(NIL), end.unwrap_or(NIL)];
    Err(signal(sym::ARGS_OUT_OF_RANGE, &data, cx))
}

/// Character `index` of a string.
#[inline]
pub fn aref<'ob>(string: Str<'ob>, index: i64, cx: &'ob Context) -> LispResult<'ob> {
    let Some(i) = usize::try_from(index).ok().filter(|&i| i < string.chars()) else {
        return Err(args_out_of_range(string.into(), crate::number::integer(index, cx), cx));
    };
    let bytes = string.bytes();
    let c = if bytes.len() == string.chars() {
        u32::from(bytes[i])
    } else {
        decode(&bytes[find_character(string, i, cx)..]).0
    };
    Ok(Object::fixnum(i64::from(c)))
}

/// What a store of a character in a string does: the bytes from `at` on become others, as many or not.
struct Store {
    at: usize,
    old: usize,
    new: Vec<u8>,
}

fn store<'ob>(string: Object<'ob>, index: Object<'ob>, value: Object<'ob>, cx: &'ob Context) -> Result<Store, Throw> {
    let Some(s) = string.as_string() else { return Err(wrong_type(sym::STRINGP, string, cx)) };
    let i = match index.as_fixnum() {
        Some(i) if i >= 0 && (i as usize) < s.chars() => i as usize,
        Some(_) => return Err(args_out_of_range(string, index, cx)),
        None => return Err(wrong_type(sym::FIXNUMP, index, cx)),
    };
    let c = character_arg(value, cx)?;
    let bytes = s.bytes();
    let plain = bytes.len() == s.chars();
    if plain && c < 0x80 || !s.is_multibyte() && c <= 0xFF {
        return Ok(Store { at: i, old: 1, new: vec![c as u8] });
    }
    if !s.is_multibyte() && !bytes.is_ascii() {
        return Err(args_out_of_range(string, value, cx));
    }
    let at = find_character(s, i, cx);
    let old = decode(&bytes[at..]).1;
    let mut new = Vec::with_capacity(character::MAX_BYTES);
    push_char(&mut new, c);
    Ok(Store { at, old, new })
}

/// Store a character at `index` of a string; the string may become multibyte, or take another number of bytes.
pub fn aset(string: Root<'_>, index: Root<'_>, value: Root<'_>, cx: &mut Context) -> CallResult {
    let Store { at, old, new } = store(string.get(cx), index.get(cx), value.get(cx), cx)?;
    if new.len() == old {
        if let Some(bytes) = cx.string_bytes_mut(string) {
            bytes[at..at + old].copy_from_slice(&new);
        }
        return Ok(cx.ret(value.get(cx)));
    }
    aset_by_copying(string.get(cx), index.get(cx), value.get(cx), cx).map(|value| cx.ret(value))
}

/// The same, for those who cannot do without what they borrowed: all of the string is copied.
pub(crate) fn aset_by_copying<'ob>(
    string: Object<'ob>,
    index: Object<'ob>,
    value: Object<'ob>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    let Store { at, old, new } = store(string, index, value, cx)?;
    if let Some(s) = string.as_string() {
        let bytes = s.bytes();
        let text = [&bytes[..at], &new, &bytes[at + old..]].concat();
        s.replace_bytes(&text, s.chars(), s.is_multibyte() || new.len() != old, cx);
    }
    Ok(value)
}

/// The characters of a sequence that `concat` accepts, for lists and vectors.
fn push_elements<'ob>(
    elements: impl Iterator<Item = Object<'ob>>,
    text: &mut Vec<u8>,
    cx: &'ob Context,
) -> Result<(), Throw> {
    for element in elements {
        push_char(text, character_arg(element, cx)?);
    }
    Ok(())
}

/// The elements of a proper list, or `wrong-type-argument` and `circular-list`.
fn list_elements<'ob>(list: Object<'ob>, cx: &'ob Context) -> Result<Vec<Object<'ob>>, Throw> {
    let mut elements = Vec::new();
    let (mut rest, mut slow) = (list, list);
    while let Kind::Cons(c) = rest.untag() {
        elements.push(c.car());
        rest = c.cdr();
        if elements.len().is_multiple_of(2) {
            slow = slow.as_cons().map_or(NIL, |c| c.cdr());
            if slow == rest && !rest.is_nil() {
                return Err(signal(sym::CIRCULAR_LIST, &[list], cx));
            }
        }
    }
    if rest.is_nil() { Ok(elements) } else { Err(wrong_type(sym::LISTP, rest, cx)) }
}

/// Join SEQUENCES, strings or lists and vectors of characters, to one string, which is always a new one.
#[defun]
pub fn concat<'ob>(sequences: Slots<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let mut bytes = 0usize;
    let mut multibyte = false;
    let mut all_strings = true;
    if let Some(other) = sequences.iter().find(|&s| !is_joined(s)) {
        return Err(wrong_type(sym::SEQUENCEP, other, cx));
    }
    for sequence in sequences.iter() {
        match sequence.as_string() {
            Some(s) => {
                bytes += s.len_bytes();
                multibyte |= s.is_multibyte();
            }
            None if sequence.is_nil() => {}
            None => all_strings = false,
        }
    }
    cx.reserve(bytes)?;
    let result = if all_strings {
        let wide = |s: Str<'_>| s.is_multibyte() || s.bytes().is_ascii();
        let mut strings = sequences.iter().filter_map(Object::as_string);
        if !multibyte || strings.all(wide) {
            let strings = || sequences.iter().filter_map(Object::as_string);
            let pieces: Vec<&[u8]> = strings().map(Str::bytes).collect();
            cx.string_concat(&pieces, strings().map(Str::chars).sum(), multibyte)
        } else {
            let mut text = Vec::with_capacity(bytes * 2);
            sequences.iter().filter_map(Object::as_string).for_each(|s| push_multibyte(&mut text, s));
            cx.string(&text, count(&text), true)
        }
    } else {
        concat_elements(sequences, cx)?
    };
    let (mut at, mut stretches) = (0, Vec::new());
    for sequence in sequences.iter() {
        let Some(string) = sequence.as_string() else {
            at += crate::fns::sequence::length_of(sequence, cx)?;
            continue;
        };
        let inside = textprop::intervals(string);
        stretches.extend(inside.iter().map(|i| textprop::Interval { from: at + i.from, to: at + i.to, ..*i }));
        at += string.chars();
    }
    textprop::add_each(result, &stretches, cx);
    Ok(result.into())
}

/// Whether `concat` takes an object for a sequence.
fn is_joined(object: Object<'_>) -> bool {
    object.is_nil()
        || matches!(
            object.untag(),
            Kind::String(_) | Kind::Cons(_) | Kind::Vector(_) | Kind::BoolVector(_) | Kind::ByteCode(_)
        )
}

/// As [`concat`], for values that are not on the Lisp stack.
pub fn concat_all<'ob>(parts: &[Object<'ob>], cx: &'ob Context) -> LispResult<'ob> {
    let base = cx.stack_len();
    parts.iter().for_each(|&part| cx.push(part));
    let result = concat(cx.window(base, parts.len()).slots(cx), cx);
    cx.truncate_stack(base);
    result
}

fn concat_elements<'ob>(sequences: Slots<'ob>, cx: &'ob Context) -> Result<Str<'ob>, Throw> {
    let mut text = Vec::new();
    for sequence in sequences.iter() {
        match sequence.untag() {
            Kind::String(s) => push_multibyte(&mut text, s),
            Kind::Vector(v) => push_elements(v.iter(), &mut text, cx)?,
            Kind::ByteCode(v) => push_elements(v.iter(), &mut text, cx)?,
            Kind::Cons(_) => push_elements(list_elements(sequence, cx)?.into_iter(), &mut text, cx)?,
            Kind::BoolVector(v) if v.is_empty() => {}
            Kind::BoolVector(v) => {
                let first = Object::bool(v.get(0).unwrap_or(false));
                return Err(wrong_type(sym::INTEGERP, first, cx));
            }
            _ if sequence.is_nil() => {}
            _ => return Err(wrong_type(sym::SEQUENCEP, sequence, cx)),
        }
    }
    // Raw bytes alone, and characters below 128, give a unibyte string only if every string in it was one.
    let all_unibyte = sequences.iter().all(|s| s.as_string().is_none_or(|s| !s.is_multibyte()));
    let raw_only = chars(&text).all(|c| c < 0x80 || character::raw_byte(c).is_some());
    if all_unibyte && raw_only {
        let bytes: Vec<u8> = chars(&text).map(|c| character::raw_byte(c).unwrap_or(c as u8)).collect();
        return Ok(cx.string(&bytes, bytes.len(), false));
    }
    Ok(cx.string(&text, count(&text), true))
}

/// Cut a string.
fn cut<'ob>(string: Str<'ob>, range: &Range<usize>, cx: &'ob Context) -> Str<'ob> {
    cx.string(bytes_of(string, range, cx), range.len(), string.is_multibyte())
}

/// Return the part of STRING, a string or vector, from index FROM to TO, both from the end if negative.
#[defun]
pub fn substring<'ob>(
    string: Object<'ob>,
    from: Option<Object<'ob>>,
    to: Option<Object<'ob>>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    match string.untag() {
        Kind::String(s) => {
            let range = range(string, from, to, s.chars(), cx)?;
            cx.reserve(s.len_bytes())?;
            let part = cut(s, &range, cx);
            textprop::copy(s, range, part, 0, cx);
            Ok(part.into())
        }
        Kind::Vector(v) => {
            let range = range(string, from, to, v.len(), cx)?;
            cx.reserve(range.len() * 8)?;
            let elements: Vec<Object<'_>> = v.iter().skip(range.start).take(range.len()).collect();
            Ok(cx.vector(&elements).into())
        }
        _ => Err(wrong_type(sym::ARRAYP, string, cx)),
    }
}

/// Return the part of STRING from index FROM to TO without its text properties.
#[defun]
fn substring_no_properties<'ob>(
    string: Str<'ob>,
    from: Option<Object<'ob>>,
    to: Option<Object<'ob>>,
    cx: &'ob Context,
) -> Result<Str<'ob>, Throw> {
    let range = range(string.into(), from, to, string.chars(), cx)?;
    cx.reserve(string.len_bytes())?;
    Ok(cut(string, &range, cx))
}

/// Return a string of LENGTH times the character INIT, multibyte if MULTIBYTE is non-nil or INIT is not ASCII.
#[defun]
fn make_string<'ob>(
    length: usize,
    init: Object<'ob>,
    multibyte: Option<bool>,
    cx: &'ob Context,
) -> Result<Str<'ob>, Throw> {
    let c = character_arg(init, cx)?;
    let mut one = Vec::new();
    push_char(&mut one, c);
    crate::alloc::reserve(length.saturating_mul(one.len()), cx)?;
    Ok(cx.string(&one.repeat(length), length, c >= 0x80 || multibyte.unwrap_or(false)))
}

/// Return the string of the CHARACTERS.
#[defun(name = "string")]
fn string_of<'ob>(characters: Slots<'ob>, cx: &'ob Context) -> Result<Str<'ob>, Throw> {
    let mut text = Vec::with_capacity(characters.len());
    push_elements(characters.iter(), &mut text, cx)?;
    Ok(from_text(&text, cx))
}

/// Return the unibyte string of the BYTES.
#[defun]
fn unibyte_string<'ob>(bytes: Slots<'ob>, cx: &'ob Context) -> Result<Str<'ob>, Throw> {
    let mut text = Vec::with_capacity(bytes.len());
    for byte in bytes.iter() {
        match byte.as_fixnum() {
            Some(b @ 0..=255) => text.push(b as u8),
            Some(_) => {
                let data = [byte, Object::fixnum(0), Object::fixnum(255)];
                return Err(signal(sym::ARGS_OUT_OF_RANGE, &data, cx));
            }
            None if byte.as_bignum().is_some() => {
                let data = [byte, Object::fixnum(0), Object::fixnum(255)];
                return Err(signal(sym::ARGS_OUT_OF_RANGE, &data, cx));
            }
            None => return Err(wrong_type(sym::INTEGERP, byte, cx)),
        }
    }
    Ok(cx.string(&text, text.len(), false))
}

/// Return the string of one character CHAR.
#[defun]
fn char_to_string<'ob>(char: Object<'ob>, cx: &'ob Context) -> Result<Str<'ob>, Throw> {
    let mut text = Vec::new();
    push_char(&mut text, character_arg(char, cx)?);
    Ok(from_text(&text, cx))
}

/// Return the unibyte string of one byte BYTE.
#[defun]
fn byte_to_string<'ob>(byte: i64, cx: &'ob Context) -> Result<Str<'ob>, Throw> {
    match u8::try_from(byte) {
        Ok(byte) => Ok(cx.string(&[byte], 1, false)),
        Err(_) => Err(crate::error::error("Invalid byte", cx)),
    }
}

/// Return the first character of STRING, 0 if it is empty.
#[defun]
fn string_to_char(string: Str<'_>) -> i64 {
    string_chars(string).next().map_or(0, i64::from)
}

/// Return how many bytes STRING takes.
#[defun]
fn string_bytes(string: Str<'_>) -> usize {
    string.len_bytes()
}

/// Return t if OBJECT is a character; IGNORE is ignored.
#[defun]
fn characterp<'ob>(object: Object<'ob>, ignore: Option<Object<'ob>>) -> bool {
    let _ = ignore;
    object.as_fixnum().is_some_and(|c| (0..=i64::from(character::MAX_CHAR)).contains(&c))
}

/// Return the largest character.
#[defun]
fn max_char() -> i64 {
    i64::from(character::MAX_CHAR)
}

/// Fill STRING with null characters; it becomes unibyte.
#[defun]
fn clear_string<'ob>(string: Str<'ob>, cx: &'ob Context) -> Object<'ob> {
    let length = string.len_bytes();
    string.replace_bytes(&vec![0; length], length, false, cx);
    NIL
}

/// Return CHAR with its modifiers applied where there is a character for that.
#[defun]
fn char_resolve_modifiers<'ob>(char: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    const SHIFT: i64 = 0x200_0000;
    const CONTROL: i64 = 0x400_0000;
    let Some(event) = char.as_fixnum() else { return Err(wrong_type(sym::FIXNUMP, char, cx)) };
    let (mut c, mut modifiers) = (event & 0x3F_FFFF, event & !0x3F_FFFF);
    if c >= 0x80 {
        return Ok(char);
    }
    let letter = |c: i64| (c as u8).is_ascii_alphabetic();
    if modifiers & SHIFT != 0 {
        match c {
            _ if (c as u8).is_ascii_uppercase() => modifiers &= !SHIFT,
            _ if letter(c) => {
                c -= 32;
                modifiers &= !SHIFT;
            }
            ..=0x20 => modifiers &= !SHIFT,
            _ => {}
        }
    }
    if modifiers & CONTROL != 0 {
        match c {
            0x20 => c = 0,
            0x3F => c = 0x7F,
            _ if letter(c) => c &= 0x1F,
            0x40..=0x5F => c &= 0x1F,
            _ => return Ok(Object::fixnum(c | modifiers)),
        }
        modifiers &= !CONTROL;
    }
    Ok(Object::fixnum(c | modifiers))
}

/// Columns of a character as the display shows it.
fn display_width(c: u32, column: usize) -> usize {
    const TAB: usize = 8;
    match c {
        0x09 => TAB - column % TAB,
        0x0A => 0,
        0..0x20 | 0x7F => 2,
        0x80..0xA0 => 4,
        _ => character::width(c),
    }
}

/// Return how many columns CHAR takes.
#[defun]
fn char_width<'ob>(char: Object<'ob>, cx: &'ob Context) -> Result<usize, Throw> {
    Ok(display_width(character_arg(char, cx)?, 0))
}

/// Return how many columns STRING takes, or its part from index FROM to TO.
#[defun]
fn string_width<'ob>(
    string: Str<'ob>,
    from: Option<Object<'ob>>,
    to: Option<Object<'ob>>,
    cx: &'ob Context,
) -> Result<usize, Throw> {
    let range = range(string.into(), from, to, string.chars(), cx)?;
    let part = string_chars(string).skip(range.start).take(range.len());
    // A tab counts as if it stood in the first column.
    Ok(part.map(|c| display_width(c, 0)).sum())
}

/// Return a copy of STRING with the text PROPERTIES, alternately a property and its value.
#[defun(min = 1)]
fn propertize<'ob>(string: Object<'ob>, properties: Slots<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    if !properties.len().is_multiple_of(2) {
        let given = Object::fixnum(properties.len() as i64 + 1);
        return Err(signal(sym::WRONG_NUMBER_OF_ARGUMENTS, &[cx.intern("propertize").into(), given], cx));
    }
    let Some(source) = string.as_string() else { return Err(wrong_type(sym::STRINGP, string, cx)) };
    let copy = cut(source, &(0..source.chars()), cx);
    textprop::copy(source, 0..source.chars(), copy, 0, cx);
    let mut plist = NIL;
    for i in (0..properties.len()).step_by(2) {
        plist = cx.cons(properties.get(i), cx.cons(properties.get(i + 1), plist).into()).into();
    }
    textprop::add(copy, 0..copy.chars(), plist, cx);
    Ok(copy.into())
}

/// The primitives of this file.
pub const SUBRS: &[SubrInfo] = &subrs![
    concat,
    substring,
    substring_no_properties,
    make_string,
    string_of,
    unibyte_string,
    char_to_string,
    byte_to_string,
    string_to_char,
    char_resolve_modifiers,
    string_bytes,
    characterp,
    max_char,
    clear_string,
    char_width,
    string_width,
    propertize,
];
