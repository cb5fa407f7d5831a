//! Strings, characters and their escapes.

use super::Form;
use tenure_gc::{LispResult, Object, Throw};
use tenure_vm::character::{MAX_5_BYTE, MAX_CHAR, MAX_UNICODE, byte_to_char, push_char, raw_byte};
use tenure_vm::error::error;

const ALT: u32 = 0x40_0000;
const SUPER: u32 = 0x80_0000;
const HYPER: u32 = 0x100_0000;
const SHIFT: u32 = 0x200_0000;
const CONTROL: u32 = 0x400_0000;
const META: u32 = 0x800_0000;
/// All modifier bits of a character.
const MODIFIERS: u32 = ALT | SUPER | HYPER | SHIFT | CONTROL | META;
/// The longest name between the braces of `\N{}`.
const LONGEST_NAME: usize = 200;

/// What stands before the character of an escape.
enum Modifier {
    Bits(u32),
    /// `\C-` and `\^`, which make ASCII control characters where there are any.
    Control,
}

impl<'ob> Form<'_, '_, 'ob> {
    /// A string, behind its first quote.
    pub(super) fn string(&mut self) -> LispResult<'ob> {
        let start = self.reader.at;
        let Some(length) = memchr::memchr2(b'"', b'\\', self.reader.rest()) else {
            self.reader.at = self.reader.source.len();
            return Err(self.end_of_file());
        };
        let plain = &self.reader.source[start..start + length];
        if self.reader.source[start + length] == b'"' && plain.is_ascii() {
            self.reader.at += length + 1;
            return Ok(self.cx.string(plain, length, false).into());
        }
        self.string_of_chars()
    }

    /// A string with escapes or characters beyond ASCII.
    fn string_of_chars(&mut self) -> LispResult<'ob> {
        let mut text = Vec::new();
        let (mut raw, mut wide) = (false, false);
        loop {
            // Bytes that stand for themselves go over in one piece.
            let rest = self.reader.rest();
            let plain = rest.iter().take_while(|&&b| b.is_ascii() && b != b'"' && b != b'\\').count();
            text.extend_from_slice(&rest[..plain]);
            self.reader.at += plain;
            let c = match self.reader.take_char() {
                None => return Err(self.end_of_file()),
                Some(c) if c == u32::from(b'"') => break,
                Some(c) if c == u32::from(b'\\') => match self.string_escape()? {
                    Some(c) => c,
                    None => continue,
                },
                Some(c) => c,
            };
            match c {
                0..=0x7F => {}
                _ if c > MAX_5_BYTE => raw = true,
                _ => wide = true,
            }
            push_char(&mut text, c);
        }
        if raw && !wide {
            let bytes: Vec<u8> = tenure_vm::character::chars(&text).map(|c| raw_byte(c).unwrap_or(c as u8)).collect();
            return Ok(self.cx.string(&bytes, bytes.len(), false).into());
        }
        let chars = tenure_vm::character::count(&text);
        Ok(self.cx.string(&text, chars, wide).into())
    }

    /// An escape in a string, behind its backslash; `None` if it stands for nothing.
    fn string_escape(&mut self) -> Result<Option<u32>, Throw> {
        let Some(escape) = self.escape(true)? else { return Ok(None) };
        let mut modifiers = escape & MODIFIERS;
        let mut c = escape & !MODIFIERS;
        if c < 0x80 {
            if modifiers == CONTROL && c == u32::from(b' ') {
                (c, modifiers) = (0, 0);
            }
            if modifiers & SHIFT != 0 && (c as u8).is_ascii_alphabetic() {
                c = u32::from((c as u8).to_ascii_uppercase());
                modifiers &= !SHIFT;
            }
            if modifiers & META != 0 {
                c = byte_to_char(c as u8 | 0x80);
                modifiers &= !META;
            }
        }
        if modifiers != 0 {
            return Err(self.invalid("Invalid modifier in string"));
        }
        Ok(Some(c))
    }

    /// A character, behind the question mark.
    pub(super) fn character(&mut self) -> LispResult<'ob> {
        let c = match self.reader.take_char() {
            None => return Err(self.end_of_file()),
            // Blanks need no terminator.
            Some(c) if c == u32::from(b' ') || c == u32::from(b'\t') => return Ok(Object::fixnum(i64::from(c))),
            Some(c) if c == u32::from(b'\\') => self.escape(false)?,
            Some(c) => Some(c),
        };
        // An escaped newline is no character.
        let c = c.map_or(-1, |c| {
            let modifiers = c & MODIFIERS;
            let c = c & !MODIFIERS;
            i64::from(raw_byte(c).map_or(c, u32::from) | modifiers)
        });
        if self.reader.peek().is_none_or(|b| b <= b' ' || b"\"';()[]#?`,.".contains(&b)) {
            return Ok(Object::fixnum(c));
        }
        Err(self.invalid("?"))
    }

    /// An escape, behind its backslash; `None` for an escaped newline, for an escaped space in a string, and where the
    /// text ends behind a modifier.
    fn escape(&mut self, in_string: bool) -> Result<Option<u32>, Throw> {
        let mut modifiers = Vec::new();
        let mut in_string = in_string;
        // Modifiers stand before one another, so they are kept until the character is known.
        let c = loop {
            let Some(c) = self.reader.take_char() else { return Err(self.end_of_file()) };
            let letter = u8::try_from(c).unwrap_or(0);
            let modifier = match letter {
                b'M' => Modifier::Bits(META),
                b'S' => Modifier::Bits(SHIFT),
                b'H' => Modifier::Bits(HYPER),
                b'A' => Modifier::Bits(ALT),
                b's' if !in_string && self.reader.peek() == Some(b'-') => Modifier::Bits(SUPER),
                b'C' | b'^' => Modifier::Control,
                _ => match self.simple_escape(c, letter, in_string)? {
                    Some(c) => break c,
                    None => return Ok(None),
                },
            };
            if letter != b'^' && self.reader.take() != Some(b'-') {
                return Err(error("Invalid escape character syntax", self.cx));
            }
            modifiers.push(modifier);
            match self.reader.take_char() {
                // As in Emacs, what is not there is modified too.
                None => return Ok(None),
                Some(c) if c == u32::from(b'\\') => in_string = false,
                Some(c) => break c,
            }
        };
        Ok(Some(modifiers.iter().rev().fold(c, |c, modifier| match modifier {
            Modifier::Bits(bits) => c | bits,
            Modifier::Control => control(c),
        })))
    }

    fn simple_escape(&mut self, c: u32, letter: u8, in_string: bool) -> Result<Option<u32>, Throw> {
        Ok(Some(match letter {
            b'a' => 7,
            b'b' => 8,
            b'd' => 0x7F,
            b'e' => 0x1B,
            b'f' => 0x0C,
            b'n' => 0x0A,
            b'r' => 0x0D,
            b't' => 0x09,
            b'v' => 0x0B,
            b's' => 0x20,
            b'\n' => return Ok(None),
            b' ' if in_string => return Ok(None),
            b'0'..=b'7' => {
                let mut n = u32::from(letter - b'0');
                for _ in 0..2 {
                    let Some(digit @ b'0'..=b'7') = self.reader.peek() else { break };
                    self.reader.at += 1;
                    n = n * 8 + u32::from(digit - b'0');
                }
                if (0x80..0x100).contains(&n) { byte_to_char(n as u8) } else { n }
            }
            b'x' => return self.hex().map(Some),
            b'u' => return self.unicode(4).map(Some),
            b'U' => return self.unicode(8).map(Some),
            b'N' => return self.named().map(Some),
            _ => c,
        }))
    }

    fn hex_digit(&mut self) -> Option<u32> {
        let digit = (self.reader.peek()? as char).to_digit(16)?;
        self.reader.at += 1;
        Some(digit)
    }

    fn hex(&mut self) -> Result<u32, Throw> {
        let (mut n, mut digits) = (0u32, 0);
        while let Some(digit) = self.hex_digit() {
            n = n << 4 | digit;
            if n > MAX_CHAR | MODIFIERS {
                return Err(error(&format!("Hex character out of range: \\x{n:x}..."), self.cx));
            }
            digits += 1;
        }
        Ok(if digits < 3 && n >= 0x80 { byte_to_char(n as u8) } else { n })
    }

    fn unicode(&mut self, digits: usize) -> Result<u32, Throw> {
        let mut n = 0u32;
        for _ in 0..digits {
            match self.hex_digit() {
                Some(digit) => n = n << 4 | digit,
                None => {
                    let message = match self.reader.take_char() {
                        Some(c) => {
                            let shown = char::from_u32(c).unwrap_or(char::REPLACEMENT_CHARACTER);
                            format!("Non-hex character used for Unicode escape: {shown} ({c})")
                        }
                        None => format!("Malformed Unicode escape: \\{}{n:x}", if digits > 4 { 'U' } else { 'u' }),
                    };
                    return Err(error(&message, self.cx));
                }
            }
        }
        if n > MAX_UNICODE {
            return Err(error(&format!("Non-Unicode character: 0x{n:x}"), self.cx));
        }
        Ok(n)
    }

    /// `\N{U+X}` and `\N{NAME}`.
    fn named(&mut self) -> Result<u32, Throw> {
        if self.reader.take() != Some(b'{') {
            return Err(self.invalid("Expected opening brace after \\N"));
        }
        let mut name = String::new();
        loop {
            match self.reader.take_char() {
                None => return Err(self.end_of_file()),
                Some(0x7D) => break,
                Some(c @ 1..0x80) => {
                    let c = c as u8 as char;
                    match c.is_ascii_whitespace() || c == '\x0B' {
                        // A run of blanks counts as one.
                        true if name.ends_with(' ') => {}
                        true => name.push(' '),
                        false => name.push(c),
                    }
                }
                Some(c) => return Err(self.invalid(&format!("Invalid character U+{c:04X} in character name"))),
            }
            if name.len() > LONGEST_NAME {
                return Err(self.invalid("Character name too long"));
            }
        }
        if name.is_empty() {
            return Err(self.invalid("Empty character name"));
        }
        let code = name.strip_prefix("U+").filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        let numbered = code.and_then(|digits| u32::from_str_radix(digits, 16).ok()).and_then(char::from_u32);
        match numbered.map(u32::from).or_else(|| super::name::character(&name)) {
            Some(c) => Ok(c),
            None => Err(self.invalid(&format!("\\N{{{name}}}"))),
        }
    }
}

/// The control character of `c`.
fn control(c: u32) -> u32 {
    let letter = c & 0x5F;
    if c & !MODIFIERS == u32::from(b'?') {
        return 0x7F | c & MODIFIERS;
    }
    if (0x41..=0x5A).contains(&letter) || (0x40..=0x5F).contains(&(c & 0x7F)) {
        return c & (0x1F | !0x7F);
    }
    c | CONTROL
}
