//! Characters and the internal encoding of multibyte strings (`character.c`).
//!
//! A character is a number up to [`MAX_CHAR`].  The encoding is UTF-8 carried on to five bytes; the 128 raw bytes
//! `0x80..=0xFF` are the characters from [`RAW_BYTE_BASE`]` + 0x80` on, written as `C0` or `C1` and one more byte.
//! Decoding accepts any bytes: one that begins no sequence is taken as a raw byte, so nothing here can fail or stop.

pub mod runs;

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

/// Columns that a character takes on a terminal (`char-width-table`), control characters aside.
pub fn width(c: u32) -> usize {
    if (0x20..0x7F).contains(&c) { 1 } else { runs::WIDTH.get(c) }
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
