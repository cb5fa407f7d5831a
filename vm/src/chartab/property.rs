//! Char-tables of Unicode properties, which `char-code-property-alist` names, and how they keep their values.
//!
//! ```text
//!  extra slots:  the property | how values are decoded | how they are encoded | documentation | the values, a vector
//! ```
//!
//! Decoder and encoder are numbers of native functions, or functions of Lisp, which native code leaves alone.
//! The values of 128 neighbours may be packed in a string: behind a 1 the first index that has a value and the values from
//! there on, where 0 is nil; behind a 2 values, each followed by 128 more than its count if it stands for many.

use super::{char_table_ref, extra, own_value, purpose, set_table_range, slot};
use crate::convert::FromLisp as _;
use crate::error::{error, signal, wrong_type};
use crate::fns::list::assq;
use crate::lread::setting;
use crate::string::{character_arg, string_chars};
use crate::{funcall, sym};
use tenure_gc::{CallResult, CharTable, Context, LispResult, NIL, Object, Root, Str, SubrInfo, T, Throw, Vector};
use tenure_macros::{defun, subrs};

/// How many characters a packed string stands for.
pub(super) const PACKED: u32 = 128;
const DECODER: i64 = 1;
const ENCODER: i64 = 2;
const VALUES: i64 = 4;
const EXTRA_SLOTS: i64 = 5;

/// Variables of Lisp that this file reads, with their first values.
pub(crate) const LISP_VARIABLES: &[(&str, Object<'static>)] = &[("char-code-property-alist", NIL)];

/// Tables of properties have extra slots.
pub(crate) fn init(cx: &Context) {
    super::declare_extra_slots(sym::CHAR_CODE_PROPERTY_TABLE, EXTRA_SLOTS, cx);
}

pub(super) fn is_property_table(table: CharTable<'_>) -> bool {
    purpose(table) == sym::CHAR_CODE_PROPERTY_TABLE && table.len() == super::EXTRAS + EXTRA_SLOTS as usize
}

/// The value that a packed string has for a character; `None` if it is no such string.
pub(super) fn unpack<'ob>(packed: Str<'ob>, c: u32) -> Option<Object<'ob>> {
    let number = |n: u32| Object::fixnum(i64::from(n));
    let at = c % PACKED;
    let mut characters = string_chars(packed).peekable();
    match characters.next()? {
        1 => {
            let first = characters.next().unwrap_or(PACKED);
            let value = at.checked_sub(first).and_then(|n| characters.nth(n as usize));
            Some(value.filter(|&n| n > 0).map_or(NIL, number))
        }
        2 => {
            let mut left = at;
            while let Some(value) = characters.next() {
                let count = characters.next_if(|&n| n >= PACKED).map_or(1, |n| n - PACKED);
                if left < count {
                    return Some(number(value));
                }
                left -= count;
            }
            Some(NIL)
        }
        _ => None,
    }
}

/// Where the neighbours of a character are packed, give each its value, so that one can get another.
pub(super) fn unpack_around(table: CharTable<'_>, c: u32, cx: &Context) {
    let first = c - c % PACKED;
    let mut whole = Vec::new();
    super::runs(super::Level::Top(table), 0, 0, [first, first + (PACKED - 1)], &mut whole);
    let [run] = whole[..] else { return };
    if run.value.as_string().is_none_or(|packed| unpack(packed, c).is_none()) {
        return;
    }
    let values: Vec<Object<'_>> = (first..first + PACKED).map(|c| own_value(table, c)).collect();
    set_table_range(table, first, first + (PACKED - 1), NIL, cx);
    for (c, value) in (first..).zip(values) {
        set_table_range(table, c, c, value, cx);
    }
}

/// Refuse what is no table of a Unicode property.
fn check_property_table(table: CharTable<'_>, cx: &Context) -> Result<(), Throw> {
    if is_property_table(table) { Ok(()) } else { Err(error("Invalid Unicode property table", cx)) }
}

/// What an extra slot holds; nil where there is none.
fn held<'ob>(table: CharTable<'ob>, n: i64, cx: &'ob Context) -> Object<'ob> {
    extra(table, n, cx).map_or(NIL, |i| slot(table, i))
}

fn values<'ob>(table: CharTable<'ob>, cx: &'ob Context) -> Result<Vector<'ob>, Throw> {
    Vector::from_lisp(held(table, VALUES, cx), cx)
}

/// Return the table of the Unicode property PROP, which is loaded if `char-code-property-alist' has but its file; nil if
/// there is none.
#[defun]
fn unicode_property_table_internal(prop: Root<'_>, cx: &mut Context) -> CallResult {
    if let Some(file) = table_or_file(prop.get(cx), cx)?.as_string() {
        let name = crate::string::concat_all(&[cx.string_from_str("international/").into(), file.into()], cx)?;
        funcall!(cx, sym::LOAD, name, T, T, T, T)?.get(cx);
    }
    let table = table_or_file(prop.get(cx), cx)?;
    Ok(cx.ret(table))
}

/// What `char-code-property-alist` says of a property.
fn table_or_file<'ob>(property: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let entry = assq(property, setting(sym::CHAR_CODE_PROPERTY_ALIST, cx), cx)?;
    Ok(entry.as_cons().map_or(NIL, |entry| entry.cdr()))
}

/// Return the value that CHAR-TABLE, which holds a Unicode property, has for CH.
#[defun]
fn get_unicode_property_internal<'ob>(
    char_table: CharTable<'ob>,
    ch: Object<'ob>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    check_property_table(char_table, cx)?;
    let value = char_table_ref(char_table, character_arg(ch, cx)?);
    if held(char_table, DECODER, cx).as_fixnum() != Some(0) {
        return Ok(value);
    }
    let index = value.as_fixnum().and_then(|n| usize::try_from(n).ok());
    let decoded = held(char_table, VALUES, cx).as_vector().zip(index).and_then(|(values, i)| values.get(i));
    Ok(decoded.unwrap_or(value))
}

/// Make VALUE what CHAR-TABLE, which holds a Unicode property, has for CH.
#[defun]
fn put_unicode_property_internal<'ob>(
    char_table: CharTable<'ob>,
    ch: Object<'ob>,
    value: Object<'ob>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    check_property_table(char_table, cx)?;
    let c = character_arg(ch, cx)?;
    let number = |i: usize| Object::fixnum(i as i64);
    let known = |values: Vector<'ob>| values.iter().position(|known| known == value);
    let encoded = match held(char_table, ENCODER, cx).as_fixnum() {
        Some(0) if value.is_nil() => value,
        Some(0) => character_arg(value, cx).map(|_| value).map_err(|_| wrong_type(sym::INTEGERP, value, cx))?,
        Some(1) => number(known(values(char_table, cx)?).ok_or_else(|| {
            let expected = cx.string_from_str("Unicode property value");
            signal(sym::WRONG_TYPE_ARGUMENT, &[expected.into(), value], cx)
        })?),
        Some(2) => {
            let numbers = values(char_table, cx)?;
            if value.as_fixnum().is_none() {
                return Err(wrong_type(sym::FIXNUMP, value, cx));
            }
            number(match known(numbers) {
                Some(i) => i,
                None => {
                    // Not the value but its index is added, as in Emacs.
                    let all: Vec<Object<'ob>> = numbers.iter().chain([number(numbers.len())]).collect();
                    char_table.set(extra(char_table, VALUES, cx)?, cx.vector(&all).into(), cx);
                    numbers.len()
                }
            })
        }
        _ => value,
    };
    super::char_table_set(char_table, c, encoded, cx);
    Ok(NIL)
}

/// The primitives of this file.
pub(crate) const PROPERTY_SUBRS: &[SubrInfo] =
    &subrs![unicode_property_table_internal, get_unicode_property_internal, put_unicode_property_internal];
