//! JSON text to Lisp values.

use super::{ObjectType, Options, multibyte, too_deep};
use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;
use tenure_gc::{Context, LispResult, NIL, Object, T, Throw};
use tenure_vm::fns::hash::{self, Parameters};
use tenure_vm::lread::intern_name;
use tenure_vm::{number, sym};

/// The deepest nesting of the text.
const DEEPEST: usize = 2048;
/// The longest token that an error shows.
const LONGEST: usize = 20;

#[derive(Clone, PartialEq, Debug)]
enum Token {
    End,
    Sign(u8),
    String(String),
    Integer(i64),
    Real(f64),
    True,
    False,
    Null,
    Invalid,
}

/// What is wrong with a text, before it is known what was read last.
enum Wrong {
    /// Somewhere, in words.
    Here(String),
    /// After the value.
    Trailing,
}

struct Lexer<'a> {
    text: &'a [u8],
    at: usize,
    line: i64,
    column: i64,
    last_column: i64,
    /// What the present token was read from.
    saved: Vec<u8>,
    /// A byte that belongs to no character was met.
    broken: bool,
    /// The first thing that was wrong in a token.
    wrong: Option<String>,
    /// The text ended within a token.
    ended: bool,
}

/// A container that is being read.
enum Frame<'ob> {
    Array(Vec<Object<'ob>>),
    Object { pairs: Vec<(String, Object<'ob>)>, places: HashMap<String, usize, FxBuildHasher>, key: String },
}

/// The value of a text.
pub(super) fn parse<'ob>(text: &[u8], options: Options<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let mut lexer = Lexer {
        text,
        at: 0,
        line: 1,
        column: 0,
        last_column: 0,
        saved: Vec::new(),
        broken: false,
        wrong: None,
        ended: false,
    };
    let mut deepest = 0;
    let value = match read(&mut lexer, &mut deepest, options, cx) {
        Ok(value) => value?,
        Err(wrong) => return Err(lexer.signal(wrong, cx)),
    };
    if deepest as i64 > tenure_vm::eval::depth_left(cx) {
        return Err(too_deep(cx));
    }
    Ok(value)
}

fn here<V>(words: &str) -> Result<V, Wrong> {
    Err(Wrong::Here(words.to_owned()))
}

/// Read the one value of the text.
fn read<'ob>(
    lexer: &mut Lexer<'_>,
    deepest: &mut usize,
    options: Options<'ob>,
    cx: &'ob Context,
) -> Result<LispResult<'ob>, Wrong> {
    let mut frames: Vec<Frame<'ob>> = Vec::new();
    let mut token = lexer.scan();
    loop {
        // A value begins with `token`.
        if frames.len() >= DEEPEST {
            return here("maximum parsing depth reached");
        }
        *deepest = (*deepest).max(frames.len() + 1);
        let mut value = match token {
            Token::String(text) if text.contains('\0') => {
                return here("\\u0000 is not allowed without JSON_ALLOW_NUL");
            }
            Token::String(text) => multibyte(&text, cx).into(),
            Token::Integer(n) => number::integer(n, cx),
            Token::Real(x) => cx.float(x).into(),
            Token::True => T,
            Token::False => options.false_,
            Token::Null => options.null,
            Token::Sign(b'{') => {
                token = lexer.scan();
                if token == Token::Sign(b'}') {
                    match object_of(Vec::new(), options, cx) {
                        Ok(value) => value,
                        Err(throw) => return Ok(Err(throw)),
                    }
                } else {
                    let key = key(lexer, token)?;
                    frames.push(Frame::Object { pairs: Vec::new(), places: HashMap::default(), key });
                    token = lexer.scan();
                    continue;
                }
            }
            Token::Sign(b'[') => {
                token = lexer.scan();
                match token {
                    Token::Sign(b']') => array_of(&[], options, cx),
                    Token::End => return here("']' expected"),
                    _ => {
                        frames.push(Frame::Array(Vec::new()));
                        continue;
                    }
                }
            }
            Token::Invalid => return here("invalid token"),
            _ => return here("unexpected token"),
        };
        // The value goes into what is around it, which may be done then.
        loop {
            match frames.last_mut() {
                None => {
                    return if lexer.scan() == Token::End { Ok(Ok(value)) } else { Err(Wrong::Trailing) };
                }
                Some(Frame::Array(elements)) => {
                    elements.push(value);
                    token = lexer.scan();
                    if token == Token::Sign(b',') {
                        token = lexer.scan();
                        if token == Token::End {
                            return here("']' expected");
                        }
                        break;
                    }
                    if token != Token::Sign(b']') {
                        return here("']' expected");
                    }
                    value = array_of(elements, options, cx);
                }
                Some(Frame::Object { pairs, places, key: name }) => {
                    // A key that comes again has its last value, in its first place.
                    let name = std::mem::take(name);
                    match places.get(&name) {
                        Some(&place) => pairs[place].1 = value,
                        None => {
                            places.insert(name.clone(), pairs.len());
                            pairs.push((name, value));
                        }
                    }
                    token = lexer.scan();
                    if token == Token::Sign(b',') {
                        token = lexer.scan();
                        let next = key(lexer, token)?;
                        if let Some(Frame::Object { key, .. }) = frames.last_mut() {
                            *key = next;
                        }
                        token = lexer.scan();
                        break;
                    }
                    if token != Token::Sign(b'}') {
                        return here("'}' expected");
                    }
                    value = match object_of(std::mem::take(pairs), options, cx) {
                        Ok(value) => value,
                        Err(throw) => return Ok(Err(throw)),
                    };
                }
            }
            frames.pop();
        }
    }
}

/// The key that a token is, and the colon behind it.
fn key(lexer: &mut Lexer<'_>, token: Token) -> Result<String, Wrong> {
    let Token::String(name) = token else { return here("string or '}' expected") };
    if name.contains('\0') {
        return here("NUL byte in object key not supported");
    }
    match lexer.scan() {
        Token::Sign(b':') => Ok(name),
        _ => here("':' expected"),
    }
}

fn array_of<'ob>(elements: &[Object<'ob>], options: Options<'ob>, cx: &'ob Context) -> Object<'ob> {
    if options.arrays_are_lists { cx.list(elements) } else { cx.vector(elements).into() }
}

fn object_of<'ob>(pairs: Vec<(String, Object<'ob>)>, options: Options<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    match options.object_type {
        ObjectType::HashTable => {
            let size = Object::fixnum(pairs.len() as i64);
            let parameters = Parameters { test: Some(sym::EQUAL), size: Some(size), ..Parameters::default() };
            let table = hash::make(parameters, cx)?;
            for (name, value) in pairs {
                hash::put(table, multibyte(&name, cx).into(), value, cx)?;
            }
            Ok(table.into())
        }
        ObjectType::Alist => Ok(pairs.into_iter().rev().fold(NIL, |rest, (name, value)| {
            let pair = cx.cons(intern_name(name.as_bytes(), cx).into(), value);
            cx.cons(pair.into(), rest).into()
        })),
        ObjectType::Plist => Ok(pairs.into_iter().rev().fold(NIL, |rest, (name, value)| {
            let key = intern_name(format!(":{name}").as_bytes(), cx);
            cx.cons(key.into(), cx.cons(value, rest).into()).into()
        })),
    }
}

/// How many bytes a character of UTF-8 has that begins with a byte; 0 if none does.
fn length_by(first: u8) -> usize {
    match first {
        ..0x80 => 1,
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => 0,
    }
}

impl Lexer<'_> {
    /// The next byte, which is noted as read; `None` at the end, and where the text is no UTF-8.
    fn get(&mut self) -> Option<u8> {
        let rest = &self.text[self.at..];
        let b = *rest.first()?;
        let is_first = !self.is_inside();
        if is_first {
            let length = length_by(b);
            if length == 0 || rest.get(..length).is_none_or(|c| std::str::from_utf8(c).is_err()) {
                self.broken = true;
                self.fail(format!("unable to decode byte 0x{b:x}"));
                return None;
            }
        }
        self.at += 1;
        if b == b'\n' {
            self.line += 1;
            self.last_column = self.column;
            self.column = 0;
        } else if is_first {
            self.column += 1;
        }
        Some(b)
    }

    /// Whether the next byte belongs to the character that began before it.
    fn is_inside(&self) -> bool {
        let before = &self.text[..self.at];
        let first = (1..4.min(before.len() + 1)).find(|&n| before[before.len() - n] & 0xC0 != 0x80);
        first.is_some_and(|n| length_by(before[before.len() - n]) > n)
    }

    /// The next byte becomes part of the token.
    fn get_save(&mut self) -> Option<u8> {
        let b = self.get()?;
        self.saved.push(b);
        Some(b)
    }

    /// The byte just got is to be got again.
    fn unget(&mut self, b: Option<u8>) {
        let Some(b) = b else { return };
        self.at -= 1;
        if b == b'\n' {
            self.line -= 1;
            self.column = self.last_column;
        } else if b & 0xC0 != 0x80 {
            self.column -= 1;
        }
    }

    fn unget_unsave(&mut self, b: Option<u8>) {
        if b.is_some() {
            self.unget(b);
            self.saved.pop();
        }
    }

    fn fail(&mut self, words: impl Into<String>) {
        if self.wrong.is_none() {
            self.wrong = Some(words.into());
        }
    }

    fn scan(&mut self) -> Token {
        self.saved.clear();
        let mut c = self.get();
        while matches!(c, Some(b' ' | b'\t' | b'\n' | b'\r')) {
            c = self.get();
        }
        let Some(b) = c else { return if self.broken { Token::Invalid } else { Token::End } };
        self.saved.push(b);
        match b {
            b'{' | b'}' | b'[' | b']' | b':' | b',' => Token::Sign(b),
            b'"' => self.string().map_or(Token::Invalid, Token::String),
            b'-' | b'0'..=b'9' => self.number(b).unwrap_or(Token::Invalid),
            b'a'..=b'z' | b'A'..=b'Z' => {
                let mut c = self.get_save();
                while c.is_some_and(|b| b.is_ascii_alphabetic()) {
                    c = self.get_save();
                }
                self.unget_unsave(c);
                match &self.saved[..] {
                    b"true" => Token::True,
                    b"false" => Token::False,
                    b"null" => Token::Null,
                    _ => Token::Invalid,
                }
            }
            _ => {
                // The rest of the character, so that the error can show it.
                let rest = length_by(b).saturating_sub(1);
                self.saved.extend_from_slice(&self.text[self.at..self.at + rest]);
                self.at += rest;
                Token::Invalid
            }
        }
    }

    fn string(&mut self) -> Option<String> {
        let mut c = self.get_save();
        loop {
            match c {
                None => {
                    if !self.broken {
                        self.ended = true;
                        self.fail("premature end of input");
                    }
                    return None;
                }
                Some(b'"') => break,
                Some(b @ ..0x20) => {
                    self.unget_unsave(c);
                    let newline = b == b'\n';
                    self.fail(if newline {
                        "unexpected newline".to_owned()
                    } else {
                        format!("control character 0x{b:x}")
                    });
                    return None;
                }
                Some(b'\\') => {
                    c = self.get_save();
                    match c {
                        Some(b'u') => {
                            c = self.get_save();
                            for _ in 0..4 {
                                if !c.is_some_and(|b| b.is_ascii_hexdigit()) {
                                    self.fail("invalid escape");
                                    return None;
                                }
                                c = self.get_save();
                            }
                        }
                        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => c = self.get_save(),
                        _ => {
                            self.fail("invalid escape");
                            return None;
                        }
                    }
                }
                Some(_) => c = self.get_save(),
            }
        }
        self.unescape()
    }

    /// The text of the saved string token.
    fn unescape(&mut self) -> Option<String> {
        let inner = self.saved[1..self.saved.len() - 1].to_vec();
        let text = String::from_utf8(inner).ok()?;
        let mut out = String::with_capacity(text.len());
        let mut rest = text.as_str();
        while let Some(i) = rest.find('\\') {
            out.push_str(&rest[..i]);
            let escape = rest.as_bytes()[i + 1];
            rest = &rest[i + 2..];
            let plain = match escape {
                b'b' => '\u{8}',
                b'f' => '\u{c}',
                b'n' => '\n',
                b'r' => '\r',
                b't' => '\t',
                b'u' => {
                    let unit = |text: &str| u32::from_str_radix(text.get(..4)?, 16).ok();
                    let first = unit(rest)?;
                    rest = &rest[4..];
                    match first {
                        0xD800..=0xDBFF => {
                            let second = rest.strip_prefix("\\u").and_then(unit);
                            match second {
                                Some(low @ 0xDC00..=0xDFFF) => {
                                    rest = &rest[6..];
                                    char::from_u32(0x1_0000 + ((first - 0xD800) << 10) + (low - 0xDC00))?
                                }
                                Some(other) => {
                                    self.fail(format!("invalid Unicode '\\u{first:04X}\\u{other:04X}'"));
                                    return None;
                                }
                                None => {
                                    self.fail(format!("invalid Unicode '\\u{first:04X}'"));
                                    return None;
                                }
                            }
                        }
                        0xDC00..=0xDFFF => {
                            self.fail(format!("invalid Unicode '\\u{first:04X}'"));
                            return None;
                        }
                        _ => char::from_u32(first)?,
                    }
                }
                other => char::from(other),
            };
            out.push(plain);
        }
        out.push_str(rest);
        Some(out)
    }

    fn number(&mut self, first: u8) -> Option<Token> {
        let is_digit = |c: Option<u8>| c.is_some_and(|b| b.is_ascii_digit());
        let mut c = Some(first);
        if first == b'-' {
            c = self.get_save();
        }
        if c == Some(b'0') {
            c = self.get_save();
            if is_digit(c) {
                self.unget_unsave(c);
                return None;
            }
        } else if is_digit(c) {
            while is_digit(c) {
                c = self.get_save();
            }
        } else {
            self.unget_unsave(c);
            return None;
        }
        if !matches!(c, Some(b'.' | b'e' | b'E')) {
            self.unget_unsave(c);
            let text = std::str::from_utf8(&self.saved).ok()?;
            return match text.parse() {
                Ok(n) => Some(Token::Integer(n)),
                Err(_) => {
                    let negative = text.starts_with('-');
                    self.fail(if negative { "too big negative integer" } else { "too big integer" });
                    None
                }
            };
        }
        if c == Some(b'.') {
            c = self.get();
            if !is_digit(c) {
                self.unget(c);
                return None;
            }
            self.saved.extend(c);
            while is_digit(c) {
                c = self.get_save();
            }
        }
        if matches!(c, Some(b'e' | b'E')) {
            c = self.get_save();
            if matches!(c, Some(b'+' | b'-')) {
                c = self.get_save();
            }
            if !is_digit(c) {
                self.unget_unsave(c);
                return None;
            }
            while is_digit(c) {
                c = self.get_save();
            }
        }
        self.unget_unsave(c);
        let x: f64 = std::str::from_utf8(&self.saved).ok()?.parse().ok()?;
        if x.is_infinite() {
            self.fail("real number overflow");
            return None;
        }
        Some(Token::Real(x))
    }

    /// The signal for what is wrong: words, where they are from, line, column and position.
    fn signal(&self, wrong: Wrong, cx: &Context) -> Throw {
        let words = self.wrong.clone().unwrap_or_else(|| match &wrong {
            Wrong::Here(words) => words.clone(),
            Wrong::Trailing => "end of file expected".to_owned(),
        });
        let mut condition = match wrong {
            Wrong::Trailing if self.wrong.is_none() => "json-trailing-content",
            _ if self.ended => "json-end-of-file",
            _ => "json-parse-error",
        };
        let saved = String::from_utf8_lossy(&self.saved);
        let text = match () {
            () if !saved.is_empty() && saved.len() > LONGEST => words,
            () if !saved.is_empty() => format!("{words} near '{saved}'"),
            () if self.broken => words,
            () => {
                if condition == "json-parse-error" {
                    condition = "json-end-of-file";
                }
                format!("{words} near end of file")
            }
        };
        let number = Object::fixnum;
        let data = [
            multibyte(&text, cx).into(),
            multibyte("<string>", cx).into(),
            number(self.line),
            number(self.column),
            number(self.at as i64),
        ];
        cx.signal(cx.intern(condition).into(), cx.list(&data))
    }
}
