//! `byte-compile-file`: a source file to an `.elc` that GNU Emacs 28.2 loads as well.
//!
//! The file begins as Emacs's do, with the magic `;ELC` and the version.  Nothing is written if anything failed, and the
//! file appears at once when all of it is there.  A file may set some variables of the compiler for itself, in its first
//! line or in a list of local variables.

use super::{as_form, check_top, compile, output, places, specials, toplevel, warn};
use crate::fileio::{self, name_string};
use crate::form::{car_safe, cdr_safe, elements, symbol};
use crate::load;
use crate::reader::{Reader, Source};
use tenure_gc::{CallResult, Context, NIL, Object, Ret, Root, Str, SubrInfo, T, Throw};
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
/// An error in the code is shown, and the value is nil; a file that is not to be compiled gives `no-byte-compile`.
/// LOAD non-nil loads the file afterwards.
#[defun(min = 1)]
fn byte_compile_file(filename: Root<'_>, load: Root<'_>, cx: &mut Context) -> CallResult {
    let name = Str::from_lisp(filename.get(cx), cx)?;
    let directory = toplevel::value("default-directory", cx);
    let directory = directory.as_string().map_or_else(|| b"/".to_vec(), |s| s.bytes().to_vec());
    let source = fileio::expand(name.bytes(), &directory);
    let text = load::read_file(&source).map_err(|reason| {
        let message = cx.string_from_str("Opening input file").into();
        let why = cx.string_from_str(&load::describe(&reason)).into();
        signal(sym::FILE_MISSING, &[message, why, name_string(&source, cx)], cx)
    })?;
    let destination = destination(&source, cx)?;
    let shown = fileio::path(&source).file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let text = load::normalise(&text).into_owned();
    let outer = warn::begin(&shown, &text, cx);
    let value = match condition_case(T, cx, |cx| compile_text(&source, &text, &destination, cx)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(object)) => show_error(object, cx).map(|()| cx.ret(NIL)),
        Err(throw) => Err(throw),
    };
    warn::end(outer, cx);
    let value = value?.get(cx);
    if value.is_nil() {
        return Ok(cx.ret(NIL));
    }
    if value != T {
        _ = std::fs::remove_file(fileio::path(&destination));
        return Ok(cx.ret(value));
    }
    if !load.get(cx).is_nil() {
        funcall!(cx, symbol("load", cx), name_string(&destination, cx))?.get(cx);
    }
    Ok(cx.ret(T))
}

fn show_error(object: Ret, cx: &Context) -> Result<(), Throw> {
    let object = object.get(cx);
    if car_safe(object) == sym::QUIT {
        return Err(cx.signal(NIL, object));
    }
    let message = match car_safe(cdr_safe(object)).as_string() {
        Some(text) if car_safe(object) == sym::ERROR => text.bytes().to_vec(),
        _ => crate::print::error_message(object, cx)?,
    };
    warn::show_error(&String::from_utf8_lossy(&message), cx);
    Ok(())
}

/// The name of the compiled file: what `byte-compile-dest-file-function` says, or one that ends in `.elc`.
fn destination(source: &[u8], cx: &mut Context) -> Result<Vec<u8>, Throw> {
    let function = toplevel::value("byte-compile-dest-file-function", cx);
    if !function.is_nil() {
        let name = funcall!(cx, function, name_string(source, cx))?.get(cx);
        return Ok(Str::from_lisp(name, cx)?.bytes().to_vec());
    }
    let stem = source.strip_suffix(b".gz").unwrap_or(source);
    let stem = stem.strip_suffix(b".el").unwrap_or(stem);
    Ok([stem, b".elc"].concat())
}

/// The file to which FILENAME is compiled.
#[defun]
fn byte_compile_dest_file(filename: Root<'_>, cx: &mut Context) -> CallResult {
    let name = Str::from_lisp(filename.get(cx), cx)?.bytes().to_vec();
    let name = destination(&name, cx)?;
    Ok(cx.ret(name_string(&name, cx)))
}

/// Variables that a file may set for its own compilation.
const FILE_VARIABLES: &[&str] = &[
    "byte-compile-dynamic",
    "byte-compile-dynamic-docstrings",
    "byte-compile-error-on-warn",
    "byte-compile-warnings",
    "no-byte-compile",
];

/// The settings in a file's first line and in its list of local variables: names and the text of values.
fn file_variables(text: &[u8]) -> Vec<(String, String)> {
    const TAIL: usize = 3000;
    let first = text.split(|&b| b == b'\n').find(|line| !line.starts_with(b"#!")).unwrap_or_default();
    let first = String::from_utf8_lossy(first);
    let mut settings = Vec::new();
    let mut add = |setting: &str| {
        if let Some((name, value)) = setting.split_once(':') {
            settings.push((name.trim().to_owned(), value.trim().to_owned()));
        }
    };
    if let Some((settings, _)) = first.split_once("-*-").and_then(|(_, rest)| rest.split_once("-*-")) {
        settings.split(';').for_each(&mut add);
    }
    let tail = String::from_utf8_lossy(&text[text.len().saturating_sub(TAIL)..]);
    if let Some((before, list)) = tail.rsplit_once("Local Variables:") {
        let prefix = before.rsplit('\n').next().unwrap_or_default();
        for line in list.lines().skip(1) {
            let line = line.strip_prefix(prefix).unwrap_or(line).trim();
            if line.starts_with("End:") {
                break;
            }
            add(line);
        }
    }
    settings
}

fn bind_file_variables(text: &[u8], cx: &mut Context) -> Result<(), Throw> {
    for (name, value) in file_variables(text) {
        if FILE_VARIABLES.contains(&name.as_str()) {
            let value = crate::reader::read_one(value.as_bytes(), &mut 0, cx)?;
            let scope = cx.scope();
            let value = scope.root(value);
            specbind!(cx, symbol(&name, cx), value.get(cx))?;
        }
    }
    Ok(())
}

fn compile_text(name: &[u8], text: &[u8], destination: &[u8], cx: &mut Context) -> CallResult {
    let start = mark(cx);
    let result = compile_bound(name, text, destination, cx).map_err(|throw| handler::raise(throw, cx));
    unbind_to(start, result, cx)
}

fn compile_bound(name: &[u8], text: &[u8], destination: &[u8], cx: &mut Context) -> CallResult {
    bind_file_variables(text, cx)?;
    if !toplevel::value("no-byte-compile", cx).is_nil() {
        return Ok(cx.ret(symbol("no-byte-compile", cx)));
    }
    let out = compile_forms(name, text, cx)?;
    write(destination, &out, cx)?;
    Ok(cx.ret(T))
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
    toplevel::bind_declarations(cx)?;
    let environment = toplevel::compile_time_macros(cx);
    specbind!(cx, symbol(toplevel::MACROS, cx), environment)?;
    let properties = toplevel::value(toplevel::PROPERTIES, cx);
    specbind!(cx, symbol(toplevel::PROPERTIES, cx), properties)?;
    specbind!(cx, sym::LEXICAL_BINDING, Object::bool(load::lexical_cookie(text)))?;
    specbind!(cx, symbol("byte-compile-current-file", cx), name_string(name, cx))?;
    specbind!(cx, symbol("byte-compile-current-group", cx), NIL)?;
    let environment = toplevel::compile_time_macros(cx);
    specbind!(cx, symbol("macroexpand-all-environment", cx), environment)?;
    for &(variable, value) in PRINTING {
        specbind!(cx, variable, value)?;
    }
    let from = if text.starts_with(b"#!") { memchr::memchr(b'\n', text).unwrap_or(text.len()) } else { 0 };
    let mut reader = Reader::new(text, from, Source::File);
    let mut out = HEADER.to_vec();
    loop {
        poll(cx)?;
        let scope = cx.scope();
        let Some(form) = next_form(&mut reader, cx)? else { break };
        let form = scope.root(form);
        let done = |form: Root<'_>, cx: &mut Context| compile_one(form, &mut out, cx);
        toplevel::each(form, cx, toplevel::expand, done)?.get(cx);
        // What the expansion alone had to say.
        warn::flush(cx)?;
    }
    warn::end_of_data(cx)?;
    Ok(out)
}

/// Read a form, and note where its parts are.
fn next_form<'ob>(reader: &mut Reader<'_>, cx: &'ob Context) -> Result<Option<Object<'ob>>, Throw> {
    warn::define(None, cx);
    warn::at_top(reader.position(), None, cx);
    let mut places = Vec::new();
    let Some(form) = reader.next_with_places(&mut places, cx)? else { return Ok(None) };
    let table = places::make(&places, cx)?;
    let start = places::of_form(table, form, cx).map_or(reader.position(), |place| place.saturating_sub(1));
    warn::at_top(start, places::of_cell(table, cdr_safe(form), cx), cx);
    cx.intern(places::TABLE).set_value(table.into(), cx);
    Ok(Some(form))
}

/// Compile an expanded form, and print it.
fn compile_one(form: Root<'_>, out: &mut Vec<u8>, cx: &mut Context) -> CallResult {
    toplevel::note_definition(form.get(cx), cx);
    check_top(form.get(cx), super::is_lexical(cx), &specials(cx), cx);
    toplevel::define_macro(form, cx)?;
    toplevel::define_property(form, cx)?;
    let head = car_safe(form.get(cx));
    let is_needed_now = head == symbol("require", cx)
        || head == symbol("make-obsolete", cx)
        || (head == sym::AUTOLOAD && elements(form.get(cx)).nth(5).is_some());
    if is_needed_now {
        // What the file needs, its compilation needs as well.
        let scope = cx.scope();
        let env = scope.root(toplevel::environment(cx));
        tenure_vm::eval::eval(form, env, cx)?.get(cx);
    }
    if car_safe(form.get(cx)) == symbol("custom-declare-group", cx) {
        let group = elements(form.get(cx)).nth(1).unwrap_or(NIL);
        cx.intern("byte-compile-current-group").set_value(group, cx);
    }
    let compiled = compiled_form(form.get(cx), cx)?;
    warn::flush(cx)?;
    if compiled.as_cons().is_some() {
        output::print(compiled, out, cx)?;
    }
    warn::define(None, cx);
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
pub(super) const SUBRS: &[SubrInfo] = &subrs![byte_compile_file, byte_compile_dest_file];

#[cfg(test)]
mod tests {
    use super::file_variables;

    #[test]
    fn settings_of_a_file() {
        let text = b";;; a.el -*- lexical-binding: t; no-byte-compile: t -*-\n(foo)\n\
            ;; Local Variables:\n;; byte-compile-warnings: (not free-vars)\n;; End:\n;; x: 3\n";
        let found = file_variables(text);
        let expected =
            [("lexical-binding", "t"), ("no-byte-compile", "t"), ("byte-compile-warnings", "(not free-vars)")];
        assert_eq!(found, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
}
