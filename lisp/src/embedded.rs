//! The Lisp files that are part of the program.
//!
//! Their functions and macros are autoloads until one is called, so start-up reads none of them.  Some are Emacs's
//! libraries by name: a file of that name along `load-path` comes first.

use crate::form::symbol;
use tenure_gc::{Context, LispResult, NIL, Object, SubrInfo, T};
use tenure_vm::convert::FromLisp as _;
use tenure_vm::error::error;
use tenure_vm::{defun, subrs, sym};

/// An embedded file.
struct File {
    /// What `load` calls it.
    name: &'static str,
    text: &'static str,
    autoload: Autoload,
}

/// Which definitions of a file are there without `require`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Autoload {
    All,
    /// Those behind a line with [`COOKIE`].
    Marked,
    None,
}

/// What marks a definition that is there without `require`, in files where not all are.
const COOKIE: &str = ";;;###autoload";

/// Names that begin so are found nowhere else.
const PREFIX: &str = "tenure/";

macro_rules! files {
    ($($name:literal, $file:literal, $autoload:ident;)*) => {
        const FILES: &[File] = &[$(File {
            name: $name,
            text: include_str!(concat!("../el/", $file)),
            autoload: Autoload::$autoload,
        }),*];
    };
}

files! {
    "tenure/after-load", "after-load.el", All;
    "tenure/control", "control.el", All;
    "tenure/definitions", "definitions.el", All;
    "tenure/lists", "lists.el", All;
    "tenure/strings", "strings.el", All;
    "macroexp", "macroexp.el", All;
    "gv", "gv.el", Marked;
    "benchmark", "benchmark.el", Marked;
    "bytecomp", "bytecomp.el", All;
    "cl-preloaded", "cl-preloaded.el", All;
    "cl-lib", "cl-lib.el", Marked;
    "cl-macs", "cl-macs.el", None;
    "tenure/cl-arguments", "cl-arguments.el", None;
    "tenure/cl-bind", "cl-bind.el", None;
    "tenure/cl-loop", "cl-loop.el", None;
    "tenure/cl-loop-for", "cl-loop-for.el", None;
    "tenure/cl-struct", "cl-struct.el", None;
    "tenure/cl-types", "cl-types.el", None;
    "tenure/cl-sets", "cl-sets.el", None;
    "cl-seq", "cl-seq.el", None;
    "cl-extra", "cl-extra.el", None;
    "pcase", "pcase.el", All;
    "ert", "ert.el", Marked;
    "tenure/ert-batch", "ert-batch.el", None;
    "tenure/ert-pretty", "ert-pretty.el", None;
    "seq", "seq.el", Marked;
    "map", "map.el", None;
    "cl-generic", "cl-generic.el", All;
    "subr-x", "subr-x.el", Marked;
    "ring", "ring.el", Marked;
    "nadvice", "nadvice.el", All;
    "inline", "inline.el", Marked;
    "thunk", "thunk.el", None;
    "tenure/regexps", "regexps.el", All;
    "tenure/file-names", "file-names.el", All;
    "tenure/files", "files.el", All;
    "format-spec", "format-spec.el", Marked;
    "tenure/versions", "versions.el", All;
    "tenure/help", "help.el", All;
    "tenure/progress", "progress.el", All;
    "obarray", "obarray.el", All;
    "tenure/keys", "keys.el", All;
    "cl-print", "cl-print.el", Marked;
    "debug", "debug.el", All;
    "pp", "pp.el", Marked;
    "mule-util", "mule-util.el", Marked;
    "generator", "generator.el", None;
    "avl-tree", "avl-tree.el", None;
    "regexp-opt", "regexp-opt.el", Marked;
    "rx", "rx.el", Marked;
    "let-alist", "let-alist.el", Marked;
    "warnings", "warnings.el", Marked;
    "tenure/questions", "questions.el", All;
    "tenure/environment", "environment.el", All;
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

/// The functions that a file defines at the left margin, and whether each is a macro.
fn definitions(text: &'static str, marked: bool) -> impl Iterator<Item = (&'static str, bool)> {
    const HEADS: [(&str, bool); 5] = [
        ("(defun ", false),
        ("(defsubst ", false),
        ("(defmacro ", true),
        ("(cl-defmacro ", true),
        ("(defalias '", false),
    ];
    let mut before = "";
    text.lines().filter_map(move |line| {
        let wanted = !marked || std::mem::replace(&mut before, line) == COOKIE;
        HEADS.iter().filter(|_| wanted).find_map(|&(head, is_macro)| {
            let name = line.strip_prefix(head)?.split([' ', '\n', ')']).next()?;
            Some((name, is_macro))
        })
    })
}

/// Make the functions and macros of a file autoloads, unless they are defined already.
fn define_autoloads(file: &File, marked: bool, cx: &Context) {
    let name: Object<'_> = cx.string_from_str(file.name).into();
    let [function, r#macro] = [NIL, T].map(|kind| cx.list(&[sym::AUTOLOAD, name, NIL, NIL, kind]));
    for (defined, is_macro) in definitions(file.text, marked) {
        let Some(symbol) = symbol(defined, cx).as_symbol().filter(|s| s.function(cx).is_nil()) else { continue };
        symbol.set_function(if is_macro { r#macro } else { function }, cx);
    }
}

/// Make what is there without `require` autoloads.
pub(crate) fn define(cx: &Context) {
    for file in FILES.iter().filter(|f| f.autoload != Autoload::None) {
        define_autoloads(file, file.autoload == Autoload::Marked, cx);
    }
}

/// Make every function and macro of the embedded file FILE an autoload, unless it is defined already.
#[defun]
fn tenure_autoloads<'ob>(file: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let name = tenure_gc::Str::from_lisp(file, cx)?;
    let Some(file) = FILES.iter().find(|f| f.name.as_bytes() == name.bytes()) else {
        return Err(error(&format!("No embedded file {}", String::from_utf8_lossy(name.bytes())), cx));
    };
    define_autoloads(file, false, cx);
    Ok(NIL)
}

/// The primitives of this file.
pub(crate) const SUBRS: &[SubrInfo] = &subrs![tenure_autoloads];
