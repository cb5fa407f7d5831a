//! # tenure-lisp
//!
//! The language around the machine: the reader and printer, loading, the command line in Emacs's manner, the
//! interactive loop, and the Lisp that is part of the program.
//!
//! [`new_context`] makes a context with all of it; [`cli::main`] is the program.

#![forbid(unsafe_code)]

mod backquote;
pub mod cli;
mod coding;
mod compile;
mod completion;
mod dired;
mod dispnew;
mod doc;
pub mod editfns;
mod emacs;
mod embedded;
mod fileio;
mod fns;
mod form;
mod gc_log;
mod json;
mod keymap;
mod load;
mod locate;
mod macroexp;
mod macros;
mod minibuf;
pub mod print;
pub mod reader;
pub mod regex;
mod repl;
mod search;
mod state;
mod timefns;
mod users;

pub use gc_log::GcLog;
pub use state::EvalMode;

use std::rc::Rc;

use fileio::name_string;
use tenure_gc::{Config, Context, MOST_NEGATIVE_FIXNUM, MOST_POSITIVE_FIXNUM, NIL, Object, Redirect, T, Write};
use tenure_vm::init::{define, define_variable};
use tenure_vm::sym;

/// The version of Emacs whose Lisp this is.
pub const EMACS_VERSION: &str = "28.2";

/// A context with the machine, the primitives of this crate, the embedded library and Emacs's standard variables.
pub fn new_context(config: Config) -> Context {
    let cx = tenure_vm::state::new_context(config);
    cx.set_extension(state::EXTENSION, Rc::new(state::LispState::default()));
    print::init(&cx);
    for file in [
        reader::READER_SUBRS,
        print::PRINT_SUBRS,
        editfns::SUBRS,
        embedded::SUBRS,
        emacs::SUBRS,
        dired::SUBRS,
        doc::SUBRS,
        load::SUBRS,
        macroexp::SUBRS,
        json::SUBRS,
        search::SUBRS,
        completion::SUBRS,
        coding::SUBRS,
        timefns::SUBRS,
        locate::SUBRS,
        users::SUBRS,
        minibuf::SUBRS,
        keymap::SUBRS,
        dispnew::SUBRS,
    ] {
        define(&cx, file);
    }
    compile::SUBRS.iter().for_each(|subrs| define(&cx, subrs));
    fileio::SUBRS.iter().for_each(|subrs| define(&cx, subrs));
    fns::SUBRS.iter().for_each(|subrs| define(&cx, subrs));
    emacs::SUBR_EL.iter().for_each(|subrs| define(&cx, subrs));
    macros::define(&cx);
    embedded::define(&cx);
    define_variables(&cx);
    users::init(&cx);
    fileio::init_environment(&cx);
    emacs::init(&cx);
    coding::init(&cx);
    fileio::init(&cx);
    locate::init(&cx);
    cx
}

/// Variables that are nil at first.
const NIL_VARIABLES: &[&str] = &[
    "after-load-alist",
    "after-load-functions",
    "command-line-args",
    "completion-ignore-case",
    "completion-regexp-list",
    "command-line-args-left",
    "current-load-list",
    "kill-emacs-hook",
    "load-file-name",
    "load-history",
    "load-in-progress",
    "load-path",
    "load-prefer-newer",
    "load-true-file-name",
    "debugger-stack-frame-as-list",
    "char-property-alias-alist",
    "default-text-properties",
    "eval-buffer-list",
    "inhibit-changing-match-data",
    "inhibit-message",
    "inhibit-field-text-motion",
    "overriding-plist-environment",
    "preloaded-file-list",
    "read-symbol-positions-list",
    "read-symbol-shorthands",
    "read-with-symbol-positions",
    "use-short-answers",
    "user-init-file",
    "macroexpand-all-environment",
    "purify-flag",
];

/// Functions that `subr.el` defines as other names of primitives.
const ALIASES: &[(&str, &str)] = &[
    ("not", "null"),
    ("string=", "string-equal"),
    ("string<", "string-lessp"),
    ("string>", "string-greaterp"),
    ("int-to-string", "number-to-string"),
    ("rplaca", "setcar"),
    ("rplacd", "setcdr"),
    ("sxhash", "sxhash-equal"),
];

fn define_variables(cx: &Context) {
    let text = |s: &str| -> Object<'_> { cx.string_from_str(s).into() };
    let texts = |list: &[&str]| cx.list(&list.iter().map(|s| text(s)).collect::<Vec<_>>());
    NIL_VARIABLES.iter().chain(compile::VARIABLES).for_each(|name| define_variable(cx, name, NIL));
    define_variable(cx, "regexp-unmatchable", text("\\`a\\`"));
    define_variable(cx, "emacs-version", text(EMACS_VERSION));
    define_variable(cx, "emacs-major-version", Object::fixnum(28));
    define_variable(cx, "emacs-minor-version", Object::fixnum(2));
    define_variable(cx, "system-type", cx.intern("gnu/linux").into());
    let configuration = format!("{}-pc-linux-gnu", std::env::consts::ARCH);
    define_variable(cx, "system-configuration", text(&configuration));
    define_variable(cx, "noninteractive", T);
    for name in ["byte-compile-warnings", "byte-compile-dynamic-docstrings", "byte-optimize"] {
        define_variable(cx, name, T);
    }
    define_variable(cx, "byte-compile-docstring-max-column", Object::fixnum(80));
    define_variable(cx, "path-separator", text(":"));
    for name in ["use-dialog-box", "inhibit-point-motion-hooks", "inhibit-x-resources", "debugger-may-continue"] {
        define_variable(cx, name, T);
    }
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    define_variable(cx, "system-name", text(host.trim_end()));
    define_variable(cx, "load-read-function", cx.intern("read").into());
    define_variable(cx, "features", cx.list(&[cx.intern("emacs").into()]));
    define_variable(cx, "load-suffixes", texts(&[".elc", ".el"]));
    define_variable(cx, "load-file-rep-suffixes", texts(&["", ".gz"]));
    let directory = std::env::current_dir().unwrap_or_else(|_| "/".into());
    let mut directory = std::os::unix::ffi::OsStringExt::into_vec(directory.into_os_string());
    if directory.last() != Some(&b'/') {
        directory.push(b'/');
    }
    define_variable(cx, "default-directory", name_string(&directory, cx));
    // `emacs.c` and `bindings.el`: errors of the user, for which no debugger is wanted.
    let ignored = [
        "beginning-of-line",
        "beginning-of-buffer",
        "end-of-line",
        "end-of-buffer",
        "end-of-file",
        "buffer-read-only",
        "file-supersession",
        "mark-inactive",
        "user-error",
    ];
    let ignored = cx.list(&ignored.map(|name| cx.intern(name).into()));
    define_variable(cx, "debug-ignored-errors", ignored);
    // `data.c` refuses to set these two.
    for (name, limit) in
        [("most-positive-fixnum", MOST_POSITIVE_FIXNUM), ("most-negative-fixnum", MOST_NEGATIVE_FIXNUM)]
    {
        define_variable(cx, name, Object::fixnum(limit));
        cx.intern(name).set_write(Write::Constant, cx);
    }
    // `fns.c` and `lread.c` leave these two to be bound lexically.
    cx.intern("features").set_special(false, cx);
    cx.intern("values").set_special(false, cx);
    // `float-sup.el`.
    let angle = std::f64::consts::PI / 180.0;
    for (name, value) in [
        ("float-pi", std::f64::consts::PI),
        ("pi", std::f64::consts::PI),
        ("float-e", std::f64::consts::E),
        ("degrees-to-radians", angle),
        ("radians-to-degrees", 1.0 / angle),
    ] {
        define_variable(cx, name, cx.float(value).into());
    }
    cx.intern("pi").set_special(false, cx);
    for (name, function) in ALIASES {
        cx.intern(name).set_function(cx.intern(function).into(), cx);
    }
    for name in ["case-fold-search", "lexical-binding"] {
        tenure_vm::local::make_local_if_set(cx.intern(name), cx);
    }
    let argv = cx.intern("argv");
    argv.set_special(true, cx);
    argv.set_value(sym::COMMAND_LINE_ARGS_LEFT, cx);
    argv.set_redirect(Redirect::Alias, cx);
}
