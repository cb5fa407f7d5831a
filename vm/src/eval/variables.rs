//! What declares, reads and sets variables from Lisp: `defvar` and kin, `set`, `symbol-value`, default values, watchers.

use crate::binding::{
    self, Operation, find_symbol_value, indirect_variable, notify, set_default_internal, set_internal,
};
use crate::convert::FromLisp;
use crate::error::{self, signal};
use crate::eval::{environment, eval_form, list_length, set_environment};
use crate::handler::{memq, plist_get};
use crate::lread::setting;
use crate::state::Vm;
use crate::sym;
use crate::tails::tails;
use tenure_gc::{
    Args, CallResult, Context, LispResult, NIL, Object, Redirect, Root, SubrInfo, Symbol, T, Throw, UNBOUND, Write,
};
use tenure_macros::{defun, subrs};

/// Store a property of a symbol, without a call.
pub(crate) fn plist_put(symbol: Symbol<'_>, property: Object<'_>, value: Object<'_>, cx: &Context) {
    let old = tails(symbol.plist(cx)).step_by(2).find(|cell| cell.car() == property);
    match old.and_then(|cell| cell.cdr().as_cons()) {
        Some(cell) => cell.set_car(cx, value),
        None => {
            let plist = cx.list_with_tail(&[property, value], symbol.plist(cx));
            symbol.set_plist(plist, cx);
        }
    }
}

/// Note in `current-load-list` that a variable is being defined.
fn note_definition(symbol: Symbol<'_>, cx: &Context) {
    if !memq(symbol.into(), setting(sym::CURRENT_LOAD_LIST, cx)) {
        crate::data::function::attach_load_history(symbol.into(), cx);
    }
}

/// Define SYMBOL as a special variable; INITVALUE is evaluated only if it has no value, and DOCSTRING documents it.
/// With SYMBOL alone, only declare it special where the binding is lexical.
#[defun(special, min = 1)]
fn defvar(args: Root<'_>, cx: &mut Context) -> CallResult {
    let (name, rest) = args.get(cx).as_cons().map_or((NIL, NIL), |c| (c.car(), c.cdr()));
    let symbol = Symbol::from_lisp(name, cx)?;
    if rest.is_nil() {
        let env = environment(cx);
        if !env.is_nil() && !symbol.is_special(cx) {
            // A local declaration: the bare symbol in the environment.
            set_environment(cx.cons(name, env).into(), cx);
        }
        return Ok(cx.ret(name));
    }
    check_definition(rest, cx)?;
    symbol.set_special(true, cx);
    let top = default_toplevel(symbol, cx)?;
    if top == UNBOUND {
        let form = rest.as_cons().map_or(NIL, |c| c.car());
        let value = eval_form!(cx, form)?.get(cx);
        let name = args.get(cx).as_cons().map_or(NIL, |c| c.car());
        let pushed = cx.push_args([name, value]);
        cx.enter(pushed, set_default_toplevel)?;
    }
    end_definition(args, cx)
}

fn check_definition(rest: Object<'_>, cx: &Context) -> Result<(), Throw> {
    if list_length(rest, cx)? > 2 { Err(error::error("Too many arguments", cx)) } else { Ok(()) }
}

/// The documentation and the value of `defvar` and `defconst`: `args` is the whole form's arguments.
fn end_definition(args: Root<'_>, cx: &mut Context) -> CallResult {
    let form = args.get(cx);
    let doc = tails(form).nth(2).map_or(NIL, |c| c.car());
    let symbol = Symbol::from_lisp(form.as_cons().map_or(NIL, |c| c.car()), cx)?;
    if !doc.is_nil() {
        plist_put(symbol, sym::VARIABLE_DOCUMENTATION, doc, cx);
    }
    note_definition(symbol, cx);
    Ok(cx.ret(symbol.into()))
}

/// Define SYMBOL as a constant variable: it always gets the value of INITVALUE, and programs are not to change it.
#[defun(special, min = 2)]
fn defconst(args: Root<'_>, cx: &mut Context) -> CallResult {
    let (name, rest) = args.get(cx).as_cons().map_or((NIL, NIL), |c| (c.car(), c.cdr()));
    let symbol = Symbol::from_lisp(name, cx)?;
    check_definition(rest, cx)?;
    symbol.set_special(true, cx);
    let form = rest.as_cons().map_or(NIL, |c| c.car());
    let value = eval_form!(cx, form)?.get(cx);
    let name = args.get(cx).as_cons().map_or(NIL, |c| c.car());
    let pushed = cx.push_args([name, value]);
    cx.enter(pushed, set_default_toplevel)?;
    let symbol = Symbol::from_lisp(args.get(cx).as_cons().map_or(NIL, |c| c.car()), cx)?;
    plist_put(symbol, sym::RISKY_LOCAL_VARIABLE, T, cx);
    end_definition(args, cx)
}

/// Declare SYMBOL special without giving it a value; DOC documents it.
#[defun(name = "internal--define-uninitialized-variable", min = 1)]
fn define_uninitialized<'ob>(symbol: Symbol<'ob>, doc: Object<'ob>, cx: &'ob Context) {
    symbol.set_special(true, cx);
    if !doc.is_nil() {
        plist_put(symbol, sym::VARIABLE_DOCUMENTATION, doc, cx);
    }
    note_definition(symbol, cx);
}

/// Declare SYMBOL not special, so that `let` binds it lexically again.
#[defun]
fn internal_make_var_non_special(symbol: Symbol<'_>, cx: &Context) {
    symbol.set_special(false, cx);
}

/// Return t if SYMBOL is declared special: it is always bound dynamically.
#[defun]
fn special_variable_p(symbol: Symbol<'_>, cx: &Context) -> bool {
    symbol.is_special(cx)
}

/// The value outside of all dynamic bindings, or unbound.
fn default_toplevel<'ob>(symbol: Symbol<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let symbol = indirect_variable(symbol, cx)?;
    let specpdl = &Vm::of(cx).specpdl;
    match specpdl.outermost_let(symbol.into(), cx) {
        Some(i) => Ok(specpdl.word(i, cx)),
        None => binding::default_value(symbol, cx),
    }
}

/// Words 0 and 1 of a window: set the value outside of all dynamic bindings.
fn set_default_toplevel(args: Args<'_>, cx: &mut Context) -> Result<(), Throw> {
    let symbol = Symbol::from_lisp(args.root(0).get(cx), cx)?;
    let symbol = indirect_variable(symbol, cx)?;
    let specpdl = &Vm::of(cx).specpdl;
    match specpdl.outermost_let(symbol.into(), cx) {
        Some(i) => {
            specpdl.set_word(i, args.root(1).get(cx), cx);
            Ok(())
        }
        None => set_default_internal(args, Operation::Set, cx),
    }
}

/// Return SYMBOL's default value outside of all `let`s.
#[defun]
fn default_toplevel_value<'ob>(symbol: Symbol<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let value = default_toplevel(symbol, cx)?;
    if value == UNBOUND { Err(signal(sym::VOID_VARIABLE, &[symbol.into()], cx)) } else { Ok(value) }
}

/// Set SYMBOL's default value outside of all `let`s to VALUE.
#[defun]
fn set_default_toplevel_value(symbol: Root<'_>, value: Root<'_>, cx: &mut Context) -> CallResult {
    let pushed = cx.push_args([symbol.get(cx), value.get(cx)]);
    cx.enter(pushed, set_default_toplevel)?;
    Ok(cx.ret(NIL))
}

/// Return SYMBOL's value as a dynamic variable, or signal `void-variable`.
#[defun(name = "symbol-value")]
fn lisp_symbol_value<'ob>(symbol: Symbol<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    binding::symbol_value(symbol, cx)
}

/// Return SYMBOL's default value, or signal `void-variable`.
#[defun]
fn default_value<'ob>(symbol: Symbol<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let value = binding::default_value(symbol, cx)?;
    if value == UNBOUND { Err(signal(sym::VOID_VARIABLE, &[symbol.into()], cx)) } else { Ok(value) }
}

/// Return t if SYMBOL's value is not void.
#[defun]
fn boundp(symbol: Symbol<'_>, cx: &Context) -> Result<bool, Throw> {
    Ok(find_symbol_value(symbol, cx)? != UNBOUND)
}

/// Return t if SYMBOL has a default value.
#[defun]
fn default_boundp(symbol: Symbol<'_>, cx: &Context) -> Result<bool, Throw> {
    Ok(binding::default_value(symbol, cx)? != UNBOUND)
}

/// Set SYMBOL's value to NEWVAL and return that.
#[defun]
fn set(symbol: Root<'_>, newval: Root<'_>, cx: &mut Context) -> CallResult {
    let pushed = cx.push_args([symbol.get(cx), newval.get(cx)]);
    cx.enter(pushed, |pair, cx| set_internal(pair, Operation::Set, cx))?;
    Ok(cx.ret(newval.get(cx)))
}

/// Set SYMBOL's default value to VALUE and return that.
#[defun]
fn set_default(symbol: Root<'_>, value: Root<'_>, cx: &mut Context) -> CallResult {
    let pushed = cx.push_args([symbol.get(cx), value.get(cx)]);
    cx.enter(pushed, |pair, cx| set_default_internal(pair, Operation::Set, cx))?;
    Ok(cx.ret(value.get(cx)))
}

/// Make SYMBOL's value void and return SYMBOL.
#[defun]
fn makunbound(symbol: Root<'_>, cx: &mut Context) -> CallResult {
    let object = Symbol::from_lisp(symbol.get(cx), cx)?;
    if object.write(cx) == Write::Constant {
        return Err(signal(sym::SETTING_CONSTANT, &[object.into()], cx));
    }
    let pushed = cx.push_args([object.into(), UNBOUND]);
    cx.enter(pushed, |pair, cx| set_internal(pair, Operation::Makunbound, cx))?;
    Ok(cx.ret(symbol.get(cx)))
}

/// Return the variable at the end of OBJECT's chain of aliases; what is no symbol is returned unchanged.
#[defun(name = "indirect-variable")]
fn lisp_indirect_variable<'ob>(object: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    match object.as_symbol() {
        Some(symbol) => Ok(indirect_variable(symbol, cx)?.into()),
        None => Ok(object),
    }
}

/// Make NEW-ALIAS a variable that is BASE-VARIABLE by another name, and return BASE-VARIABLE.
/// DOCSTRING documents the alias.
#[defun(min = 2)]
fn defvaralias(new_alias: Root<'_>, base_variable: Root<'_>, docstring: Root<'_>, cx: &mut Context) -> CallResult {
    let (alias, base) = (Symbol::from_lisp(new_alias.get(cx), cx)?, Symbol::from_lisp(base_variable.get(cx), cx)?);
    if alias.write(cx) == Write::Constant {
        return Err(error::error("Cannot make a constant an alias", cx));
    }
    if alias.redirect(cx) == Redirect::Forwarded {
        return Err(error::error("Cannot make an internal variable an alias", cx));
    }
    if alias.redirect(cx) == Redirect::Localized {
        return Err(error::error("Don\u{2019}t know how to make a localized variable an alias", cx));
    }
    if Vm::of(cx).specpdl.is_bound(alias.into(), cx) {
        return Err(error::error("Don\u{2019}t know how to make a let-bound variable an alias", cx));
    }
    let old = if alias.redirect(cx) == Redirect::Plain { alias.value(cx) } else { UNBOUND };
    let base_value = if base.redirect(cx) == Redirect::Alias { NIL } else { find_symbol_value(base, cx)? };
    if base_value == UNBOUND {
        let pushed = cx.push_args([base.into(), old]);
        cx.enter(pushed, |pair, cx| set_internal(pair, Operation::Let, cx))?;
    } else if old != UNBOUND && base_value != UNBOUND && old != base_value {
        warn_overwritten(new_alias, base_variable, cx)?;
    }
    let (alias, base) = (Symbol::from_lisp(new_alias.get(cx), cx)?, Symbol::from_lisp(base_variable.get(cx), cx)?);
    if alias.write(cx) == Write::Watched {
        let pushed = cx.push_args([alias.into(), base.into()]);
        cx.enter(pushed, |pair, cx| notify(pair, Operation::Defvaralias, cx))?;
    }
    let (alias, base) = (Symbol::from_lisp(new_alias.get(cx), cx)?, Symbol::from_lisp(base_variable.get(cx), cx)?);
    alias.set_special(true, cx);
    base.set_special(true, cx);
    alias.set_redirect(Redirect::Alias, cx);
    alias.set_value(base.into(), cx);
    alias.set_write(base.write(cx), cx);
    note_definition(alias, cx);
    plist_put(alias, sym::VARIABLE_DOCUMENTATION, docstring.get(cx), cx);
    Ok(cx.ret(base_variable.get(cx)))
}

/// The alias had a value of its own, which is lost: say so, if the runtime can show messages.
fn warn_overwritten(alias: Root<'_>, base: Root<'_>, cx: &mut Context) -> Result<(), Throw> {
    if sym::MESSAGE.as_symbol().is_none_or(|s| s.function(cx).is_nil()) {
        return Ok(());
    }
    let text = cx.string_from_str("Warning (defvaralias): Overwriting value of `%s' by aliasing to `%s'");
    crate::funcall!(cx, sym::MESSAGE, text.into(), alias.get(cx), base.get(cx)).map(|_| ())
}

/// Have WATCH-FUNCTION called before SYMBOL's variable changes, with the symbol, the new value, the operation (`set`,
/// `let`, `unlet`, `makunbound`, `defvaralias`) and the buffer, nil.
#[defun]
fn add_variable_watcher<'ob>(symbol: Symbol<'ob>, watch_function: Object<'ob>, cx: &'ob Context) -> Result<(), Throw> {
    let base = indirect_variable(symbol, cx)?;
    if base.write(cx) == Write::Constant {
        return Err(signal(sym::TRAPPING_CONSTANT, &[base.into()], cx));
    }
    set_trap(base, Write::Watched, cx);
    let watchers = plist_get(base, sym::WATCHERS, cx);
    if !tails(watchers).any(|c| c.car() == watch_function) {
        let list = cx.cons(watch_function, watchers).into();
        plist_put(base, sym::WATCHERS, list, cx);
    }
    Ok(())
}

/// No longer call WATCH-FUNCTION before SYMBOL's variable changes.
#[defun]
fn remove_variable_watcher<'ob>(
    symbol: Symbol<'ob>,
    watch_function: Object<'ob>,
    cx: &'ob Context,
) -> Result<(), Throw> {
    let base = indirect_variable(symbol, cx)?;
    let watchers = plist_get(base, sym::WATCHERS, cx);
    let left: Vec<Object<'_>> = tails(watchers).map(|c| c.car()).filter(|&f| f != watch_function).collect();
    if left.is_empty() {
        match base.write(cx) {
            Write::Constant => return Err(signal(sym::TRAPPING_CONSTANT, &[base.into()], cx)),
            _ => set_trap(base, Write::Untrapped, cx),
        }
    }
    plist_put(base, sym::WATCHERS, cx.list(&left), cx);
    Ok(())
}

/// Trap stores to a variable, by whatever name.
fn set_trap(base: Symbol<'_>, write: Write, cx: &Context) {
    base.set_write(write, cx);
    for symbol in cx.obarray_symbols() {
        if symbol.redirect(cx) == Redirect::Alias && indirect_variable(symbol, cx).is_ok_and(|s| s == base) {
            symbol.set_write(write, cx);
        }
    }
}

/// Return the list of functions that watch SYMBOL's variable.
#[defun]
fn get_variable_watchers<'ob>(symbol: Symbol<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let base = indirect_variable(symbol, cx)?;
    Ok(if base.write(cx) == Write::Watched { plist_get(base, sym::WATCHERS, cx) } else { NIL })
}

/// The primitives of variables.
pub(crate) const SUBRS: &[SubrInfo] = &subrs![
    defvar,
    defconst,
    define_uninitialized,
    internal_make_var_non_special,
    special_variable_p,
    default_toplevel_value,
    set_default_toplevel_value,
    lisp_symbol_value,
    default_value,
    boundp,
    default_boundp,
    set,
    set_default,
    makunbound,
    lisp_indirect_variable,
    defvaralias,
    add_variable_watcher,
    remove_variable_watcher,
    get_variable_watchers,
];
