//! The reader: Emacs Lisp text to objects.
//!
//! Reads bytes in the internal encoding, of which UTF-8 is a part; a byte that begins no character counts as a raw byte.
//! What is open (lists, vectors, quotes, labels) is on a stack of its own, so nesting is bounded by memory alone, and
//! every byte is looked at a bounded number of times.  It allocates under `&Context`, so nothing needs to be rooted.
//!
//! - [`Reader`] walks over a source, form by form; [`read_one`] reads one form.
//! - `token` takes tokens apart, `text` strings and characters, `circle` mends references to labels.
//! - Errors are Emacs's: `end-of-file`, `invalid-read-syntax` and `error`; [`Reader::position`] is where reading stopped.

mod circle;
mod extent;
mod name;
mod primitives;
mod property;
mod table;
mod text;
mod token;

pub use primitives::READER_SUBRS;

use circle::Labels;
use tenure_gc::{Cons, Context, LispResult, NIL, Object, Throw};
use tenure_vm::error::{error, signal};
use tenure_vm::lread::setting;
use tenure_vm::sym;

/// A source and how far it has been read.
pub struct Reader<'s> {
    source: &'s [u8],
    at: usize,
    kind: Source,
}

/// Where a source comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    /// A file: `#@N` skips N bytes.
    File,
    /// A string or buffer: `#@N` skips to the mark that ends a documentation string.
    Text,
}

/// A place in a source, for messages.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 0.
    pub column: usize,
}

/// Read the form that begins at or after byte `*position` of a text, and move `*position` behind it.
pub fn read_one<'ob>(source: &[u8], position: &mut usize, cx: &'ob Context) -> LispResult<'ob> {
    let mut reader = Reader::new(source, *position, Source::Text);
    let form = reader.read(cx);
    *position = reader.position();
    form
}

impl<'s> Reader<'s> {
    /// A reader of `source` from byte `position` on.
    pub fn new(source: &'s [u8], position: usize, kind: Source) -> Reader<'s> {
        Reader { source, at: position.min(source.len()), kind }
    }

    /// The byte index of what has not been read yet.
    pub fn position(&self) -> usize {
        self.at
    }

    /// Line and column of [`Reader::position`].
    pub fn place(&self) -> Place {
        let before = &self.source[..self.at];
        let line_start = memchr::memrchr(b'\n', before).map_or(0, |i| i + 1);
        Place {
            line: 1 + memchr::memchr_iter(b'\n', before).count(),
            column: tenure_vm::character::count(&before[line_start..]),
        }
    }

    /// Read one form; `end-of-file` if there is none.
    pub fn read<'ob>(&mut self, cx: &'ob Context) -> LispResult<'ob> {
        self.form(None, cx).read()
    }

    fn form<'r, 'ob>(&'r mut self, places: Option<&'r mut Places<'ob>>, cx: &'ob Context) -> Form<'r, 's, 'ob> {
        Form { reader: self, cx, stack: Vec::new(), values: Vec::new(), labels: Labels::default(), start: 0, places }
    }

    /// Read one form, or find that only blanks and comments are left.
    pub fn next<'ob>(&mut self, cx: &'ob Context) -> Result<Option<Object<'ob>>, Throw> {
        if self.skip_blanks().is_none() { Ok(None) } else { self.read(cx).map(Some) }
    }

    /// As [`Reader::next`], and note where the atoms in lists begin.
    pub(crate) fn next_with_places<'ob>(
        &mut self,
        places: &mut Places<'ob>,
        cx: &'ob Context,
    ) -> Result<Option<Object<'ob>>, Throw> {
        if self.skip_blanks().is_none() { Ok(None) } else { self.form(Some(places), cx).read().map(Some) }
    }
}

/// Cells of lists whose element is an atom, and the bytes at which these begin.
pub(crate) type Places<'ob> = Vec<(Cons<'ob>, usize)>;

/// Something open.
enum Frame<'ob> {
    List(List<'ob>),
    /// Elements from index `base` of the values on.
    Vector {
        base: usize,
        kind: Brackets,
    },
    /// The next form goes into a list behind this symbol.
    Prefix(Object<'static>),
    /// The next form gets this label.
    Label(i64, Cons<'ob>),
}

/// A list being read.
struct List<'ob> {
    /// `#s(...)`.
    record: bool,
    head: Object<'ob>,
    last: Option<Cons<'ob>>,
    dot: Dot,
}

#[derive(PartialEq, Eq)]
enum Dot {
    None,
    /// A dot was read, its form was not.
    Before,
    /// The form behind the dot was read.
    After,
}

/// What the elements of a [`Frame::Vector`] become.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Brackets {
    Vector,
    ByteCode,
    CharTable,
    SubCharTable,
    /// `#("text" FROM TO PLIST ...)`.
    Properties,
}

enum Token<'ob> {
    Value(Object<'ob>),
    Open(Frame<'ob>),
    Close(u8),
    Dot,
}

/// The reading of one form.
struct Form<'r, 's, 'ob> {
    reader: &'r mut Reader<'s>,
    cx: &'ob Context,
    stack: Vec<Frame<'ob>>,
    values: Vec<Object<'ob>>,
    labels: Labels<'ob>,
    /// Where the last token begins.
    start: usize,
    places: Option<&'r mut Places<'ob>>,
}

impl<'ob> Form<'_, '_, 'ob> {
    fn read(mut self) -> LispResult<'ob> {
        loop {
            let value = match self.token()? {
                Token::Value(value) => value,
                Token::Open(frame) => {
                    self.stack.push(frame);
                    continue;
                }
                Token::Dot => {
                    self.dot()?;
                    continue;
                }
                Token::Close(bracket) => self.close(bracket)?,
            };
            if let Some(form) = self.deliver(value)? {
                return self.labels.mend(form, self.cx);
            }
        }
    }

    /// Give a finished object to what is open; when nothing is, it is the form.
    fn deliver(&mut self, mut value: Object<'ob>) -> Result<Option<Object<'ob>>, Throw> {
        loop {
            match self.stack.last_mut() {
                None => return Ok(Some(value)),
                Some(Frame::List(list)) => {
                    match list.dot {
                        Dot::None => {
                            let cell = self.cx.cons(value, NIL);
                            if let Some(places) = &mut self.places
                                && value.as_cons().is_none()
                            {
                                places.push((cell, self.start));
                            }
                            match list.last {
                                Some(last) => last.set_cdr(self.cx, cell.into()),
                                None => list.head = cell.into(),
                            }
                            list.last = Some(cell);
                        }
                        Dot::Before => {
                            match list.last {
                                Some(last) => last.set_cdr(self.cx, value),
                                None => list.head = value,
                            }
                            list.dot = Dot::After;
                        }
                        Dot::After => return Err(self.invalid(". in wrong context")),
                    }
                    return Ok(None);
                }
                Some(Frame::Vector { base, kind }) => {
                    if *kind == Brackets::Properties && self.values.len() == *base && value.as_string().is_none() {
                        return Err(self.invalid("#"));
                    }
                    self.values.push(value);
                    return Ok(None);
                }
                Some(Frame::Prefix(symbol)) => {
                    let rest = self.cx.cons(value, NIL);
                    if let Some(places) = &mut self.places
                        && value.as_cons().is_none()
                    {
                        places.push((rest, self.start));
                    }
                    value = self.cx.cons(*symbol, rest.into()).into();
                    self.stack.pop();
                }
                Some(Frame::Label(number, placeholder)) => {
                    value = self.labels.define(*number, *placeholder, value, self.cx);
                    self.stack.pop();
                }
            }
        }
    }

    fn dot(&mut self) -> Result<(), Throw> {
        match self.stack.last_mut() {
            Some(Frame::List(list)) if list.dot == Dot::None => {
                list.dot = Dot::Before;
                Ok(())
            }
            Some(Frame::List(list)) if list.dot == Dot::After => Err(self.invalid(". in wrong context")),
            Some(Frame::Vector { kind: Brackets::Properties, .. }) => Err(self.invalid("Invalid string property list")),
            Some(Frame::Vector { .. }) => Err(self.invalid(") or . in a vector")),
            _ => Err(self.invalid(".")),
        }
    }

    fn close(&mut self, bracket: u8) -> LispResult<'ob> {
        match (self.stack.last(), bracket) {
            (Some(Frame::List(List { dot: Dot::None, .. })), b']') => return Err(self.invalid("] in a list")),
            (Some(Frame::List(List { dot: Dot::After, .. })), b']') => return Err(self.invalid(". in wrong context")),
            (Some(Frame::List(List { dot: Dot::None | Dot::After, .. })), b')')
            | (Some(Frame::Vector { kind: Brackets::Properties, .. }), b')') => {}
            (Some(Frame::Vector { kind: Brackets::Properties, .. }), _) => {
                return Err(self.invalid("Invalid string property list"));
            }
            (Some(Frame::Vector { .. }), b']') => {}
            (Some(Frame::Vector { .. }), _) => return Err(self.invalid(") or . in a vector")),
            (_, b')') => return Err(self.invalid(")")),
            _ => return Err(self.invalid("]")),
        }
        match self.stack.pop() {
            Some(Frame::List(List { record: false, head, .. })) => Ok(head),
            Some(Frame::List(List { head, .. })) => table::record_or_table(head, self.cx),
            Some(Frame::Vector { base, kind }) => {
                let value = self.brackets(kind, base)?;
                self.values.truncate(base);
                Ok(value)
            }
            Some(Frame::Prefix(_) | Frame::Label(..)) | None => Err(self.invalid(")")),
        }
    }

    /// The object of the elements from index `base` on.
    fn brackets(&self, kind: Brackets, base: usize) -> LispResult<'ob> {
        let (cx, values) = (self.cx, &self.values[base..]);
        match kind {
            Brackets::Vector => Ok(cx.vector(values).into()),
            Brackets::ByteCode => self.byte_code(values),
            Brackets::CharTable if values.len() < CHAR_TABLE_STANDARD_SLOTS => {
                Err(error("Invalid size char-table", cx))
            }
            Brackets::CharTable => Ok(cx.char_table(values).into()),
            Brackets::SubCharTable => self.sub_char_table(values),
            Brackets::Properties => match values.split_first() {
                Some((string, properties)) if properties.len().is_multiple_of(3) => {
                    property::add(*string, properties, cx)
                }
                Some(_) => Err(self.invalid("Invalid string property list")),
                None => Err(self.invalid("#")),
            },
        }
    }

    fn byte_code(&self, slots: &[Object<'ob>]) -> LispResult<'ob> {
        let at = |i: usize| slots.get(i).copied().unwrap_or(NIL);
        let arguments = at(0).as_fixnum().is_some() || at(0).as_cons().is_some() || at(0).is_nil();
        let code = at(1).as_string().is_some() && at(2).as_vector().is_some() || at(1).as_cons().is_some();
        let depth = at(3).as_fixnum().is_some_and(|n| n >= 0);
        if slots.len() < 4 || !arguments || !code || !depth {
            return Err(self.invalid("Invalid byte-code object"));
        }
        if let Some(code) = at(1).as_string().filter(|s| s.is_multibyte()) {
            // Codes are bytes; old files have them as the text that these bytes decode to.
            code.replace_bytes(&tenure_vm::string::as_unibyte(code.bytes()), 0, false, self.cx);
        }
        Ok(self.cx.byte_code(slots).into())
    }

    fn sub_char_table(&self, values: &[Object<'ob>]) -> LispResult<'ob> {
        let cx = self.cx;
        let number = |i: usize| values.get(i).copied().and_then(Object::as_fixnum);
        match number(0) {
            _ if values.is_empty() => Err(error("Zero-sized sub char-table", cx)),
            Some(depth @ 1..=3) => {
                if values.len() != 2 + CHAR_TABLE_SIZES[depth as usize] {
                    return Err(error("Invalid size in sub char-table", cx));
                }
                match number(1) {
                    Some(first @ 0..=0x3F_FFFF) => {
                        let table = cx.sub_char_table(depth as u8, first as u32, values.len() - 2, NIL);
                        for (i, &value) in values[2..].iter().enumerate() {
                            table.set(i, value, cx);
                        }
                        Ok(table.into())
                    }
                    _ => Err(error("Invalid minimum character in sub-char-table", cx)),
                }
            }
            _ => Err(error("Invalid depth in sub char-table", cx)),
        }
    }

    #[cold]
    fn invalid(&self, message: &str) -> Throw {
        signal(sym::INVALID_READ_SYNTAX, &[text_object(message, self.cx)], self.cx)
    }

    #[cold]
    fn end_of_file(&self) -> Throw {
        match setting(sym::LOAD_TRUE_FILE_NAME, self.cx) {
            file if file.as_string().is_some() => signal(sym::END_OF_FILE, &[file], self.cx),
            _ => signal(sym::END_OF_FILE, &[], self.cx),
        }
    }
}

/// Slots of a char-table before its extra ones: default, parent, purpose, ASCII and 64 blocks.
const CHAR_TABLE_STANDARD_SLOTS: usize = 68;
/// Entries of a char-table's levels.
const CHAR_TABLE_SIZES: [usize; 4] = [64, 16, 32, 128];

fn text_object<'ob>(text: &str, cx: &'ob Context) -> Object<'ob> {
    cx.string_from_str(text).into()
}
