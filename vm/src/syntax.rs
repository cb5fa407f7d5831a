//! Syntax classes of characters (`syntax.c`): the standard table, and tables that Lisp makes of it.
//!
//! The standard table is a table of runs until Lisp asks for it; from then on it is a char-table.  There are no buffers,
//! so there is one current table: at first that of Emacs Lisp, which Emacs has for programs on its command line.

use crate::character::runs::{self, Runs};
use crate::chartab::{char_table_ref, char_table_set_range, copy as copy_char_table};
use crate::error::{error, wrong_type};
use crate::state::{Vm, register};
use crate::string::character_arg;
use crate::sym;
use tenure_gc::{CharTable, Context, Kind, LispResult, NIL, Object, Str, SubrInfo, Throw};
use tenure_macros::{defun, subrs};

/// What a character is in text: the classes, in Emacs's order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
#[expect(missing_docs, reason = "the name says the class")]
pub enum Class {
    Whitespace,
    Punctuation,
    Word,
    Symbol,
    Open,
    Close,
    Quote,
    String,
    Math,
    Escape,
    CharQuote,
    Comment,
    EndComment,
    Inherit,
    CommentFence,
    StringFence,
}

use Class::{
    CharQuote, Close, Comment, CommentFence, EndComment, Escape, Inherit, Math, Open, Punctuation, Quote,
    String as Text, StringFence, Symbol, Whitespace, Word,
};

/// The classes with the character that names each.
const CLASSES: [(Class, u8); 16] = [
    (Whitespace, b' '),
    (Punctuation, b'.'),
    (Word, b'w'),
    (Symbol, b'_'),
    (Open, b'('),
    (Close, b')'),
    (Quote, b'\''),
    (Text, b'"'),
    (Math, b'$'),
    (Escape, b'\\'),
    (CharQuote, b'/'),
    (Comment, b'<'),
    (EndComment, b'>'),
    (Inherit, b'@'),
    (CommentFence, b'!'),
    (StringFence, b'|'),
];

impl Class {
    fn of_number(n: i64) -> Option<Class> {
        CLASSES.get(usize::try_from(n).ok()?).map(|&(class, _)| class)
    }

    /// The class that a character names; `-` names white space too.
    pub fn named(c: u32) -> Option<Class> {
        let c = if c == u32::from(b'-') { u32::from(b' ') } else { c };
        CLASSES.iter().find(|&&(_, name)| u32::from(name) == c).map(|&(class, _)| class)
    }

    fn name(self) -> u8 {
        CLASSES[self as usize].1
    }
}

/// The standard table: class and matching character.
static STANDARD: Runs<(Class, Option<u32>)> = Runs::new(|| {
    runs::parse(include_str!("syntax/standard.txt"), |words| {
        let class = words[0].parse().ok().and_then(Class::of_number).expect("a class is a number");
        (class, words.get(1).and_then(|hex| u32::from_str_radix(hex, 16).ok()))
    })
});

/// What the table of Emacs Lisp has besides: the entry's number, flags included.
fn lisp_entry(c: u32) -> Option<i64> {
    Some(match u8::try_from(c).ok()? {
        b'\t' | 0x0C | b' ' | 0x80.. => return None,
        b'\n' => EndComment as i64,
        b';' => Comment as i64,
        b'#' | b'\'' | b',' | b'`' => Quote as i64,
        b'@' => Symbol as i64 | PREFIX,
        b'!' | b'$'..=b'&' | b'*'..=b'/' | b':'..=b'@' | b'^'..=b'_' | b'{'..=0x7F | ..b' ' => Symbol as i64,
        _ => return None,
    })
}

/// The flag of a prefix.
const PREFIX: i64 = 1 << 20;

fn initial_class(c: u32) -> Class {
    lisp_entry(c).and_then(|n| Class::of_number(n & 0xFFFF)).unwrap_or_else(|| STANDARD.get(c).0)
}

/// Asks for classes in the current table.
#[derive(Clone, Copy)]
pub struct Syntax<'ob>(Option<CharTable<'ob>>);

impl<'ob> Syntax<'ob> {
    /// The table that is current at first.
    pub const INITIAL: Syntax<'static> = Syntax(None);

    /// The current table.
    pub fn current(cx: &'ob Context) -> Syntax<'ob> {
        Syntax(Vm::of(cx).registers.get(cx, register::SYNTAX_TABLE).as_char_table())
    }

    /// The class of a character.
    pub fn class(self, c: u32) -> Class {
        let Some(table) = self.0 else { return initial_class(c) };
        let mut entry = char_table_ref(table, c);
        // An entry may say that the standard table is to be asked, and a char-table's parent was asked already.
        if class_of(entry) == Some(Inherit) {
            entry = NIL;
        }
        class_of(entry).unwrap_or(Whitespace)
    }
}

fn class_of(entry: Object<'_>) -> Option<Class> {
    Class::of_number(entry.as_cons()?.car().as_fixnum()? & 0xFFFF)
}

/// The standard table as a char-table, made when it is first asked for.
fn standard<'ob>(cx: &'ob Context) -> LispResult<'ob> {
    let registers = &Vm::of(cx).registers;
    let made = registers.get(cx, register::STANDARD_SYNTAX_TABLE);
    if !made.is_nil() {
        return Ok(made);
    }
    let whitespace = entry(Whitespace, None, cx);
    let table = crate::chartab::make(sym::SYNTAX_TABLE, whitespace, cx)?;
    let mut all: Vec<(u32, (Class, Option<u32>))> = STANDARD.iter().collect();
    all.push((crate::character::MAX_CHAR + 1, (Whitespace, None)));
    let simple: Vec<Object<'ob>> = CLASSES.iter().map(|&(class, _)| entry(class, None, cx)).collect();
    for pair in all.windows(2) {
        let (from, (class, matching)) = pair[0];
        let value = if matching.is_some() { entry(class, matching, cx) } else { simple[class as usize] };
        char_table_set_range(table, from, pair[1].0 - 1, value, cx);
    }
    registers.set(cx, register::STANDARD_SYNTAX_TABLE, table.into());
    Ok(table.into())
}

fn entry<'ob>(class: Class, matching: Option<u32>, cx: &'ob Context) -> Object<'ob> {
    let matching = matching.map_or(NIL, |c| Object::fixnum(i64::from(c)));
    cx.cons(Object::fixnum(class as i64), matching).into()
}

/// A syntax table argument; none is the current one.
fn table_arg<'ob>(table: Option<Object<'ob>>, cx: &'ob Context) -> Result<CharTable<'ob>, Throw> {
    let object = match table {
        Some(table) => table,
        None => current_table(cx)?,
    };
    match object.as_char_table().filter(|_| syntax_table_p(object)) {
        Some(table) => Ok(table),
        None => Err(wrong_type(sym::SYNTAX_TABLE_P, object, cx)),
    }
}

fn current_table<'ob>(cx: &'ob Context) -> LispResult<'ob> {
    let registers = &Vm::of(cx).registers;
    match registers.get(cx, register::SYNTAX_TABLE) {
        table if table.is_nil() => {
            let parent = standard(cx)?;
            let lisp = crate::chartab::make(sym::SYNTAX_TABLE, NIL, cx)?;
            crate::chartab::set_parent(lisp, parent, cx);
            for c in 0..0x80 {
                if let Some(number) = lisp_entry(c) {
                    char_table_set_range(lisp, c, c, cx.cons(Object::fixnum(number), NIL).into(), cx);
                }
            }
            registers.set(cx, register::SYNTAX_TABLE, lisp.into());
            Ok(lisp.into())
        }
        table => Ok(table),
    }
}

/// Return t if OBJECT is a syntax table.
#[defun]
fn syntax_table_p(object: Object<'_>) -> bool {
    object.as_char_table().is_some_and(|t| crate::chartab::purpose(t) == sym::SYNTAX_TABLE)
}

/// Return the current syntax table.
#[defun]
fn syntax_table<'ob>(cx: &'ob Context) -> LispResult<'ob> {
    current_table(cx)
}

/// Return the standard syntax table.
#[defun]
fn standard_syntax_table<'ob>(cx: &'ob Context) -> LispResult<'ob> {
    standard(cx)
}

/// Return a copy of TABLE, by default of the standard table; it inherits from the standard table.
#[defun(min = 0)]
fn copy_syntax_table<'ob>(table: Option<Object<'ob>>, cx: &'ob Context) -> LispResult<'ob> {
    let base = standard(cx)?;
    let copy = copy_char_table(table_arg(Some(table.unwrap_or(base)), cx)?, cx);
    // What has no entry inherits.
    crate::chartab::set_default(copy, NIL, cx);
    if crate::chartab::parent(copy).is_nil() {
        crate::chartab::set_parent(copy, base, cx);
    }
    Ok(copy.into())
}

/// Make TABLE the current syntax table and return it.
#[defun]
fn set_syntax_table<'ob>(table: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let table = table_arg(Some(table), cx)?;
    Vm::of(cx).registers.set(cx, register::SYNTAX_TABLE, table.into());
    Ok(table.into())
}

/// Return the character that names the syntax class of CHARACTER.
#[defun]
fn char_syntax<'ob>(character: Object<'ob>, cx: &'ob Context) -> Result<i64, Throw> {
    let c = character_arg(character, cx)?;
    Ok(i64::from(Syntax::current(cx).class(c).name()))
}

/// Return the character that names the syntax class of number SYNTAX.
#[defun]
fn syntax_class_to_char<'ob>(syntax: Object<'ob>, cx: &'ob Context) -> Result<i64, Throw> {
    let Some(n) = syntax.as_fixnum() else { return Err(wrong_type(sym::FIXNUMP, syntax, cx)) };
    match Class::of_number(n) {
        Some(class) => Ok(i64::from(class.name())),
        None => Err(crate::error::args_out_of_range(Object::fixnum(15), syntax, cx)),
    }
}

/// Return the character that matches the parenthesis CHARACTER, nil if there is none.
#[defun]
fn matching_paren<'ob>(character: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let c = character_arg(character, cx)?;
    if !matches!(Syntax::current(cx).class(c), Open | Close) {
        return Ok(NIL);
    }
    let table = table_arg(None, cx)?;
    Ok(char_table_ref(table, c).as_cons().map_or(NIL, |entry| entry.cdr()))
}

/// Return what STRING, a syntax descriptor, puts in a syntax table.
#[defun]
fn string_to_syntax<'ob>(string: Str<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let mut characters = crate::string::string_chars(string);
    let name = characters.next().unwrap_or(0);
    let Some(class) = Class::named(name).filter(|_| name < 0x80) else {
        return Err(error(&format!("Invalid syntax description letter: {}", as_text(name)), cx));
    };
    if class == Inherit {
        return Ok(NIL);
    }
    let matching = characters.next().filter(|&c| c != u32::from(b' '));
    let mut flags = class as i64;
    for c in characters {
        flags |= match u8::try_from(c) {
            Ok(b'1') => 1 << 16,
            Ok(b'2') => 1 << 17,
            Ok(b'3') => 1 << 18,
            Ok(b'4') => 1 << 19,
            Ok(b'p') => 1 << 20,
            Ok(b'b') => 1 << 21,
            Ok(b'n') => 1 << 22,
            Ok(b'c') => 1 << 23,
            _ => 0,
        };
    }
    let matching = matching.map_or(NIL, |c| Object::fixnum(i64::from(c)));
    Ok(cx.cons(Object::fixnum(flags), matching).into())
}

fn as_text(c: u32) -> char {
    char::from_u32(c).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// Give CHAR, a character or a cons of the first and last of many, the syntax that NEWENTRY describes.
#[defun]
fn modify_syntax_entry<'ob>(
    char: Object<'ob>,
    newentry: Str<'ob>,
    syntax_table: Option<Object<'ob>>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    let (from, to) = match char.untag() {
        Kind::Cons(range) => (character_arg(range.car(), cx)?, character_arg(range.cdr(), cx)?),
        _ => (character_arg(char, cx)?, character_arg(char, cx)?),
    };
    let table = table_arg(syntax_table, cx)?;
    let entry = string_to_syntax(newentry, cx)?;
    if from <= to {
        char_table_set_range(table, from, to, entry, cx);
    }
    Ok(NIL)
}

/// The primitives of this file.
pub(crate) const SUBRS: &[SubrInfo] = &subrs![
    syntax_table_p,
    syntax_table,
    standard_syntax_table,
    copy_syntax_table,
    set_syntax_table,
    char_syntax,
    syntax_class_to_char,
    matching_paren,
    string_to_syntax,
    modify_syntax_entry,
];
