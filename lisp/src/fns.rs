//! The primitives of `fns.c` that are neither of sequences nor of the machine: digests, encodings, the system's locale,
//! widgets; and `assoc-string` of `minibuf.c`.

mod base64;
mod digest;

use crate::coding::Coding;
use crate::timefns::format::{DAYS, MONTHS};
use tenure_gc::{Args, CallResult, Context, Kind, LispResult, NIL, Object, Root, Str, SubrInfo, T, Throw};
use tenure_vm::casefiddle::downcase_char;
use tenure_vm::error::{error_with, wrong_type};
use tenure_vm::fns::plist;
use tenure_vm::string::{self, string_chars};
use tenure_vm::tails::tails;
use tenure_vm::{defun, funcall, subrs, sym};

/// Return the load of the system in the last 1, 5 and 15 minutes, times 100, or as floats if USE-FLOATS is non-nil.
#[defun(min = 0)]
fn load_average<'ob>(use_floats: Option<bool>, cx: &'ob Context) -> LispResult<'ob> {
    let Ok(text) = std::fs::read_to_string("/proc/loadavg") else {
        return Err(tenure_vm::error::error("load-average not implemented for this operating system", cx));
    };
    let loads = text.split(' ').take(3).filter_map(|word| word.parse::<f64>().ok());
    let value = |load: f64| match use_floats {
        Some(_) => cx.float(load).into(),
        None => Object::fixnum((load * 100.0) as i64),
    };
    Ok(cx.list(&loads.map(value).collect::<Vec<_>>()))
}

/// Put the ASCII string OBJ into STRING from IDX on, and return t.
/// If bytes are not characters there, if OBJ does not fit, or if the two are one, do nothing and return nil.
#[defun]
fn tenure_store_ascii(string: Root<'_>, idx: Root<'_>, obj: Root<'_>, cx: &mut Context) -> CallResult {
    let fits = |cx: &Context| -> Option<(usize, Vec<u8>)> {
        let (to, from) = (string.get(cx).as_string()?, obj.get(cx).as_string()?);
        let start = usize::try_from(idx.get(cx).as_fixnum()?).ok()?;
        let bytes = from.bytes();
        let plain = to.len_bytes() == to.chars() && bytes.is_ascii() && string.get(cx) != obj.get(cx);
        (plain && start <= to.chars() && bytes.len() <= to.chars() - start).then(|| (start, bytes.to_vec()))
    };
    let Some((start, bytes)) = fits(cx) else { return Ok(cx.ret(NIL)) };
    if let Some(place) = cx.string_bytes_mut(string) {
        place[start..start + bytes.len()].copy_from_slice(&bytes);
    }
    Ok(cx.ret(T))
}

/// Return what the locale, which is always C with UTF-8, says of ITEM: codeset, days, months or paper; nil of others.
#[defun]
fn locale_info<'ob>(item: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let names = |names: &[&str]| -> Object<'ob> {
        cx.vector(&names.iter().map(|n| cx.string_from_str(n).into()).collect::<Vec<_>>()).into()
    };
    Ok(match item.as_symbol().map(|s| s.name(cx).bytes()) {
        Some(b"codeset") => cx.string_from_str("UTF-8").into(),
        Some(b"days") => names(&DAYS),
        Some(b"months") => names(&MONTHS),
        // Millimetres.
        Some(b"paper") => cx.list(&[Object::fixnum(210), Object::fixnum(297)]),
        _ => NIL,
    })
}

/// The characters of a string or symbol, for collation.
fn collated<'ob>(object: Object<'ob>, fold: bool, cx: &'ob Context) -> Result<Vec<u32>, Throw> {
    let string = match object.untag() {
        Kind::Symbol(s) => s.name(cx),
        Kind::String(s) => s,
        _ => return Err(wrong_type(sym::STRINGP, object, cx)),
    };
    // The C library compares what is before a zero character.
    Ok(string_chars(string).take_while(|&c| c != 0).map(|c| if fold { downcase_char(c) } else { c }).collect())
}

/// Both strings as they are compared in LOCALE; the only order that is known is that of the C locale.
fn collate<'ob>(
    s1: Object<'ob>,
    s2: Object<'ob>,
    locale: Option<Object<'ob>>,
    ignore_case: Option<bool>,
    cx: &'ob Context,
) -> Result<std::cmp::Ordering, Throw> {
    let fold = ignore_case.is_some();
    let (a, b) = (collated(s1, fold, cx)?, collated(s2, fold, cx)?);
    if let Some(locale) = locale {
        let Some(name) = locale.as_string() else { return Err(wrong_type(sym::STRINGP, locale, cx)) };
        if !matches!(name.bytes(), b"" | b"C" | b"POSIX" | b"C.UTF-8" | b"C.utf8") {
            let name = String::from_utf8_lossy(name.bytes());
            return Err(tenure_vm::error::error(&format!("Invalid locale {name}: No such file or directory"), cx));
        }
    }
    Ok(a.cmp(&b))
}

/// Return t if S1 comes before S2 in the order of LOCALE, letter case aside if IGNORE-CASE is non-nil.
#[defun(min = 2)]
fn string_collate_lessp<'ob>(
    s1: Object<'ob>,
    s2: Object<'ob>,
    locale: Option<Object<'ob>>,
    ignore_case: Option<bool>,
    cx: &'ob Context,
) -> Result<bool, Throw> {
    Ok(collate(s1, s2, locale, ignore_case, cx)?.is_lt())
}

/// Return t if S1 and S2 are equal in LOCALE, letter case aside if IGNORE-CASE is non-nil.
#[defun(min = 2)]
fn string_collate_equalp<'ob>(
    s1: Object<'ob>,
    s2: Object<'ob>,
    locale: Option<Object<'ob>>,
    ignore_case: Option<bool>,
    cx: &'ob Context,
) -> Result<bool, Throw> {
    Ok(collate(s1, s2, locale, ignore_case, cx)?.is_eq())
}

/// Set PROPERTY of WIDGET to VALUE, and return VALUE.
#[defun]
fn widget_put<'ob>(
    widget: Object<'ob>,
    property: Object<'ob>,
    value: Object<'ob>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    let Some(cell) = widget.as_cons() else { return Err(wrong_type(sym::CONSP, widget, cx)) };
    cell.set_cdr(cx, plist::plist_put(cell.cdr(), property, value, cx)?);
    Ok(value)
}

/// Return PROPERTY of WIDGET; what it lacks its type may have, which the property `widget-type' of its name tells.
#[defun]
fn widget_get<'ob>(widget: Object<'ob>, property: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let mut widget = widget;
    // A type that is its own ancestor would be asked for ever.
    for _ in 0..1 << 16 {
        if widget.is_nil() {
            return Ok(NIL);
        }
        let Some(cell) = widget.as_cons() else { return Err(wrong_type(sym::CONSP, widget, cx)) };
        if let Some(found) = plist::plist_member(cell.cdr(), property, cx)?.as_cons() {
            return Ok(found.cdr().as_cons().map_or(NIL, |value| value.car()));
        }
        let kind = cell.car();
        if kind.is_nil() {
            return Ok(NIL);
        }
        let Some(name) = kind.as_symbol() else { return Err(wrong_type(sym::SYMBOLP, kind, cx)) };
        let key = cx.intern("widget-type");
        widget = plist::get_eq(name.plist(cx), key.into());
    }
    Ok(NIL)
}

/// Call the function that PROPERTY of WIDGET is on WIDGET and ARGS.
#[defun(min = 2)]
fn widget_apply(widget: Root<'_>, property: Root<'_>, args: Args<'_>, cx: &mut Context) -> CallResult {
    let scope = cx.scope();
    let function = scope.root(widget_get(widget.get(cx), property.get(cx), cx)?);
    let list = args.slots(cx).iter().rev().fold(NIL, |list, e| cx.cons(e, list).into());
    funcall!(cx, sym::APPLY, function.get(cx), widget.get(cx), list)
}

/// Return the first element of LIST that is KEY, or whose car is; strings, or symbols by their names.
/// Letter case does not count if CASE-FOLD is non-nil.
#[defun(min = 2)]
fn assoc_string<'ob>(
    key: Object<'ob>,
    list: Object<'ob>,
    case_fold: Option<bool>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    let text = |o: Object<'ob>| match o.untag() {
        Kind::Symbol(s) => Some(s.name(cx)),
        Kind::String(s) => Some(s),
        _ => None,
    };
    let folded = |s: Str<'ob>| -> Vec<u32> {
        let wide = |c: u32| if s.is_multibyte() || c < 0x80 { c } else { tenure_vm::character::byte_to_char(c as u8) };
        string_chars(s)
            .map(wide)
            .map(|c| if case_fold.is_some() { tenure_vm::casefiddle::upcase_char(c) } else { c })
            .collect()
    };
    let wanted = text(key).map(folded);
    let mut cells = tails(list);
    for element in cells.by_ref().map(|cell| cell.car()) {
        let name = element.as_cons().map_or(element, |pair| pair.car());
        let Some(name) = text(name) else { continue };
        let Some(wanted) = &wanted else { return Err(wrong_type(sym::STRINGP, key, cx)) };
        if folded(name) == *wanted {
            return Ok(element);
        }
    }
    Ok(NIL)
}

/// Return MSGID if N is 1, else MSGID-PLURAL.
#[defun]
fn ngettext<'ob>(msgid: Str<'ob>, msgid_plural: Str<'ob>, n: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    match n.untag() {
        Kind::Fixnum(1) => Ok(msgid.into()),
        Kind::Fixnum(_) | Kind::Bignum(_) => Ok(msgid_plural.into()),
        _ => Err(wrong_type(sym::INTEGERP, n, cx)),
    }
}

/// An object whose bytes are wanted: a string.
fn digestible<'ob>(object: Object<'ob>, cx: &'ob Context) -> Result<Str<'ob>, Throw> {
    let shown = if object.is_nil() { cx.string_from_str("nil").into() } else { object };
    object.as_string().ok_or_else(|| error_with("Invalid object argument", shown, cx))
}

/// The bytes from START to END of those that a string is in a coding system; without one they are as they would be
/// written: UTF-8, and raw bytes as they are.
fn bytes_of<'ob>(
    object: Object<'ob>,
    start: Option<Object<'ob>>,
    end: Option<Object<'ob>>,
    coding: Option<Coding>,
    cx: &'ob Context,
) -> Result<Vec<u8>, Throw> {
    let string = digestible(object, cx)?;
    cx.reserve(string.len_bytes())?;
    let (whole, bytes) = match coding {
        _ if !string.is_multibyte() => (string, string.bytes().to_vec()),
        coding => {
            let bytes = match coding {
                Some(coding) => crate::coding::encode(string, coding, cx)?,
                None => string::as_unibyte(string.bytes()),
            };
            (cx.string(&bytes, bytes.len(), false), bytes)
        }
    };
    let range = string::range(whole.into(), start, end, bytes.len(), cx)?;
    Ok(bytes[range].to_vec())
}

/// The primitives of these files.
pub(crate) const SUBRS: &[&[SubrInfo]] = &[
    &subrs![
        load_average,
        tenure_store_ascii,
        locale_info,
        string_collate_lessp,
        string_collate_equalp,
        widget_put,
        widget_get,
        widget_apply,
        assoc_string,
        ngettext,
    ],
    base64::SUBRS,
    digest::SUBRS,
];
