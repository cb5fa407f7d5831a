//! Base64, in the usual alphabet and in that for URLs (RFC 4648).

use tenure_gc::{Context, Str, SubrInfo, Throw};
use tenure_vm::character::raw_byte;
use tenure_vm::error::error;
use tenure_vm::string::string_chars;
use tenure_vm::{defun, subrs};

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// Characters of a line.
const LINE: usize = 76;

fn encode<'ob>(
    string: Str<'ob>,
    alphabet: &[u8; 64],
    pad: bool,
    lines: bool,
    cx: &'ob Context,
) -> Result<Str<'ob>, Throw> {
    cx.reserve(string.len_bytes() * 2)?;
    let mut bytes = Vec::with_capacity(string.chars());
    for c in string_chars(string) {
        match raw_byte(c).or(u8::try_from(c).ok()) {
            Some(byte) => bytes.push(byte),
            None => return Err(error("Multibyte character in data for base64 encoding", cx)),
        }
    }
    let mut out = Vec::with_capacity(bytes.len() / 3 * 4 + 8);
    let mut column = 0;
    for chunk in bytes.chunks(3) {
        if lines && column == LINE {
            out.push(b'\n');
            column = 0;
        }
        column += 4;
        let word = chunk.iter().enumerate().fold(0u32, |word, (i, &b)| word | u32::from(b) << (16 - 8 * i));
        let digits = chunk.len() + 1;
        out.extend((0..digits).map(|i| alphabet[(word >> (18 - 6 * i)) as usize & 63]));
        if pad {
            out.resize(out.len() + 4 - digits, b'=');
        }
    }
    Ok(cx.string(&out, out.len(), false))
}

/// Return STRING in base64, in lines unless NO-LINE-BREAK is non-nil.
#[defun(min = 1)]
fn base64_encode_string<'ob>(
    string: Str<'ob>,
    no_line_break: Option<bool>,
    cx: &'ob Context,
) -> Result<Str<'ob>, Throw> {
    encode(string, STANDARD, true, no_line_break.is_none(), cx)
}

/// Return STRING in base64 for URLs, without the padding if NO-PAD is non-nil.
#[defun(min = 1)]
fn base64url_encode_string<'ob>(string: Str<'ob>, no_pad: Option<bool>, cx: &'ob Context) -> Result<Str<'ob>, Throw> {
    encode(string, URL, no_pad.is_none(), false, cx)
}

/// The bytes that base64 text stands for.  White space does not count; the padding may lack in text for URLs.
fn decode(text: impl Iterator<Item = u32>, url: bool) -> Option<Vec<u8>> {
    let alphabet = if url { URL } else { STANDARD };
    let mut digits = text.filter(|&c| !matches!(c, 0x20 | 0x09 | 0x0A | 0x0C | 0x0D));
    let value = |c: u32| alphabet.iter().position(|&b| u32::from(b) == c).map(|n| n as u32);
    const PAD: u32 = b'=' as u32;
    let mut out = Vec::new();
    while let Some(first) = digits.next() {
        let mut word = value(first)? << 18 | value(digits.next()?)? << 12;
        out.push((word >> 16) as u8);
        match digits.next() {
            None if url => return Some(out),
            None => return None,
            Some(PAD) => {
                if digits.next()? != PAD {
                    return None;
                }
                continue;
            }
            Some(third) => word |= value(third)? << 6,
        }
        out.push((word >> 8) as u8);
        match digits.next() {
            None if url => return Some(out),
            None => return None,
            Some(PAD) => continue,
            Some(fourth) => word |= value(fourth)?,
        }
        out.push(word as u8);
    }
    Some(out)
}

/// Return the bytes that STRING, in base64, stands for; in that for URLs if BASE64URL is non-nil.
#[defun(min = 1)]
fn base64_decode_string<'ob>(string: Str<'ob>, base64url: Option<bool>, cx: &'ob Context) -> Result<Str<'ob>, Throw> {
    cx.reserve(string.len_bytes())?;
    let bytes = decode(string_chars(string), base64url.is_some()).ok_or_else(|| error("Invalid base64 data", cx))?;
    Ok(cx.string(&bytes, bytes.len(), false))
}

/// The primitives of this file.
pub(super) const SUBRS: &[SubrInfo] = &subrs![base64_encode_string, base64url_encode_string, base64_decode_string];
