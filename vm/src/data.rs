//! Types, conses, symbols and arrays (Emacs's `data.c`).
//!
//! - [`array`] has indexing, [`bool_vector`] sets of bits, [`function`] the cells of symbols.
//! - Numbers are in [`crate::arith`], variables in [`crate::binding`] and [`crate::eval`], strings in [`crate::string`].

pub mod array;
pub mod bool_vector;
pub mod function;

use crate::error::wrong_type;
use crate::sym;
use tenure_gc::{Cons, Context, Kind, LispResult, NIL, Object, SubrInfo, Symbol};
use tenure_macros::{defun, subrs};

/// Return t if OBJ1 and OBJ2 are the same object.
#[defun]
fn eq(obj1: Object<'_>, obj2: Object<'_>) -> bool {
    obj1 == obj2
}

/// Return t if OBJECT is nil.
#[defun]
fn null(object: Object<'_>) -> bool {
    object.is_nil()
}

/// Type predicates: Rust name, Lisp name, documentation, and the pattern that they match.
macro_rules! predicates {
    ($($(#[$meta:meta])* $name:ident, $pattern:pat,)*) => {$(
        $(#[$meta])*
        #[defun]
        pub fn $name(object: Object<'_>) -> bool {
            matches!(object.untag(), $pattern)
        }
    )*};
}
predicates! {
    /// Return t if OBJECT is a cons.
    consp, Kind::Cons(_),
    /// Return t if OBJECT is an integer.
    integerp, Kind::Fixnum(_) | Kind::Bignum(_),
    /// Return t if OBJECT is an integer that is in its word, without an object in the heap.
    fixnump, Kind::Fixnum(_),
    /// Return t if OBJECT is an integer too large for a fixnum.
    bignump, Kind::Bignum(_),
    /// Return t if OBJECT is an integer or a marker.
    integer_or_marker_p, Kind::Fixnum(_) | Kind::Bignum(_) | Kind::Marker(_),
    /// Return t if OBJECT is a number.
    numberp, Kind::Fixnum(_) | Kind::Bignum(_) | Kind::Float(_),
    /// Return t if OBJECT is a number or a marker.
    number_or_marker_p, Kind::Fixnum(_) | Kind::Bignum(_) | Kind::Float(_) | Kind::Marker(_),
    /// Return t if OBJECT is a float.
    floatp, Kind::Float(_),
    /// Return t if OBJECT is a symbol.
    symbolp, Kind::Symbol(_),
    /// Return t if OBJECT is a string.
    stringp, Kind::String(_),
    /// Return t if OBJECT is a vector.
    vectorp, Kind::Vector(_),
    /// Return t if OBJECT is an array: a vector, string, char-table or bool-vector.
    arrayp, Kind::Vector(_) | Kind::String(_) | Kind::CharTable(_) | Kind::BoolVector(_),
    /// Return t if OBJECT is a char-table.
    char_table_p, Kind::CharTable(_),
    /// Return t if OBJECT is a char-table or a vector.
    vector_or_char_table_p, Kind::Vector(_) | Kind::CharTable(_),
    /// Return t if OBJECT is a bool-vector.
    bool_vector_p, Kind::BoolVector(_),
    /// Return t if OBJECT is a record.
    recordp, Kind::Record(_),
    /// Return t if OBJECT is a primitive.
    subrp, Kind::Subr(_),
    /// Return t if OBJECT is a byte-code function.
    byte_code_function_p, Kind::ByteCode(_) | Kind::Closure(_),
    /// Return t if OBJECT is a marker.
    markerp, Kind::Marker(_),
    /// Return t if OBJECT is a buffer.
    bufferp, Kind::Buffer(_),
}

/// Return t if OBJECT is not a cons.
#[defun]
fn atom(object: Object<'_>) -> bool {
    !consp(object)
}

/// Return t if OBJECT is a list: a cons or nil.
#[defun]
pub fn listp(object: Object<'_>) -> bool {
    consp(object) || object.is_nil()
}

/// Return t if OBJECT is neither a cons nor nil.
#[defun]
fn nlistp(object: Object<'_>) -> bool {
    !listp(object)
}

/// Return t if OBJECT is a character or a string.
#[defun]
fn char_or_string_p(object: Object<'_>) -> bool {
    match object.as_fixnum() {
        Some(n) => (0..=i64::from(crate::character::MAX_CHAR)).contains(&n),
        None => stringp(object),
    }
}

/// Return t if OBJECT is a list or an array.
#[defun]
fn sequencep(object: Object<'_>) -> bool {
    listp(object) || arrayp(object)
}

/// Return t if OBJECT is an integer that is not negative.
#[defun]
fn natnump(object: Object<'_>) -> bool {
    match object.untag() {
        Kind::Fixnum(n) => n >= 0,
        Kind::Bignum(n) => !n.is_negative(),
        _ => false,
    }
}

/// Return t if OBJECT is a symbol of the initial obarray whose name begins with a colon.
#[defun]
fn keywordp(object: Object<'_>, cx: &Context) -> bool {
    object.as_symbol().is_some_and(|s| is_keyword(s, cx))
}

fn is_keyword(symbol: Symbol<'_>, cx: &Context) -> bool {
    symbol.interned(cx) == tenure_gc::Interned::Initially && symbol.name(cx).bytes().first() == Some(&b':')
}

/// Predicates of kinds of object that this runtime never makes.
macro_rules! absent {
    ($($(#[$meta:meta])* $name:ident;)*) => {$(
        $(#[$meta])*
        #[defun]
        fn $name(object: Object<'_>) -> bool {
            let _ = object;
            false
        }
    )*};
}
absent! {
    /// Return t if OBJECT is a function of a dynamic module: there are none.
    module_function_p;
    /// Return t if OBJECT is a pointer of a dynamic module: there are none.
    user_ptrp;
    /// Return t if OBJECT is a thread: there are none.
    threadp;
    /// Return t if OBJECT is a mutex: there are none.
    mutexp;
    /// Return t if OBJECT is a condition variable: there are none.
    condition_variable_p;
}

/// Return the type of OBJECT, a symbol; for a record what its first slot says.
#[defun]
fn type_of<'ob>(object: Object<'ob>) -> Object<'ob> {
    match object.untag() {
        Kind::Fixnum(_) | Kind::Bignum(_) => sym::INTEGER,
        Kind::Symbol(_) => sym::SYMBOL,
        Kind::Cons(_) => sym::CONS,
        Kind::String(_) => sym::STRING,
        Kind::Float(_) => sym::FLOAT,
        Kind::Vector(_) => sym::VECTOR,
        Kind::Record(record) => {
            let class = record.get(0).unwrap_or(NIL);
            class.as_record().and_then(|c| c.get(1)).unwrap_or(class)
        }
        Kind::HashTable(_) => sym::HASH_TABLE,
        Kind::Closure(_) | Kind::ByteCode(_) => sym::COMPILED_FUNCTION,
        Kind::Subr(_) => sym::SUBR,
        Kind::BoolVector(_) => sym::BOOL_VECTOR,
        Kind::Finalizer(_) => sym::FINALIZER,
        Kind::CharTable(_) => sym::CHAR_TABLE,
        Kind::SubCharTable(_) => sym::SUB_CHAR_TABLE,
        Kind::Marker(_) => sym::MARKER,
        Kind::Buffer(_) => sym::BUFFER,
        Kind::Overlay(_) => sym::OVERLAY,
        Kind::Native(_) => sym::USER_PTR,
    }
}

/// Return the car of LIST, nil if LIST is nil.
#[defun]
#[inline(always)]
pub fn car<'ob>(list: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    match list.as_cons() {
        Some(cons) => Ok(cons.car()),
        None if list.is_nil() => Ok(NIL),
        None => Err(wrong_type(sym::LISTP, list, cx)),
    }
}

/// Return the cdr of LIST, nil if LIST is nil.
#[defun]
#[inline(always)]
pub fn cdr<'ob>(list: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    match list.as_cons() {
        Some(cons) => Ok(cons.cdr()),
        None if list.is_nil() => Ok(NIL),
        None => Err(wrong_type(sym::LISTP, list, cx)),
    }
}

/// Return the car of OBJECT if it is a cons, else nil.
#[defun]
pub fn car_safe<'ob>(object: Object<'ob>) -> Object<'ob> {
    object.as_cons().map_or(NIL, Cons::car)
}

/// Return the cdr of OBJECT if it is a cons, else nil.
#[defun]
pub fn cdr_safe<'ob>(object: Object<'ob>) -> Object<'ob> {
    object.as_cons().map_or(NIL, Cons::cdr)
}

/// Make NEWCAR the car of CELL, and return it.
#[defun]
fn setcar<'ob>(cell: Cons<'ob>, newcar: Object<'ob>, cx: &'ob Context) -> Object<'ob> {
    cell.set_car(cx, newcar);
    newcar
}

/// Make NEWCDR the cdr of CELL, and return it.
#[defun]
fn setcdr<'ob>(cell: Cons<'ob>, newcdr: Object<'ob>, cx: &'ob Context) -> Object<'ob> {
    cell.set_cdr(cx, newcdr);
    newcdr
}

/// Return the byte order of this machine: ?B if the most significant byte of a word comes first, else ?l.
#[defun]
fn byteorder() -> i64 {
    i64::from(if cfg!(target_endian = "big") { b'B' } else { b'l' })
}

/// The primitives of `data.c` that are not in a file of the folder.
pub(crate) const SUBRS: &[SubrInfo] = &subrs![
    eq,
    null,
    consp,
    integerp,
    fixnump,
    bignump,
    char_or_string_p,
    integer_or_marker_p,
    numberp,
    number_or_marker_p,
    floatp,
    symbolp,
    stringp,
    vectorp,
    arrayp,
    char_table_p,
    vector_or_char_table_p,
    bool_vector_p,
    recordp,
    subrp,
    byte_code_function_p,
    markerp,
    bufferp,
    atom,
    listp,
    nlistp,
    sequencep,
    natnump,
    keywordp,
    module_function_p,
    user_ptrp,
    threadp,
    mutexp,
    condition_variable_p,
    type_of,
    car,
    cdr,
    car_safe,
    cdr_safe,
    setcar,
    setcdr,
    byteorder
];
