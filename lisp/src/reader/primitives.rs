//! The reader's primitives (`lread.c`).

use super::{Reader, Source, circle};
use tenure_gc::{Context, LispResult, Object, Str, SubrInfo, Throw};
use tenure_vm::character::{byte_index, count, push_char};
use tenure_vm::error::signal;
use tenure_vm::lread::setting;
use tenure_vm::{defun, string, subrs, sym};

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

/// Read one Lisp expression from STREAM, a string; without STREAM from the value of `standard-input`.
///
/// Emacs: STREAM may also be a buffer, a marker or a function.
#[defun(min = 0)]
fn read<'ob>(stream: Option<Object<'ob>>, cx: &'ob Context) -> LispResult<'ob> {
    let stream = stream.unwrap_or_else(|| setting(sym::STANDARD_INPUT, cx));
    match stream.as_string() {
        Some(string) => Reader::new(&readable(string), 0, Source::Text).read(cx),
        None => Err(unreadable(stream, cx)),
    }
}

#[cold]
fn unreadable(stream: Object<'_>, cx: &Context) -> Throw {
    let message = cx.string_from_str("Only strings can be read from");
    signal(sym::ERROR, &[message.into(), stream], cx)
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
