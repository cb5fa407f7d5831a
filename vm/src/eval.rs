//! The evaluator: forms, calls, and the points where a collection may happen (Emacs's `eval.c`).
//!
//! A form that is being evaluated lies on the Lisp stack, then its evaluated arguments; the frame in the binding stack
//! says where.  Evaluation recurses on the native stack, so each level checks `max-lisp-eval-depth`, the Lisp stack and
//! the native stack, and the one that is short gives a Lisp error.
//!
//! - [`forms`] has the special forms, [`lambda`] interpreted functions, [`variables`] what declares variables.
//! - [`prepared`] has what interpreted functions are turned into when they are called again.
//! - [`macros`] expands macros and loads what is autoloaded; [`hooks`] runs hooks.
//! - [`debugger`] is asked before a signal unwinds; [`backtrace`] shows the frames.

pub mod backtrace;
pub mod debugger;
pub mod forms;
pub mod functions;
pub mod hooks;
pub mod lambda;
pub mod macros;
pub(crate) mod prepared;
pub mod variables;

use crate::error::{self, signal};
use crate::handler;
use crate::specpdl::{self, Frame, mark, unbind_to};
use crate::state::Vm;
use crate::tails::tails;
use crate::{alloc, binding, bytecode, sym};
use tenure_gc::{
    Args, CallResult, Cons, Context, Kind, LispResult, MaxArgs, NIL, Object, Pushed, Redirect, Ret, Root, Subr,
    SubrInfo, Symbol, T, Throw, UNBOUND,
};
use tenure_macros::{defun, subrs};

/// Words of the Lisp stack that one level of evaluation takes at most, arguments aside.
pub(crate) const LEVEL_WORDS: usize = 64;
/// The message of an evaluation that nests too deep.
pub const TOO_DEEP: &str = "Lisp nesting exceeds ‘max-lisp-eval-depth’";

/// A safepoint: a collection if one is due, with the finalizers and the hook that follow it; a heap that stays full and a
/// quit become signals here.
#[inline(always)]
pub fn poll(cx: &mut Context) -> Result<(), Throw> {
    if cx.is_pending() || cx.config().stress != 0 { alloc::poll_slow(cx) } else { Ok(()) }
}

/// Whether the program was asked to quit and may: for long native loops.
pub fn is_quitting(cx: &Context) -> bool {
    use crate::state::register::{INHIBIT_QUIT, QUIT_FLAG};
    let registers = &Vm::of(cx).registers;
    !registers.get(cx, QUIT_FLAG).is_nil() && registers.get(cx, INHIBIT_QUIT).is_nil()
}

/// The signal `quit`, after which the program is no longer asked to.
pub fn quit(cx: &Context) -> Throw {
    Vm::of(cx).registers.set(cx, crate::state::register::QUIT_FLAG, NIL);
    signal(sym::QUIT, &[], cx)
}

/// The lexical environment in force, an alist as in Emacs; nil under dynamic binding.
#[inline(always)]
pub fn environment(cx: &Context) -> Object<'_> {
    cx.environment()
}

/// Change the lexical environment in force.
#[inline(always)]
pub(crate) fn set_environment(env: Object<'_>, cx: &Context) {
    cx.set_environment(env);
}

/// Take the lexical environment `env` until the enclosing `unbind_to`.
#[inline(always)]
pub(crate) fn bind_environment(env: Object<'_>, cx: &Context) {
    // While a prepared function has not made its environment, the one in force is that of a function around it.
    let vm = Vm::of(cx);
    if env != environment(cx) || vm.prepared.keeps_variables() {
        vm.specpdl.push_environment(environment(cx), cx);
        set_environment(env, cx);
    }
}

/// Run native code one level deeper, or signal that evaluation nests too deep: for native recursion on Lisp data.
pub fn with_depth<R>(cx: &mut Context, f: impl FnOnce(&mut Context) -> Result<R, Throw>) -> Result<R, Throw> {
    enter_level(Vm::of(cx), cx)?;
    let result = f(cx);
    leave_level(Vm::of(cx));
    result
}

/// Signal that evaluation nests too deep if the native stack is nearly full: for native recursion on Lisp data in code
/// that cannot collect.
#[inline]
pub fn check_native_room(cx: &Context) -> Result<(), Throw> {
    if Vm::of(cx).native_room() { Ok(()) } else { Err(error::error(TOO_DEEP, cx)) }
}

/// How many levels deeper evaluation may go.
pub fn depth_left(cx: &Context) -> i64 {
    let vm = Vm::of(cx);
    vm.max_depth.get() - vm.depth.get()
}

#[inline(always)]
fn enter_level(vm: &Vm, cx: &Context) -> Result<(), Throw> {
    let depth = vm.depth.get() + 1;
    if depth > vm.max_depth.get() || !vm.native_room() || !cx.stack_has_room(LEVEL_WORDS) {
        too_deep(vm, depth, cx)?;
    }
    vm.depth.set(depth);
    Ok(())
}

#[cold]
fn too_deep(vm: &Vm, depth: i64, cx: &Context) -> Result<(), Throw> {
    const LEAST: i64 = 100;
    vm.max_depth.set(vm.max_depth.get().max(LEAST));
    if depth > vm.max_depth.get() || !vm.native_room() || !cx.stack_has_room(LEVEL_WORDS) {
        return Err(error::error(TOO_DEEP, cx));
    }
    Ok(())
}

#[inline(always)]
pub(crate) fn leave_level(vm: &Vm) {
    vm.depth.set(vm.depth.get() - 1);
}

/// A form that evaluation has begun with.
pub(crate) enum Begun {
    /// Its value is in the return register.
    Done(Ret),
    /// It is a list, at this word of the Lisp stack.
    Form(usize),
    /// It was a leaf that signalled; its function and arguments are at the end of the Lisp stack, from this word.
    Failed(usize, Throw),
}

/// Begin with a form: symbols, constants and leaves have their value at once, other lists go on the Lisp stack.
#[inline(always)]
pub(crate) fn begin(form: Object<'_>, cx: &Context) -> Result<Begun, Throw> {
    match form.untag() {
        Kind::Cons(cell) => match eval_leaf(cell, cx) {
            Some(begun) => Ok(begun),
            None => {
                let base = cx.stack_len();
                cx.push(form);
                Ok(Begun::Form(base))
            }
        },
        Kind::Symbol(symbol) => Ok(Begun::Done(cx.ret(variable_value(symbol, cx)?))),
        _ => Ok(Begun::Done(cx.ret(form))),
    }
}

/// The value of a leaf: a call of a primitive that cannot collect, on one or two arguments that are no lists.
///
/// Nothing of it can be seen from outside, so it needs neither frame nor root, and half of the forms of a program are
/// leaves.  Whatever is out of the ordinary (a safepoint is due, a limit is reached, the debugger waits, a variable is
/// void) is left to the general path.
fn eval_leaf(form: Cons<'_>, cx: &Context) -> Option<Begun> {
    let head = form.car();
    let subr = head.as_symbol()?.function(cx).as_subr()?;
    let first = form.cdr().as_cons()?;
    let rest = first.cdr();
    let vm = Vm::of(cx);
    if cx.is_pending() || cx.config().stress != 0 || !vm.may_go_deeper() || vm.flags.debug_on_next_call.get() {
        return None;
    }
    let info = subr.info(cx);
    match info.function {
        Subr::Pure1(f) if rest.is_nil() => {
            let a = atom_value(first.car(), cx)?;
            Some(match f(a, cx) {
                Ok(v) => Begun::Done(cx.ret(v)),
                Err(throw) => failed(&[head, a], throw, cx),
            })
        }
        Subr::Pure2(f) => {
            let second = rest.as_cons()?;
            if !second.cdr().is_nil() {
                return None;
            }
            let (a, b) = (atom_value(first.car(), cx)?, atom_value(second.car(), cx)?);
            Some(match f(a, b, cx) {
                Ok(v) => Begun::Done(cx.ret(v)),
                Err(throw) => failed(&[head, a, b], throw, cx),
            })
        }
        Subr::PureMany(f) if info.max == MaxArgs::Many && info.min <= 2 => {
            let second = rest.as_cons()?;
            if !second.cdr().is_nil() {
                return None;
            }
            let (a, b) = (atom_value(first.car(), cx)?, atom_value(second.car(), cx)?);
            let base = cx.stack_len();
            cx.push(a);
            cx.push(b);
            let result = f(cx.window(base, 2).slots(cx), cx);
            cx.truncate_stack(base);
            Some(match result {
                Ok(v) => Begun::Done(cx.ret(v)),
                Err(throw) => failed(&[head, a, b], throw, cx),
            })
        }
        Subr::Special(_) if head == sym::QUOTE && rest.is_nil() && info.name == "quote" => {
            Some(Begun::Done(cx.ret(first.car())))
        }
        _ => None,
    }
}

/// The value of a form that is no list.
#[inline(always)]
fn atom_value<'ob>(form: Object<'ob>, cx: &'ob Context) -> Option<Object<'ob>> {
    match form.untag() {
        Kind::Cons(_) => None,
        Kind::Symbol(symbol) => match lexical_cell(form, cx) {
            Some(cell) => Some(cell.cdr()),
            None if symbol.redirect(cx) == Redirect::Plain => Some(symbol.value(cx)).filter(|&v| v != UNBOUND),
            None => None,
        },
        _ => Some(form),
    }
}

#[cold]
fn failed(call: &[Object<'_>], throw: Throw, cx: &Context) -> Begun {
    let base = cx.stack_len();
    call.iter().for_each(|&v| cx.push(v));
    Begun::Failed(base, throw)
}

/// Give a leaf that signalled the frame that it did without, and look for the signal's handler.
#[cold]
fn raise_in_frame(base: usize, throw: Throw, cx: &mut Context) -> CallResult {
    let vm = Vm::of(cx);
    let frame = vm.specpdl.push_frame(Frame::of_call(base, cx.stack_len() - base - 1));
    let throw = handler::raise(throw, cx);
    Vm::of(cx).specpdl.pop_frame(frame);
    cx.truncate_stack(base);
    Err(throw)
}

/// The value of a variable in the lexical environment, else its dynamic value.
#[inline(always)]
fn variable_value<'ob>(symbol: Symbol<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    match lexical_cell(symbol.into(), cx) {
        Some(cell) => Ok(cell.cdr()),
        None => binding::symbol_value(symbol, cx),
    }
}

/// The cell of a lexical variable.
#[inline(always)]
pub(crate) fn lexical_cell<'ob>(symbol: Object<'_>, cx: &'ob Context) -> Option<Cons<'ob>> {
    tails(environment(cx)).filter_map(|link| link.car().as_cons()).find(|cell| cell.car() == symbol)
}

impl Begun {
    /// Go on to the value.
    #[inline(always)]
    pub(crate) fn finish(self, cx: &mut Context) -> CallResult {
        match self {
            Begun::Done(ret) => Ok(ret),
            Begun::Form(base) => eval_list(base, cx),
            Begun::Failed(base, throw) => raise_in_frame(base, throw, cx),
        }
    }
}

/// Evaluate a form: `eval_form!(cx, form)`, where `form` is read under `&cx`.
macro_rules! eval_form {
    ($cx:expr, $form:expr) => {
        match $crate::eval::begin($form, $cx) {
            Ok(begun) => begun.finish($cx),
            Err(throw) => Err(throw),
        }
    };
}
pub(crate) use eval_form;

/// Evaluate a form in the lexical environment that is in force.
pub fn eval_sub(form: Root<'_>, cx: &mut Context) -> CallResult {
    eval_form!(cx, form.get(cx))
}

/// Evaluate a form as `eval` does: `lexical` is nil for dynamic binding, `t` for lexical binding, or an environment.
pub fn eval(form: Root<'_>, lexical: Root<'_>, cx: &mut Context) -> CallResult {
    let start = mark(cx);
    let env = lexical.get(cx);
    let env = if env.as_cons().is_some() || env.is_nil() { env } else { cx.list(&[T]) };
    bind_environment(env, cx);
    let result = eval_sub(form, cx);
    let result = result.map_err(|throw| handler::raise(throw, cx));
    unbind_to(start, result, cx)
}

/// Evaluate the list at word `base` of the Lisp stack, which is the top; it is popped.
fn eval_list(base: usize, cx: &mut Context) -> CallResult {
    let result = eval_list_framed(base, cx);
    cx.truncate_stack(base);
    result
}

fn eval_list_framed(base: usize, cx: &mut Context) -> CallResult {
    poll(cx)?;
    let frame = begin_level(Frame::of_form(base), cx)?;
    let result = match debugger::on_next_call(T, cx) {
        Ok(()) => eval_call(base, frame, cx),
        Err(throw) => Err(throw),
    };
    end_level(frame, result, cx)
}

/// Go one level deeper, with a frame; gives the frame's place in the binding stack.
#[inline(always)]
pub(crate) fn begin_level(frame: Frame, cx: &Context) -> Result<usize, Throw> {
    begin_level_of(Vm::of(cx), frame, cx)
}

/// The same, with the machine at hand.
#[inline(always)]
fn begin_level_of(vm: &Vm, frame: Frame, cx: &Context) -> Result<usize, Throw> {
    specpdl::check_room(vm, cx)?;
    enter_level(vm, cx)?;
    Ok(vm.specpdl.push_frame(frame))
}

/// Leave a level: a fresh signal looks for its handler while the frame is still there.
#[inline(always)]
pub(crate) fn end_level(frame: usize, result: CallResult, cx: &mut Context) -> CallResult {
    let result = match result {
        Ok(ret) => debugger::on_exit(frame, ret, cx),
        Err(throw) => Err(handler::raise(throw, cx)),
    };
    let vm = Vm::of(cx);
    vm.specpdl.pop_frame(frame);
    leave_level(vm);
    result
}

/// Dispatch the form at word `base`.
fn eval_call(base: usize, frame: usize, cx: &mut Context) -> CallResult {
    loop {
        let form = cx.window(base, 1).slots(cx).get(0);
        let Some(form) = form.as_cons() else { return Ok(cx.ret(form)) };
        let (head, rest) = (form.car(), form.cdr());
        if !(rest.is_nil() || rest.as_cons().is_some()) {
            return Err(error::wrong_type(sym::LISTP, rest, cx));
        }
        let function = match head.untag() {
            Kind::Symbol(symbol) => {
                let function = symbol.function(cx);
                match function.as_symbol() {
                    Some(_) if !function.is_nil() => indirect_function(symbol, cx)?,
                    _ => function,
                }
            }
            _ => forms::function_of(head, cx)?,
        };
        match function.untag() {
            Kind::Subr(subr) => {
                let info = subr.info(cx);
                let n = list_length(rest, cx)?;
                if !arity_fits(&info, n) {
                    return Err(wrong_number(head, n, cx));
                }
                cx.push(rest);
                if let Subr::Special(special) = info.function {
                    let args = cx.window(base + 1, 1);
                    return special(args, cx);
                }
                cx.push(function);
                let n = eval_arguments(base, frame, 0, cx)?;
                return call_subr(&info, base + FIRST_ARGUMENT, n, cx);
            }
            _ if is_lisp_function(function) => {
                list_length(rest, cx)?;
                cx.push(rest);
                cx.push(function);
                let n = eval_arguments(base, frame, 0, cx)?;
                return call_lisp(base, n, cx);
            }
            Kind::ByteCode(_) | Kind::Closure(_) => {
                let pushed = cx.push_args([function]);
                cx.enter(pushed, bytecode::fetch)?.get(cx);
            }
            Kind::Cons(cons) if cons.car() == sym::MACRO => {
                cx.push(rest);
                cx.push(cons.cdr());
                let (expander, rest) = (cx.window(base + 2, 1).root(0), cx.window(base + 1, 1).root(0));
                let expansion = macros::expand_for_eval(expander, rest, cx)?.get(cx);
                return eval_form!(cx, expansion);
            }
            Kind::Cons(cons) if cons.car() == sym::AUTOLOAD => {
                let pushed = cx.push_args([function, head, NIL]);
                cx.enter(pushed, macros::autoload_do_load_args)?.get(cx);
            }
            _ if function.is_nil() => return Err(signal(sym::VOID_FUNCTION, &[head], cx)),
            _ => return Err(signal(sym::INVALID_FUNCTION, &[head], cx)),
        }
    }
}

/// While a call's arguments are evaluated the Lisp stack holds, from `base`: the form, the arguments left, the function,
/// and the values so far.  Afterwards: the form, the function, its name, and the values; the last two are the frame.
const FUNCTION: usize = 1;
const NAME: usize = 2;
const FIRST_ARGUMENT: usize = 3;

/// Evaluate the arguments of the form at `base` that are left, `n` are done; gives their number.
#[inline(always)]
fn eval_arguments(base: usize, frame: usize, n: usize, cx: &mut Context) -> Result<usize, Throw> {
    let left = cx.window(base + 1, 1).root(0);
    let mut n = n;
    while let Some(cell) = left.get(cx).as_cons() {
        left.set(cx, cell.cdr());
        let value = eval_form!(cx, cell.car())?.get(cx);
        cx.push(value);
        n += 1;
        check_argument_room(n, cx)?;
    }
    end_arguments(base, frame, n, cx);
    Ok(n)
}

/// A long argument list takes room that the check at the start did not see.
#[inline(always)]
fn check_argument_room(n: usize, cx: &Context) -> Result<(), Throw> {
    if n.is_multiple_of(LEVEL_WORDS) && !cx.stack_has_room(LEVEL_WORDS) {
        return Err(error::error(TOO_DEEP, cx));
    }
    Ok(())
}

/// The arguments are evaluated, `n` of them: from now on the frame shows them.
#[inline(always)]
fn end_arguments(base: usize, frame: usize, n: usize, cx: &Context) {
    let slots = cx.window(base, FIRST_ARGUMENT).slots(cx);
    slots.set(FUNCTION, slots.get(NAME));
    slots.set(NAME, slots.get(0).as_cons().map_or(NIL, |form| form.car()));
    Vm::of(cx).specpdl.set_evaluated(frame, base + NAME, n);
}

/// Whether an object is an interpreted function or byte code that is in memory.
#[inline(always)]
fn is_lisp_function(function: Object<'_>) -> bool {
    match function.as_cons() {
        Some(cons) => cons.car() == sym::CLOSURE || cons.car() == sym::LAMBDA,
        None => bytecode::is_function(function) && !bytecode::is_lazy(function),
    }
}

/// Call the interpreted function or byte code of the form at `base` on its evaluated arguments.
#[inline(always)]
fn call_lisp(base: usize, n: usize, cx: &mut Context) -> CallResult {
    let function = cx.window(base + FUNCTION, 1).root(0);
    let args = cx.window(base + FIRST_ARGUMENT, n);
    if function.get(cx).as_cons().is_some() {
        return lambda::call(function, args, cx);
    }
    let prepared = bytecode::prepare(function.get(cx), args, cx)?;
    bytecode::call(prepared, args, cx)
}

/// The length of a proper list; `wrong-type-argument` or `circular-list` otherwise.
#[inline(always)]
pub(crate) fn list_length(list: Object<'_>, cx: &Context) -> Result<usize, Throw> {
    let mut walk = tails(list);
    let n = walk.by_ref().count();
    let end = walk.end();
    if end.is_nil() { Ok(n) } else { Err(improper(end, cx)) }
}

#[cold]
fn improper(end: Object<'_>, cx: &Context) -> Throw {
    if end.as_cons().is_some() {
        signal(sym::CIRCULAR_LIST, &[end], cx)
    } else {
        error::wrong_type(sym::LISTP, end, cx)
    }
}

#[inline(always)]
pub(crate) fn arity_fits(info: &SubrInfo, n: usize) -> bool {
    n >= usize::from(info.min)
        && match info.max {
            MaxArgs::Fixed(max) => n <= usize::from(max),
            MaxArgs::Many | MaxArgs::Unevalled => true,
        }
}

#[cold]
pub(crate) fn wrong_number(function: Object<'_>, n: usize, cx: &Context) -> Throw {
    signal(sym::WRONG_NUMBER_OF_ARGUMENTS, &[function, Object::fixnum(n as i64)], cx)
}

/// Call a primitive on the `n` words at `base`, which are the top of the Lisp stack; the arity is known to fit.
#[inline(always)]
fn call_subr(info: &SubrInfo, base: usize, n: usize, cx: &mut Context) -> CallResult {
    call_native(info.function, padded(info, n), base, n, cx)
}

/// How many arguments a primitive wants to see when it is called on `n`: missing ones are nil.
#[inline(always)]
pub(crate) fn padded(info: &SubrInfo, n: usize) -> usize {
    match info.max {
        MaxArgs::Fixed(max) => usize::from(max),
        MaxArgs::Many | MaxArgs::Unevalled => n,
    }
}

/// Call a primitive's native function on the `n` words at `base`, which are the top of the Lisp stack; nil is added until
/// there are as many as it wants.
#[inline(always)]
pub(crate) fn call_native(function: Subr, wanted: usize, base: usize, n: usize, cx: &mut Context) -> CallResult {
    cx.push_nils(wanted - n);
    let args = cx.window(base, wanted);
    let s = args.slots(cx);
    let value = match function {
        Subr::Pure0(f) => f(cx),
        Subr::Pure1(f) => f(s.get(0), cx),
        Subr::Pure2(f) => f(s.get(0), s.get(1), cx),
        Subr::Pure3(f) => f(s.get(0), s.get(1), s.get(2), cx),
        Subr::Pure4(f) => f(s.get(0), s.get(1), s.get(2), s.get(3), cx),
        Subr::PureMany(f) => f(s, cx),
        Subr::Call(f) | Subr::Special(f) => return f(args, cx),
    };
    value.map(|v| cx.ret(v))
}

/// The function that a symbol's function cell leads to, nil if none; `cyclic-function-indirection` if it goes round.
pub fn indirect_function<'ob>(symbol: Symbol<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let (mut tortoise, mut hare) = (symbol, symbol);
    loop {
        for _ in 0..2 {
            let next = hare.function(cx);
            match next.as_symbol() {
                Some(symbol) if !next.is_nil() => hare = symbol,
                _ => return Ok(next),
            }
        }
        tortoise = tortoise.function(cx).as_symbol().unwrap_or(tortoise);
        if tortoise == hare {
            // Emacs has gone a step when it begins to look.
            return Err(signal(sym::CYCLIC_FUNCTION_INDIRECTION, &[symbol.function(cx)], cx));
        }
    }
}

/// Call a function: the pushed words are the function and its arguments.
pub fn funcall(p: Pushed, cx: &mut Context) -> CallResult {
    cx.enter(p, funcall_args)
}

/// Call a Lisp function: `tenure_vm::funcall!(cx, function, a, b)?`.  The values are read under `&cx`, the call runs under
/// `&mut cx`.
#[macro_export]
macro_rules! funcall {
    ($cx:expr, $function:expr $(, $arg:expr)* $(,)?) => {{
        let pushed = $cx.push_args([$function $(, $arg)*]);
        $crate::eval::funcall(pushed, $cx)
    }};
}

/// Call the function in word 0 of a window that is the top of the Lisp stack on the other words.
pub(crate) fn funcall_args(args: Args<'_>, cx: &mut Context) -> CallResult {
    poll(cx)?;
    let frame = begin_level(Frame::of_call(args.base(), args.len() - 1), cx)?;
    let result = match debugger::on_next_call(sym::LAMBDA, cx) {
        Ok(()) => call_function(args, cx),
        Err(throw) => Err(throw),
    };
    end_level(frame, result, cx)
}

fn call_function(args: Args<'_>, cx: &mut Context) -> CallResult {
    let n = args.len() - 1;
    loop {
        let original = args.slots(cx).get(0);
        let function = match original.as_symbol() {
            Some(symbol) if !original.is_nil() => indirect_function(symbol, cx)?,
            _ => original,
        };
        match function.untag() {
            Kind::Subr(subr) => {
                let info = subr.info(cx);
                if !arity_fits(&info, n) {
                    return Err(wrong_number(function, n, cx));
                }
                if matches!(info.function, Subr::Special(_)) {
                    return Err(signal(sym::INVALID_FUNCTION, &[function], cx));
                }
                return call_subr(&info, args.base() + 1, n, cx);
            }
            Kind::Cons(cons) if cons.car() == sym::LAMBDA || cons.car() == sym::CLOSURE => {
                let pushed = cx.push_args([function]);
                return cx.enter(pushed, |function, cx| lambda::call(function.root(0), args.from(1), cx));
            }
            Kind::ByteCode(_) | Kind::Closure(_) if !bytecode::is_lazy(function) => {
                let prepared = bytecode::prepare(function, args.from(1), cx)?;
                return bytecode::call(prepared, args.from(1), cx);
            }
            Kind::ByteCode(_) | Kind::Closure(_) => {
                let pushed = cx.push_args([function]);
                cx.enter(pushed, bytecode::fetch)?.get(cx);
            }
            Kind::Cons(cons) if cons.car() == sym::AUTOLOAD => {
                let pushed = cx.push_args([function, original, NIL]);
                cx.enter(pushed, macros::autoload_do_load_args)?.get(cx);
            }
            _ if function.is_nil() => return Err(signal(sym::VOID_FUNCTION, &[original], cx)),
            _ => return Err(signal(sym::INVALID_FUNCTION, &[original], cx)),
        }
    }
}

/// Call FUNCTION on the remaining arguments and return its value.
#[defun(name = "funcall")]
fn lisp_funcall(function: Root<'_>, arguments: Args<'_>, cx: &mut Context) -> CallResult {
    let args = cx.window(arguments.base() - 1, arguments.len() + 1);
    debug_assert!(args.root(0).get(cx) == function.get(cx));
    funcall_args(args, cx)
}

/// Call FUNCTION on the remaining arguments, the last of which is a list whose elements are arguments too.
/// With no further argument FUNCTION is itself a list of function and arguments.
#[defun(min = 1)]
fn apply(arguments: Args<'_>, cx: &mut Context) -> CallResult {
    let last = arguments.slots(cx).get(arguments.len() - 1);
    let spread = list_length(last, cx)?;
    if !cx.stack_has_room(spread + arguments.len() + LEVEL_WORDS) {
        return Err(error::error(TOO_DEEP, cx));
    }
    let base = cx.stack_len();
    let given = arguments.slots(cx);
    (0..arguments.len() - 1).for_each(|i| cx.push(given.get(i)));
    let mut rest = last;
    while let Some(cell) = rest.as_cons() {
        cx.push(cell.car());
        rest = cell.cdr();
    }
    let n = cx.stack_len() - base;
    if n == 0 {
        return Err(signal(sym::VOID_FUNCTION, &[NIL], cx));
    }
    let result = funcall_args(cx.window(base, n), cx);
    cx.truncate_stack(base);
    result
}

/// Evaluate FORM and return its value.
/// LEXICAL nil means dynamic binding, t lexical binding, and an alist is a lexical environment.
#[defun(name = "eval", min = 1)]
fn lisp_eval(form: Root<'_>, lexical: Root<'_>, cx: &mut Context) -> CallResult {
    eval(form, lexical, cx)
}

/// Return the function that OBJECT is or names, nil if there is none.
/// NOERROR is ignored.
#[defun(name = "indirect-function", min = 1)]
fn lisp_indirect_function<'ob>(object: Object<'ob>, noerror: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let _ = noerror;
    match object.as_symbol() {
        Some(symbol) if !object.is_nil() => indirect_function(symbol, cx),
        _ => Ok(object),
    }
}

/// The primitives of `eval.c`, but for those of the files below.
pub(crate) const SUBRS: &[SubrInfo] = &subrs![lisp_funcall, apply, lisp_eval, lisp_indirect_function];
