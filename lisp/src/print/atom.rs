//! Numbers, symbols and strings.

use super::{Printer, Task};
use tenure_gc::{BoolVector, Interned, Object, Str, Symbol, T};
use tenure_vm::character::runs::GENERAL_CATEGORY;
use tenure_vm::character::{self, MAX_5_BYTE, push_char};
use tenure_vm::{numeral, string, sym, textprop};

impl<'ob> Printer<'ob> {
    pub(super) fn fixnum(&mut self, n: i64) {
        let c = u32::try_from(n).ok().filter(|&c| self.options.characters && c <= MAX_5_BYTE);
        let Some(shown) = c.and_then(printable) else { return numeral::push_integer(&mut self.text, n) };
        self.text.push(b'?');
        match shown {
            Shown::Escape(letter) => self.text.extend([b'\\', letter]),
            Shown::Plain(c) => {
                if c < 0x80 && b";\"'\\(){}[]".contains(&(c as u8)) {
                    self.text.push(b'\\');
                }
                push_char(&mut self.text, c);
            }
        }
    }

    pub(super) fn float(&mut self, x: f64) {
        numeral::push_float_as(&mut self.text, x, self.options.float_format);
    }

    pub(super) fn symbol(&mut self, symbol: Symbol<'ob>) {
        let name = symbol.name(self.cx);
        let bytes = name.bytes();
        if self.options.gensym && symbol.interned(self.cx) != Interned::Initially {
            self.write("#:");
        } else if bytes.is_empty() {
            return self.write("##");
        }
        if bytes.is_empty() {
            return;
        }
        if !self.escape && bytes.is_ascii() {
            return self.text.extend_from_slice(bytes);
        }
        let may_confuse = matches!(bytes[0], b'0'..=b'9' | b'+' | b'-' | b'.');
        if !may_confuse && !bytes.iter().any(|&b| NEEDS_CARE[usize::from(b)]) {
            return self.text.extend_from_slice(bytes);
        }
        let mut confusing = may_confuse && is_confusing(bytes);
        for c in string::string_chars(name) {
            if self.escape && (confusing || needs_backslash(c)) {
                self.text.push(b'\\');
                confusing = false;
            }
            push_char(&mut self.text, c);
        }
    }

    pub(super) fn string(&mut self, string: Str<'ob>) {
        if !self.escape {
            return self.plain_string(string);
        }
        let intervals = self.shown_intervals(string);
        if let Some(intervals) = intervals {
            if self.is_inside_itself(string.into()) {
                return;
            }
            self.write("#(");
            // The properties are one level deeper than the string.
            self.open.push(string.into());
            self.tasks.push(Task::Leave);
            self.tasks.push(Task::Text(")"));
            for i in intervals.iter().rev() {
                self.tasks.push(Task::Object(i.plist));
                self.tasks.push(Task::Text(" "));
                self.tasks.push(Task::Object(Object::fixnum(i.to as i64)));
                self.tasks.push(Task::Text(" "));
                self.tasks.push(Task::Object(Object::fixnum(i.from as i64)));
                self.tasks.push(Task::Text(" "));
            }
        }
        self.text.push(b'"');
        self.string_body(string);
        self.text.push(b'"');
    }

    /// The intervals that are printed with a string, if any are.
    ///
    /// As in Emacs, it is a copy of the string that is printed without its `charset` properties, and copying turns the
    /// order of properties round; `print-charset-text-property` t prints the string itself, and so does `default` if such
    /// a property is no matter of course.
    fn shown_intervals(&self, string: Str<'ob>) -> Option<Vec<textprop::Interval<'ob>>> {
        if string.intervals().is_nil() {
            return None;
        }
        let mut shown = textprop::intervals(string);
        let is_charset = |key: Object<'ob>| key == sym::CHARSET;
        let setting = self.options.charset;
        let given = |i: &textprop::Interval<'ob>| textprop::properties(i.plist).iter().any(|pair| is_charset(pair.0));
        if setting == T
            || !setting.is_nil() && !string.bytes().is_ascii() && {
                let beyond = |i: &textprop::Interval<'ob>| {
                    string::string_chars(string).skip(i.from).take(i.to - i.from).any(|c| c >= 0x80)
                };
                shown.iter().any(|i| given(i) && beyond(i))
            }
        {
            return Some(shown);
        }
        for i in &mut shown {
            let pairs = textprop::properties(i.plist).into_iter().rev().filter(|pair| !is_charset(pair.0));
            i.plist = self.cx.list(&pairs.flat_map(|(key, value)| [key, value]).collect::<Vec<_>>());
        }
        shown.retain(|i| !i.plist.is_nil());
        Some(shown).filter(|shown| !shown.is_empty())
    }

    fn string_body(&mut self, string: Str<'ob>) {
        let bytes = string.bytes();
        let mut at = 0;
        let mut after_hex = false;
        let control = self.options.escape_control || self.options.escape_newlines;
        // Raw bytes, which begin with C0 or C1, never stand for themselves.
        let wide = string.is_multibyte() && !self.options.escape_multibyte;
        let by_itself = &BY_ITSELF[usize::from(control) + 2 * usize::from(wide)];
        while at < bytes.len() {
            let rest = &bytes[at..];
            if !after_hex {
                // Bytes that stand for themselves go over in one piece.
                let plain = rest.iter().take_while(|&&b| by_itself[usize::from(b)]).count();
                self.text.extend_from_slice(&rest[..plain]);
                at += plain;
                if plain > 0 {
                    continue;
                }
            }
            let (c, len) = if string.is_multibyte() { character::decode(rest) } else { (u32::from(rest[0]), 1) };
            at += len;
            let byte = match character::raw_byte(c) {
                Some(byte) => Some(byte),
                None if !string.is_multibyte() && c >= 0x80 && self.options.escape_nonascii => Some(c as u8),
                None => None,
            };
            if let Some(byte) = byte {
                self.octal(byte, bytes.get(at));
                after_hex = false;
            } else if string.is_multibyte() && c >= 0x80 && self.options.escape_multibyte {
                self.write(&format!("\\x{c:04x}"));
                after_hex = true;
            } else {
                if after_hex && c < 0x80 && (c as u8).is_ascii_hexdigit() {
                    self.write("\\ ");
                }
                after_hex = false;
                let c = if string.is_multibyte() || c < 0x80 { c } else { character::byte_to_char(c as u8) };
                self.string_char(c, bytes.get(at));
            }
        }
    }

    fn string_char(&mut self, c: u32, next: Option<&u8>) {
        match u8::try_from(c) {
            Ok(b'\n') if self.options.escape_newlines => self.write("\\n"),
            Ok(0x0C) if self.options.escape_newlines => self.write("\\f"),
            Ok(b @ (b'"' | b'\\')) => self.text.extend([b'\\', b]),
            Ok(b) if self.options.escape_control && b.is_ascii_control() => self.octal(b, next),
            _ => push_char(&mut self.text, c),
        }
    }

    /// An octal escape, as short as what follows allows.
    fn octal(&mut self, byte: u8, next: Option<&u8>) {
        let ambiguous = next.is_some_and(|b| (b'0'..=b'7').contains(b));
        let text = match byte {
            ..=7 if !ambiguous => format!("\\{byte:o}"),
            8..=63 if !ambiguous => format!("\\{byte:02o}"),
            _ => format!("\\{byte:03o}"),
        };
        self.write(&text);
    }

    /// A string as `princ` prints it.
    fn plain_string(&mut self, string: Str<'ob>) {
        let bytes = string.bytes();
        let raw = |c: u32| character::raw_byte(c).is_some();
        if bytes.is_ascii() || string.is_multibyte() && !character::chars(bytes).any(raw) {
            return self.text.extend_from_slice(bytes);
        }
        for c in string::string_chars(string) {
            let byte = character::raw_byte(c).or((!string.is_multibyte() && c >= 0x80).then_some(c as u8));
            match byte {
                Some(byte) if self.options.escape_nonascii => self.octal(byte, None),
                // A function is called with the bytes of a unibyte string as they are.
                Some(byte) if self.to_function && !string.is_multibyte() => push_char(&mut self.text, byte.into()),
                Some(byte) => push_char(&mut self.text, character::byte_to_char(byte)),
                None => push_char(&mut self.text, c),
            }
        }
    }

    pub(super) fn bool_vector(&mut self, vector: BoolVector<'ob>) {
        self.write(&format!("#&{}\"", vector.len()));
        let size = vector.len().div_ceil(8);
        let shown = self.options.length.map_or(size, |limit| size.min(limit as usize));
        for i in 0..shown {
            let byte = (vector.words()[i / 8].get() >> (i % 8 * 8)) as u8;
            match byte {
                b'\n' if self.options.escape_newlines => self.write("\\n"),
                0x0C if self.options.escape_newlines => self.write("\\f"),
                0x80.. => self.write(&format!("\\{byte:03o}")),
                b'"' | b'\\' => self.text.extend([b'\\', byte]),
                _ => self.text.push(byte),
            }
        }
        if shown < size {
            self.write(" ...");
        }
        self.write("\"");
    }
}

enum Shown {
    Escape(u8),
    Plain(u32),
}

/// How an integer shows as a character, if it does.
fn printable(c: u32) -> Option<Shown> {
    Some(match c {
        0x08 => Shown::Escape(b'b'),
        0x09 => Shown::Escape(b't'),
        0x0A => Shown::Escape(b'n'),
        0x0C => Shown::Escape(b'f'),
        0x0D => Shown::Escape(b'r'),
        0x20 => Shown::Escape(b's'),
        0x21..=0x7E => Shown::Plain(c),
        _ => match &GENERAL_CATEGORY.get(c) {
            b"Cc" | b"Cf" | b"Cn" | b"Cs" | b"Zs" | b"Zl" | b"Zp" | b"Mn" | b"Mc" | b"Me" => return None,
            _ => Shown::Plain(c),
        },
    })
}

/// Whether a byte of a symbol's name may not go over as it is: those that need a backslash, and all beyond ASCII.
const NEEDS_CARE: [bool; 256] = {
    let mut table = [false; 256];
    let mut i = 0;
    while i < table.len() {
        table[i] = i <= 0x20 || i >= 0x80;
        i += 1;
    }
    let special = b"\"\\';#(),`[].?";
    i = 0;
    while i < special.len() {
        table[special[i] as usize] = true;
        i += 1;
    }
    table
};

fn needs_backslash(c: u32) -> bool {
    const NO_BREAK_SPACE: u32 = 0xA0;
    c == NO_BREAK_SPACE || c < 0x80 && NEEDS_CARE[c as usize]
}

/// Whether a name as a whole is a numeral.
fn is_confusing(name: &[u8]) -> bool {
    numeral::parse(name, 10).is_some_and(|numeral| numeral.len == name.len())
}

/// Whether a byte in a string stands for itself, where control characters may have escapes (1 of the index), and where
/// characters beyond ASCII have none (2 of the index).
const BY_ITSELF: [[bool; 256]; 4] = {
    let mut tables = [[false; 256]; 4];
    let mut i = 0;
    while i < 4 {
        let mut b = 0;
        while b < 256 {
            let control = b < 0x20 || b == 0x7F;
            tables[i][b] = match b as u8 {
                b'"' | b'\\' => false,
                0x80.. => i & 2 != 0 && b != 0xC0 && b != 0xC1,
                _ => i & 1 == 0 || !control,
            };
            b += 1;
        }
        i += 1;
    }
    tables
};
