//! Characters and the internal encoding of multibyte strings (`character.c`).
//!
//! A character is a number up to [`MAX_CHAR`].  The encoding is UTF-8 carried on to five bytes; the 128 raw bytes
//! `0x80..=0xFF` are the characters from [`RAW_BYTE_BASE`]` + 0x80` on, written as `C0` or `C1` and one more byte.
//! Decoding accepts any bytes: one that begins no sequence is taken as a raw byte, so nothing here can fail or stop.

/// The largest character.
pub const MAX_CHAR: u32 = 0x3F_FFFF;
/// The largest character that is no raw byte.
pub const MAX_5_BYTE: u32 = 0x3F_FF7F;
/// The largest Unicode scalar.
pub const MAX_UNICODE: u32 = 0x10_FFFF;
/// A raw byte `b` is the character `RAW_BYTE_BASE + b`.
pub const RAW_BYTE_BASE: u32 = 0x3F_FF00;
/// The most bytes that one character takes.
pub const MAX_BYTES: usize = 5;

/// Append a character to text in the internal encoding.
#[inline]
pub fn push_char(text: &mut Vec<u8>, c: u32) {
    match c {
        0..=0x7F => text.push(c as u8),
        0x80..=0x7FF => text.extend([0xC0 | (c >> 6) as u8, low6(c)]),
        0x800..=0xFFFF => text.extend([0xE0 | (c >> 12) as u8, low6(c >> 6), low6(c)]),
        0x1_0000..=0x1F_FFFF => text.extend([0xF0 | (c >> 18) as u8, low6(c >> 12), low6(c >> 6), low6(c)]),
        0x20_0000..=MAX_5_BYTE => text.extend([0xF8, low6(c >> 18), low6(c >> 12), low6(c >> 6), low6(c)]),
        _ => text.extend([0xC0 | (c >> 6) as u8 & 1, low6(c)]),
    }
}

#[inline]
fn low6(c: u32) -> u8 {
    0x80 | (c & 0x3F) as u8
}

/// How many bytes a character takes.
#[inline]
pub fn char_bytes(c: u32) -> usize {
    match c {
        0..=0x7F => 1,
        0x80..=0x7FF => 2,
        0x800..=0xFFFF => 3,
        0x1_0000..=0x1F_FFFF => 4,
        0x20_0000..=MAX_5_BYTE => 5,
        _ => 2,
    }
}

/// The character at the start of `text`, which is not empty, and how many bytes it takes.
#[inline]
pub fn decode(text: &[u8]) -> (u32, usize) {
    match text[0] {
        b @ ..0x80 => (u32::from(b), 1),
        _ => decode_multibyte(text),
    }
}

fn decode_multibyte(text: &[u8]) -> (u32, usize) {
    let first = text[0];
    let (len, bits) = match first {
        0xC0..=0xDF => (2, first & 0x1F),
        0xE0..=0xEF => (3, first & 0x0F),
        0xF0..=0xF7 => (4, first & 0x07),
        0xF8 => (5, 0),
        _ => return (RAW_BYTE_BASE + u32::from(first), 1),
    };
    let mut c = u32::from(bits);
    for i in 1..len {
        match text.get(i) {
            Some(&b) if b & 0xC0 == 0x80 => c = c << 6 | u32::from(b & 0x3F),
            _ => return (RAW_BYTE_BASE + u32::from(first), 1),
        }
    }
    if first <= 0xC1 {
        // C0 and C1 begin raw bytes.
        return (RAW_BYTE_BASE + 0x80 + c, 2);
    }
    if len > char_bytes(c) || c > MAX_5_BYTE {
        return (RAW_BYTE_BASE + u32::from(first), 1);
    }
    (c, len)
}

/// The characters of text in the internal encoding.
#[derive(Clone)]
pub struct Chars<'a>(&'a [u8]);

impl Chars<'_> {
    /// The bytes not yet taken.
    pub fn remaining(&self) -> usize {
        self.0.len()
    }
}

impl Iterator for Chars<'_> {
    type Item = u32;

    #[inline]
    fn next(&mut self) -> Option<u32> {
        if self.0.is_empty() {
            return None;
        }
        let (c, len) = decode(self.0);
        self.0 = &self.0[len..];
        Some(c)
    }
}

/// The characters of `text`, multibyte or plain bytes.
pub fn chars(text: &[u8]) -> Chars<'_> {
    Chars(text)
}

/// How many characters `text` holds.
#[inline]
pub fn count(text: &[u8]) -> usize {
    if text.is_ascii() { text.len() } else { chars(text).count() }
}

/// The byte index of character `index` of `text`; the end if there are fewer.
pub fn byte_index(text: &[u8], index: usize) -> usize {
    let mut at = 0;
    for _ in 0..index {
        if at >= text.len() {
            break;
        }
        at += decode(&text[at..]).1;
    }
    at
}

/// The raw byte that a character stands for.
#[inline]
pub fn raw_byte(c: u32) -> Option<u8> {
    (c > MAX_5_BYTE).then(|| (c - RAW_BYTE_BASE) as u8)
}

/// A byte of a unibyte string as a character of a multibyte one: raw beyond ASCII (`BYTE8_TO_CHAR`).
#[inline]
pub fn byte_to_char(b: u8) -> u32 {
    if b < 0x80 { u32::from(b) } else { RAW_BYTE_BASE + u32::from(b) }
}

/// Append bytes of a unibyte string to multibyte text.
pub fn push_unibyte(text: &mut Vec<u8>, bytes: &[u8]) {
    if bytes.is_ascii() {
        return text.extend_from_slice(bytes);
    }
    bytes.iter().for_each(|&b| push_char(text, byte_to_char(b)));
}

/// Whether every byte belongs to a well-formed sequence, as a multibyte string's must.
pub fn is_well_formed(text: &[u8]) -> bool {
    let mut at = 0;
    while at < text.len() {
        let (c, len) = decode(&text[at..]);
        if c > MAX_5_BYTE && len == 1 {
            return false;
        }
        at += len;
    }
    true
}

/// Columns that a character takes on a terminal (`char-width-table` as Emacs sets it up), control characters aside.
pub fn width(c: u32) -> usize {
    const WIDE: &[(u32, u32)] = &[
        (0x1100, 0x115F),
        (0x231A, 0x231B),
        (0x2329, 0x232A),
        (0x23E9, 0x23EC),
        (0x23F0, 0x23F0),
        (0x23F3, 0x23F3),
        (0x25FD, 0x25FE),
        (0x2614, 0x2615),
        (0x2648, 0x2653),
        (0x267F, 0x267F),
        (0x2693, 0x2693),
        (0x26A1, 0x26A1),
        (0x26AA, 0x26AB),
        (0x26BD, 0x26BE),
        (0x26C4, 0x26C5),
        (0x26CE, 0x26CE),
        (0x26D4, 0x26D4),
        (0x26EA, 0x26EA),
        (0x26F2, 0x26F3),
        (0x26F5, 0x26F5),
        (0x26FA, 0x26FA),
        (0x26FD, 0x26FD),
        (0x2705, 0x2705),
        (0x270A, 0x270B),
        (0x2728, 0x2728),
        (0x274C, 0x274C),
        (0x274E, 0x274E),
        (0x2753, 0x2755),
        (0x2757, 0x2757),
        (0x2795, 0x2797),
        (0x27B0, 0x27B0),
        (0x27BF, 0x27BF),
        (0x2B1B, 0x2B1C),
        (0x2B50, 0x2B50),
        (0x2B55, 0x2B55),
        (0x2E80, 0x303E),
        (0x3040, 0x4DBF),
        (0x4E00, 0xA4CF),
        (0xA960, 0xA97C),
        (0xAC00, 0xD7A3),
        (0xF900, 0xFAFF),
        (0xFE10, 0xFE19),
        (0xFE30, 0xFE6F),
        (0xFF01, 0xFF60),
        (0xFFE0, 0xFFE6),
        (0x1_F004, 0x1_F004),
        (0x1_F0CF, 0x1_F0CF),
        (0x1_F18E, 0x1_F18E),
        (0x1_F191, 0x1_F19A),
        (0x1_F200, 0x1_F320),
        (0x1_F32D, 0x1_F335),
        (0x1_F337, 0x1_F37C),
        (0x1_F37E, 0x1_F393),
        (0x1_F3A0, 0x1_F3CA),
        (0x1_F3CF, 0x1_F3D3),
        (0x1_F3E0, 0x1_F3F0),
        (0x1_F3F4, 0x1_F3F4),
        (0x1_F3F8, 0x1_F43E),
        (0x1_F440, 0x1_F440),
        (0x1_F442, 0x1_F4FC),
        (0x1_F4FF, 0x1_F53D),
        (0x1_F54B, 0x1_F54E),
        (0x1_F550, 0x1_F567),
        (0x1_F57A, 0x1_F57A),
        (0x1_F595, 0x1_F596),
        (0x1_F5A4, 0x1_F5A4),
        (0x1_F5FB, 0x1_F64F),
        (0x1_F680, 0x1_F6C5),
        (0x1_F6CC, 0x1_F6CC),
        (0x1_F6D0, 0x1_F6D2),
        (0x1_F6EB, 0x1_F6EC),
        (0x1_F6F4, 0x1_F6FC),
        (0x1_F7E0, 0x1_F7EB),
        (0x1_F90C, 0x1_F93A),
        (0x1_F93C, 0x1_F945),
        (0x1_F947, 0x1_F9FF),
        (0x1_FA70, 0x1_FAFF),
        (0x2_0000, 0x3_FFFF),
    ];
    const ZERO: &[(u32, u32)] = &[
        (0x300, 0x36F),
        (0x483, 0x489),
        (0x591, 0x5BD),
        (0x610, 0x61A),
        (0x64B, 0x65F),
        (0x1AB0, 0x1AC0),
        (0x1DC0, 0x1DFF),
        (0x200B, 0x200F),
        (0x202A, 0x202E),
        (0x2060, 0x206F),
        (0x20D0, 0x20F0),
        (0x302A, 0x302D),
        (0x3099, 0x309A),
        (0xFE00, 0xFE0F),
        (0xFE20, 0xFE2F),
        (0xE_0100, 0xE_01EF),
    ];
    let within = |table: &[(u32, u32)]| table.iter().any(|&(from, to)| (from..=to).contains(&c));
    match c {
        0x20..=0x7E => 1,
        // A raw byte shows as an octal escape.
        _ if c > MAX_5_BYTE => 4,
        _ if within(ZERO) => 0,
        _ if within(WIDE) => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_comes_back() {
        for c in [0, 0x7F, 0x80, 0x7FF, 0x800, 0xD800, 0xFFFF, 0x1_0000, MAX_UNICODE, 0x1F_FFFF, 0x20_0000, MAX_5_BYTE]
            .into_iter()
            .chain(RAW_BYTE_BASE + 0x80..=MAX_CHAR)
        {
            let mut text = Vec::new();
            push_char(&mut text, c);
            assert_eq!(text.len(), char_bytes(c), "{c:#x}");
            assert_eq!(decode(&text), (c, text.len()), "{c:#x}");
            assert!(is_well_formed(&text), "{c:#x}");
        }
    }

    #[test]
    fn bytes_that_begin_nothing_are_raw() {
        for text in [&[0xFF][..], &[0xE2, 0x82], &[0x80], &[0xF9, 0x80], &[0xE0, 0x80, 0x80]] {
            assert_eq!(decode(text), (RAW_BYTE_BASE + u32::from(text[0]), 1), "{text:x?}");
        }
        assert_eq!(count(b"a\xFFb\xE2\x82\xAC"), 4);
    }
}
