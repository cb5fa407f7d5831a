//! The primitives that make objects.

use crate::error::{self, wrong_type};
use crate::sym;
use tenure_gc::{ByteCode, Context, LispResult, MAX_SLOTS, NIL, Object, Slots, Str, SubrInfo, Throw};
use tenure_macros::{defun, subrs};

/// The most slots of a record, its type included; Emacs keeps the number in twelve bits.
const MAX_RECORD: usize = 4095;

/// Return a new cons of CAR and CDR.
#[defun]
fn cons<'ob>(car: Object<'ob>, cdr: Object<'ob>, cx: &'ob Context) -> tenure_gc::Cons<'ob> {
    cx.cons(car, cdr)
}

/// Return a new list of the arguments.
#[defun]
fn list<'ob>(arguments: Slots<'ob>, cx: &'ob Context) -> Object<'ob> {
    arguments.iter().rev().fold(NIL, |list, v| cx.cons(v, list).into())
}

/// Return a new list of LENGTH times INIT.
#[defun]
fn make_list<'ob>(length: usize, init: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    cx.reserve(length.saturating_mul(16))?;
    Ok((0..length).fold(NIL, |list, _| cx.cons(init, list).into()))
}

/// Return a new vector of the arguments.
#[defun]
fn vector<'ob>(arguments: Slots<'ob>, cx: &'ob Context) -> tenure_gc::Vector<'ob> {
    let v = cx.make_vector(arguments.len(), NIL);
    arguments.iter().enumerate().for_each(|(i, element)| _ = v.set(i, element, cx));
    v
}

/// Return a new vector of LENGTH times INIT.
#[defun]
fn make_vector<'ob>(length: usize, init: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    crate::alloc::reserve(length.saturating_mul(8), cx)?;
    if length > MAX_SLOTS {
        return Err(cx.memory_full_signal());
    }
    Ok(cx.make_vector(length, init).into())
}

fn check_record(slots: usize, cx: &Context) -> Result<(), Throw> {
    if slots <= MAX_RECORD {
        return Ok(());
    }
    Err(error::error(&format!("Attempt to allocate a record of {slots} slots; max is {MAX_RECORD}"), cx))
}

/// Return a new record of type TYPE whose other slots are the rest of the arguments.
#[defun(min = 1)]
fn record<'ob>(arguments: Slots<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    check_record(arguments.len(), cx)?;
    let r = cx.make_record(arguments.len(), NIL);
    arguments.iter().enumerate().for_each(|(i, slot)| _ = r.set(i, slot, cx));
    Ok(r.into())
}

/// Return a new record of type TYPE with SLOTS further slots that hold INIT.
#[defun]
fn make_record<'ob>(r#type: Object<'ob>, slots: usize, init: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    check_record(slots.saturating_add(1), cx)?;
    let r = cx.make_record(slots + 1, init);
    r.set(0, r#type, cx);
    Ok(r.into())
}

/// Return a new symbol called NAME, in no obarray, without value or function.
#[defun]
fn make_symbol<'ob>(name: Str<'ob>, cx: &'ob Context) -> tenure_gc::Symbol<'ob> {
    cx.make_symbol(name)
}

/// Return a new finalizer: FUNCTION is called, once, after a collection that found it unreachable.
#[defun]
fn make_finalizer<'ob>(function: Object<'ob>, cx: &'ob Context) -> Object<'ob> {
    cx.finalizer(function).into()
}

/// Return a new byte-code function of an argument list, code, constants, depth, and what else may follow:
/// documentation and interactive form.
#[defun(min = 4)]
fn make_byte_code<'ob>(elements: Slots<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let [arguments, code, constants, depth] = [0, 1, 2, 3].map(|i| elements.get(i));
    let arguments_fit = arguments.as_fixnum().is_some() || arguments.as_cons().is_some() || arguments.is_nil();
    let code_fits = code.as_string().is_some_and(|s| !s.is_multibyte());
    let depth_fits = depth.as_fixnum().is_some_and(|n| n >= 0);
    if !(arguments_fit && code_fits && constants.as_vector().is_some() && depth_fits) {
        return Err(error::error("Invalid byte-code object", cx));
    }
    let slots: Vec<Object<'_>> = elements.iter().collect();
    Ok(cx.byte_code(&slots).into())
}

/// Return a closure of the byte-code function PROTOTYPE whose first constants are the other arguments.
#[defun(min = 1)]
fn make_closure<'ob>(arguments: Slots<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let prototype = arguments.get(0);
    let code: ByteCode<'_> =
        prototype.as_byte_code().ok_or_else(|| wrong_type(sym::BYTE_CODE_FUNCTION_P, prototype, cx))?;
    let constants = code.get(2).and_then(Object::as_vector).map_or(0, |v| v.len());
    let captured: Vec<Object<'_>> = arguments.from(1).iter().collect();
    if captured.len() > constants {
        return Err(error::error("Closure vars do not fit in constvec", cx));
    }
    Ok(cx.closure(code, &captured).into())
}

/// Return OBJECT: there is no pure storage to copy it to.
#[defun]
fn purecopy(object: Object<'_>) -> Object<'_> {
    object
}

/// Return OBJECT; for use under a native debugger.
#[defun]
fn suspicious_object(object: Object<'_>) -> Object<'_> {
    object
}

/// Return a new marker that points nowhere.
#[defun]
fn make_marker(cx: &Context) -> Object<'_> {
    cx.marker().into()
}

/// Return a new bool-vector of LENGTH bits, all set if INIT is not nil.
#[defun]
fn make_bool_vector<'ob>(length: usize, init: bool, cx: &'ob Context) -> LispResult<'ob> {
    crate::alloc::reserve(length / 8, cx)?;
    if length / 64 >= MAX_SLOTS {
        return Err(cx.memory_full_signal());
    }
    let bits = cx.bool_vector(length);
    if init {
        (0..length).for_each(|i| _ = bits.set(i, true));
    }
    Ok(bits.into())
}

/// Return a new bool-vector with a bit for each argument, set if it is not nil.
#[defun]
fn bool_vector<'ob>(bits: Slots<'ob>, cx: &'ob Context) -> tenure_gc::BoolVector<'ob> {
    let v = cx.bool_vector(bits.len());
    bits.iter().enumerate().for_each(|(i, bit)| _ = v.set(i, !bit.is_nil()));
    v
}

/// The primitives of this file.
pub(crate) const SUBRS: &[SubrInfo] = &subrs![
    cons,
    list,
    make_list,
    vector,
    make_vector,
    record,
    make_record,
    make_symbol,
    make_finalizer,
    make_byte_code,
    make_closure,
    purecopy,
    suspicious_object,
    make_marker,
    make_bool_vector,
    bool_vector,
];
