//! The reader's primitives (`lread.c`).

use super::extent::{Extent, Step};
use super::{Reader, Source, circle};
use tenure_gc::{CallResult, Context, Kind, LispResult, NIL, Object, Root, Str, SubrInfo, T};
use tenure_vm::character::{byte_index, count, push_char};
use tenure_vm::error::{error, signal};
use tenure_vm::lread::setting;
use tenure_vm::{defun, funcall, string, subrs, sym};

/// Text that the reader can read: bytes beyond ASCII of a unibyte string are the characters of the same numbers.
fn readable<'ob>(text: Str<'ob>) -> std::borrow::Cow<'ob, [u8]> {
    let bytes = text.bytes();
    if text.is_multibyte() || bytes.is_ascii() {
        return bytes.into();
    }
    let mut wide = Vec::with_capacity(bytes.len() + bytes.len() / 2);
    bytes.iter().for_each(|&b| push_char(&mut wide, u32::from(b)));
    wide.into()
}

/// Read one Lisp expression from STRING, between the indices START and END; return it and the index behind it.
#[defun]
fn read_from_string<'ob>(
    string: Str<'ob>,
    start: Option<Object<'ob>>,
    end: Option<Object<'ob>>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    let range = string::range(string.into(), start, end, string.chars(), cx)?;
    let text = readable(string);
    let from = byte_index(&text, range.start);
    let to = from + byte_index(&text[from..], range.len());
    let mut reader = Reader::new(&text[..to], from, Source::Text);
    let form = reader.read(cx)?;
    let index = range.start + count(&text[from..reader.position()]);
    Ok(cx.cons(form, Object::fixnum(index as i64)).into())
}

/// Read one form from a function of characters.
///
/// Characters are taken until the form may be complete; only then it is read, so that the time is linear in its text.
fn from_function(function: Root<'_>, cx: &mut Context) -> CallResult {
    let mut text = Vec::new();
    let mut extent = Extent::default();
    let mut checked = 0;
    loop {
        let value = funcall!(cx, function.get(cx))?.get(cx);
        if value.is_nil() {
            let form = Reader::new(&text, 0, Source::Text).read(cx)?;
            return Ok(cx.ret(form));
        }
        let c = string::character_arg(value, cx)?;
        if text.len() >= 2 * checked {
            checked = text.len().max(1 << 16);
            cx.reserve(2 * checked)?;
        }
        let before = text.len();
        push_char(&mut text, c);
        let end = match extent.step(c) {
            Step::More => continue,
            Step::EndBefore => before,
            Step::EndAfter => text.len(),
        };
        let mut reader = Reader::new(&text[..end], 0, Source::Text);
        let form = match reader.read(cx) {
            Ok(form) => form,
            Err(throw) => {
                let [tag, data] = cx.caught(throw);
                if tag == sym::END_OF_FILE {
                    continue;
                }
                return Err(cx.signal(tag, data));
            }
        };
        let scope = cx.scope();
        let form = scope.root(form);
        if end == before {
            funcall!(cx, function.get(cx), Object::fixnum(i64::from(c)))?.get(cx);
        }
        return Ok(cx.ret(form.get(cx)));
    }
}

/// Read one Lisp expression from STREAM: a string, or a function that gives a character when it is called without
/// arguments and takes one back when it is called with it; t is the terminal.  Without STREAM the value of
/// `standard-input` is read from.
#[defun(min = 0)]
fn read(stream: Option<Root<'_>>, cx: &mut Context) -> CallResult {
    let scope = cx.scope();
    let stream = stream.unwrap_or_else(|| scope.root(NIL));
    if stream.get(cx).is_nil() {
        stream.set(cx, setting(sym::STANDARD_INPUT, cx));
    }
    let value = stream.get(cx);
    match value.untag() {
        Kind::String(string) => {
            let form = Reader::new(&readable(string), 0, Source::Text).read(cx)?;
            Ok(cx.ret(form))
        }
        Kind::Marker(_) => Err(error("Marker does not point anywhere", cx)),
        // The one buffer has no text.
        Kind::Buffer(_) => Err(signal(sym::END_OF_FILE, &[], cx)),
        _ if value == T || value == Object::from(cx.intern("read-char")) => {
            let prompt = cx.string_from_str("Lisp expression: ");
            funcall!(cx, cx.intern("read-minibuffer").into(), prompt.into())
        }
        _ => from_function(stream, cx),
    }
}

/// In OBJECT, replace every occurrence of PLACEHOLDER by OBJECT itself.  COMPLETED is not needed.
#[defun(name = "lread--substitute-object-in-subtree")]
fn substitute_object_in_subtree<'ob>(
    object: Object<'ob>,
    placeholder: Object<'ob>,
    completed: Object<'ob>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    let _ = completed;
    circle::substitute(object, cx, |part| (part == placeholder).then_some(object))
}

/// The reader's primitives.
pub const READER_SUBRS: &[SubrInfo] = &subrs![read, read_from_string, substitute_object_in_subtree];
