//! Tokens: blanks, brackets, symbols and numbers, and everything that begins with `#`.

use super::{Brackets, Dot, Form, Frame, List, Reader, Source, Token};
use tenure_gc::{LispResult, NIL, Throw};
use tenure_vm::character::decode;
use tenure_vm::lread::{Obarray, intern_name, longhand, setting};
use tenure_vm::{numeral, sym};

/// The two bytes of a no-break space, which is a blank.
const NO_BREAK_SPACE: &[u8] = &[0xC2, 0xA0];
/// What ends a documentation string in a compiled file.
const DOC_END: u8 = 0x1F;

/// Whether a byte ends a symbol.
const ENDS_SYMBOL: [bool; 256] = {
    let mut table = [false; 256];
    let mut i = 0;
    while i <= 0x20 {
        table[i] = true;
        i += 1;
    }
    let ends = b"\"';()[]#`,";
    i = 0;
    while i < ends.len() {
        table[ends[i] as usize] = true;
        i += 1;
    }
    table
};

impl Reader<'_> {
    #[inline]
    pub(super) fn peek(&self) -> Option<u8> {
        self.source.get(self.at).copied()
    }

    #[inline]
    pub(super) fn take(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    #[inline]
    pub(super) fn rest(&self) -> &[u8] {
        &self.source[self.at..]
    }

    pub(super) fn take_char(&mut self) -> Option<u32> {
        let rest = self.rest();
        if rest.is_empty() {
            return None;
        }
        let (c, len) = decode(rest);
        self.at += len;
        Some(c)
    }

    /// Skip blanks and comments; gives the byte that follows.
    #[inline]
    pub(super) fn skip_blanks(&mut self) -> Option<u8> {
        loop {
            match self.peek()? {
                ..=b' ' => self.at += 1,
                b';' => self.skip_line(),
                0xC2 if self.rest().starts_with(NO_BREAK_SPACE) => self.at += 2,
                byte => return Some(byte),
            }
        }
    }

    fn skip_line(&mut self) {
        self.at = memchr::memchr(b'\n', self.rest()).map_or(self.source.len(), |i| self.at + i + 1);
    }

    /// Where the symbol's text that begins here ends, if no backslash comes before.
    #[inline]
    fn plain_symbol_end(&self) -> (usize, bool) {
        let mut end = self.at;
        while let Some(&byte) = self.source.get(end) {
            if ENDS_SYMBOL[byte as usize] || byte == 0xC2 && self.source[end..].starts_with(NO_BREAK_SPACE) {
                break;
            }
            if byte == b'\\' {
                return (end, true);
            }
            end += 1;
        }
        (end, false)
    }
}

impl<'ob> Form<'_, '_, 'ob> {
    pub(super) fn token(&mut self) -> Result<Token<'ob>, Throw> {
        loop {
            let Some(byte) = self.reader.skip_blanks() else { return Err(self.end_of_file()) };
            let start = self.reader.at;
            self.start = start;
            self.reader.at += 1;
            return Ok(match byte {
                b'(' => Token::Open(list(false)),
                b'[' => Token::Open(self.open(Brackets::Vector)),
                b')' | b']' => Token::Close(byte),
                b'\'' => Token::Open(Frame::Prefix(sym::QUOTE)),
                b'`' => Token::Open(Frame::Prefix(sym::BACKQUOTE)),
                b',' if self.reader.peek() == Some(b'@') => {
                    self.reader.at += 1;
                    Token::Open(Frame::Prefix(sym::COMMA_AT))
                }
                b',' => Token::Open(Frame::Prefix(sym::COMMA)),
                b'"' => Token::Value(self.string()?),
                b'?' => Token::Value(self.character()?),
                b'#' => match self.hash()? {
                    Some(token) => token,
                    None => continue,
                },
                b'.' if self.reader.peek().is_none_or(|b| b <= b' ' || b"\"';([#?`,".contains(&b)) => Token::Dot,
                _ => {
                    self.reader.at = start;
                    Token::Value(self.symbol_or_number()?)
                }
            });
        }
    }

    fn open(&self, kind: Brackets) -> Frame<'ob> {
        Frame::Vector { base: self.values.len(), kind }
    }

    fn symbol_or_number(&mut self) -> LispResult<'ob> {
        let start = self.reader.at;
        let (end, quoted) = self.reader.plain_symbol_end();
        if quoted {
            let name = self.quoted_name()?;
            return self.symbol(&name);
        }
        self.reader.at = end;
        let source = self.reader.source;
        let text = &source[start..end];
        if matches!(text[0], b'0'..=b'9' | b'+' | b'-' | b'.')
            && let Some(number) = numeral::parse(text, 10).filter(|n| n.len == text.len())
        {
            return Ok(number.value(10, self.cx));
        }
        self.symbol(text)
    }

    /// A symbol's name from here, with its backslashes taken away.
    fn quoted_name(&mut self) -> Result<Vec<u8>, Throw> {
        let mut name = Vec::new();
        loop {
            let (end, quoted) = self.reader.plain_symbol_end();
            name.extend_from_slice(&self.reader.source[self.reader.at..end]);
            self.reader.at = end;
            if !quoted {
                return Ok(name);
            }
            self.reader.at += 1;
            let from = self.reader.at;
            if self.reader.take_char().is_none() {
                return Err(self.end_of_file());
            }
            name.extend_from_slice(&self.reader.source[from..self.reader.at]);
        }
    }

    /// The symbol of a name, which may be a shorthand unless it consists of the characters of arithmetic alone.
    fn symbol(&self, name: &[u8]) -> LispResult<'ob> {
        if name.iter().all(|b| b"^*+-/<=>_|".contains(b)) {
            self.intern(name)
        } else {
            self.intern(&longhand(name, self.cx))
        }
    }

    fn intern(&self, name: &[u8]) -> LispResult<'ob> {
        let name = well_formed(name);
        match Obarray::of(None, self.cx) {
            Ok(obarray @ Obarray::Vector(_)) => Ok(obarray.intern(self.name(&name), self.cx)?.into()),
            _ => Ok(intern_name(&name, self.cx).into()),
        }
    }

    fn name(&self, name: &[u8]) -> tenure_gc::Str<'ob> {
        let chars = tenure_vm::character::count(name);
        self.cx.string(name, chars, chars != name.len())
    }

    /// What follows `#`; `None` if it was skipped.
    fn hash(&mut self) -> Result<Option<Token<'ob>>, Throw> {
        let value = match self.reader.take() {
            Some(b'\'') => return Ok(Some(Token::Open(Frame::Prefix(sym::FUNCTION)))),
            Some(b's') if self.reader.peek() == Some(b'(') => {
                self.reader.at += 1;
                return Ok(Some(Token::Open(list(true))));
            }
            Some(b'[') => return Ok(Some(Token::Open(self.open(Brackets::ByteCode)))),
            Some(b'(') => return Ok(Some(Token::Open(self.open(Brackets::Properties)))),
            Some(b'^') => return self.char_table().map(Some),
            Some(b'&') => self.bool_vector()?,
            // What skips all that is left is read as nil.
            Some(b'@') => match self.skip_doc() {
                true => NIL,
                false => return Ok(None),
            },
            Some(b'!') => {
                self.reader.skip_line();
                return Ok(None);
            }
            Some(b'$') => setting(sym::LOAD_FILE_NAME, self.cx),
            Some(b':') => {
                let name = well_formed(&self.quoted_name()?).into_owned();
                self.cx.make_symbol(self.name(&name)).into()
            }
            Some(b'_') => {
                let name = self.quoted_name()?;
                self.intern(&name)?
            }
            Some(b'#') => self.intern(b"")?,
            Some(b'x' | b'X') => self.radix(16)?,
            Some(b'o' | b'O') => self.radix(8)?,
            Some(b'b' | b'B') => self.radix(2)?,
            Some(digit @ b'0'..=b'9') => return self.hash_number(digit).map(Some),
            _ => return Err(self.invalid("#")),
        };
        Ok(Some(Token::Value(value)))
    }

    /// `#N=`, `#N#` and `#NrDIGITS`, behind the first digit.
    fn hash_number(&mut self, first: u8) -> Result<Token<'ob>, Throw> {
        let mut number = Some(i64::from(first - b'0'));
        let after = loop {
            match self.reader.take() {
                Some(digit @ b'0'..=b'9') => {
                    number = number.and_then(|n| n.checked_mul(10)?.checked_add(i64::from(digit - b'0')));
                }
                after => break after,
            }
        };
        let Some(n) = number else { return Err(self.invalid("#")) };
        let circle = n <= tenure_gc::MOST_POSITIVE_FIXNUM && !setting(sym::READ_CIRCLE, self.cx).is_nil();
        match after {
            Some(b'r' | b'R') => match u32::try_from(n) {
                Ok(base @ 2..=36) => Ok(Token::Value(self.radix(base)?)),
                _ => Err(self.invalid(&format!("integer, radix {n}"))),
            },
            Some(b'=') if circle => {
                let placeholder = self.labels.open(n, self.cx);
                Ok(Token::Open(Frame::Label(n, placeholder)))
            }
            Some(b'#') if circle => match self.labels.refer(n) {
                Some(value) => Ok(Token::Value(value)),
                None => Err(self.invalid("#")),
            },
            _ => Err(self.invalid("#")),
        }
    }

    /// The digits of an integer in `base`.
    fn radix(&mut self, base: u32) -> LispResult<'ob> {
        let start = self.reader.at;
        if matches!(self.reader.peek(), Some(b'+' | b'-')) {
            self.reader.at += 1;
        }
        let first_digit = self.reader.at;
        while self.reader.peek().is_some_and(|b| (b as char).is_digit(base)) {
            self.reader.at += 1;
        }
        // A letter or digit that is none in this base spoils the number; anything else ends it.
        if self.reader.at == first_digit || self.reader.peek().is_some_and(|b| b.is_ascii_alphanumeric()) {
            return Err(self.invalid(&format!("integer, radix {base}")));
        }
        Ok(numeral::integer_value(&self.reader.source[start..self.reader.at], base, self.cx))
    }

    fn char_table(&mut self) -> Result<Token<'ob>, Throw> {
        match self.reader.take() {
            Some(b'[') => Ok(Token::Open(self.open(Brackets::CharTable))),
            Some(b'^') if self.reader.peek() == Some(b'[') => {
                self.reader.at += 1;
                Ok(Token::Open(self.open(Brackets::SubCharTable)))
            }
            Some(b'^') => Err(self.invalid("#^^")),
            _ => Err(self.invalid("#^")),
        }
    }

    /// `#&N"BYTES"`, behind the `&`.
    fn bool_vector(&mut self) -> LispResult<'ob> {
        const SYNTAX: &str = "#&...";
        let start = self.reader.at;
        while self.reader.peek().is_some_and(|b| b.is_ascii_digit()) {
            self.reader.at += 1;
        }
        if self.reader.peek().is_none() && self.reader.at == start {
            return Err(self.end_of_file());
        }
        let text = std::str::from_utf8(&self.reader.source[start..self.reader.at]).unwrap_or("");
        let (Ok(length), Some(b'"')) = (text.parse::<usize>(), self.reader.peek()) else {
            self.reader.at = start;
            return Err(self.no_bool_vector(SYNTAX));
        };
        self.reader.at += 1;
        let Some(string) = self.string()?.as_string() else { return Err(self.invalid(SYNTAX)) };
        let bytes = string.bytes();
        // One byte too many is let pass when the length is a multiple of 8: very old versions wrote it.
        let fits =
            bytes.len() == length.div_ceil(8) || !bytes.is_empty() && (bytes.len() - 1).checked_mul(8) == Some(length);
        if string.is_multibyte() || !fits {
            return Err(self.invalid(SYNTAX));
        }
        let bits = self.cx.bool_vector(length);
        for (word, chunk) in bits.words().iter().zip(bytes[..length.div_ceil(8)].chunks(8)) {
            word.set(chunk.iter().rev().fold(0, |w, &b| w << 8 | u64::from(b)));
        }
        if let Some(last) = bits.words().last().filter(|_| !length.is_multiple_of(64)) {
            last.set(last.get() & ((1 << (length % 64)) - 1));
        }
        Ok(bits.into())
    }

    /// What is wrong with `#&` and no length: Emacs reads an object there, and a string behind it, before it looks at them.
    #[cold]
    fn no_bool_vector(&mut self, syntax: &str) -> Throw {
        for _ in 0..2 {
            let read = match self.reader.peek() {
                Some(b'"') => {
                    self.reader.at += 1;
                    self.string()
                }
                Some(byte) if !ENDS_SYMBOL[usize::from(byte)] => self.symbol_or_number(),
                _ => break,
            };
            if let Err(throw) = read {
                return throw;
            }
        }
        self.invalid(syntax)
    }

    /// `#@N`, behind the `@`: a documentation string, or everything that is left (`#@00`), for which it gives true.
    fn skip_doc(&mut self) -> bool {
        let start = self.reader.at;
        let mut length = 0usize;
        while let Some(digit @ b'0'..=b'9') = self.reader.peek() {
            self.reader.at += 1;
            length = length.saturating_mul(10).saturating_add(usize::from(digit - b'0'));
            if self.reader.at == start + 2 && length == 0 {
                self.reader.at = self.reader.source.len();
                return true;
            }
        }
        let rest = self.reader.rest();
        self.reader.at += match self.reader.kind {
            Source::File => length.min(rest.len()),
            Source::Text => memchr::memchr(DOC_END, rest).map_or(rest.len(), |i| i + 1),
        };
        false
    }
}

fn list<'ob>(record: bool) -> Frame<'ob> {
    Frame::List(List { record, head: NIL, last: None, dot: Dot::None })
}

/// A name whose stray bytes are written as raw bytes.
fn well_formed(name: &[u8]) -> std::borrow::Cow<'_, [u8]> {
    if name.is_ascii() || tenure_vm::character::is_well_formed(name) {
        return name.into();
    }
    let mut text = Vec::with_capacity(name.len() + 8);
    tenure_vm::character::chars(name).for_each(|c| tenure_vm::character::push_char(&mut text, c));
    text.into()
}
