//! Coding systems (`coding.c`): characters of strings to bytes and back.
//!
//! - `codec` encodes and decodes, `system` knows the systems by name.
//!
//! Emacs has some two hundred systems more, for the encodings of the time before Unicode; they are not known here, so
//! their names are errors.

mod codec;
mod system;

pub(crate) use codec::from_utf8;
use codec::{Codec, Decoded, Eol, Item, Mark};
pub(crate) use system::{Coding, Registry};

use crate::form::symbol;
use crate::state::LispState;
use std::ops::ControlFlow;
use tenure_gc::{Context, LispResult, NIL, Object, Str, SubrInfo, Symbol, T, Throw};
use tenure_vm::character::{push_char, raw_byte};
use tenure_vm::convert::FromLisp as _;
use tenure_vm::error::{error, signal, wrong_type};
use tenure_vm::fns::plist::{get_eq, plist_put};
use tenure_vm::init::define_variable;
use tenure_vm::lread::{intern_name, setting_of};
use tenure_vm::string::string_chars;
use tenure_vm::{defun, subrs, sym, textprop};

/// Variables that are nil at first.
const NIL_VARIABLES: &[&str] = &[
    "coding-system-for-read",
    "coding-system-for-write",
    "file-name-coding-system",
    "inhibit-eol-conversion",
    "inhibit-null-byte-detection",
    "last-coding-system-used",
];

/// Give the variables of coding systems their values.
pub(crate) fn init(cx: &Context) {
    NIL_VARIABLES.iter().for_each(|name| define_variable(cx, name, NIL));
    for name in ["locale-coding-system", "default-file-name-coding-system"] {
        define_variable(cx, name, cx.intern("utf-8-unix").into());
    }
}

fn registry(cx: &Context) -> &Registry {
    LispState::of(cx).coding.get_or_init(|| Registry::new(cx))
}

fn named<'ob>(name: &[u8], cx: &'ob Context) -> Object<'ob> {
    intern_name(name, cx).into()
}

/// The coding system that a symbol names; nil is `no-conversion`.
pub(crate) fn coding_arg<'ob>(name: Object<'ob>, cx: &'ob Context) -> Result<Coding, Throw> {
    let name = if name.is_nil() { cx.intern("no-conversion").into() } else { name };
    let symbol = Symbol::from_lisp(name, cx)?;
    let unknown = || signal(cx.intern("coding-system-error").into(), &[name], cx);
    registry(cx).find(symbol.name(cx).bytes()).ok_or_else(unknown)
}

/// The coding system that a symbol other than nil names.
fn some_coding<'ob>(name: Object<'ob>, cx: &'ob Context) -> Result<Coding, Throw> {
    if name.is_nil() { Err(wrong_type(symbol("coding-system-p", cx), name, cx)) } else { coding_arg(name, cx) }
}

/// A property of a coding system.
fn property<'ob>(coding: Coding, name: &str, cx: &'ob Context) -> LispResult<'ob> {
    Ok(get_eq(registry(cx).plist(coding, cx)?, symbol(name, cx)))
}

/// Note in `last-coding-system-used` which system was used.
pub(crate) fn note_used(name: Object<'_>, cx: &Context) {
    cx.intern("last-coding-system-used").set_value(name, cx);
}

/// The name of a coding system, whose lines end in newlines if `name` says nothing else.
pub(crate) fn unix_name<'ob>(name: Object<'ob>, coding: Coding, cx: &'ob Context) -> Object<'ob> {
    if coding.eol.is_some() {
        return name;
    }
    let coding = registry(cx).with_eol(coding, Some(Eol::Unix));
    registry(cx).names(coding).first().map_or(NIL, |name| named(name, cx))
}

/// A buffer argument: text is put into strings only, as nothing can be put into a buffer.
fn check_destination<'ob>(buffer: Option<Object<'ob>>, cx: &'ob Context) -> Result<(), Throw> {
    match buffer {
        None => Ok(()),
        Some(buffer) if buffer == T => Ok(()),
        Some(buffer) if buffer.as_buffer().is_some() => Err(error("There is no buffer to put text into", cx)),
        Some(other) => Err(wrong_type(sym::BUFFERP, other, cx)),
    }
}

/// The bytes that a string is in a coding system.
pub(crate) fn encode<'ob>(string: Str<'ob>, coding: Coding, cx: &'ob Context) -> Result<Vec<u8>, Throw> {
    cx.reserve(string.len_bytes().saturating_mul(2))?;
    let missing = match property(coding, ":default-char", cx)?.as_fixnum() {
        Some(c) => u32::try_from(c).unwrap_or(u32::from(b' ')),
        None => u32::from(b' '),
    };
    // The bytes of a unibyte string are characters where they happen to be such in the internal encoding, as in Emacs.
    Ok(codec::encode(string.bytes(), coding.codec, missing, coding.eol))
}

/// Whether a string stays what it is, but for its kind: it is ASCII without ends of lines that would change.
fn stays(string: Str<'_>, coding: Coding, end: u8, cx: &Context) -> Result<bool, Throw> {
    let plain = string.bytes().is_ascii();
    Ok(plain
        && !property(coding, ":ascii-compatible-p", cx)?.is_nil()
        && (coding.eol == Some(Eol::Unix) || !string.bytes().contains(&end)))
}

/// As a string without a coding system is converted: not at all.
fn unconverted<'ob>(string: Str<'ob>, nocopy: bool, cx: &'ob Context) -> Str<'ob> {
    note_used(symbol("no-conversion", cx), cx);
    if nocopy {
        return string;
    }
    let copy = cx.string(string.bytes(), string.chars(), string.is_multibyte());
    textprop::copy(string, 0..string.chars(), copy, 0, cx);
    copy
}

/// What a string is converted to if that changes nothing but its kind, or else the coding system to convert it by.
/// The conversion is told by the end of a line that it may change, and whether its result `is_multibyte`.
fn unchanged<'ob>(
    string: Str<'ob>,
    coding_system: Object<'ob>,
    nocopy: bool,
    buffer: Option<Object<'ob>>,
    (end, is_multibyte): (u8, bool),
    cx: &'ob Context,
) -> Result<ControlFlow<Str<'ob>, Coding>, Throw> {
    if coding_system.is_nil() && buffer.is_none() {
        return Ok(ControlFlow::Break(unconverted(string, nocopy, cx)));
    }
    let coding = coding_arg(coding_system, cx)?;
    check_destination(buffer, cx)?;
    note_used(coding_system, cx);
    if !stays(string, coding, end, cx)? {
        return Ok(ControlFlow::Continue(coding));
    }
    let same = if nocopy { string } else { cx.string(string.bytes(), string.len_bytes(), is_multibyte) };
    Ok(ControlFlow::Break(same))
}

/// Return the bytes that STRING is in CODING-SYSTEM.
/// With NOCOPY, STRING itself may be returned if nothing changes.  BUFFER is nil.
///
/// Emacs: the bytes may go to a buffer, and there are more systems.
#[defun(min = 2)]
fn encode_coding_string<'ob>(
    string: Str<'ob>,
    coding_system: Object<'ob>,
    nocopy: Option<bool>,
    buffer: Option<Object<'ob>>,
    cx: &'ob Context,
) -> Result<Str<'ob>, Throw> {
    let coding = match unchanged(string, coding_system, nocopy.is_some(), buffer, (b'\n', false), cx)? {
        ControlFlow::Break(same) => return Ok(same),
        ControlFlow::Continue(coding) => coding,
    };
    let bytes = encode(string, coding, cx)?;
    Ok(cx.string(&bytes, bytes.len(), false))
}

/// What is decoded.
fn items(string: Str<'_>) -> Vec<Item> {
    let byte = |c: u32| match u8::try_from(c) {
        Ok(byte) if byte < 0x80 || !string.is_multibyte() => Item::Byte(byte),
        _ => raw_byte(c).map_or(Item::Char(c), Item::Byte),
    };
    string_chars(string).map(byte).collect()
}

/// The system by which bytes were encoded, as far as they tell.
fn detect(items: &[Item], coding: Coding, cx: &Context) -> Coding {
    let known = |name: &str| match registry(cx).find(name.as_bytes()) {
        Some(found) => registry(cx).with_eol(found, coding.eol),
        None => coding,
    };
    let marked = codec::utf16_mark(items);
    match (coding.codec, marked) {
        // A mark alone is a character.
        (Codec::Utf8(Mark::Maybe), _) if codec::is_utf8(items) => {
            known(if codec::is_marked_utf8(items) { "utf-8-with-signature" } else { "utf-8" })
        }
        (Codec::Utf16(form), Some(little)) if form.mark == Mark::Maybe => {
            known(if little { "utf-16le-with-signature" } else { "utf-16be-with-signature" })
        }
        (Codec::Undecided, Some(little)) => {
            known(if little { "utf-16le-with-signature" } else { "utf-16be-with-signature" })
        }
        (Codec::Undecided, None) => {
            let variable = cx.intern("inhibit-null-byte-detection");
            let is_ascii = items.iter().all(|item| matches!(item, Item::Byte(0..0x80)));
            if items.contains(&Item::Byte(0)) && setting_of(variable, cx).is_nil() {
                known("no-conversion")
            } else if is_ascii {
                coding
            } else if codec::is_utf8(items) {
                known("utf-8")
            } else if items.iter().any(|item| matches!(item, Item::Byte(0x80..0xA0))) {
                known("raw-text")
            } else {
                known("iso-latin-1")
            }
        }
        _ => coding,
    }
}

/// Return the characters that the bytes of STRING are in CODING-SYSTEM.
/// With NOCOPY, STRING itself may be returned if nothing changes.  BUFFER is nil.
///
/// Emacs: the characters may go to a buffer, and there are more systems.
#[defun(min = 2)]
fn decode_coding_string<'ob>(
    string: Str<'ob>,
    coding_system: Object<'ob>,
    nocopy: Option<bool>,
    buffer: Option<Object<'ob>>,
    cx: &'ob Context,
) -> Result<Str<'ob>, Throw> {
    let coding = match unchanged(string, coding_system, nocopy.is_some(), buffer, (b'\r', true), cx)? {
        ControlFlow::Break(same) => return Ok(same),
        ControlFlow::Continue(coding) => coding,
    };
    cx.reserve(string.len_bytes().saturating_mul(4))?;
    let mut items = items(string);
    let found = detect(&items, coding, cx);
    let unifies = setting_of(cx.intern("inhibit-eol-conversion"), cx).is_nil();
    if unifies && found.eol == Some(Eol::Dos) && matches!(found.codec, Codec::Utf8(_) | Codec::Bytes(_)) {
        items = codec::drop_behind_returns(&items, found.codec);
    }
    let mut decoded = codec::decode(&items, found.codec);
    let mut used = found;
    if unifies {
        if let (None, Some(eol)) = (found.eol, codec::line_ends(&decoded.text)) {
            used = registry(cx).with_eol(found, Some(eol));
        }
        codec::unify_line_ends(&mut decoded.text, used.eol.unwrap_or(Eol::Unix));
    }
    if used != coding {
        let names = registry(cx).names(used);
        note_used(names.first().map_or(coding_system, |name| named(name, cx)), cx);
    }
    string_of(&decoded, used, cx)
}

/// The string of what was decoded: bytes if the system is of bytes.
fn string_of<'ob>(decoded: &Decoded, coding: Coding, cx: &'ob Context) -> Result<Str<'ob>, Throw> {
    let mut text = Vec::with_capacity(decoded.text.len());
    decoded.text.iter().for_each(|&c| push_char(&mut text, c));
    if !property(coding, ":for-unibyte", cx)?.is_nil() {
        let bytes = tenure_vm::string::as_unibyte(&text);
        return Ok(cx.string(&bytes, bytes.len(), false));
    }
    let string = cx.string(&text, decoded.text.len(), true);
    if let Some(from) = decoded.charset_from.filter(|&from| from < decoded.text.len()) {
        let charset = symbol("iso-8859-1", cx);
        textprop::add(string, from..decoded.text.len(), cx.list(&[sym::CHARSET, charset]), cx);
    }
    Ok(string)
}

/// Return t if OBJECT is nil or the name of a coding system.
#[defun]
fn coding_system_p<'ob>(object: Object<'ob>, cx: &'ob Context) -> bool {
    let known = |name: Symbol<'ob>| registry(cx).find(name.name(cx).bytes()).is_some();
    object.is_nil() || object.as_symbol().is_some_and(known)
}

/// Return CODING-SYSTEM if it is nil or the name of a coding system, else signal an error.
#[defun]
fn check_coding_system<'ob>(coding_system: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    coding_arg(coding_system, cx)?;
    Ok(coding_system)
}

/// Return the name of CODING-SYSTEM whatever its lines end in.
#[defun]
fn coding_system_base<'ob>(coding_system: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let coding = coding_arg(coding_system, cx)?;
    Ok(named(&registry(cx).base(coding), cx))
}

/// Return the names of CODING-SYSTEM, its own first.
#[defun]
fn coding_system_aliases<'ob>(coding_system: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let coding = coding_arg(coding_system, cx)?;
    let names: Vec<Object<'ob>> = registry(cx).names(coding).iter().map(|name| named(name, cx)).collect();
    Ok(cx.list(&names))
}

/// Return what lines end in, in CODING-SYSTEM: 0 is a newline, 1 a return and a newline, 2 a return; a vector of the
/// systems for each of them if that is found out; nil if there is no such system.
#[defun]
fn coding_system_eol_type<'ob>(coding_system: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    if !coding_system_p(coding_system, cx) {
        return Ok(NIL);
    }
    let coding = coding_arg(coding_system, cx)?;
    if let Some(eol) = coding.eol {
        return Ok(Object::fixnum(eol as i64));
    }
    let variant = |eol| registry(cx).names(registry(cx).with_eol(coding, Some(eol))).into_iter().next();
    let variants = Eol::ALL.map(|eol| variant(eol).map_or(NIL, |name| named(&name, cx)));
    Ok(cx.vector(&variants).into())
}

/// Return the properties of CODING-SYSTEM.
///
/// Emacs: other words are said of the systems.
#[defun]
fn coding_system_plist<'ob>(coding_system: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    registry(cx).plist(coding_arg(coding_system, cx)?, cx)
}

/// Give property PROP of CODING-SYSTEM the value VAL, and return that.
#[defun]
fn coding_system_put<'ob>(
    coding_system: Object<'ob>,
    prop: Object<'ob>,
    val: Object<'ob>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    let coding = some_coding(coding_system, cx)?;
    let name = prop.as_symbol().map_or(&b""[..], |prop| prop.name(cx).bytes());
    let character = |value: Object<'ob>| tenure_vm::string::character_arg(value, cx);
    let mut value = val;
    match name {
        b":mnemonic" => match val.as_string() {
            Some(string) => value = Object::fixnum(string_chars(string).next().map_or(0, i64::from)),
            None => _ = character(val)?,
        },
        b":default-char" if val.is_nil() => value = Object::fixnum(i64::from(b' ')),
        b":default-char" => _ = character(val)?,
        b":post-read-conversion" | b":pre-write-conversion" => _ = Symbol::from_lisp(val, cx)?,
        _ => {}
    }
    let plist = plist_put(registry(cx).plist(coding, cx)?, prop, value, cx)?;
    registry(cx).set_plist(coding, plist, cx);
    Ok(value)
}

/// Make the symbol ALIAS another name of CODING-SYSTEM.
#[defun]
fn define_coding_system_alias<'ob>(
    alias: Object<'ob>,
    coding_system: Object<'ob>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    let alias = Symbol::from_lisp(alias, cx)?;
    let coding = some_coding(coding_system, cx)?;
    registry(cx).add_alias(alias.name(cx).bytes(), coding);
    Ok(NIL)
}

/// Return the names of the coding systems in the order in which they are tried; the first alone if HIGHESTP is non-nil.
///
/// Emacs: there are more systems.
#[defun(min = 0)]
fn coding_system_priority_list<'ob>(highestp: Option<bool>, cx: &'ob Context) -> LispResult<'ob> {
    let names: Vec<Object<'ob>> = registry(cx).by_priority().iter().map(|name| named(name, cx)).collect();
    Ok(if highestp.is_some() { names.first().copied().unwrap_or(NIL) } else { cx.list(&names) })
}

/// Return in a list by which coding system the bytes of STRING were encoded, as far as they tell; not in a list if
/// HIGHEST is non-nil.
///
/// Emacs: the list has all that are possible.
#[defun(min = 1)]
fn detect_coding_string<'ob>(string: Str<'ob>, highest: Option<bool>, cx: &'ob Context) -> LispResult<'ob> {
    let items: Vec<Item> = string.bytes().iter().map(|&byte| Item::Byte(byte)).collect();
    let found = detect(&items, coding_arg(symbol("undecided", cx), cx)?, cx);
    let text = codec::decode(&items, found.codec).text;
    let found = registry(cx).with_eol(found, found.eol.or_else(|| codec::line_ends(&text)));
    let name = registry(cx).names(found).first().map_or(NIL, |name| named(name, cx));
    Ok(if highest.is_some() { name } else { cx.list(&[name]) })
}

/// The primitives of this file.
pub(crate) const SUBRS: &[SubrInfo] = &subrs![
    encode_coding_string,
    decode_coding_string,
    coding_system_p,
    check_coding_system,
    coding_system_base,
    coding_system_aliases,
    coding_system_eol_type,
    coding_system_plist,
    coding_system_put,
    define_coding_system_alias,
    coding_system_priority_list,
    detect_coding_string,
];
