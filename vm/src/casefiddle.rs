//! Letter case of characters and strings (`casefiddle.c`).
//!
//! Emacs's tables follow the Unicode data; here the same data comes from Rust's standard library.  Characters whose
//! counterpart is more than one character have none as characters, and the long one in strings, as in Emacs.

use crate::character::{byte_to_char, push_char, push_unibyte};
use crate::error::wrong_type;
use crate::string::string_chars;
use crate::sym;
use crate::syntax::{Class, Syntax};
use crate::textprop;
use tenure_gc::{Context, LispResult, Object, Str, SubrInfo};
use tenure_macros::{defun, subrs};

/// Modifier bits that an event may carry beside its character.
const MODIFIERS: i64 = 0xFC0_0000;

#[derive(Clone, Copy, PartialEq)]
enum Case {
    Up,
    Down,
    /// First letter up, the others down.
    Capital,
    /// First letter up, the others as they are.
    Initials,
}

/// Letters whose case Emacs's tables do not know: the Kelvin sign, which it leaves alone, and what came after its
/// version of Unicode.
const CASELESS: &[(u32, u32)] = &[
    (0x19B, 0x19B),
    (0x264, 0x264),
    (0x1C89, 0x1C8A),
    (0x212A, 0x212A),
    (0xA7CB, 0xA7CF),
    (0xA7D2, 0xA7D5),
    (0xA7DA, 0xA7DC),
    (0x1_0D50, 0x1_0D65),
    (0x1_0D70, 0x1_0D85),
    (0x1_6EA0, 0x1_6ED3),
];

/// The character as one of the standard library, if it has case.
fn cased(c: u32) -> Option<char> {
    let caseless = c >= 0x80 && CASELESS.iter().any(|&(from, to)| (from..=to).contains(&c));
    char::from_u32(c).filter(|_| !caseless)
}

/// The Greek letters with an iota below, as capitals.
fn with_iota(c: u32) -> Option<u32> {
    match c {
        0x1F80..=0x1FAF => Some(c | 8),
        0x1FB3 | 0x1FC3 | 0x1FF3 => Some(c + 9),
        0x1FBC | 0x1FCC | 0x1FFC => Some(c),
        _ => None,
    }
}

/// The single character that is `c` in upper case.
pub fn upcase_char(c: u32) -> u32 {
    match c {
        0xDF => 0x1E9E,
        // The dotless i and the long s are left alone, as capitals that come back as other letters.
        0x131 | 0x17F => c,
        _ => with_iota(c).unwrap_or_else(|| single(c, |c| c.to_uppercase().collect())),
    }
}

/// The single character that is `c` in lower case.
pub fn downcase_char(c: u32) -> u32 {
    match c {
        0x130 => c,
        _ => single(c, |c| c.to_lowercase().collect()),
    }
}

fn titlecase_char(c: u32) -> u32 {
    match c {
        0x131 => u32::from(b'I'),
        0x17F => u32::from(b'S'),
        0x1C4..=0x1C6 => 0x1C5,
        0x1C7..=0x1C9 => 0x1C8,
        0x1CA..=0x1CC => 0x1CB,
        0x1F1..=0x1F3 => 0x1F2,
        // Georgian has no title case.
        0x10D0..=0x10FF => c,
        _ => upcase_char(c),
    }
}

fn single(c: u32, map: impl Fn(char) -> Vec<char>) -> u32 {
    match cased(c).map(map).as_deref() {
        Some(&[one]) => u32::from(one),
        _ => c,
    }
}

/// Append `c` in another case, as many characters as it takes.
fn push_cased(text: &mut Vec<u8>, c: u32, case: Case) {
    let Some(ch) = cased(c) else { return push_char(text, c) };
    match case {
        Case::Up if c == 0x131 || c == 0x17F => push_char(text, c),
        Case::Up => ch.to_uppercase().for_each(|c| push_char(text, u32::from(c))),
        Case::Down => ch.to_lowercase().for_each(|c| push_char(text, u32::from(c))),
        Case::Capital | Case::Initials => {
            let mut letters = ch.to_uppercase();
            if letters.len() == 1 || with_iota(c).is_some() {
                return push_char(text, titlecase_char(c));
            }
            // Only the first letter of several is a capital; an iota goes below it.
            letters.next().into_iter().for_each(|c| push_char(text, u32::from(c)));
            letters.for_each(|letter| {
                push_char(
                    text,
                    match u32::from(letter) {
                        letter if c == N_WITH_APOSTROPHE => letter,
                        CAPITAL_IOTA => COMBINING_IOTA,
                        letter => downcase_char(letter),
                    },
                );
            });
        }
    }
}

const N_WITH_APOSTROPHE: u32 = 0x149;
const CAPITAL_IOTA: u32 = 0x399;
const COMBINING_IOTA: u32 = 0x345;

fn change<'ob>(object: Object<'ob>, case: Case, cx: &'ob Context) -> LispResult<'ob> {
    if let Some(string) = object.as_string() {
        return Ok(change_string(string, case, cx).into());
    }
    match object.as_fixnum() {
        Some(event @ 0..) => {
            let c = event & !MODIFIERS;
            if event > MODIFIERS | 0x3F_FFFF || c > 0x3F_FFFF {
                return Ok(object);
            }
            let new = match case {
                Case::Down => downcase_char(c as u32),
                Case::Up => upcase_char(c as u32),
                Case::Capital | Case::Initials => titlecase_char(c as u32),
            };
            Ok(Object::fixnum(event & MODIFIERS | i64::from(new)))
        }
        _ => Err(wrong_type(sym::CHAR_OR_STRING_P, object, cx)),
    }
}

fn change_string<'ob>(string: Str<'ob>, case: Case, cx: &'ob Context) -> Str<'ob> {
    let mut text = Vec::with_capacity(string.len_bytes());
    let mut in_word = false;
    let syntax = Syntax::current(cx);
    let is_word = |c: u32| syntax.class(c) == Class::Word;
    let characters: Vec<u32> = string_chars(string).collect();
    for (i, &c) in characters.iter().enumerate() {
        let c_is_byte = !string.is_multibyte() && c >= 0x80;
        let word = is_word(if c_is_byte { byte_to_char(c as u8) } else { c });
        let own = match case {
            Case::Up | Case::Down => Some(case),
            Case::Capital if word && in_word => Some(Case::Down),
            Case::Initials if word && in_word => None,
            Case::Capital | Case::Initials => word.then_some(case),
        };
        match own {
            _ if c_is_byte => push_unibyte(&mut text, &[c as u8]),
            Some(Case::Down) if c == 0x3A3 && is_final_sigma(&characters, i, is_word) => push_char(&mut text, 0x3C2),
            Some(case) => push_cased(&mut text, c, case),
            None => push_char(&mut text, c),
        }
        in_word = word;
    }
    if string.is_multibyte() {
        return cx.string(&text, crate::character::count(&text), true);
    }
    let bytes = if string.bytes().is_ascii() { text } else { crate::string::as_unibyte(&text) };
    let new = cx.string(&bytes, bytes.len(), false);
    // A multibyte string loses its properties, as in Emacs.
    textprop::copy(string, 0..string.chars(), new, 0, cx);
    new
}

/// A string in upper case.
pub fn upcase_string<'ob>(string: Str<'ob>, cx: &'ob Context) -> Str<'ob> {
    change_string(string, Case::Up, cx)
}

/// A string with the first letter of each word in upper case.
pub fn upcase_initials_string<'ob>(string: Str<'ob>, cx: &'ob Context) -> Str<'ob> {
    change_string(string, Case::Initials, cx)
}

/// Whether the sigma at `i` ends a word that begins before it.
fn is_final_sigma(text: &[u32], i: usize, is_word: impl Fn(u32) -> bool) -> bool {
    i > 0 && is_word(text[i - 1]) && !text.get(i + 1).is_some_and(|&c| is_word(c))
}

/// Return OBJ, a character or string, in upper case.
#[defun]
fn upcase<'ob>(obj: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    change(obj, Case::Up, cx)
}

/// Return OBJ, a character or string, in lower case.
#[defun]
fn downcase<'ob>(obj: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    change(obj, Case::Down, cx)
}

/// Return OBJ, a character or string, with the first letter of each word in upper case and the others in lower.
#[defun]
fn capitalize<'ob>(obj: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    change(obj, Case::Capital, cx)
}

/// Return OBJ, a character or string, with the first letter of each word in upper case.
#[defun]
fn upcase_initials<'ob>(obj: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    change(obj, Case::Initials, cx)
}

/// The primitives of this file.
pub const SUBRS: &[SubrInfo] = &subrs![upcase, downcase, capitalize, upcase_initials];
