//! JSON (`json.c`): Lisp values to JSON text and back.
//!
//! Emacs calls the Jansson library; what is accepted, and the words and places of the errors, are as that has them.
//! Both directions keep what is nested on stacks of their own.

mod parse;
mod serialize;

use tenure_gc::{Context, LispResult, NIL, Object, Slots, Str, SubrInfo, Throw};
use tenure_vm::character::{MAX_UNICODE, push_char};
use tenure_vm::error::{signal, wrong_type};
use tenure_vm::lread::intern_name;
use tenure_vm::string::string_chars;
use tenure_vm::{defun, subrs};

/// What a JSON object becomes.
#[derive(Clone, Copy, PartialEq)]
enum ObjectType {
    HashTable,
    Alist,
    Plist,
}

/// The keyword arguments.
#[derive(Clone, Copy)]
struct Options<'ob> {
    object_type: ObjectType,
    arrays_are_lists: bool,
    null: Object<'ob>,
    false_: Object<'ob>,
}

/// `(error "One of A, B or C should be specified" WRONG)`.
fn wrong_choice(choices: &[&str], wrong: Object<'_>, cx: &Context) -> Throw {
    let (last, rest) = choices.split_last().expect("there is a choice");
    let text = format!("One of {} or {last} should be specified", rest.join(", "));
    signal(tenure_vm::sym::ERROR, &[cx.string_from_str(&text).into(), wrong], cx)
}

fn options<'ob>(arguments: Slots<'ob>, parsing: bool, cx: &'ob Context) -> Result<Options<'ob>, Throw> {
    let mut options = Options {
        object_type: ObjectType::HashTable,
        arrays_are_lists: false,
        null: intern_name(b":null", cx).into(),
        false_: intern_name(b":false", cx).into(),
    };
    if arguments.len() % 2 == 1 {
        let all: Vec<Object<'ob>> = arguments.iter().collect();
        return Err(wrong_type(tenure_vm::sym::PLISTP, cx.list(&all), cx));
    }
    // The first use of a keyword counts, so the last is looked at first.
    for i in (0..arguments.len() / 2).rev() {
        let (key, value) = (arguments.get(2 * i), arguments.get(2 * i + 1));
        let name = |o: Object<'ob>| o.as_symbol().map_or(&b""[..], |s| s.name(cx).bytes());
        match name(key) {
            b":null-object" => options.null = value,
            b":false-object" => options.false_ = value,
            b":object-type" if parsing => {
                options.object_type = match name(value) {
                    b"hash-table" => ObjectType::HashTable,
                    b"alist" => ObjectType::Alist,
                    b"plist" => ObjectType::Plist,
                    _ => return Err(wrong_choice(&["hash-table", "alist", "plist"], value, cx)),
                }
            }
            b":array-type" if parsing => {
                options.arrays_are_lists = match name(value) {
                    b"array" => false,
                    b"list" => true,
                    _ => return Err(wrong_choice(&["array", "list"], value, cx)),
                }
            }
            _ if parsing => {
                let all = [":object-type", ":array-type", ":null-object", ":false-object"];
                return Err(wrong_choice(&all, value, cx));
            }
            _ => return Err(wrong_choice(&[":null-object", ":false-object"], value, cx)),
        }
    }
    Ok(options)
}

/// A string as UTF-8; a byte that belongs to no character stays as it is, and `Err` says that there was one.
fn utf8(string: Str<'_>) -> Result<Vec<u8>, Vec<u8>> {
    let mut valid = true;
    if !string.is_multibyte() {
        let bytes = string.bytes().to_vec();
        valid = std::str::from_utf8(&bytes).is_ok();
        return if valid { Ok(bytes) } else { Err(bytes) };
    }
    let mut text = Vec::with_capacity(string.len_bytes());
    for c in string_chars(string) {
        match tenure_vm::character::raw_byte(c) {
            Some(byte) => {
                valid = false;
                text.push(byte);
            }
            None => {
                valid &= c <= MAX_UNICODE && !(0xD800..0xE000).contains(&c);
                push_char(&mut text, c);
            }
        }
    }
    if valid { Ok(text) } else { Err(text) }
}

/// The multibyte string of UTF-8 text.
fn multibyte<'ob>(text: &str, cx: &'ob Context) -> Str<'ob> {
    cx.string(text.as_bytes(), text.chars().count(), true)
}

fn check_nulls(string: Str<'_>, cx: &Context) -> Result<(), Throw> {
    if string.bytes().contains(&0) {
        let predicate = cx.intern("string-without-embedded-nulls-p");
        // The library for JSON is given the bytes of the text.
        let bytes = tenure_vm::string::as_unibyte(string.bytes());
        let text = cx.string(&bytes, bytes.len(), false);
        return Err(wrong_type(predicate.into(), text.into(), cx));
    }
    Ok(())
}

/// Return the JSON text of OBJECT.
/// ARGS are keywords and values: `:null-object' and `:false-object' stand for null and false.
#[defun(min = 1)]
fn json_serialize<'ob>(object: Object<'ob>, args: Slots<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let options = options(args, false, cx)?;
    let text = serialize::serialize(object, options, cx)?;
    Ok(multibyte(&String::from_utf8_lossy(&text), cx).into())
}

/// Return the Lisp value of the JSON text STRING.
/// ARGS are keywords and values: `:object-type' (hash-table, alist or plist), `:array-type' (array or list),
/// `:null-object' and `:false-object'.
#[defun(min = 1)]
fn json_parse_string<'ob>(string: Object<'ob>, args: Slots<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let Some(string) = string.as_string() else {
        return Err(wrong_type(tenure_vm::sym::STRINGP, string, cx));
    };
    check_nulls(string, cx)?;
    let options = options(args, true, cx)?;
    let text = utf8(string).unwrap_or_else(|text| text);
    cx.reserve(text.len() * 8)?;
    parse::parse(&text, options, cx)
}

/// The deepest nesting, of lists as of calls.
fn too_deep(cx: &Context) -> Throw {
    cx.signal(cx.intern("json-object-too-deep").into(), NIL)
}

/// The primitives of this file.
pub(crate) const SUBRS: &[SubrInfo] = &subrs![json_serialize, json_parse_string];
