//! `aref` and `aset`, for everything but strings, whose characters are the `string` module's business.

use crate::chartab;
use crate::convert::FromLisp;
use crate::error::{args_out_of_range, wrong_type};
use crate::string::character_arg;
use crate::sym;
use tenure_gc::{CallResult, Closure, Context, Kind, LispResult, Object, Root, SubrInfo, Throw};
use tenure_macros::{defun, subrs};

/// The place of the constants in a byte-code function.
const CODE_CONSTANTS: usize = 2;

/// How many slots a closure has as the byte-code function that Lisp sees.
pub fn closure_len(closure: Closure<'_>) -> usize {
    closure.prototype().as_byte_code().map_or(0, |code| code.len())
}

/// Slot `i` of a closure as the byte-code function that Lisp sees: the captured values are the first constants.
pub fn closure_slot<'ob>(closure: Closure<'ob>, i: usize, cx: &'ob Context) -> Option<Object<'ob>> {
    let slot = closure.prototype().as_byte_code()?.get(i)?;
    match slot.as_vector() {
        Some(constants) if i == CODE_CONSTANTS => {
            let captured = closure.iter().skip(1);
            let rest = constants.iter().skip(captured.len());
            Some(cx.vector(&captured.chain(rest).collect::<Vec<_>>()).into())
        }
        _ => Some(slot),
    }
}

/// Return the element of ARRAY at index IDX: of a vector, record, string, bool-vector or byte-code function, or
/// what a char-table has for the character IDX.
#[defun]
pub fn aref<'ob>(array: Object<'ob>, idx: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let index = i64::from_lisp(idx, cx)?;
    let i = usize::try_from(index).unwrap_or(usize::MAX);
    let found = match array.untag() {
        Kind::Vector(v) => v.get(i),
        Kind::String(s) => return crate::string::aref(s, index, cx),
        Kind::Record(r) => r.get(i),
        Kind::BoolVector(b) => b.get(i).map(Object::bool),
        Kind::CharTable(table) => return Ok(chartab::char_table_ref(table, character_arg(idx, cx)?)),
        Kind::ByteCode(code) => code.get(i),
        Kind::Closure(closure) => closure_slot(closure, i, cx),
        _ => return Err(wrong_type(sym::ARRAYP, array, cx)),
    };
    found.ok_or_else(|| args_out_of_range(array, idx, cx))
}

/// Store in anything but a string; `None` for a string.
#[inline]
pub fn aset_slot<'ob>(
    array: Object<'ob>,
    idx: Object<'ob>,
    newelt: Object<'ob>,
    cx: &'ob Context,
) -> Result<Option<Object<'ob>>, Throw> {
    let index = i64::from_lisp(idx, cx)?;
    let i = usize::try_from(index).unwrap_or(usize::MAX);
    let stored = match array.untag() {
        Kind::Vector(v) => v.set(i, newelt, cx),
        Kind::String(_) => return Ok(None),
        Kind::Record(r) => r.set(i, newelt, cx),
        Kind::BoolVector(b) => b.set(i, !newelt.is_nil()),
        Kind::CharTable(table) => {
            chartab::char_table_set(table, character_arg(idx, cx)?, newelt, cx);
            true
        }
        _ => return Err(wrong_type(sym::ARRAYP, array, cx)),
    };
    if stored { Ok(Some(newelt)) } else { Err(args_out_of_range(array, idx, cx)) }
}

/// Store NEWELT as the element of ARRAY at index IDX, and return it.
#[defun]
pub fn aset(array: Root<'_>, idx: Root<'_>, newelt: Root<'_>, cx: &mut Context) -> CallResult {
    match aset_slot(array.get(cx), idx.get(cx), newelt.get(cx), cx)? {
        Some(value) => Ok(cx.ret(value)),
        None => crate::string::aset(array, idx, newelt, cx),
    }
}

/// The primitives of this file.
pub(crate) const SUBRS: &[SubrInfo] = &subrs![aref, aset];
