//! Symbols' names, functions and property lists, and what can be asked of a function.

use crate::convert::FromLisp;
use crate::data::array::closure_slot;
use crate::data::{car, car_safe, cdr};
use crate::error::{signal, wrong_type};
use crate::eval::variables::plist_put;
use crate::handler::plist_get;
use crate::lread::setting;
use crate::sym;
use crate::tails::tails;
use tenure_gc::{
    CallResult, Cons, Context, Kind, LispResult, NIL, Object, Root, Str, SubrInfo, SubrRef, Symbol, T, Throw,
};
use tenure_macros::{defun, subrs};

/// The place of the interactive specification in a byte-code function.
const CODE_INTERACTIVE: usize = 5;

/// Return SYMBOL's name, a string.
#[defun]
fn symbol_name<'ob>(symbol: Symbol<'ob>, cx: &'ob Context) -> Str<'ob> {
    symbol.name(cx)
}

/// Return SYMBOL's property list.
#[defun]
fn symbol_plist<'ob>(symbol: Symbol<'ob>, cx: &'ob Context) -> Object<'ob> {
    symbol.plist(cx)
}

/// Make NEWPLIST the property list of SYMBOL, and return it.
#[defun]
fn setplist<'ob>(symbol: Symbol<'ob>, newplist: Object<'ob>, cx: &'ob Context) -> Object<'ob> {
    symbol.set_plist(newplist, cx);
    newplist
}

/// Return what is in SYMBOL's function cell, nil if nothing.
#[defun]
fn symbol_function<'ob>(symbol: Symbol<'ob>, cx: &'ob Context) -> Object<'ob> {
    symbol.function(cx)
}

/// Return t if SYMBOL's function cell is not empty.
#[defun]
fn fboundp(symbol: Symbol<'_>, cx: &Context) -> bool {
    !symbol.function(cx).is_nil()
}

/// Empty SYMBOL's function cell, and return SYMBOL.
#[defun]
fn fmakunbound<'ob>(symbol: Symbol<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let object = Object::from(symbol);
    if object.is_nil() || object == T {
        return Err(signal(sym::SETTING_CONSTANT, &[object], cx));
    }
    symbol.set_function(NIL, cx);
    Ok(object)
}

fn is_autoload(function: Object<'_>) -> bool {
    function.as_cons().is_some_and(|c| c.car() == sym::AUTOLOAD)
}

/// Put DEFINITION in SYMBOL's function cell, and return it.
#[defun]
pub fn fset<'ob>(symbol: Symbol<'ob>, definition: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    if Object::from(symbol).is_nil() && !definition.is_nil() {
        return Err(signal(sym::SETTING_CONSTANT, &[symbol.into()], cx));
    }
    let old = symbol.function(cx);
    if let Some(autoload) = old.as_cons().filter(|c| c.car() == sym::AUTOLOAD) {
        plist_put(symbol, sym::AUTOLOAD, autoload.cdr(), cx);
    }
    symbol.set_function(definition, cx);
    Ok(definition)
}

/// Return the file of COMP-UNIT, natively compiled code: there is none.
#[defun]
fn native_comp_unit_file<'ob>(comp_unit: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    Err(wrong_type(sym::NATIVE_COMP_UNIT, comp_unit, cx))
}

/// Set the file of COMP-UNIT, natively compiled code: there is none.
#[defun]
fn native_comp_unit_set_file<'ob>(comp_unit: Object<'ob>, new_file: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let _ = new_file;
    Err(wrong_type(sym::NATIVE_COMP_UNIT, comp_unit, cx))
}

/// Return the natively compiled code that SUBR is from: nil, as it is a primitive.
#[defun]
fn subr_native_comp_unit<'ob>(subr: SubrRef<'ob>) -> Object<'ob> {
    let _ = subr;
    NIL
}

/// Return the lambda list of the natively compiled function SUBR; t, as it is a primitive.
#[defun]
fn subr_native_lambda_list(subr: SubrRef<'_>) -> bool {
    let _ = subr;
    true
}

/// Return the inferred type of SUBR: nil, as it is a primitive.
#[defun]
fn subr_type<'ob>(subr: SubrRef<'ob>) -> Object<'ob> {
    let _ = subr;
    NIL
}

/// Note in `current-load-list` that the file being loaded did this.
pub fn attach_load_history(entry: Object<'_>, cx: &Context) {
    if let Some(symbol) = sym::CURRENT_LOAD_LIST.as_symbol() {
        let list = cx.cons(entry, setting(sym::CURRENT_LOAD_LIST, cx)).into();
        if let Err(throw) = crate::binding::set_quietly(symbol, list, cx) {
            // A program made the variable constant: then nothing is noted.
            cx.caught(throw);
        }
    }
}

/// Make DEFINITION the function of SYMBOL, as a top-level definition of a program: `load-history` notes it, and a function
/// in SYMBOL's property `defalias-fset-function` replaces the plain storing.  DOCSTRING documents SYMBOL.
#[defun(min = 2)]
fn defalias(symbol: Root<'_>, definition: Root<'_>, docstring: Root<'_>, cx: &mut Context) -> CallResult {
    let name = Symbol::from_lisp(symbol.get(cx), cx)?;
    if is_autoload(name.function(cx)) {
        attach_load_history(cx.cons(T, name.into()).into(), cx);
    }
    let kind = if is_autoload(definition.get(cx)) { sym::AUTOLOAD } else { sym::DEFUN };
    attach_load_history(cx.cons(kind, name.into()).into(), cx);
    let hook = plist_get(name, sym::DEFALIAS_FSET_FUNCTION, cx);
    if hook.is_nil() {
        fset(name, definition.get(cx), cx)?;
    } else {
        crate::funcall!(cx, hook, symbol.get(cx), definition.get(cx))?.get(cx);
    }
    let doc = docstring.get(cx);
    if !doc.is_nil() {
        plist_put(Symbol::from_lisp(symbol.get(cx), cx)?, sym::FUNCTION_DOCUMENTATION, doc, cx);
    }
    Ok(cx.ret(symbol.get(cx)))
}

fn subr_of<'ob>(subr: Object<'ob>, cx: &'ob Context) -> Result<SubrRef<'ob>, Throw> {
    subr.as_subr().ok_or_else(|| wrong_type(sym::SUBRP, subr, cx))
}

/// Return how many arguments the primitive SUBR takes, as a cons of the least and the largest number; instead of the
/// latter `many` for any, `unevalled` for a special form.
#[defun]
fn subr_arity<'ob>(subr: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    Ok(crate::eval::functions::subr_arity(subr_of(subr, cx)?.info(cx), cx))
}

/// Return the name of the primitive SUBR, a string.
#[defun]
fn subr_name<'ob>(subr: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    Ok(cx.string_from_str(subr_of(subr, cx)?.info(cx).name).into())
}

/// Return t if OBJECT is a primitive that was compiled from Lisp ahead of time: there are none.
#[defun]
fn subr_native_elisp_p(object: Object<'_>) -> bool {
    let _ = object;
    false
}

/// The list that begins with `interactive` in a function's body, or what else says how to call it.
enum Specification<'ob> {
    /// None: no command.
    None,
    /// What stands in a byte-code function.
    Code(Object<'ob>),
    /// A form of a function that is a list.
    Form(Object<'ob>),
}

/// Ask a property of a command and its aliases.
fn command_property<'ob>(cmd: Object<'ob>, property: Object<'_>, cx: &'ob Context) -> Object<'ob> {
    let mut function = cmd;
    // Chains of aliases are checked for cycles by `indirect_function` before.
    while let Some(symbol) = function.as_symbol().filter(|_| !function.is_nil()) {
        let value = plist_get(symbol, property, cx);
        if !value.is_nil() {
            return value;
        }
        function = symbol.function(cx);
    }
    NIL
}

fn specification<'ob>(function: Object<'ob>, cx: &'ob Context) -> Result<Specification<'ob>, Throw> {
    let code = match function.untag() {
        Kind::ByteCode(code) => code.get(CODE_INTERACTIVE),
        Kind::Closure(closure) => closure_slot(closure, CODE_INTERACTIVE, cx),
        Kind::Cons(cons) => {
            let body = if cons.car() == sym::LAMBDA {
                cdr(cons.cdr(), cx)?
            } else if cons.car() == sym::CLOSURE {
                cdr(cdr(cons.cdr(), cx)?, cx)?
            } else {
                return Ok(Specification::None);
            };
            let form = tails(body).map(Cons::car).find(|form| car_safe(*form) == sym::INTERACTIVE);
            return Ok(form.map_or(Specification::None, Specification::Form));
        }
        _ => None,
    };
    Ok(code.map_or(Specification::None, Specification::Code))
}

/// The function of a command, loaded if it is an autoload.
fn command_function(cmd: Root<'_>, cx: &mut Context) -> CallResult {
    let function = indirect(cmd.get(cx), cx)?;
    if is_autoload(function) {
        return crate::funcall!(cx, sym::AUTOLOAD_DO_LOAD, function, cmd.get(cx), NIL);
    }
    Ok(cx.ret(function))
}

fn indirect<'ob>(object: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    match object.as_symbol().filter(|_| !object.is_nil()) {
        Some(symbol) => crate::eval::indirect_function(symbol, cx),
        None => Ok(object),
    }
}

/// Return the `interactive` form of the command CMD, nil if it is none.
#[defun]
fn interactive_form(cmd: Root<'_>, cx: &mut Context) -> CallResult {
    if indirect(cmd.get(cx), cx)?.is_nil() {
        return Ok(cx.ret(NIL));
    }
    let property = command_property(cmd.get(cx), sym::INTERACTIVE_FORM, cx);
    if !property.is_nil() {
        return Ok(cx.ret(property));
    }
    let function = command_function(cmd, cx)?.get(cx);
    let form = match specification(function, cx)? {
        Specification::None => NIL,
        Specification::Code(spec) => {
            let spec = spec.as_vector().and_then(|v| v.get(0)).unwrap_or(spec);
            cx.list(&[sym::INTERACTIVE, spec])
        }
        Specification::Form(form) if cdr(cdr(form, cx)?, cx)?.is_nil() => form,
        Specification::Form(form) => cx.list(&[sym::INTERACTIVE, car(cdr(form, cx)?, cx)?]),
    };
    Ok(cx.ret(form))
}

/// Return the modes that the command COMMAND is for, as its `interactive` form says.
#[defun]
fn command_modes(command: Root<'_>, cx: &mut Context) -> CallResult {
    let function = indirect(command.get(cx), cx)?;
    if function.is_nil() {
        return Ok(cx.ret(NIL));
    }
    let property = command_property(command.get(cx), sym::COMMAND_MODES, cx);
    if !property.is_nil() {
        return Ok(cx.ret(property));
    }
    let modes = match specification(function, cx)? {
        Specification::Code(spec) => spec.as_vector().and_then(|v| v.get(1)).unwrap_or(NIL),
        Specification::Form(form) => cdr(cdr(form, cx)?, cx)?,
        Specification::None => NIL,
    };
    Ok(cx.ret(modes))
}

/// The primitives of this file.
pub(crate) const SUBRS: &[SubrInfo] = &subrs![
    native_comp_unit_file,
    native_comp_unit_set_file,
    subr_native_comp_unit,
    subr_native_lambda_list,
    subr_type,
    symbol_name,
    symbol_plist,
    setplist,
    symbol_function,
    fboundp,
    fmakunbound,
    fset,
    defalias,
    subr_arity,
    subr_name,
    subr_native_elisp_p,
    interactive_form,
    command_modes
];
