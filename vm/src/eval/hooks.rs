//! Hooks: variables whose value is a function or a list of functions.  In a list, `t` stands for the default value of
//! the hook, which without buffers is the hook itself; there it is skipped.

use crate::binding::find_symbol_value;
use crate::convert::FromLisp;
use crate::sym;
use tenure_gc::{Args, CallResult, Context, NIL, Object, Root, SubrInfo, Symbol, T, Throw, UNBOUND};
use tenure_macros::{defun, subrs};

/// When a run of a hook ends early.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Until {
    End,
    Success,
    Failure,
}

/// Call the functions of the hook in word 0 of a window on the other words, by `call`.
fn run(args: Args<'_>, until: Until, wrapped: bool, cx: &mut Context) -> CallResult {
    let symbol = Symbol::from_lisp(args.root(0).get(cx), cx)?;
    let value = find_symbol_value(symbol, cx)?;
    let nothing = if until == Until::Failure { T } else { NIL };
    if value == UNBOUND || value.is_nil() {
        return Ok(cx.ret(nothing));
    }
    let scope = cx.scope();
    let rest = scope.root(value);
    let is_list = |v: Object<'_>| v.as_cons().is_some_and(|c| c.car() != sym::LAMBDA && c.car() != sym::CLOSURE);
    if !is_list(value) {
        return call(rest, args, wrapped, cx);
    }
    let globals = scope.root(NIL);
    let mut last = cx.ret(nothing);
    while let Some(cell) = rest.get(cx).as_cons() {
        rest.set(cx, cell.cdr());
        if cell.car() == T {
            let default = find_symbol_value(Symbol::from_lisp(args.root(0).get(cx), cx)?, cx)?;
            if default == UNBOUND || default.is_nil() {
                continue;
            }
            globals.set(cx, if is_list(default) { default } else { cx.list(&[default]) });
            while let Some(cell) = globals.get(cx).as_cons() {
                globals.set(cx, cell.cdr());
                if cell.car() != T {
                    let inner = cx.scope();
                    let function = inner.root(cell.car());
                    last = call(function, args, wrapped, cx)?;
                    let value = last.get(cx);
                    last = cx.ret(value);
                    if ends(value, until) {
                        return Ok(last);
                    }
                }
            }
            continue;
        }
        let inner = cx.scope();
        let function = inner.root(cell.car());
        let value = call(function, args, wrapped, cx)?.get(cx);
        last = cx.ret(value);
        if ends(value, until) {
            return Ok(last);
        }
    }
    Ok(last)
}

fn ends(value: Object<'_>, until: Until) -> bool {
    match until {
        Until::End => false,
        Until::Success => !value.is_nil(),
        Until::Failure => value.is_nil(),
    }
}

/// Call one function of a hook; `wrapped`, word 1 of the window is what is called, with the function first.
fn call(function: Root<'_>, args: Args<'_>, wrapped: bool, cx: &mut Context) -> CallResult {
    if !cx.stack_has_room(args.len() + super::LEVEL_WORDS) {
        return Err(crate::error::error(super::TOO_DEEP, cx));
    }
    let base = cx.stack_len();
    let slots = args.slots(cx);
    if wrapped {
        cx.push(slots.get(1));
    }
    cx.push(function.get(cx));
    slots.from(if wrapped { 2 } else { 1 }).iter().for_each(|v| cx.push(v));
    let result = super::funcall_args(cx.window(base, cx.stack_len() - base), cx);
    cx.truncate_stack(base);
    result
}

/// Run each hook in HOOKS, symbols, without arguments.
#[defun]
fn run_hooks(hooks: Args<'_>, cx: &mut Context) -> CallResult {
    for i in 0..hooks.len() {
        let pushed = cx.push_args([hooks.root(i).get(cx)]);
        cx.enter(pushed, |hook, cx| run(hook, Until::End, false, cx))?.get(cx);
    }
    Ok(cx.ret(NIL))
}

/// Run one hook without arguments, from native code.
pub fn run_hook(hook: Object<'static>, cx: &mut Context) -> Result<(), Throw> {
    let pushed = cx.push_args([hook]);
    cx.enter(pushed, |hook, cx| run(hook, Until::End, false, cx)).map(|_| ())
}

/// Run HOOK, a symbol, with arguments; return nil.
#[defun(min = 1)]
fn run_hook_with_args(args: Args<'_>, cx: &mut Context) -> CallResult {
    run(args, Until::End, false, cx)?.get(cx);
    Ok(cx.ret(NIL))
}

/// Run HOOK, a symbol, with arguments, until a function returns something else than nil; return that.
#[defun(min = 1)]
fn run_hook_with_args_until_success(args: Args<'_>, cx: &mut Context) -> CallResult {
    run(args, Until::Success, false, cx)
}

/// Run HOOK, a symbol, with arguments, until a function returns nil; return nil then, else t.
#[defun(min = 1)]
fn run_hook_with_args_until_failure(args: Args<'_>, cx: &mut Context) -> CallResult {
    let result = run(args, Until::Failure, false, cx)?.get(cx);
    Ok(cx.ret(Object::bool(!result.is_nil())))
}

/// Run HOOK, a symbol, passing each function through WRAP-FUNCTION, until that returns something else than nil.
#[defun(min = 2)]
fn run_hook_wrapped(args: Args<'_>, cx: &mut Context) -> CallResult {
    run(args, Until::Success, true, cx)
}

/// The primitives of hooks.
pub(crate) const SUBRS: &[SubrInfo] = &subrs![
    run_hooks,
    run_hook_with_args,
    run_hook_with_args_until_success,
    run_hook_with_args_until_failure,
    run_hook_wrapped,
];
