//! The Lisp files that are part of the program.
//!
//! Their functions and macros are autoloads until one is called, so start-up reads none of them.  Some are Emacs's
//! libraries by name: a file of that name along `load-path` comes first.

use crate::form::symbol;
use tenure_gc::{Context, NIL, Object, T};
use tenure_vm::sym;

/// An embedded file.
struct File {
    /// What `load` calls it.
    name: &'static str,
    text: &'static str,
    /// Whether its definitions are there without `require`.
    autoload: bool,
}

/// Names that begin so are found nowhere else.
const PREFIX: &str = "tenure/";

macro_rules! files {
    ($($name:literal, $file:literal, $autoload:literal;)*) => {
        const FILES: &[File] = &[$(File {
            name: $name,
            text: include_str!(concat!("../el/", $file)),
            autoload: $autoload,
        }),*];
    };
}

files! {
    "tenure/after-load", "after-load.el", true;
    "tenure/control", "control.el", true;
    "tenure/definitions", "definitions.el", true;
    "tenure/lists", "lists.el", true;
    "tenure/strings", "strings.el", true;
    "macroexp", "macroexp.el", true;
    "gv", "gv.el", true;
    "benchmark", "benchmark.el", true;
}

/// The text of a file that has its name from us alone.
pub(crate) fn internal(name: &[u8]) -> Option<&'static str> {
    name.starts_with(PREFIX.as_bytes()).then(|| feature(name)).flatten().map(|(_, text)| text)
}

/// The name and the text of an embedded file.
pub(crate) fn feature(name: &[u8]) -> Option<(&'static str, &'static str)> {
    FILES.iter().find(|f| f.name.as_bytes() == name).map(|f| (f.name, f.text))
}

/// Whether a name of `load-file-name` is that of an embedded file.
pub(crate) fn is_embedded(name: &[u8]) -> bool {
    feature(name).is_some()
}

/// The functions that a text defines at the left margin, and whether each is a macro.
fn definitions(text: &'static str) -> impl Iterator<Item = (&'static str, bool)> {
    const HEADS: [(&str, bool); 4] =
        [("(defun ", false), ("(defsubst ", false), ("(defmacro ", true), ("(defalias '", false)];
    text.lines().filter_map(|line| {
        HEADS.iter().find_map(|&(head, is_macro)| {
            let name = line.strip_prefix(head)?.split([' ', '\n', ')']).next()?;
            Some((name, is_macro))
        })
    })
}

/// Make every function and macro of the embedded files an autoload, unless it is defined already.
pub(crate) fn define(cx: &Context) {
    for file in FILES.iter().filter(|f| f.autoload) {
        let name: Object<'_> = cx.string_from_str(file.name).into();
        let [function, r#macro] = [NIL, T].map(|kind| cx.list(&[sym::AUTOLOAD, name, NIL, NIL, kind]));
        for (defined, is_macro) in definitions(file.text) {
            let Some(symbol) = symbol(defined, cx).as_symbol().filter(|s| s.function(cx).is_nil()) else { continue };
            symbol.set_function(if is_macro { r#macro } else { function }, cx);
        }
    }
}
