//! Strings as bytes and as characters, and numbers as strings.

use super::{character_arg, string_chars};
use crate::character::{byte_to_char, chars, count, push_char, push_unibyte, raw_byte};
use crate::error::{error, signal, wrong_type};
use crate::lread::setting;
use crate::number::bignum_value;
use crate::{numeral, sym};
use tenure_gc::{Context, Kind, LispResult, Object, Str, SubrInfo, Throw};
use tenure_macros::{defun, subrs};

/// The bytes of multibyte text, with raw bytes as the bytes that they are.
pub fn as_unibyte(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for c in chars(text) {
        match raw_byte(c) {
            Some(byte) => bytes.push(byte),
            None => push_char(&mut bytes, c),
        }
    }
    bytes
}

/// Return t if OBJECT is a multibyte string.
#[defun]
fn multibyte_string_p(object: Object<'_>) -> bool {
    object.as_string().is_some_and(Str::is_multibyte)
}

/// Return STRING as multibyte: bytes beyond ASCII become raw bytes.
#[defun]
fn string_to_multibyte<'ob>(string: Str<'ob>, cx: &'ob Context) -> Str<'ob> {
    if string.is_multibyte() {
        return string;
    }
    let mut text = Vec::with_capacity(string.len_bytes());
    push_unibyte(&mut text, string.bytes());
    cx.string(&text, string.chars(), true)
}

/// Return STRING as multibyte, if it has bytes beyond ASCII; they become raw bytes.
#[defun]
fn string_make_multibyte<'ob>(string: Str<'ob>, cx: &'ob Context) -> Str<'ob> {
    if string.bytes().is_ascii() { string } else { string_to_multibyte(string, cx) }
}

/// Return STRING as unibyte; each of its characters must be ASCII or a raw byte.
#[defun]
fn string_to_unibyte<'ob>(string: Str<'ob>, cx: &'ob Context) -> Result<Str<'ob>, Throw> {
    if !string.is_multibyte() {
        return Ok(string);
    }
    let mut bytes = Vec::with_capacity(string.chars());
    for (i, c) in string_chars(string).enumerate() {
        match raw_byte(c) {
            Some(byte) => bytes.push(byte),
            None if c < 0x80 => bytes.push(c as u8),
            None => return Err(error(&format!("Can\u{2019}t convert the {i}th character to unibyte"), cx)),
        }
    }
    Ok(cx.string(&bytes, bytes.len(), false))
}

/// Return STRING as unibyte: of each character the low eight bits.
#[defun]
fn string_make_unibyte<'ob>(string: Str<'ob>, cx: &'ob Context) -> Str<'ob> {
    if !string.is_multibyte() {
        return string;
    }
    let bytes: Vec<u8> = string_chars(string).map(|c| raw_byte(c).unwrap_or(c as u8)).collect();
    cx.string(&bytes, bytes.len(), false)
}

/// Return a unibyte string of the bytes that STRING is made of.
#[defun]
fn string_as_unibyte<'ob>(string: Str<'ob>, cx: &'ob Context) -> Str<'ob> {
    if !string.is_multibyte() {
        return string;
    }
    let bytes = as_unibyte(string.bytes());
    cx.string(&bytes, bytes.len(), false)
}

/// Return a multibyte string of the characters that the bytes of STRING make up.
#[defun]
fn string_as_multibyte<'ob>(string: Str<'ob>, cx: &'ob Context) -> Str<'ob> {
    if string.is_multibyte() {
        return string;
    }
    let mut text = Vec::with_capacity(string.len_bytes());
    let bytes = string.bytes();
    let mut at = 0;
    while at < bytes.len() {
        // How raw bytes are kept is none of a character's.
        let (c, length) = match bytes[at] {
            byte @ 0xC0..=0xC1 => (byte_to_char(byte), 1),
            _ => crate::character::decode(&bytes[at..]),
        };
        push_char(&mut text, c);
        at += length;
    }
    cx.string(&text, count(&text), true)
}

/// Return the character of the byte CHAR: itself if ASCII, else a raw byte.
#[defun]
fn unibyte_char_to_multibyte<'ob>(char: Object<'ob>, cx: &'ob Context) -> Result<i64, Throw> {
    let c = character_arg(char, cx)?;
    match u8::try_from(c) {
        Ok(byte) => Ok(i64::from(byte_to_char(byte))),
        Err(_) => Err(error(&format!("Not a unibyte character: {c}"), cx)),
    }
}

/// Return the byte of the character CHAR, -1 if it has none.
#[defun]
fn multibyte_char_to_unibyte<'ob>(char: Object<'ob>, cx: &'ob Context) -> Result<i64, Throw> {
    let c = character_arg(char, cx)?;
    Ok(match raw_byte(c) {
        Some(byte) => i64::from(byte),
        None if c < 256 => i64::from(c),
        None => -1,
    })
}

/// Return the number that STRING begins with, 0 if there is none; BASE, from 2 to 16, is by default 10.
#[defun]
fn string_to_number<'ob>(string: Str<'ob>, base: Option<Object<'ob>>, cx: &'ob Context) -> LispResult<'ob> {
    let base = match base.map(|b| (b, b.as_fixnum())) {
        None => 10,
        Some((_, Some(b @ 2..=16))) => b as u32,
        Some((b, Some(_))) => return Err(signal(sym::ARGS_OUT_OF_RANGE, &[b], cx)),
        Some((b, None)) => return Err(wrong_type(sym::FIXNUMP, b, cx)),
    };
    let text = string.bytes();
    let blanks = text.iter().take_while(|&&b| b == b' ' || b == b'\t').count();
    Ok(numeral::parse(&text[blanks..], base).map_or(Object::fixnum(0), |n| n.value(base, cx)))
}

/// Return the decimal text of NUMBER; of a float as `float-output-format' wants it.
#[defun]
fn number_to_string<'ob>(number: Object<'ob>, cx: &'ob Context) -> Result<Str<'ob>, Throw> {
    Ok(cx.string_from_str(&match number.untag() {
        Kind::Fixnum(n) => n.to_string(),
        Kind::Float(x) => {
            let mut text = Vec::new();
            numeral::push_float_as(&mut text, x.value(), setting(sym::FLOAT_OUTPUT_FORMAT, cx));
            return Ok(cx.string(&text, text.len(), false));
        }
        Kind::Bignum(n) => bignum_value(n).to_string(),
        _ => return Err(wrong_type(sym::NUMBERP, number, cx)),
    }))
}

/// The primitives of this file.
pub const CONVERT_SUBRS: &[SubrInfo] = &subrs![
    multibyte_string_p,
    string_to_multibyte,
    string_make_multibyte,
    string_to_unibyte,
    string_make_unibyte,
    string_as_unibyte,
    string_as_multibyte,
    unibyte_char_to_multibyte,
    multibyte_char_to_unibyte,
    string_to_number,
    number_to_string,
];
