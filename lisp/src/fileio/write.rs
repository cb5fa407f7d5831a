//! Writing text to files (`write-region`).
//!
//! The text is a string.  The one buffer that there is has no text, so a region of it is empty.

use super::{errno, expanded, file_error, name_string, path};
use crate::coding::{self, Coding};
use crate::form::symbol;
use std::fs::OpenOptions;
use std::io::{Seek as _, SeekFrom, Write as _};
use tenure_gc::{Context, Kind, Object, Str, SubrInfo, Throw};
use tenure_vm::convert::FromLisp as _;
use tenure_vm::error::{signal, wrong_type};
use tenure_vm::lread::setting_of;
use tenure_vm::number::bignum_value;
use tenure_vm::textprop::position_number;
use tenure_vm::{defun, subrs, sym};

/// Where in a file text is written.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// Instead of what is there.
    Anew,
    /// Behind what is there.
    End,
    At(u64),
}

/// No offset of a file is as great.
const TOO_FAR: f64 = 9_223_372_036_854_775_808.0;

fn place<'ob>(append: Option<Object<'ob>>, cx: &'ob Context) -> Result<Place, Throw> {
    let Some(append) = append else { return Ok(Place::Anew) };
    let offset = match append.untag() {
        Kind::Fixnum(n) => u64::try_from(n).ok(),
        Kind::Float(x) => Some(x.value()).filter(|x| (0.0..TOO_FAR).contains(x) && x.fract() == 0.0).map(|x| x as u64),
        Kind::Bignum(n) => i64::try_from(bignum_value(n)).ok().and_then(|n| u64::try_from(n).ok()),
        _ => return Ok(Place::End),
    };
    offset.map(Place::At).ok_or_else(|| wrong_type(cx.intern("file-offset").into(), append, cx))
}

/// The bytes of a text that is written to a file, by `coding-system-for-write`, else in UTF-8.
fn bytes_of(text: Str<'_>, cx: &Context) -> Result<Vec<u8>, Throw> {
    let chosen = setting_of(cx.intern("coding-system-for-write"), cx);
    let name = if chosen.is_nil() { symbol("utf-8-unix", cx) } else { chosen };
    let coding: Coding = coding::coding_arg(name, cx)?;
    coding::note_used(coding::unix_name(name, coding, cx), cx);
    // What is empty has no byte order mark either.
    if text.len_bytes() == 0 { Ok(Vec::new()) } else { coding::encode(text, coding, cx) }
}

/// Write text to a file that is there.
pub(super) fn write_text(text: Str<'_>, name: &[u8], cx: &Context) -> Result<(), Throw> {
    let bytes = bytes_of(text, cx)?;
    write(&bytes, name, Place::Anew, false, cx)
}

fn write(bytes: &[u8], name: &[u8], place: Place, must_be_new: bool, cx: &Context) -> Result<(), Throw> {
    let failed = |doing: &'static str| {
        move |reason: std::io::Error| file_error(doing, &[name_string(name, cx)], errno(&reason), cx)
    };
    let mut options = OpenOptions::new();
    match place {
        Place::End => options.append(true),
        _ => options.write(true).truncate(place == Place::Anew && !must_be_new),
    };
    if must_be_new {
        options.create_new(true);
    } else {
        options.create(true);
    }
    let mut file = options.open(path(name)).map_err(failed("Opening output file"))?;
    if let Place::At(offset) = place {
        file.seek(SeekFrom::Start(offset)).map_err(failed("Lseek error"))?;
    }
    file.write_all(bytes).map_err(failed("Write error"))
}

/// Write the string START to the file FILENAME, behind what is there if APPEND is non-nil, from there on if it is a number.
/// `coding-system-for-write` says how the characters are encoded; UTF-8 it is by default.
/// With MUSTBENEW it is an error if there is such a file.
/// If START is no string, it is the beginning of a region that ends at END, or nil for all text of the buffer, which has
/// none.  VISIT and LOCKNAME do not matter where no buffer visits a file.
///
/// Emacs: a MUSTBENEW that is not `excl` has the user asked.
#[defun(min = 3)]
#[expect(clippy::too_many_arguments, reason = "the primitive takes seven")]
fn write_region<'ob>(
    start: Object<'ob>,
    end: Object<'ob>,
    filename: Object<'ob>,
    append: Option<Object<'ob>>,
    visit: Option<Object<'ob>>,
    lockname: Option<Object<'ob>>,
    mustbenew: Option<Object<'ob>>,
    cx: &'ob Context,
) -> Result<(), Throw> {
    if let Some(visited) = visit.and_then(|visit| visit.as_string()) {
        expanded(visited, cx)?;
    }
    let text = match start.as_string() {
        Some(text) => text,
        None => {
            if !start.is_nil() {
                position_number(start, cx)?;
                position_number(end, cx)?;
                if [start, end].iter().any(|position| position.as_fixnum() != Some(1)) {
                    let buffer = tenure_vm::local::current(cx);
                    return Err(signal(sym::ARGS_OUT_OF_RANGE, &[buffer, start, end], cx));
                }
            }
            cx.string_from_str("")
        }
    };
    let name = expanded(Str::from_lisp(filename, cx)?, cx)?;
    if mustbenew.is_some_and(|new| new != symbol("excl", cx)) && path(&name).symlink_metadata().is_ok() {
        let words = cx.string_from_str("File already exists").into();
        return Err(signal(sym::FILE_ALREADY_EXISTS, &[words, name_string(&name, cx)], cx));
    }
    if let Some(lock) = lockname {
        expanded(Str::from_lisp(lock, cx)?, cx)?;
    }
    let place = place(append, cx)?;
    let bytes = bytes_of(text, cx)?;
    write(&bytes, &name, place, mustbenew.is_some(), cx)
}

/// The primitives of this file.
pub(super) const SUBRS: &[SubrInfo] = &subrs![write_region];
