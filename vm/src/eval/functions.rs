//! Questions about functions.

use crate::convert::FromLisp;
use crate::error::signal;
use crate::eval::{indirect_function, lambda, macros};
use crate::sym;
use crate::tails::tails;
use tenure_gc::{CallResult, Context, Kind, LispResult, MaxArgs, NIL, Object, Root, Subr, SubrInfo, Symbol, T, Throw};
use tenure_macros::{defun, subrs};

fn resolve<'ob>(function: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    match function.as_symbol() {
        Some(symbol) if !function.is_nil() => indirect_function(symbol, cx),
        _ => Ok(function),
    }
}

/// Whether `funcall` could call an object.
pub(crate) fn is_function(object: Object<'_>, cx: &Context) -> Result<bool, Throw> {
    let function = resolve(object, cx)?;
    Ok(match function.untag() {
        Kind::Subr(subr) => !matches!(subr.info(cx).function, Subr::Special(_)),
        Kind::ByteCode(_) | Kind::Closure(_) => true,
        Kind::Cons(cell) if cell.car() == sym::AUTOLOAD && object.as_symbol().is_some() => {
            let kind = tails(function).nth(4).map(|c| c.car());
            kind.is_none_or(|kind| kind != T && kind != sym::MACRO)
        }
        Kind::Cons(cell) => cell.car() == sym::LAMBDA || cell.car() == sym::CLOSURE,
        _ => false,
    })
}

/// Return t if OBJECT is a function or names one: something that `funcall` can call.
#[defun]
fn functionp(object: Object<'_>, cx: &Context) -> Result<bool, Throw> {
    is_function(object, cx)
}

/// Return (MIN . MAX), the numbers of arguments that FUNCTION takes; MAX may be `many` or `unevalled`.
#[defun]
fn func_arity(function: Root<'_>, cx: &mut Context) -> CallResult {
    let definition = resolve(function.get(cx), cx)?;
    if macros::is_autoload(definition) {
        let pushed = cx.push_args([definition, function.get(cx), NIL]);
        cx.enter(pushed, macros::autoload_do_load_args)?.get(cx);
    }
    let arity = arity(function.get(cx), cx)?;
    Ok(cx.ret(arity))
}

/// `func-arity` of a function that is loaded.
pub fn arity<'ob>(function: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let mut definition = resolve(function, cx)?;
    if let Some(cell) = definition.as_cons().filter(|cell| cell.car() == sym::MACRO) {
        definition = cell.cdr();
    }
    let pair = |least: usize, most: Object<'_>| cx.cons(Object::fixnum(least as i64), most).into();
    match definition.untag() {
        Kind::Subr(subr) => Ok(subr_arity(subr.info(cx), cx)),
        Kind::ByteCode(_) | Kind::Closure(_) => {
            let code = definition.as_byte_code().or_else(|| definition.as_closure()?.prototype().as_byte_code());
            match code.and_then(|c| c.get(0)).and_then(Object::as_fixnum) {
                Some(template) => {
                    let (least, most, rest) = (template & 127, template >> 8, template & 128 != 0);
                    Ok(pair(least as usize, if rest { sym::MANY } else { Object::fixnum(most) }))
                }
                // The arguments may be a list, as in Emacs 23.
                None => match code.and_then(|c| c.get(0)).filter(|list| list.is_nil() || list.as_cons().is_some()) {
                    Some(list) => {
                        let function = cx.list(&[sym::LAMBDA, list]);
                        let (least, most) = lambda::arity(function, cx)?;
                        Ok(pair(least, most.map_or(sym::MANY, |n| Object::fixnum(n as i64))))
                    }
                    None => Err(signal(sym::INVALID_FUNCTION, &[function], cx)),
                },
            }
        }
        Kind::Cons(cell) if cell.car() == sym::LAMBDA || cell.car() == sym::CLOSURE => {
            let (least, most) = lambda::arity(definition, cx)?;
            Ok(pair(least, most.map_or(sym::MANY, |n| Object::fixnum(n as i64))))
        }
        _ if definition.is_nil() => Err(signal(sym::VOID_FUNCTION, &[function], cx)),
        _ => Err(signal(sym::INVALID_FUNCTION, &[function], cx)),
    }
}

/// The pair that `func-arity` and `subr-arity` give for a primitive.
pub(crate) fn subr_arity(info: SubrInfo, cx: &Context) -> Object<'_> {
    let most = match info.max {
        MaxArgs::Fixed(n) => Object::fixnum(i64::from(n)),
        MaxArgs::Many => sym::MANY,
        MaxArgs::Unevalled => sym::UNEVALLED,
    };
    cx.cons(Object::fixnum(i64::from(info.min)), most).into()
}

/// Return t if FUNCTION is a command: it says how to read its arguments.
/// Strings and vectors are keyboard macros, which are commands unless FOR-CALL-INTERACTIVELY.
#[defun(min = 1)]
fn commandp<'ob>(function: Object<'ob>, for_call_interactively: bool, cx: &'ob Context) -> Result<bool, Throw> {
    let mut name = function;
    let mut hops = 0;
    while let Some(symbol) = name.as_symbol().filter(|_| !name.is_nil()) {
        let form = crate::handler::plist_get(symbol, sym::INTERACTIVE_FORM, cx);
        if !form.is_nil() {
            return Ok(true);
        }
        name = symbol.function(cx);
        hops += 1;
        if hops > 100 {
            indirect_function(Symbol::from_lisp(function, cx)?, cx)?;
            return Ok(false);
        }
    }
    Ok(match name.untag() {
        Kind::String(_) | Kind::Vector(_) => !for_call_interactively,
        Kind::ByteCode(code) => code.len() > 5,
        Kind::Closure(closure) => closure.prototype().as_byte_code().is_some_and(|code| code.len() > 5),
        Kind::Cons(cell) if cell.car() == sym::CLOSURE => has_interactive(name, 3),
        Kind::Cons(cell) if cell.car() == sym::LAMBDA => has_interactive(name, 2),
        Kind::Cons(cell) if cell.car() == sym::AUTOLOAD => tails(name).nth(3).is_some_and(|c| !c.car().is_nil()),
        _ => false,
    })
}

/// Whether a function's body, after `skip` elements, has an `interactive` form.
fn has_interactive(function: Object<'_>, skip: usize) -> bool {
    let forms = tails(function).skip(skip).filter_map(|c| c.car().as_cons());
    forms.into_iter().any(|form| form.car() == sym::INTERACTIVE)
}

/// The primitives of this file.
pub(crate) const SUBRS: &[SubrInfo] = &subrs![functionp, func_arity, commandp];
