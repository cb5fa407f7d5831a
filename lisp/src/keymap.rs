//! How keys are written (`keymap.c`); keymaps themselves are not there.
//!
//! A key is a character with modifiers in its upper bits, or a symbol whose name begins with its modifiers.

use tenure_gc::{CallResult, Context, Kind, LispResult, NIL, Object, Root, Str, SubrInfo};
use tenure_vm::character::push_char;
use tenure_vm::convert::FromLisp as _;
use tenure_vm::error::{error, wrong_type};
use tenure_vm::string::from_text;
use tenure_vm::{defun, funcall, subrs, sym};

use crate::form::symbol;

/// The modifiers of a character, in the order in which they are written.
const MODIFIERS: [(i64, &str); 6] =
    [(1 << 22, "A-"), (CONTROL, "C-"), (1 << 24, "H-"), (META, "M-"), (1 << 25, "S-"), (1 << 23, "s-")];
const CONTROL: i64 = 1 << 26;
const META: i64 = 1 << 27;
const ESCAPE: i64 = 27;
/// The greatest character.
const MAX_CHAR: i64 = 0x3f_ffff;

/// The text for a character with modifiers.
fn describe_char(key: i64, text: &mut Vec<u8>) {
    let base = key & MAX_CHAR;
    let (tab, enter) = (i64::from(b'\t'), i64::from(b'\r'));
    let tab_is_control_i = base == tab && key & META != 0;
    let is_control = base < 32 && ![ESCAPE, tab, enter].contains(&base) || tab_is_control_i;
    for (bit, name) in MODIFIERS {
        if key & bit != 0 || bit == CONTROL && is_control {
            text.extend_from_slice(name.as_bytes());
        }
    }
    match base {
        ESCAPE => text.extend_from_slice(b"ESC"),
        _ if tab_is_control_i => text.push(b'i'),
        9 => text.extend_from_slice(b"TAB"),
        13 => text.extend_from_slice(b"RET"),
        1..=26 => text.push(base as u8 + 96),
        0..=31 => text.push(base as u8 + 64),
        32 => text.extend_from_slice(b"SPC"),
        127 => text.extend_from_slice(b"DEL"),
        _ => push_char(text, base as u32),
    }
}

/// How many bytes of a name are modifiers: `C-M-f1` begins with four.
fn modifiers_of_name(name: &[u8]) -> usize {
    // They have their order.
    MODIFIERS.iter().fold(0, |end, (_, modifier)| {
        let is_next = name[end..].starts_with(modifier.as_bytes()) && name.len() > end + modifier.len();
        if is_next { end + modifier.len() } else { end }
    })
}

/// Return the words for the key KEY.
/// The name of a key that is no character is between angle brackets unless NO-ANGLES.
#[defun(min = 1)]
fn single_key_description<'ob>(key: Object<'ob>, no_angles: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    // Of an event only the head is the key.
    let key = key.as_cons().map_or(key, |event| event.car());
    let mut text = Vec::new();
    if let Some(char) = key.as_fixnum() {
        describe_char(char, &mut text);
    } else if let Some(name) = key.as_symbol() {
        let name = name.name(cx);
        if !no_angles.is_nil() {
            return Ok(cx.string(name.bytes(), name.chars(), name.is_multibyte()).into());
        }
        let (modifiers, rest) = name.bytes().split_at(modifiers_of_name(name.bytes()));
        text.extend_from_slice(modifiers);
        text.push(b'<');
        text.extend_from_slice(rest);
        text.push(b'>');
    } else if let Some(string) = key.as_string() {
        return Ok(cx.string(string.bytes(), string.chars(), string.is_multibyte()).into());
    } else {
        return Err(error("KEY must be an integer, cons, symbol, or string", cx));
    }
    Ok(from_text(&text, cx).into())
}

/// Put the elements of a sequence of keys behind `keys`; those of a string have their meta bit moved.
fn push_keys<'ob>(sequence: Object<'ob>, keys: &mut Vec<Object<'ob>>, cx: &Context) -> Result<(), tenure_gc::Throw> {
    if let Some(string) = sequence.as_string() {
        for char in tenure_vm::string::string_chars(string) {
            let is_meta = (0x80..0x100).contains(&char);
            keys.push(Object::fixnum(if is_meta { i64::from(char & 0x7f) | META } else { i64::from(char) }));
        }
        return Ok(());
    }
    if let Some(vector) = sequence.as_vector() {
        keys.extend((0..vector.len()).filter_map(|i| vector.get(i)));
        return Ok(());
    }
    if sequence.is_nil() {
        return Ok(());
    }
    if sequence.as_cons().is_none() {
        let expected = match sequence.untag() {
            // What has a length, but no elements that could be keys.
            Kind::CharTable(_) | Kind::BoolVector(_) | Kind::Record(_) | Kind::ByteCode(_) | Kind::Closure(_) => {
                sym::ARRAYP
            }
            _ => sym::SEQUENCEP,
        };
        return Err(wrong_type(expected, sequence, cx));
    }
    keys.extend(tenure_vm::tails::tails(sequence).map(|cell| cell.car()));
    Ok(())
}

/// Return the words for the sequence of keys KEYS behind PREFIX.
#[defun(min = 1)]
fn key_description(keys: Root<'_>, prefix: Root<'_>, cx: &mut Context) -> CallResult {
    let scope = cx.scope();
    for sequence in [prefix, keys] {
        if sequence.get(cx).as_cons().is_some() {
            // It must have an end.
            funcall!(cx, symbol("length", cx), sequence.get(cx))?.get(cx);
        }
    }
    let mut all = Vec::new();
    push_keys(prefix.get(cx), &mut all, cx)?;
    push_keys(keys.get(cx), &mut all, cx)?;
    let all = scope.root(cx.list(&all));
    let mut words: Vec<u8> = Vec::new();
    let mut meta = false;
    let separate = |words: &mut Vec<u8>| {
        if !words.is_empty() {
            words.push(b' ');
        }
    };
    while let Some(cell) = all.get(cx).as_cons() {
        let mut key = cell.car();
        all.set(cx, cell.cdr());
        let char = key.as_fixnum();
        if std::mem::take(&mut meta) {
            match char {
                Some(char) if char != ESCAPE && char & META == 0 => key = Object::fixnum(char | META),
                _ => {
                    separate(&mut words);
                    words.extend_from_slice(b"ESC");
                    if char == Some(ESCAPE) {
                        meta = true;
                        continue;
                    }
                }
            }
        } else if char == Some(ESCAPE) {
            meta = true;
            continue;
        }
        let described = funcall!(cx, symbol("single-key-description", cx), key, NIL)?.get(cx);
        separate(&mut words);
        tenure_vm::string::push_multibyte(&mut words, Str::from_lisp(described, cx)?);
    }
    if meta {
        separate(&mut words);
        words.extend_from_slice(b"ESC");
    }
    Ok(cx.ret(from_text(&words, cx).into()))
}

/// Return the words for CHARACTER as it stands in a text: a control character is written with `^`.
#[defun]
fn text_char_description<'ob>(character: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let char = character.as_fixnum().filter(|c| (0..=MAX_CHAR).contains(c));
    let char = char.ok_or_else(|| wrong_type(sym::CHARACTERP, character, cx))?;
    let mut text = Vec::new();
    match char {
        0..=31 => text.extend_from_slice(&[b'^', char as u8 + 64]),
        127 => text.extend_from_slice(b"^?"),
        _ => push_char(&mut text, char as u32),
    }
    Ok(from_text(&text, cx).into())
}

/// The primitives of this file.
pub(crate) const SUBRS: &[SubrInfo] = &subrs![single_key_description, key_description, text_char_description];
