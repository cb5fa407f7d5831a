//! The encodings themselves: characters to bytes and bytes to characters, as Emacs's coding systems have them.
//!
//! Nothing here fails: what cannot be encoded becomes a replacement, and bytes that mean nothing become raw bytes.

use tenure_vm::character::{MAX_CHAR, MAX_UNICODE, byte_to_char, chars, push_char, raw_byte};

/// How the ends of lines are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Eol {
    Unix,
    Dos,
    Mac,
}

impl Eol {
    /// All, in the order of their numbers.
    pub(super) const ALL: [Eol; 3] = [Eol::Unix, Eol::Dos, Eol::Mac];

    /// What the name of a coding system ends in.
    pub(super) fn suffix(self) -> &'static str {
        ["-unix", "-dos", "-mac"][self as usize]
    }
}

/// The byte order of UTF-16, and whether a mark tells of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Utf16 {
    pub(super) little: bool,
    pub(super) mark: Mark,
}

/// Whether text begins with a byte order mark.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mark {
    No,
    Yes,
    /// Decoding looks whether there is one.
    Maybe,
}

/// What a coding system does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Codec {
    /// Bytes as they are.
    Raw,
    Utf8(Mark),
    Utf16(Utf16),
    /// The first characters of Unicode, a byte each: so many.
    Bytes(u32),
    /// To be found out.
    Undecided,
}

/// The mark in UTF-8.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// Encode text in the internal encoding; `missing` stands for what has no code.
pub(super) fn encode(text: &[u8], codec: Codec, missing: u32, eol: Option<Eol>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    match codec {
        Codec::Utf8(Mark::Yes) => bytes.extend_from_slice(MARK),
        Codec::Utf16(form) if form.mark != Mark::No => push_unit(&mut bytes, 0xFEFF, form.little),
        _ => {}
    }
    for c in chars(text) {
        match eol.filter(|_| c == u32::from(b'\n')) {
            Some(Eol::Dos) => {
                encode_char(&mut bytes, u32::from(b'\r'), codec, missing);
                encode_char(&mut bytes, c, codec, missing);
            }
            Some(Eol::Mac) => encode_char(&mut bytes, u32::from(b'\r'), codec, missing),
            _ => encode_char(&mut bytes, c, codec, missing),
        }
    }
    bytes
}

fn push_unit(bytes: &mut Vec<u8>, unit: u16, little: bool) {
    bytes.extend(if little { unit.to_le_bytes() } else { unit.to_be_bytes() });
}

fn encode_char(bytes: &mut Vec<u8>, c: u32, codec: Codec, missing: u32) {
    match (codec, raw_byte(c)) {
        (Codec::Utf16(form), raw) => {
            let c = if raw.is_some() || c > MAX_UNICODE { missing } else { c };
            if let Some(high) = c.checked_sub(0x1_0000) {
                push_unit(bytes, 0xD800 | (high >> 10) as u16, form.little);
                push_unit(bytes, 0xDC00 | (high & 0x3FF) as u16, form.little);
            } else {
                push_unit(bytes, c as u16, form.little);
            }
        }
        (_, Some(byte)) => bytes.push(byte),
        (Codec::Bytes(limit), None) => bytes.push(if c < limit { c as u8 } else { missing as u8 }),
        (_, None) => push_char(bytes, c),
    }
}

/// What is decoded: a byte, or a character that is there already, beyond ASCII, in a multibyte string.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Item {
    Byte(u8),
    Char(u32),
}

impl Item {
    /// The character that stands for what cannot be decoded.
    fn as_char(self) -> u32 {
        match self {
            Item::Byte(byte) => byte_to_char(byte),
            Item::Char(c) => c,
        }
    }

    /// The character of a byte, as which Emacs takes the number of a character from below.
    fn as_raw(self) -> u32 {
        match self {
            Item::Byte(byte) => byte_to_char(byte),
            Item::Char(c) => byte_to_char(c.wrapping_neg() as u8),
        }
    }

    fn byte(self) -> Option<u8> {
        match self {
            Item::Byte(byte) => Some(byte),
            Item::Char(_) => None,
        }
    }
}

/// Characters, and which of them a charset other than ASCII gave.
#[derive(Default)]
pub(super) struct Decoded {
    pub(super) text: Vec<u32>,
    /// Where the first came from a charset, the others behind it count too.
    pub(super) charset_from: Option<usize>,
}

/// Decode.
pub(super) fn decode(items: &[Item], codec: Codec) -> Decoded {
    match codec {
        Codec::Utf8(mark) => Decoded { text: decode_utf8(items, mark), charset_from: None },
        Codec::Utf16(form) => Decoded { text: decode_utf16(items, form), charset_from: None },
        Codec::Bytes(limit) => decode_bytes(items, limit),
        Codec::Raw => Decoded { text: items.iter().map(|item| item.as_raw()).collect(), charset_from: None },
        Codec::Undecided => Decoded { text: items.iter().map(|item| item.as_char()).collect(), charset_from: None },
    }
}

/// Drop what Emacs loses when it decodes lines that end as those of DOS do: behind a return a character of a multibyte
/// string, which is there already, or a byte that begins nothing; what follows such a byte stays as it is.
pub(super) fn drop_behind_returns(items: &[Item], codec: Codec) -> Vec<Item> {
    let mut kept: Vec<Item> = Vec::with_capacity(items.len());
    let mut rest = items.iter();
    while let Some(&item) = rest.next() {
        kept.push(item);
        let behind = rest.as_slice();
        if item != Item::Byte(b'\r') {
            continue;
        }
        let begins_nothing = |byte: u8| match codec {
            Codec::Bytes(limit) => u32::from(byte) >= limit,
            _ => utf8_char(behind).is_none(),
        };
        match behind.first() {
            Some(Item::Char(_)) => _ = rest.next(),
            Some(&Item::Byte(byte)) if begins_nothing(byte) => {
                rest.next();
                kept.extend(rest.next().map(|after| Item::Char(after.as_char())));
            }
            // A second return is not followed by anything that is lost.
            Some(Item::Byte(_)) if matches!(codec, Codec::Bytes(_)) => kept.extend(rest.next()),
            _ => {}
        }
    }
    kept
}

fn decode_bytes(items: &[Item], limit: u32) -> Decoded {
    let mut decoded = Decoded::default();
    let is_latin = limit > 0x80 && items.iter().any(|item| !matches!(item, Item::Byte(0..0x80)));
    for &item in items {
        let c = match item {
            Item::Byte(byte) if u32::from(byte) < limit => {
                if is_latin && decoded.charset_from.is_none() {
                    decoded.charset_from = Some(decoded.text.len());
                }
                u32::from(byte)
            }
            _ => item.as_char(),
        };
        decoded.text.push(c);
    }
    decoded
}

/// The character that a sequence of UTF-8 begins with, and how many bytes it takes; up to five are allowed.
fn utf8_char(items: &[Item]) -> Option<(u32, usize)> {
    let first = items.first()?.byte()?;
    let (length, bits, least) = match first {
        0..0x80 => return Some((u32::from(first), 1)),
        0xC2..=0xDF => (2, first & 0x1F, 0x80),
        0xE0..=0xEF => (3, first & 0x0F, 0x800),
        0xF0..=0xF7 => (4, first & 0x07, 0x1_0000),
        0xF8 => (5, 0, 0x20_0000),
        _ => return None,
    };
    let mut c = u32::from(bits);
    for item in items.get(1..length)? {
        let byte = item.byte().filter(|byte| byte & 0xC0 == 0x80)?;
        c = c << 6 | u32::from(byte & 0x3F);
    }
    let is_surrogate = (0xD800..0xE000).contains(&c);
    ((least..=MAX_CHAR).contains(&c) && !is_surrogate).then_some((c, length))
}

/// Whether the mark of UTF-8 comes first.
fn has_utf8_mark(items: &[Item]) -> bool {
    items.len() >= MARK.len() && items.iter().zip(MARK).all(|(item, &byte)| *item == Item::Byte(byte))
}

/// Whether the mark of UTF-8 has something behind it.
pub(super) fn is_marked_utf8(items: &[Item]) -> bool {
    items.len() > MARK.len() && has_utf8_mark(items)
}

fn decode_utf8(items: &[Item], mark: Mark) -> Vec<u32> {
    let mut text = Vec::with_capacity(items.len());
    let mut at = if mark != Mark::No && has_utf8_mark(items) { MARK.len() } else { 0 };
    while let Some(&item) = items.get(at) {
        let (c, length) = utf8_char(&items[at..]).unwrap_or((item.as_char(), 1));
        text.push(c);
        at += length;
    }
    text
}

/// Bytes of UTF-8 as text in the internal encoding.
pub(crate) fn from_utf8(bytes: &[u8]) -> Vec<u8> {
    if std::str::from_utf8(bytes).is_ok() {
        return bytes.to_vec();
    }
    let items: Vec<Item> = bytes.iter().map(|&byte| Item::Byte(byte)).collect();
    let mut text = Vec::with_capacity(bytes.len() * 2);
    decode_utf8(&items, Mark::No).into_iter().for_each(|c| push_char(&mut text, c));
    text
}

const MARK_BIG: [Item; 2] = [Item::Byte(0xFE), Item::Byte(0xFF)];
const MARK_LITTLE: [Item; 2] = [Item::Byte(0xFF), Item::Byte(0xFE)];

/// Whether all may be UTF-8: as many bytes follow each first one as it says, whatever character they are.
pub(super) fn is_utf8(items: &[Item]) -> bool {
    let mut rest = items.iter().filter_map(|item| item.byte());
    while let Some(first) = rest.next() {
        let following = match first {
            0..0x80 => 0,
            0xC0..=0xDF => 1,
            0xE0..=0xEF => 2,
            0xF0..=0xF7 => 3,
            _ => return false,
        };
        if !(0..following).all(|_| rest.next().is_some_and(|byte| byte & 0xC0 == 0x80)) {
            return false;
        }
    }
    true
}

/// The byte order that a mark at the beginning tells of, if this may be UTF-16 at all.
pub(super) fn utf16_mark(items: &[Item]) -> Option<bool> {
    match () {
        () if !items.len().is_multiple_of(2) => None,
        () if items.starts_with(&MARK_BIG) => Some(false),
        () if items.starts_with(&MARK_LITTLE) => Some(true),
        () => None,
    }
}

fn decode_utf16(items: &[Item], form: Utf16) -> Vec<u32> {
    let mut text = Vec::with_capacity(items.len() / 2);
    let mut at = 0;
    let mut little = form.little;
    match (form.mark, utf16_mark(items)) {
        (Mark::Maybe, Some(told)) => {
            little = told;
            at = 2;
        }
        (Mark::Yes, _) if items.starts_with(if little { &MARK_LITTLE } else { &MARK_BIG }) => at = 2,
        _ => {}
    }
    // The first half of a pair.
    let mut pending: Option<u32> = None;
    while at < items.len() {
        let (first, second) = match (items[at], items.get(at + 1)) {
            (Item::Byte(first), Some(&Item::Byte(second))) => (first, second),
            (item @ Item::Char(_), _) => {
                text.push(item.as_char());
                at += 1;
                continue;
            }
            (item, Some(next)) => {
                text.extend([item.as_char(), next.as_char()]);
                at += 2;
                continue;
            }
            // A byte that is left over.
            (item, None) => {
                text.push(item.as_char());
                break;
            }
        };
        at += 2;
        let unit =
            u32::from(if little { u16::from_le_bytes([first, second]) } else { u16::from_be_bytes([first, second]) });
        if let Some(high) = pending {
            if (0xDC00..0xE000).contains(&unit) {
                pending = None;
                text.push(0x1_0000 + ((high & 0x3FF) << 10) + (unit & 0x3FF));
                continue;
            }
            // The first half of what is no pair is two bytes, and stays in force, as in Emacs.
            text.extend([high >> 8, high & 0xFF]);
        }
        if (0xD800..0xDC00).contains(&unit) {
            pending = Some(unit);
        } else {
            text.push(unit);
        }
    }
    text
}

/// How the lines of decoded text end, if they all end alike.
pub(super) fn line_ends(text: &[u32]) -> Option<Eol> {
    let (mut unix, mut dos, mut mac) = (false, false, false);
    let mut rest = text;
    while let Some((&c, after)) = rest.split_first() {
        rest = after;
        if c == u32::from(b'\n') {
            unix = true;
        } else if c == u32::from(b'\r') {
            match after.split_first() {
                Some((&next, behind)) if next == u32::from(b'\n') => {
                    dos = true;
                    rest = behind;
                }
                _ => mac = true,
            }
        }
    }
    match (unix, dos, mac) {
        (false, false, false) => None,
        // A return alone may stray among lines of DOS.
        (false, true, _) => Some(Eol::Dos),
        (false, false, true) => Some(Eol::Mac),
        _ => Some(Eol::Unix),
    }
}

/// Make newlines of the ends of lines.
pub(super) fn unify_line_ends(text: &mut Vec<u32>, eol: Eol) {
    let (cr, lf) = (u32::from(b'\r'), u32::from(b'\n'));
    match eol {
        Eol::Unix => {}
        Eol::Mac => text.iter_mut().filter(|c| **c == cr).for_each(|c| *c = lf),
        Eol::Dos => {
            let mut kept = 0;
            for at in 0..text.len() {
                if text[at] == cr && text.get(at + 1) == Some(&lf) {
                    continue;
                }
                text[kept] = text[at];
                kept += 1;
            }
            text.truncate(kept);
        }
    }
}
