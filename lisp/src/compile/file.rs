//! `byte-compile-file`: a source file to an `.elc` that GNU Emacs 28.2 loads as well.
//!
//! The file begins as Emacs's do, with the magic `;ELC` and the version.  Documentation strings stand in the functions
//! themselves.  Nothing is written if anything failed, and the file appears at once when all of it is there.

use super::{as_form, compile, specials, toplevel};
use crate::fileio::{self, name_string};
use crate::form::{car_safe, cdr_safe, elements, symbol};
use crate::load;
use crate::print::{output_to_stderr, print_to_text};
use crate::reader::{Reader, Source};
use tenure_gc::{CallResult, Context, NIL, Object, Root, Str, SubrInfo, T, Throw};
use tenure_vm::convert::FromLisp as _;
use tenure_vm::error::signal;
use tenure_vm::eval::poll;
use tenure_vm::handler::condition_case;
use tenure_vm::specpdl::{mark, unbind_to};
use tenure_vm::{defun, funcall, handler, specbind, subrs, sym};

/// How every file begins.
const HEADER: &[u8] = b";ELC\x1c\0\0\0\n;;; Compiled\n;;; in Emacs version 28.2\n;;; with all optimizations.\n\n\n\n";

/// How the printer is set while code is written.
const PRINTING: &[(Object<'static>, Object<'static>)] = &[
    (sym::PRINT_LENGTH, NIL),
    (sym::PRINT_LEVEL, NIL),
    (sym::PRINT_ESCAPE_NEWLINES, T),
    (sym::PRINT_ESCAPE_MULTIBYTE, NIL),
    (sym::PRINT_ESCAPE_CONTROL_CHARACTERS, NIL),
    (sym::PRINT_QUOTED, T),
    (sym::PRINT_GENSYM, T),
    (sym::PRINT_CIRCLE, T),
    (sym::PRINT_CONTINUOUS_NUMBERING, NIL),
    (sym::PRINT_INTEGERS_AS_CHARACTERS, NIL),
    (sym::FLOAT_OUTPUT_FORMAT, NIL),
];

/// Compile the file FILENAME of Lisp code into one whose name ends in `.elc`, and return t.
/// An error in the code is shown, and the value is nil.  LOAD non-nil loads the file afterwards.
#[defun(min = 1)]
fn byte_compile_file(filename: Root<'_>, load: Root<'_>, cx: &mut Context) -> CallResult {
    let name = Str::from_lisp(filename.get(cx), cx)?;
    let directory = toplevel::value("default-directory", cx);
    let directory = directory.as_string().map_or_else(|| b"/".to_vec(), |s| s.bytes().to_vec());
    let source = fileio::expand(name.bytes(), &directory);
    let text = load::read_file(&source).map_err(|reason| {
        let message = cx.string_from_str("Opening input file").into();
        signal(sym::FILE_MISSING, &[message, cx.string_from_str(&load::describe(&reason)).into(), filename.get(cx)], cx)
    })?;
    let destination = destination(&source);
    let outcome = condition_case(sym::ERROR, cx, |cx| compile_text(&source, &text, &destination, cx))?;
    match outcome {
        Ok(_) => {}
        Err(object) => {
            let object = object.get(cx);
            let message = crate::print::error_message(object, cx)?;
            let mut line = fileio::path(&source).file_name().map(|n| n.as_encoded_bytes().to_vec()).unwrap_or_default();
            line.extend(b": Error: ");
            line.extend(message);
            line.push(b'\n');
            output_to_stderr(&line);
            return Ok(cx.ret(NIL));
        }
    }
    if !load.get(cx).is_nil() {
        funcall!(cx, symbol("load", cx), name_string(&destination, cx))?.get(cx);
    }
    Ok(cx.ret(T))
}

/// The name of the compiled file.
fn destination(source: &[u8]) -> Vec<u8> {
    let stem = source.strip_suffix(b".gz").unwrap_or(source);
    let stem = stem.strip_suffix(b".el").unwrap_or(stem);
    [stem, b".elc"].concat()
}

fn compile_text(name: &[u8], text: &[u8], destination: &[u8], cx: &mut Context) -> CallResult {
    let start = mark(cx);
    let result = match compile_forms(name, text, cx) {
        Ok(out) => write(destination, &out, cx).map(|()| cx.ret(T)),
        Err(throw) => Err(handler::raise(throw, cx)),
    };
    unbind_to(start, result, cx)
}

/// Write a file that is there as a whole or not at all.
fn write(destination: &[u8], out: &[u8], cx: &Context) -> Result<(), Throw> {
    let temporary = [destination, format!(".{}", std::process::id()).as_bytes()].concat();
    let written = std::fs::write(fileio::path(&temporary), out)
        .and_then(|()| std::fs::rename(fileio::path(&temporary), fileio::path(destination)));
    written.map_err(|reason| {
        _ = std::fs::remove_file(fileio::path(&temporary));
        let message = cx.string_from_str("Opening output file").into();
        let why = cx.string_from_str(&load::describe(&reason)).into();
        signal(sym::FILE_ERROR, &[message, why, name_string(destination, cx)], cx)
    })
}

fn compile_forms(name: &[u8], text: &[u8], cx: &mut Context) -> Result<Vec<u8>, Throw> {
    let text = load::normalise(text);
    toplevel::bind_declarations(cx)?;
    let environment = toplevel::compile_time_macros(cx);
    specbind!(cx, symbol(toplevel::MACROS, cx), environment)?;
    specbind!(cx, sym::LEXICAL_BINDING, Object::bool(load::lexical_cookie(&text)))?;
    specbind!(cx, symbol("byte-compile-current-file", cx), name_string(name, cx))?;
    let environment = toplevel::compile_time_macros(cx);
    specbind!(cx, symbol("macroexpand-all-environment", cx), environment)?;
    for &(variable, value) in PRINTING {
        specbind!(cx, variable, value)?;
    }
    let from = if text.starts_with(b"#!") { memchr::memchr(b'\n', &text).unwrap_or(text.len()) } else { 0 };
    let mut reader = Reader::new(&text, from, Source::File);
    let mut out = HEADER.to_vec();
    loop {
        poll(cx)?;
        let scope = cx.scope();
        let Some(form) = reader.next(cx)? else { return Ok(out) };
        let form = scope.root(form);
        let done = |form: Root<'_>, cx: &mut Context| compile_one(form, &mut out, cx);
        toplevel::each(form, cx, toplevel::expand, done)?.get(cx);
    }
}

/// Compile an expanded form, and print it.
fn compile_one(form: Root<'_>, out: &mut Vec<u8>, cx: &mut Context) -> CallResult {
    toplevel::define_macro(form, cx)?;
    let head = car_safe(form.get(cx));
    if head == symbol("require", cx) || (head == sym::AUTOLOAD && elements(form.get(cx)).nth(5).is_some()) {
        // What the file needs, its compilation needs as well.
        let scope = cx.scope();
        let env = scope.root(toplevel::environment(cx));
        tenure_vm::eval::eval(form, env, cx)?.get(cx);
    }
    let compiled = compiled_form(form.get(cx), cx)?;
    let prints_nothing = compiled.as_cons().is_none();
    if !prints_nothing {
        out.extend(print_to_text(compiled, true, cx)?);
        out.push(b'\n');
    }
    Ok(cx.ret(NIL))
}

/// The form of the compiled file that an expanded form becomes.
pub(super) fn compiled_form<'ob>(form: Object<'ob>, cx: &'ob Context) -> Result<Object<'ob>, Throw> {
    let head = car_safe(form);
    let specials = specials(cx);
    let lexical = super::is_lexical(cx);
    if (head == sym::DEFVAR || head == sym::DEFCONST) && !cdr_safe(cdr_safe(form)).is_nil() {
        let parts: Vec<Object<'ob>> = elements(form).collect();
        let value = as_form(&compile(parts[2], lexical, &specials, cx)?, cx);
        return Ok(cx.list_with_tail(&[head, parts[1], value], cdr_safe(cdr_safe(cdr_safe(form)))));
    }
    Ok(as_form(&compile(form, lexical, &specials, cx)?, cx))
}

/// The primitives of this file.
pub(super) const SUBRS: &[SubrInfo] = &subrs![byte_compile_file];
