//! `signal`, `throw`, and what happens before a signal unwinds: `signal-hook-function` and the debugger.

use crate::binding::find_symbol_value;
use crate::convert::FromLisp;
use crate::error::wrong_type;
use crate::handler::{self, memq};
use crate::specpdl::{mark, record_cleanup, unbind_to};
use crate::state::Vm;
use crate::sym;
use crate::tails::tails;
use crate::variable::Forward;
use tenure_gc::{Args, CallResult, Context, NIL, Object, Pushed, Ret, Root, SubrInfo, Symbol, T, Throw, UNBOUND};
use tenure_macros::{defun, subrs};

/// The value of a variable of Lisp that native code asks for; nil if it has none.
pub(crate) fn variable<'ob>(symbol: Object<'static>, cx: &'ob Context) -> Object<'ob> {
    let Some(symbol) = symbol.as_symbol() else { return NIL };
    match find_symbol_value(symbol, cx) {
        Ok(value) if value != UNBOUND => value,
        Ok(_) => NIL,
        Err(throw) => {
            cx.caught(throw);
            NIL
        }
    }
}

/// Signal the condition ERROR-SYMBOL with DATA; never returns.
/// If ERROR-SYMBOL is nil, DATA is a whole error object, condition and data.
#[defun]
fn signal(error_symbol: Root<'_>, data: Root<'_>, cx: &mut Context) -> CallResult {
    let (condition, object) = (error_symbol.get(cx), data.get(cx));
    if condition.is_nil() && object.is_nil() {
        return Err(cx.signal(sym::ERROR, NIL));
    }
    let real = match object.as_cons() {
        _ if !condition.is_nil() => condition,
        Some(object) => object.car(),
        None => return Err(wrong_type(sym::LISTP, object, cx)),
    };
    Symbol::from_lisp(real, cx)?;
    Err(cx.signal(condition, object))
}

/// Leave the innermost `catch` for TAG with VALUE, or signal `no-catch`.
#[defun]
fn throw(tag: Root<'_>, value: Root<'_>, cx: &mut Context) -> CallResult {
    Err(handler::throw_to(tag.get(cx), value.get(cx), cx))
}

/// Let something run although a limit is nearly reached.
fn ensure_room(limit: &std::cell::Cell<i64>, used: i64, more: i64) {
    limit.set(limit.get().max(used.saturating_add(more)));
}

/// Call `signal-hook-function`, if there is one.
pub(crate) fn call_signal_hook(condition: Root<'_>, data: Root<'_>, cx: &mut Context) -> Result<(), Throw> {
    let hook = variable(sym::SIGNAL_HOOK_FUNCTION, cx);
    if hook.is_nil() || condition.get(cx) == sym::MEMORY_FULL {
        return Ok(());
    }
    let vm = Vm::of(cx);
    ensure_room(&vm.max_depth, vm.depth.get(), 20);
    ensure_room(&vm.max_specpdl, vm.specpdl.len() as i64, 40);
    crate::funcall!(cx, hook, condition.get(cx), data.get(cx)).map(|_| ())
}

/// Call the debugger for a signal if the user wants that.  `clause` is nil if nobody handles it, `t` if native code
/// does, `error` if a top level does, else the conditions of the handler.
pub(crate) fn maybe_call(
    condition: Root<'_>,
    data: Root<'_>,
    conditions: Root<'_>,
    clause: Root<'_>,
    cx: &mut Context,
) -> Result<(), Throw> {
    let clause = clause.get(cx);
    let unhandled = clause.is_nil() || clause == sym::ERROR;
    if !(unhandled || !variable(sym::DEBUG_ON_SIGNAL, cx).is_nil() || memq(sym::DEBUG, clause)) {
        return Ok(());
    }
    let vm = Vm::of(cx);
    let wanted = if condition.get(cx) == sym::QUIT {
        vm.flags.debug_on_quit.get()
    } else {
        wants_debugger(variable(sym::DEBUG_ON_ERROR, cx), conditions.get(cx))
    };
    let fresh = vm.flags.when_entered_debugger.get() < vm.flags.num_nonmacro_input_events.get();
    let inhibited = !variable(sym::INHIBIT_DEBUGGER, cx).is_nil();
    let batch = vm.flags.backtrace_on_error_noninteractive.get() && !variable(sym::NONINTERACTIVE, cx).is_nil();
    if wanted && fresh && !inhibited && !is_ignored(condition, data, conditions, cx)? {
        let object = cx.cons(condition.get(cx), data.get(cx)).into();
        let call = cx.push_args([variable(sym::DEBUGGER, cx), sym::ERROR, object]);
        return call_debugger(call, cx).map(|_| ());
    }
    let early = sym::DEBUG_EARLY.as_symbol().is_some_and(|s| !s.function(cx).is_nil());
    if unhandled && batch && early && !inhibited {
        let object = cx.cons(condition.get(cx), data.get(cx)).into();
        let call = cx.push_args([sym::DEBUG_EARLY, sym::ERROR, object]);
        call_debugger(call, cx)?.get(cx);
        if Vm::of(cx).flags.exit_when_unhandled.get() {
            let call = cx.push_args([cx.intern("kill-emacs").into(), Object::fixnum(-1)]);
            call_debugger(call, cx)?.get(cx);
        }
    }
    Ok(())
}

/// From now on a signal that nobody handles ends the process where it is raised, once the backtrace is shown: nothing is
/// unwound, as in Emacs's batch mode.
pub fn exit_when_unhandled(cx: &Context) {
    Vm::of(cx).flags.exit_when_unhandled.set(true);
}

/// Whether a list of conditions asks for the debugger: `t`, or one that the signal has.
fn wants_debugger(list: Object<'_>, conditions: Object<'_>) -> bool {
    if list.as_cons().is_none() {
        return !list.is_nil();
    }
    tails(list).any(|cell| memq(cell.car(), conditions))
}

/// Whether `debug-ignored-errors` names the signal, by a condition or by a regexp for its message.
fn is_ignored(condition: Root<'_>, data: Root<'_>, conditions: Root<'_>, cx: &mut Context) -> Result<bool, Throw> {
    let scope = cx.scope();
    let rest = scope.root(variable(sym::DEBUG_IGNORED_ERRORS, cx));
    let message = scope.root(NIL);
    while let Some(cell) = rest.get(cx).as_cons() {
        rest.set(cx, cell.cdr());
        let pattern = cell.car();
        if pattern.as_string().is_none() {
            if memq(pattern, conditions.get(cx)) {
                return Ok(true);
            }
            continue;
        }
        let (describe, matches) = (cx.intern("error-message-string"), cx.intern("string-match"));
        if describe.function(cx).is_nil() || matches.function(cx).is_nil() {
            continue;
        }
        let pattern = scope.root(pattern);
        if message.get(cx).is_nil() {
            let object = cx.cons(condition.get(cx), data.get(cx)).into();
            let text = crate::funcall!(cx, cx.intern("error-message-string").into(), object)?.get(cx);
            message.set(cx, text);
        }
        let matches = cx.intern("string-match").into();
        if !crate::funcall!(cx, matches, pattern.get(cx), message.get(cx))?.get(cx).is_nil() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What Emacs binds while the debugger runs.
const DEBUGGER_BINDINGS: [(Object<'static>, Object<'static>); 4] = [
    (sym::DEBUGGER_MAY_CONTINUE, T),
    (sym::INHIBIT_REDISPLAY, NIL),
    (sym::INHIBIT_DEBUGGER, T),
    (sym::INHIBIT_CHANGING_MATCH_DATA, NIL),
];

/// Call the debugger: the pushed words are it and its arguments.
pub(crate) fn call_debugger(call: Pushed, cx: &mut Context) -> CallResult {
    cx.enter(call, |call, cx| {
        let vm = Vm::of(cx);
        let start = mark(cx);
        let old = cx.cons(Object::fixnum(vm.max_depth.get()), Object::fixnum(vm.max_specpdl.get()));
        ensure_room(&vm.max_depth, vm.depth.get(), 100);
        ensure_room(&vm.max_specpdl, vm.specpdl.len() as i64, 200);
        record_cleanup(restore_limits, old.into(), cx);
        vm.flags.debug_on_next_call.set(false);
        vm.flags.when_entered_debugger.set(vm.flags.num_nonmacro_input_events.get());
        let result = bind_and_call(call, cx).map_err(|throw| handler::raise(throw, cx));
        unbind_to(start, result, cx)
    })
}

fn bind_and_call(call: Args<'_>, cx: &mut Context) -> CallResult {
    for (symbol, value) in DEBUGGER_BINDINGS {
        crate::specbind!(cx, symbol, value)?;
    }
    let base = cx.stack_len();
    let given = call.slots(cx);
    given.iter().for_each(|v| cx.push(v));
    let result = super::funcall_args(cx.window(base, call.len()), cx);
    cx.truncate_stack(base);
    result
}

/// Leaving the debugger: the limits that were there before, but never below what is in use.
fn restore_limits(old: Root<'_>, cx: &mut Context) -> Result<(), Throw> {
    let vm = Vm::of(cx);
    if let Some(old) = old.get(cx).as_cons() {
        old.car().as_fixnum().into_iter().for_each(|n| vm.max_depth.set(n));
        old.cdr().as_fixnum().into_iter().for_each(|n| vm.max_specpdl.set(n));
    }
    Ok(())
}

/// `debug-on-next-call`: the debugger is entered before the innermost frame runs, and again when it exits.
#[inline(always)]
pub(crate) fn on_next_call(code: Object<'static>, cx: &mut Context) -> Result<(), Throw> {
    if Vm::of(cx).flags.debug_on_next_call.get() { enter_for_call(code, cx) } else { Ok(()) }
}

#[cold]
fn enter_for_call(code: Object<'static>, cx: &mut Context) -> Result<(), Throw> {
    let vm = Vm::of(cx);
    vm.flags.debug_on_next_call.set(false);
    vm.specpdl.set_debug_on_exit(vm.specpdl.len() - 1, true);
    let call = cx.push_args([variable(sym::DEBUGGER, cx), code]);
    call_debugger(call, cx).map(|_| ())
}

/// A frame exits with a value: the debugger may replace it.
#[inline(always)]
pub(crate) fn on_exit(frame: usize, ret: Ret, cx: &mut Context) -> CallResult {
    if Vm::of(cx).specpdl.debug_on_exit(frame) { enter_on_exit(ret, cx) } else { Ok(ret) }
}

#[cold]
fn enter_on_exit(ret: Ret, cx: &mut Context) -> CallResult {
    let call = cx.push_args([variable(sym::DEBUGGER, cx), sym::EXIT, ret.get(cx)]);
    call_debugger(call, cx).map_err(|throw| handler::raise(throw, cx))
}

/// A native boolean variable's pair of functions.
macro_rules! flag {
    ($name:literal, $field:ident) => {
        Forward {
            name: $name,
            get: |cx| crate::state::lisp_bool(&Vm::of(cx).flags.$field),
            set: |value, cx| {
                Vm::of(cx).flags.$field.set(!value.is_nil());
                Ok(())
            },
        }
    };
}
pub(crate) use flag;

/// A native integer variable's pair of functions.
macro_rules! counter {
    ($name:literal, $($field:ident).+) => {
        Forward {
            name: $name,
            get: |cx| crate::number::integer(Vm::of(cx).$($field).+.get(), cx),
            set: |value, cx| {
                let n = crate::variable::intmax(value, cx)?;
                Vm::of(cx).$($field).+.set(n);
                Ok(())
            },
        }
    };
}
pub(crate) use counter;

/// The native variables of the evaluator.
pub(crate) const VARIABLES: &[Forward] = &[
    counter!("max-lisp-eval-depth", max_depth),
    counter!("max-specpdl-size", max_specpdl),
    counter!("internal-when-entered-debugger", flags.when_entered_debugger),
    counter!("num-nonmacro-input-events", flags.num_nonmacro_input_events),
    flag!("debug-on-next-call", debug_on_next_call),
    flag!("debug-on-quit", debug_on_quit),
    flag!("backtrace-on-error-noninteractive", backtrace_on_error_noninteractive),
];

/// Variables of Lisp that the evaluator reads, with their first values.
pub(crate) const LISP_VARIABLES: &[(&str, Object<'static>)] = &[
    ("debug-on-error", NIL),
    ("debug-on-signal", NIL),
    ("debug-ignored-errors", NIL),
    ("debugger", sym::DEBUG),
    ("debugger-may-continue", T),
    ("debugger-stack-frame-as-list", NIL),
    ("inhibit-debugger", NIL),
    ("inhibit-redisplay", NIL),
    ("inhibit-changing-match-data", NIL),
    ("signal-hook-function", NIL),
    ("lexical-binding", NIL),
];

/// Primitives of non-local exits.
pub(crate) const SUBRS: &[SubrInfo] = &subrs![signal, throw];
