//! Emacs's regular expressions (`regex-emacs.c`), on text in the internal encoding.
//!
//! [`Regex::compile`] makes a program of a pattern; `matcher` runs it by backtracking, with what is left to try on a
//! stack of its own, so no pattern and no text use up the native stack.  The order in which things are tried is Emacs's,
//! and so are the groups that come of it.
//!
//! - `parse` reads the syntax, `class` knows sets of characters, `program` the operations.

mod class;
mod matcher;
mod parse;
mod program;

pub use matcher::{Outcome, Scratch};
pub use program::Regex;

use tenure_gc::Context;
use tenure_vm::category::Categories;
use tenure_vm::syntax::Syntax;

/// What the current tables say of characters.
#[derive(Clone, Copy)]
pub struct Tables<'a> {
    /// Syntax classes.
    pub syntax: Syntax<'a>,
    /// Categories.
    pub categories: Categories<'a>,
    /// Whether the text is that of a unibyte string.
    pub unibyte: bool,
}

impl<'a> Tables<'a> {
    /// The tables that are current.
    pub fn current(unibyte: bool, cx: &'a Context) -> Tables<'a> {
        Tables { syntax: Syntax::current(cx), categories: Categories::current(cx), unibyte }
    }
}

/// Why a pattern is no regular expression, in Emacs's words.
pub type Invalid = &'static str;

/// The character that stands for `c` and all that differ from it in case only.
pub fn fold(c: u32) -> u32 {
    use tenure_vm::casefiddle::{downcase_char, upcase_char};
    match c {
        0..0x80 => u32::from((c as u8).to_ascii_lowercase()),
        // The capital sharp s has the sharp s as its lower case, which has no upper case of one letter.
        0xDF => c,
        _ => downcase_char(upcase_char(downcase_char(c))),
    }
}
