//! Byte code: Emacs 28.2's instructions, verified and decoded once into a form of our own, and the machine that runs it.
//!
//! - [`opcode`] is the table of instructions; [`disassemble`] lists a code by it.
//! - `verify` checks a code, `translate` turns it into the instructions of `form`, `code` keeps the result with the
//!   function.
//! - `machine` makes calls ready and `run` is the loop; `stepped` has the primitives whose calls of Lisp it runs itself.

mod code;
pub mod disassemble;
mod form;
mod machine;
pub mod opcode;
mod run;
mod stepped;
mod translate;
mod verify;

pub(crate) use code::Codes;
pub(crate) use machine::{call, prepare};

use crate::error::wrong_type;
use crate::specpdl::mark;
use crate::sym;
use code::CODE;
use tenure_gc::{Args, CallResult, Context, NIL, Object, Root, SubrInfo, Throw};
use tenure_macros::{defun, subrs};

/// Whether a function's code is still in the file that it was loaded from.
#[inline(always)]
pub(crate) fn is_lazy(function: Object<'_>) -> bool {
    function.as_callee().and_then(|callee| callee.code.get(CODE)).is_some_and(|code| code.as_cons().is_some())
}

/// Whether an object is a byte-code function, with or without captured values.
#[inline(always)]
pub(crate) fn is_function(object: Object<'_>) -> bool {
    object.as_callee().is_some()
}

/// Have the code of the function in word 0 of a window read from its file.
pub(crate) fn fetch(args: Args<'_>, cx: &mut Context) -> CallResult {
    let prototype = args.root(0).get(cx).as_callee().map_or(NIL, |callee| callee.code.into());
    args.root(0).set(cx, prototype);
    crate::funcall!(cx, cx.intern("fetch-bytecode").into(), prototype)?.get(cx);
    let function = args.root(0).get(cx);
    if is_lazy(function) {
        return Err(crate::error::signal(sym::INVALID_FUNCTION, &[function], cx));
    }
    Ok(cx.ret(function))
}

/// Run the byte code BYTESTR with the constants VECTOR and a stack of MAXDEPTH values, and return its value.
#[defun]
fn byte_code(bytestr: Root<'_>, vector: Root<'_>, maxdepth: Root<'_>, cx: &mut Context) -> CallResult {
    let (code, constants, depth) = (bytestr.get(cx), vector.get(cx), maxdepth.get(cx));
    if code.as_string().is_none() {
        return Err(wrong_type(sym::STRINGP, code, cx));
    }
    if constants.as_vector().is_none() {
        return Err(wrong_type(sym::VECTORP, constants, cx));
    }
    if depth.as_fixnum().is_none_or(|n| n < 0) {
        return Err(wrong_type(sym::WHOLENUMP, depth, cx));
    }
    let function = cx.byte_code(&[Object::fixnum(0), code, constants, depth]);
    let base = cx.stack_len();
    let start = mark(cx);
    let args = cx.window(base, 0);
    let result = match prepare(function.into(), args, cx) {
        Ok(prepared) => call(prepared, args, cx),
        Err(throw) => Err(throw),
    };
    cx.truncate_stack(base);
    crate::specpdl::unbind_to(start, result, cx)
}

/// The primitives of byte code.
pub(crate) const SUBRS: &[SubrInfo] = &subrs![byte_code];

/// What a list of functions' codes must satisfy is checked when each is first called; this does so now.
/// Gives nothing if the function is in order or is no byte code, else the signal.
pub fn check(function: Object<'_>, cx: &Context) -> Result<(), Throw> {
    if function.as_callee().is_some() && !is_lazy(function) {
        code::code_of(function, cx)?;
    }
    Ok(())
}
