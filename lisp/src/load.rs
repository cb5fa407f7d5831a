//! Loading files (`lread.c`): the search along `load-path`, reading, eager macro expansion, evaluation, `load-history`;
//! and `provide` and `require` (`fns.c`).
//!
//! What is not found along `load-path` may be in the program itself, see [`crate::embedded`].  Compressed files are
//! recognised by their first bytes and inflated in memory.

use std::borrow::Cow;
use std::io::Read as _;

use crate::compile;
use crate::embedded;
use crate::fileio::{self, name_string};
use crate::form::{car_safe, cdr_safe, elements, symbol};
use crate::macroexp;
use crate::reader::{Reader, Source};
use crate::state::{EvalMode, LispState};
use tenure_gc::{CallResult, Context, NIL, Object, Ret, Root, Str, SubrInfo, T, Throw};
use tenure_vm::convert::FromLisp as _;
use tenure_vm::error::{error, signal, wrong_type};
use tenure_vm::eval::poll;
use tenure_vm::handler::condition_case;
use tenure_vm::lread::{setting, setting_of};
use tenure_vm::specpdl::{mark, unbind_to};
use tenure_vm::{defun, funcall, handler, specbind, subrs, sym};

/// How many loads of one file may be under way at a time.
const MAX_RECURSION: usize = 3;

/// A file that was found.
struct Found {
    /// Its name, as `load-file-name` has it.
    name: Vec<u8>,
    text: Cow<'static, [u8]>,
}

/// Execute the file FILE of Lisp code.
/// It is looked for along `load-path`, with the suffixes of `load-suffixes` unless NOSUFFIX; MUST-SUFFIX takes no name
/// without one.  A file that is not found is an error unless NOERROR.  A message tells of it unless NOMESSAGE.
#[defun(min = 1)]
fn load(
    file: Root<'_>,
    noerror: Root<'_>,
    nomessage: Root<'_>,
    nosuffix: Root<'_>,
    must_suffix: Root<'_>,
    cx: &mut Context,
) -> CallResult {
    let name = Str::from_lisp(file.get(cx), cx)?;
    let suffixes = suffixes(name.bytes(), !nosuffix.get(cx).is_nil(), !must_suffix.get(cx).is_nil(), cx);
    let found = match find(name.bytes(), &suffixes, cx) {
        Ok(found) => found,
        Err(_) if !noerror.get(cx).is_nil() => return Ok(cx.ret(NIL)),
        Err(reason) => {
            let condition =
                if reason.kind() == std::io::ErrorKind::NotFound { sym::FILE_MISSING } else { sym::FILE_ERROR };
            let text = cx.string_from_str("Cannot open load file").into();
            return Err(signal(condition, &[text, cx.string_from_str(&describe(&reason)).into(), file.get(cx)], cx));
        }
    };
    load_found(&found, nomessage, cx)
}

/// The system's words for an error, without the number.
pub(crate) fn describe(reason: &std::io::Error) -> String {
    let text = reason.to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

/// The suffixes to try, in order.
fn suffixes(name: &[u8], nosuffix: bool, must_suffix: bool, cx: &Context) -> Vec<Vec<u8>> {
    let strings = |variable: &str| -> Vec<Vec<u8>> {
        let list = cx.intern(variable).value(cx);
        elements(list).filter_map(|s| s.as_string()).map(|s| s.bytes().to_vec()).collect()
    };
    if nosuffix {
        return vec![Vec::new()];
    }
    let represented = strings("load-file-rep-suffixes");
    let all = strings("load-suffixes");
    // A name that has a suffix, or a directory, needs none.
    let must = must_suffix && !all.iter().any(|s| name.ends_with(s)) && !name.contains(&b'/');
    let mut out: Vec<Vec<u8>> =
        all.iter().flat_map(|s| represented.iter().map(move |r| [s.as_slice(), r].concat())).collect();
    if !must {
        out.extend(represented);
    }
    out
}

/// Find and read a file.
fn find(name: &[u8], suffixes: &[Vec<u8>], cx: &Context) -> std::io::Result<Found> {
    let missing = || std::io::Error::from_raw_os_error(libc::ENOENT);
    if let Some(text) = embedded::internal(name) {
        return Ok(Found { name: name.to_vec(), text: Cow::Borrowed(text.as_bytes()) });
    }
    if name.is_empty() || name.contains(&0) {
        return Err(missing());
    }
    let current = setting_of(cx.intern("default-directory"), cx);
    let current = current.as_string().map_or_else(|| b"/".to_vec(), |s| s.bytes().to_vec());
    let absolute = matches!(name.first(), Some(b'/' | b'~'));
    let path = setting_of(cx.intern("load-path"), cx);
    let directories: Vec<Vec<u8>> = if absolute {
        vec![current]
    } else {
        let entry = |e: Object<'_>| match e.as_string() {
            Some(s) => fileio::expand(s.bytes(), &current),
            None => current.clone(),
        };
        elements(path).map(entry).collect()
    };
    let mut reason = missing();
    let newest_first = !setting_of(cx.intern("load-prefer-newer"), cx).is_nil();
    for directory in directories {
        let mut names: Vec<Vec<u8>> =
            suffixes.iter().map(|suffix| fileio::expand(&[name, suffix].concat(), &directory)).collect();
        if newest_first {
            names.sort_by_cached_key(|name| std::cmp::Reverse(modified(name)));
        }
        for whole in names {
            match read_file(&whole) {
                Ok(text) => return Ok(Found { name: whole, text: Cow::Owned(text) }),
                Err(e) if e.kind() == std::io::ErrorKind::NotFound || e.raw_os_error() == Some(libc::ENOTDIR) => {}
                Err(e) => reason = e,
            }
        }
    }
    match embedded::feature(name) {
        Some((name, text)) => Ok(Found { name: name.as_bytes().to_vec(), text: Cow::Borrowed(text.as_bytes()) }),
        None => Err(reason),
    }
}

/// When a file was changed, if it is there.
fn modified(name: &[u8]) -> Option<std::time::SystemTime> {
    std::fs::metadata(fileio::path(name)).and_then(|data| data.modified()).ok()
}

/// The bytes of a file, inflated if they are a gzip stream.
pub(crate) fn read_file(name: &[u8]) -> std::io::Result<Vec<u8>> {
    let path = fileio::path(name);
    if path.is_dir() {
        return Err(std::io::Error::from_raw_os_error(libc::EISDIR));
    }
    let bytes = std::fs::read(path)?;
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes);
    }
    let mut text = Vec::new();
    flate2::read::MultiGzDecoder::new(&bytes[..]).read_to_end(&mut text)?;
    Ok(text)
}

/// Source text as the reader wants it: no mark of byte order, line ends of one character.
pub(crate) fn normalise(text: &[u8]) -> Cow<'_, [u8]> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let first = memchr::memchr(b'\n', text).unwrap_or(0);
    if first == 0 || text[first - 1] != b'\r' {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    for (i, &byte) in text.iter().enumerate() {
        if byte != b'\r' || text.get(i + 1) != Some(&b'\n') {
            out.push(byte);
        }
    }
    Cow::Owned(out)
}

/// Whether the first line, or the one after `#!`, has `-*- lexical-binding: t -*-`.
pub(crate) fn lexical_cookie(text: &[u8]) -> bool {
    let mut lines = text.split(|&b| b == b'\n');
    let mut line = lines.next().unwrap_or_default();
    if line.starts_with(b"#!") {
        line = lines.next().unwrap_or_default();
    }
    if line.iter().find(|b| !b.is_ascii_whitespace()) != Some(&b';') {
        return false;
    }
    let line = String::from_utf8_lossy(line);
    let Some((_, rest)) = line.split_once("-*-") else { return false };
    let Some((settings, _)) = rest.split_once("-*-") else { return false };
    settings.split(';').any(|setting| {
        let Some((name, value)) = setting.split_once(':') else { return false };
        name.trim() == "lexical-binding" && value.trim() != "nil" && !value.trim().is_empty()
    })
}

fn load_found(found: &Found, nomessage: Root<'_>, cx: &mut Context) -> CallResult {
    let state = LispState::of(cx);
    let under_way = state.loading.borrow().iter().filter(|name| **name == found.name).count();
    if under_way > MAX_RECURSION {
        let names: Vec<_> = state.loading.borrow().iter().map(|name| name_string(name, cx)).collect();
        let list = cx.list_with_tail(&[name_string(&found.name, cx)], cx.list(&names));
        return Err(signal(sym::ERROR, &[cx.string_from_str("Recursive load").into(), list], cx));
    }
    if nomessage.get(cx).is_nil() && !embedded::is_embedded(&found.name) {
        let kind = if found.name.ends_with(b".elc") { "" } else { " (source)" };
        let format = cx.string_from_str(&format!("Loading %s{kind}...")).into();
        funcall!(cx, symbol("message", cx), format, name_string(&found.name, cx))?.get(cx);
    }
    let start = mark(cx);
    LispState::of(cx).loading.borrow_mut().push(found.name.clone());
    let result = load_bound(found, cx).map_err(|throw| handler::raise(throw, cx));
    LispState::of(cx).loading.borrow_mut().pop();
    unbind_to(start, result, cx)?.get(cx);
    let after = setting_of(cx.intern("after-load-alist"), cx).as_cons().is_some();
    if after {
        let name = name_string(&found.name, cx);
        funcall!(cx, symbol("do-after-load-evaluation", cx), name)?.get(cx);
    }
    Ok(cx.ret(T))
}

fn load_bound(found: &Found, cx: &mut Context) -> CallResult {
    let compiled = found.text.starts_with(b";ELC");
    // A compiled file is bytes, and places in it are known to its functions.
    let text = if compiled { Cow::Borrowed(&found.text[..]) } else { normalise(&found.text) };
    for (variable, value) in [("load-file-name", None), ("load-true-file-name", None), ("load-in-progress", Some(T))] {
        let value = value.unwrap_or_else(|| name_string(&found.name, cx));
        specbind!(cx, symbol(variable, cx), value)?;
    }
    specbind!(cx, sym::CURRENT_LOAD_LIST, cx.list(&[name_string(&found.name, cx)]))?;
    let lexical = Object::bool(lexical_cookie(&text));
    specbind!(cx, sym::LEXICAL_BINDING, lexical)?;
    compile::bind_declarations(cx)?;
    // The library is compiled always, as Emacs's is.
    let mode = if compiled {
        None
    } else if embedded::is_embedded(&found.name) {
        Some(EvalMode::Compiled)
    } else {
        Some(LispState::of(cx).eval_mode.get())
    };
    let from = if text.starts_with(b"#!") { memchr::memchr(b'\n', &text).unwrap_or(text.len()) } else { 0 };
    let mut reader = Reader::new(&text, from, Source::File);
    loop {
        poll(cx)?;
        let scope = cx.scope();
        let form = match reader.next(cx) {
            Ok(None) => break,
            Ok(Some(form)) => scope.root(form),
            Err(throw) => {
                let throw = misread(throw, found, &reader, cx);
                return Err(throw);
            }
        };
        eval_toplevel(form, mode, cx)?.get(cx);
    }
    compile::keep_inline_sources(cx);
    remember_history(cx);
    Ok(cx.ret(T))
}

/// The signal of text that cannot be read; where it is, is noted for the message.
fn misread(throw: Throw, found: &Found, reader: &Reader<'_>, cx: &Context) -> Throw {
    let place = reader.place();
    let name = String::from_utf8_lossy(&found.name);
    *LispState::of(cx).misread.borrow_mut() = Some(format!("{name}:{}:{}", place.line, place.column));
    let [condition, data] = cx.caught(throw);
    if condition == sym::END_OF_FILE {
        return signal(sym::END_OF_FILE, &[name_string(&found.name, cx)], cx);
    }
    cx.signal(condition, data)
}

/// Expand and evaluate a form of a file; a `progn` form by form, so that a macro may be used behind its definition.
/// Without a mode it is a form of a compiled file, which is expanded already.
fn eval_toplevel(form: Root<'_>, mode: Option<EvalMode>, cx: &mut Context) -> CallResult {
    let evaluate = |form: Root<'_>, cx: &mut Context| match mode {
        Some(EvalMode::Compiled) => compile::evaluate(form, cx),
        Some(EvalMode::Interpreted) | None => compile::interpret(form, cx),
    };
    if mode.is_none() {
        return evaluate(form, cx);
    }
    let expand = |top, form: Root<'_>, cx: &mut Context| {
        eagerly(form, cx, |form, cx| {
            if top {
                return funcall!(cx, sym::MACROEXPAND, form.get(cx), NIL);
            }
            let scope = cx.scope();
            let none = scope.root(NIL);
            macroexp::expand(form, none, cx)
        })
    };
    compile::each(form, cx, expand, evaluate)
}

/// Expand a form; if that fails, tell so and leave the form for its evaluation to expand.
fn eagerly(form: Root<'_>, cx: &mut Context, expand: impl FnOnce(Root<'_>, &mut Context) -> CallResult) -> CallResult {
    // A form that is no call needs nothing.
    if form.get(cx).as_cons().is_none() {
        return Ok(cx.ret(form.get(cx)));
    }
    let outcome: Result<Result<Ret, Ret>, Throw> = condition_case(T, cx, |cx| expand(form, cx));
    match outcome? {
        Ok(expanded) => Ok(expanded),
        Err(object) => {
            let object = object.get(cx);
            let format = cx.string_from_str("Eager macro-expansion failure: %S").into();
            funcall!(cx, symbol("message", cx), format, object)?.get(cx);
            Ok(cx.ret(form.get(cx)))
        }
    }
}

/// Put what the file defined at the front of `load-history`, in place of an older entry.
fn remember_history(cx: &Context) {
    let entries = setting(sym::CURRENT_LOAD_LIST, cx);
    let entry = elements(entries).fold(NIL, |list, e| cx.cons(e, list).into());
    let name = car_safe(entry).as_string().map(|s| s.bytes());
    let Some(history) = sym::LOAD_HISTORY.as_symbol() else { return };
    let others: Vec<_> =
        elements(history.value(cx)).filter(|e| car_safe(*e).as_string().map(|s| s.bytes()) != name).collect();
    history.set_value(cx.list_with_tail(&[entry], cx.list(&others)), cx);
}

/// Say that FEATURE is there, with SUBFEATURES.
#[defun(min = 1)]
fn provide(feature: Root<'_>, subfeatures: Root<'_>, cx: &mut Context) -> CallResult {
    if feature.get(cx).as_symbol().is_none() {
        return Err(wrong_type(sym::SYMBOLP, feature.get(cx), cx));
    }
    let sub = subfeatures.get(cx);
    if !sub.is_nil() && sub.as_cons().is_none() {
        return Err(wrong_type(sym::LISTP, sub, cx));
    }
    if !has_feature(feature.get(cx), cx) {
        let features = setting(sym::FEATURES, cx);
        let features = cx.cons(feature.get(cx), features).into();
        tenure_vm::set!(cx, sym::FEATURES, features)?;
    }
    if !subfeatures.get(cx).is_nil() {
        let put = symbol("put", cx);
        funcall!(cx, put, feature.get(cx), symbol("subfeatures", cx), subfeatures.get(cx))?.get(cx);
    }
    attach(cx.cons(symbol("provide", cx), feature.get(cx)).into(), cx);
    let waiting =
        elements(setting_of(cx.intern("after-load-alist"), cx)).find(|entry| car_safe(*entry) == feature.get(cx));
    if let Some(entry) = waiting {
        funcall!(cx, symbol("mapc", cx), symbol("funcall", cx), cdr_safe(entry))?.get(cx);
    }
    Ok(cx.ret(feature.get(cx)))
}

/// Note an entry of `load-history` for the file that is being loaded.
fn attach(entry: Object<'_>, cx: &Context) {
    tenure_vm::data::function::attach_load_history(entry, cx);
}

fn has_feature(feature: Object<'_>, cx: &Context) -> bool {
    elements(setting(sym::FEATURES, cx)).any(|f| f == feature)
}

/// Return t if FEATURE is there, and SUBFEATURE among its subfeatures if that is given.
#[defun]
fn featurep(feature: Root<'_>, subfeature: Option<Root<'_>>, cx: &mut Context) -> CallResult {
    if feature.get(cx).as_symbol().is_none() {
        return Err(wrong_type(sym::SYMBOLP, feature.get(cx), cx));
    }
    let there = has_feature(feature.get(cx), cx);
    let (Some(subfeature), true) = (subfeature, there) else { return Ok(cx.ret(Object::bool(there))) };
    let get = symbol("get", cx);
    let list = funcall!(cx, get, feature.get(cx), symbol("subfeatures", cx))?.get(cx);
    let found = funcall!(cx, symbol("member", cx), subfeature.get(cx), list)?.get(cx);
    Ok(cx.ret(Object::bool(!found.is_nil())))
}

/// If FEATURE is not there, load it from FILENAME, by default the file named after it.
/// A file that is not found is an error unless NOERROR, and so is one that does not provide the feature.
#[defun(min = 1)]
fn require(feature: Root<'_>, filename: Root<'_>, noerror: Root<'_>, cx: &mut Context) -> CallResult {
    let Some(name) = feature.get(cx).as_symbol() else {
        return Err(wrong_type(sym::SYMBOLP, feature.get(cx), cx));
    };
    attach(cx.cons(symbol("require", cx), feature.get(cx)).into(), cx);
    if has_feature(feature.get(cx), cx) {
        return Ok(cx.ret(feature.get(cx)));
    }
    let explicit = !filename.get(cx).is_nil();
    let file = if explicit { filename.get(cx) } else { name.name(cx).into() };
    let must_suffix = Object::bool(!explicit);
    // The frame is that of `require` alone.
    let scope = cx.scope();
    let [file, yes, no, must_suffix] = [file, T, NIL, must_suffix].map(|word| scope.root(word));
    let loaded = load(file, noerror, yes, no, must_suffix, cx)?.get(cx);
    if loaded.is_nil() {
        return Ok(cx.ret(NIL));
    }
    if has_feature(feature.get(cx), cx) {
        return Ok(cx.ret(feature.get(cx)));
    }
    let text = |o: Object<'_>| {
        let bytes = o.as_symbol().map(|s| s.name(cx)).or(o.as_string()).map_or(&b""[..], |s| s.bytes());
        String::from_utf8_lossy(bytes).into_owned()
    };
    let file = car_safe(car_safe(setting(sym::LOAD_HISTORY, cx)));
    let message =
        format!("Loading file {} failed to provide feature \u{2018}{}\u{2019}", text(file), text(feature.get(cx)));
    Err(error(&message, cx))
}

/// The primitives of this file.
pub(crate) const SUBRS: &[SubrInfo] = &subrs![load, provide, featurep, require];

#[cfg(test)]
mod tests {
    use super::lexical_cookie;

    #[test]
    fn cookies() {
        for (text, expected) in [
            (";;; a.el --- b  -*- lexical-binding: t -*-\n", true),
            (";; -*- mode: x; lexical-binding: t; -*-", true),
            ("#!/bin/x\n;; -*- lexical-binding:t -*-", true),
            (";; -*- lexical-binding: nil -*-", false),
            (";; lexical-binding: t", false),
            ("(foo) ; -*- lexical-binding: t -*-", false),
            ("\n;; -*- lexical-binding: t -*-", false),
        ] {
            assert_eq!(lexical_cookie(text.as_bytes()), expected, "{text}");
        }
    }
}
