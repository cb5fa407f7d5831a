//! Comparison and search of strings.

use super::{push_multibyte, string_chars};
use crate::character::{byte_to_char, char_bytes, count};
use crate::error::{args_out_of_range, wrong_type};
use crate::{casefiddle, sym};
use std::borrow::Cow;
use std::cmp::Ordering;
use tenure_gc::{Context, NIL, Object, Str, SubrInfo, T, Throw};
use tenure_macros::{defun, subrs};

/// A string argument that may be a symbol, which means its name.
fn designator<'ob>(object: Object<'ob>, cx: &'ob Context) -> Result<Str<'ob>, Throw> {
    match (object.as_string(), object.as_symbol()) {
        (Some(s), _) => Ok(s),
        (_, Some(symbol)) => Ok(symbol.name(cx)),
        _ => Err(wrong_type(sym::STRINGP, object, cx)),
    }
}

/// Whether two strings have the same characters and the same representation of them.
pub fn same(a: Str<'_>, b: Str<'_>) -> bool {
    a.chars() == b.chars() && a.bytes() == b.bytes()
}

/// The order of two strings by the numbers of their characters (`string<`).
pub fn string_less(a: Str<'_>, b: Str<'_>) -> Ordering {
    let plain = |s: Str<'_>| s.len_bytes() == s.chars();
    if plain(a) && plain(b) { a.bytes().cmp(b.bytes()) } else { string_chars(a).cmp(string_chars(b)) }
}

/// Return t if STRING1 and STRING2 have the same characters; symbols stand for their names.
#[defun]
fn string_equal<'ob>(string1: Object<'ob>, string2: Object<'ob>, cx: &'ob Context) -> Result<bool, Throw> {
    Ok(same(designator(string1, cx)?, designator(string2, cx)?))
}

/// Return t if STRING1 comes before STRING2 in the order of character numbers; symbols stand for their names.
#[defun]
fn string_lessp<'ob>(string1: Object<'ob>, string2: Object<'ob>, cx: &'ob Context) -> Result<bool, Throw> {
    Ok(string_less(designator(string1, cx)?, designator(string2, cx)?) == Ordering::Less)
}

/// Return t if STRING1 comes after STRING2 in the order of character numbers; symbols stand for their names.
#[defun]
fn string_greaterp<'ob>(string1: Object<'ob>, string2: Object<'ob>, cx: &'ob Context) -> Result<bool, Throw> {
    // Emacs defines it by `string-lessp`, which sees the second string first.
    let second = designator(string2, cx)?;
    Ok(string_less(designator(string1, cx)?, second) == Ordering::Greater)
}

/// Return t if STRING1 comes before STRING2 in the order of file versions, where runs of digits count as numbers;
/// symbols stand for their names.
#[defun]
fn string_version_lessp<'ob>(string1: Object<'ob>, string2: Object<'ob>, cx: &'ob Context) -> Result<bool, Throw> {
    let (a, b) = (designator(string1, cx)?.bytes(), designator(string2, cx)?.bytes());
    // Names end at a zero byte; what follows counts if they are the same up to there.
    let (mut a, mut b) = (a.split(|&c| c == 0), b.split(|&c| c == 0));
    loop {
        match (a.next(), b.next()) {
            (Some(x), Some(y)) => match file_order(x, y) {
                Ordering::Equal => {}
                order => return Ok(order == Ordering::Less),
            },
            (x, y) => return Ok(x.is_none() && y.is_some()),
        }
    }
}

/// The order of file names with versions (Gnulib's `filevercmp`): hidden files first, suffixes last.
fn file_order(a: &[u8], b: &[u8]) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    for special in [&b""[..], b".", b".."] {
        match (a == special, b == special) {
            (true, _) => return Ordering::Less,
            (_, true) => return Ordering::Greater,
            _ => {}
        }
    }
    match (a[0] == b'.', b[0] == b'.') {
        (true, false) => return Ordering::Less,
        (false, true) => return Ordering::Greater,
        _ => {}
    }
    let hidden = usize::from(a[0] == b'.');
    let (x, y) = (&a[hidden..], &b[hidden..]);
    let (cut_x, cut_y) = (without_suffix(x), without_suffix(y));
    let order = if cut_x == cut_y { version_order(x, y) } else { version_order(cut_x, cut_y) };
    order.then_with(|| a.cmp(b))
}

/// A name without its suffixes: dots, each with letters, digits and tildes after it that begin with no digit.
fn without_suffix(name: &[u8]) -> &[u8] {
    let mut end = name.len();
    loop {
        let part = name[..end].iter().rev().take_while(|b| b.is_ascii_alphanumeric() || **b == b'~').count();
        let dot = end.checked_sub(part + 1);
        match dot {
            Some(dot) if part > 0 && name[dot] == b'.' && !name[dot + 1].is_ascii_digit() => end = dot,
            _ => return &name[..end],
        }
    }
}

/// The order of versions: digits as numbers, letters before other characters, a tilde before everything.
fn version_order(a: &[u8], b: &[u8]) -> Ordering {
    let weight = |b: Option<&u8>| match b {
        None => 0,
        Some(b) if b.is_ascii_digit() => 0,
        Some(b) if b.is_ascii_alphabetic() => i32::from(*b),
        Some(b'~') => -1,
        Some(b) => i32::from(*b) + 256,
    };
    let is_text = |b: Option<&u8>| b.is_some_and(|b| !b.is_ascii_digit());
    let (mut i, mut j) = (0, 0);
    while i < a.len() || j < b.len() {
        while is_text(a.get(i)) || is_text(b.get(j)) {
            let order = weight(a.get(i)).cmp(&weight(b.get(j)));
            if order != Ordering::Equal {
                return order;
            }
            i += 1;
            j += 1;
        }
        let number = |text: &[u8], at: usize| {
            let digits = &text[at.min(text.len())..];
            let end = digits.iter().take_while(|b| b.is_ascii_digit()).count();
            let zeros = digits[..end].iter().take_while(|&&b| b == b'0').count();
            (at + zeros, at + end)
        };
        let ((x, x_end), (y, y_end)) = (number(a, i), number(b, j));
        let order = (x_end - x).cmp(&(y_end - y));
        let order =
            order.then_with(|| a[x.min(a.len())..x_end.min(a.len())].cmp(&b[y.min(b.len())..y_end.min(b.len())]));
        if order != Ordering::Equal {
            return order;
        }
        (i, j) = (x_end, y_end);
    }
    Ordering::Equal
}

/// Compare STR1 from START1 to END1 with STR2 from START2 to END2; IGNORE-CASE is what it says.
///
/// Return t if they are equal, else one more than the number of leading characters that are, negative if STR1 is less.
/// Ends beyond a string's end count as its end.
#[defun(min = 6)]
#[expect(clippy::too_many_arguments, reason = "the primitive has seven")]
fn compare_strings<'ob>(
    str1: Str<'ob>,
    start1: Object<'ob>,
    end1: Object<'ob>,
    str2: Str<'ob>,
    start2: Object<'ob>,
    end2: Object<'ob>,
    ignore_case: Object<'ob>,
    cx: &'ob Context,
) -> Result<Object<'ob>, Throw> {
    // Ends that are too far count as the end.
    let clip = |end: Object<'ob>, s: Str<'ob>| match end.as_fixnum() {
        Some(n) if n > s.chars() as i64 => Some(Object::fixnum(s.chars() as i64)),
        _ => Some(end).filter(|e| !e.is_nil()),
    };
    let given = |o: Object<'ob>| Some(o).filter(|o| !o.is_nil());
    // What is out of range is told with its clipped end.
    let r1 = super::range(str1.into(), given(start1), clip(end1, str1), str1.chars(), cx)?;
    let r2 = super::range(str2.into(), given(start2), clip(end2, str2), str2.chars(), cx)?;
    let part = |s: Str<'ob>, r: &std::ops::Range<usize>| -> Vec<u32> {
        let wide = |c: u32| if s.is_multibyte() || c < 0x80 { c } else { byte_to_char(c as u8) };
        let fold = |c: u32| if ignore_case.is_nil() { c } else { casefiddle::upcase_char(c) };
        string_chars(s).skip(r.start).take(r.len()).map(|c| fold(wide(c))).collect()
    };
    let (a, b) = (part(str1, &r1), part(str2, &r2));
    let equal = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let sign = match (a.get(equal), b.get(equal)) {
        (None, None) => return Ok(T),
        (Some(x), Some(y)) if x < y => -1,
        (None, Some(_)) => -1,
        _ => 1,
    };
    Ok(Object::fixnum(sign * (equal as i64 + 1)))
}

/// Return the index of the first place of NEEDLE in HAYSTACK at or after START-POS, nil if there is none.
#[defun]
fn string_search<'ob>(
    needle: Str<'ob>,
    haystack: Str<'ob>,
    start_pos: Option<Object<'ob>>,
    cx: &'ob Context,
) -> Result<Option<usize>, Throw> {
    let start = match start_pos {
        None => 0,
        Some(o) => match o.as_fixnum() {
            Some(n) if (0..=haystack.chars() as i64).contains(&n) => n as usize,
            Some(_) => return Err(crate::error::signal(sym::ARGS_OUT_OF_RANGE, &[o], cx)),
            None => return Err(wrong_type(sym::FIXNUMP, o, cx)),
        },
    };
    // Both in the representation of the haystack, where characters are equal exactly if their bytes are.
    let needle: Cow<'_, [u8]> = match (needle.is_multibyte(), haystack.is_multibyte()) {
        (true, false) => {
            let bytes: Option<Vec<u8>> = string_chars(needle)
                .map(|c| if c < 0x80 { Some(c as u8) } else { crate::character::raw_byte(c) })
                .collect();
            match bytes {
                Some(bytes) => bytes.into(),
                None => return Ok(None),
            }
        }
        (false, true) => {
            let mut text = Vec::new();
            push_multibyte(&mut text, needle);
            text.into()
        }
        _ => needle.bytes().into(),
    };
    let bytes = haystack.bytes();
    let plain = bytes.len() == haystack.chars();
    let from = if plain { start } else { super::find_character(haystack, start, cx) };
    let found = memchr::memmem::find(&bytes[from..], &needle);
    Ok(found.map(|at| if plain { start + at } else { start + count(&bytes[from..from + at]) }))
}

/// Return t if the characters C1 and C2 are equal, case aside if `case-fold-search` is non-nil.
#[defun]
fn char_equal<'ob>(c1: Object<'ob>, c2: Object<'ob>, cx: &'ob Context) -> Result<bool, Throw> {
    let (a, b) = (super::character_arg(c1, cx)?, super::character_arg(c2, cx)?);
    let fold = !crate::lread::setting(sym::CASE_FOLD_SEARCH, cx).is_nil();
    Ok(a == b || fold && casefiddle::downcase_char(a) == casefiddle::downcase_char(b))
}

/// Return the Levenshtein distance of STRING1 and STRING2, in characters, or in bytes if BYTECOMPARE is non-nil.
#[defun]
fn string_distance<'ob>(
    string1: Str<'ob>,
    string2: Str<'ob>,
    bytecompare: Option<bool>,
    cx: &'ob Context,
) -> Result<usize, Throw> {
    let units = |s: Str<'ob>| -> Vec<u32> {
        match bytecompare {
            Some(_) => s.bytes().iter().map(|&b| u32::from(b)).collect(),
            None => string_chars(s).collect(),
        }
    };
    let (a, b) = (units(string1), units(string2));
    cx.reserve((a.len() + b.len()) * size_of::<usize>())?;
    let mut row: Vec<usize> = (0..=a.len()).collect();
    for (j, y) in b.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = j + 1;
        for (i, x) in a.iter().enumerate() {
            let above = row[i + 1];
            row[i + 1] = (diagonal + usize::from(x != y)).min(row[i] + 1).min(above + 1);
            diagonal = above;
        }
    }
    Ok(row[a.len()])
}

/// Return byte POSITION of STRING, by default the first; it must be ASCII or a raw byte.
///
/// Emacs: without STRING, a position of the current buffer.
#[defun]
fn get_byte<'ob>(position: Option<Object<'ob>>, string: Option<Object<'ob>>, cx: &'ob Context) -> Result<i64, Throw> {
    let string = string.unwrap_or(NIL);
    let Some(string) = string.as_string() else { return Err(wrong_type(sym::STRINGP, string, cx)) };
    let i = match position {
        // What is behind an empty string is a zero byte.
        None if string.chars() == 0 => return Ok(0),
        None => 0,
        Some(o) => match o.as_fixnum() {
            Some(n) if n >= 0 && (n as usize) < string.chars() => n as usize,
            Some(n) if n >= 0 => return Err(args_out_of_range(string.into(), o, cx)),
            _ => return Err(wrong_type(sym::WHOLENUMP, o, cx)),
        },
    };
    let Some(c) = string_chars(string).nth(i) else {
        return Err(args_out_of_range(string.into(), Object::fixnum(i as i64), cx));
    };
    match crate::character::raw_byte(c) {
        Some(byte) => Ok(i64::from(byte)),
        None if !string.is_multibyte() || char_bytes(c) == 1 => Ok(i64::from(c)),
        None => Err(crate::error::error(&format!("Not an ASCII nor an 8-bit character: {c}"), cx)),
    }
}

/// The primitives of this file.
pub const COMPARE_SUBRS: &[SubrInfo] = &subrs![
    string_equal,
    string_lessp,
    string_greaterp,
    string_version_lessp,
    compare_strings,
    string_search,
    char_equal,
    string_distance,
    get_byte,
];
