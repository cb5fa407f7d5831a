//! Handlers and non-local exits: who catches what, and how a signal finds its handler before anything is undone.
//!
//! A signal raised by native code is *fresh* until [`raise`] has looked for its handler, run `signal-hook-function` and
//! the debugger, and noted the handler it goes to.  After that the `Throw` only travels: each native frame undoes its
//! bindings and passes it on until the handler that was chosen recognises itself.

use crate::error;
use crate::eval::{LEVEL_WORDS, TOO_DEEP, debugger, list_length};
use crate::specpdl::Frame;
use crate::state::Vm;
use crate::sym;
use crate::tails::tails;
use std::cell::{Cell, RefCell};
use tenure_gc::{Args, CallResult, Context, NIL, Object, Pushed, Ret, Root, RootScope, RootVec, Symbol, T, Throw};

/// What a handler takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Takes {
    /// Throws to its tag.
    Tag,
    /// Signals that have one of its conditions.
    Conditions,
    /// Everything.
    All,
}

/// How control is leaving.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exit {
    /// By `signal`: the registers hold the condition and its data; the condition is nil if the data is the error object.
    Signal,
    /// By `throw`: the registers hold the tag and the value.
    Throw,
}

/// The handlers in force, innermost last, and where the pending exit goes.
pub(crate) struct Handlers {
    stack: RefCell<Vec<Takes>>,
    /// The tag or the conditions of each.
    words: RootVec,
    /// The index of the handler that the pending exit goes to; beyond all of them if there is none.
    target: Cell<usize>,
    exit: Cell<Exit>,
}

const NOWHERE: usize = usize::MAX;

impl Handlers {
    pub(crate) fn new(cx: &Context) -> Handlers {
        let stack = RefCell::new(Vec::with_capacity(1 << 8));
        Handlers { stack, words: cx.root_vec(), target: Cell::new(NOWHERE), exit: Cell::new(Exit::Signal) }
    }

    /// Put a handler in force; gives its index.
    #[inline(always)]
    pub(crate) fn push(&self, takes: Takes, word: Object<'_>, cx: &Context) -> usize {
        let mut stack = self.stack.borrow_mut();
        stack.push(takes);
        self.words.push(cx, word);
        stack.len() - 1
    }

    /// Take all handlers from an index on out of force.
    #[inline(always)]
    pub(crate) fn truncate(&self, n: usize) {
        self.stack.borrow_mut().truncate(n);
        self.words.truncate(n);
    }

    /// The index of the handler that the pending exit goes to, beyond all of them if there is none.
    pub(crate) fn target(&self) -> usize {
        self.target.get()
    }

    fn find<'ob>(&self, cx: &'ob Context, mut takes: impl FnMut(Takes, Object<'ob>) -> bool) -> Option<usize> {
        let stack = self.stack.borrow();
        (0..stack.len()).rev().find(|&i| takes(stack[i], self.words.get(cx, i)))
    }
}

/// A result, kept in roots while Lisp runs.
pub(crate) struct PutBy<'s> {
    kind: Result<(), (Exit, usize, bool)>,
    values: [Root<'s>; 2],
}

impl<'s> PutBy<'s> {
    pub(crate) fn new(result: CallResult, scope: &'s RootScope, cx: &Context) -> PutBy<'s> {
        let mut put = PutBy { kind: Ok(()), values: [scope.root(NIL), scope.root(NIL)] };
        put.replace(result, cx);
        put
    }

    /// Put by another result instead.
    pub(crate) fn replace(&mut self, result: CallResult, cx: &Context) {
        let handlers = &Vm::of(cx).handlers;
        let values = match result {
            Ok(ret) => {
                self.kind = Ok(());
                [ret.get(cx), NIL]
            }
            Err(throw) => {
                self.kind = Err((handlers.exit.get(), handlers.target.get(), cx.signal_is_fresh()));
                cx.caught(throw)
            }
        };
        self.values.iter().zip(values).for_each(|(root, v)| root.set(cx, v));
    }

    /// The result again.
    pub(crate) fn take(self, cx: &Context) -> CallResult {
        let [a, b] = self.values.map(|v| v.get(cx));
        match self.kind {
            Ok(()) => Ok(cx.ret(a)),
            Err((exit, target, fresh)) => {
                let throw = cx.signal(a, b);
                if !fresh {
                    settle(exit, target, cx);
                }
                Err(throw)
            }
        }
    }
}

fn settle(exit: Exit, target: usize, cx: &Context) {
    let handlers = &Vm::of(cx).handlers;
    handlers.exit.set(exit);
    handlers.target.set(target);
    cx.settle_signal();
}

/// How the pending exit leaves.
pub fn exit_kind(cx: &Context) -> Exit {
    if cx.signal_is_fresh() { Exit::Signal } else { Vm::of(cx).handlers.exit.get() }
}

/// The error object of a caught signal: `(CONDITION . DATA)`.
pub fn error_object(throw: Throw, cx: &Context) -> Object<'_> {
    let [condition, data] = cx.caught(throw);
    if condition.is_nil() { data } else { cx.cons(condition, data).into() }
}

/// The conditions of a condition name: its `error-conditions`.
pub(crate) fn conditions_of<'ob>(condition: Object<'ob>, cx: &'ob Context) -> Object<'ob> {
    condition.as_symbol().map_or(NIL, |s| plist_get(s, sym::ERROR_CONDITIONS, cx))
}

/// A property of a symbol, read without a call.
pub(crate) fn plist_get<'ob>(symbol: Symbol<'ob>, property: Object<'_>, cx: &'ob Context) -> Object<'ob> {
    let mut names = tails(symbol.plist(cx)).step_by(2);
    let found = names.find(|cell| cell.car() == property);
    found.and_then(|cell| cell.cdr().as_cons()).map_or(NIL, |value| value.car())
}

/// Whether `x` is among the elements of `list`.
pub(crate) fn memq(x: Object<'_>, list: Object<'_>) -> bool {
    tails(list).any(|cell| cell.car() == x)
}

/// Whether a handler of `handlers` takes a signal with these conditions (Emacs's `find_handler_clause`).
fn takes_conditions(handlers: Object<'_>, conditions: Object<'_>) -> bool {
    handlers == T
        || handlers == sym::ERROR
        || tails(handlers).any(|cell| cell.car() == T || memq(cell.car(), conditions))
}

/// Look for the handler of a signal that native code raised, with the hook and the debugger, before anything is undone
/// (Emacs's `signal_or_quit`).  An exit that has been looked at passes unchanged.
#[cold]
pub fn raise(throw: Throw, cx: &mut Context) -> Throw {
    if !cx.signal_is_fresh() {
        return throw;
    }
    let scope = cx.scope();
    let [condition, data] = cx.caught(throw);
    let (condition, data) = (scope.root(condition), scope.root(data));
    let has_condition = !condition.get(cx).is_nil();
    if has_condition && let Err(throw) = debugger::call_signal_hook(condition, data, cx) {
        return pass_on(throw, cx);
    }
    let conditions = scope.root(conditions_of_object(condition.get(cx), data.get(cx), cx));
    let found = find(conditions.get(cx), cx);
    if has_condition {
        let handlers = &Vm::of(cx).handlers;
        let clause = scope.root(
            found.map_or(NIL, |i| if handlers.stack.borrow()[i] == Takes::All { T } else { handlers.words.get(cx, i) }),
        );
        if let Err(throw) = debugger::maybe_call(condition, data, conditions, clause, cx) {
            return pass_on(throw, cx);
        }
    }
    let throw = cx.signal(condition.get(cx), data.get(cx));
    settle(Exit::Signal, found.unwrap_or(NOWHERE), cx);
    throw
}

/// As [`raise`], for a call that had no frame: the function and its arguments are the words of `call`.
#[cold]
pub(crate) fn raise_in_call(throw: Throw, call: Args<'_>, cx: &mut Context) -> Throw {
    let frame = Vm::of(cx).specpdl.push_frame(Frame::of_call(call.base(), call.len() - 1));
    let throw = raise(throw, cx);
    Vm::of(cx).specpdl.pop_frame(frame);
    throw
}

/// An exit from the hook or the debugger goes to its handler.  One that nobody has looked at came from the call itself,
/// for which there may be no room; were the hook called for it, it would be called again in each frame of a deep
/// recursion, and each time go as deep.
fn pass_on(throw: Throw, cx: &Context) -> Throw {
    if !cx.signal_is_fresh() {
        return throw;
    }
    let [condition, data] = cx.caught(throw);
    let found = find(conditions_of_object(condition, data, cx), cx);
    let throw = cx.signal(condition, data);
    settle(Exit::Signal, found.unwrap_or(NOWHERE), cx);
    throw
}

/// The conditions of an error object; its condition may be part of the data.
fn conditions_of_object<'ob>(condition: Object<'ob>, data: Object<'ob>, cx: &'ob Context) -> Object<'ob> {
    conditions_of(if condition.is_nil() { car_safe(data) } else { condition }, cx)
}

/// The innermost handler that takes a signal with these conditions.
fn find(conditions: Object<'_>, cx: &Context) -> Option<usize> {
    Vm::of(cx).handlers.find(cx, |takes, word| match takes {
        Takes::All => true,
        Takes::Conditions => takes_conditions(word, conditions),
        Takes::Tag => false,
    })
}

fn car_safe(x: Object<'_>) -> Object<'_> {
    x.as_cons().map_or(NIL, |c| c.car())
}

/// Begin a throw to `tag`, or signal `no-catch`.
pub(crate) fn throw_to(tag: Object<'_>, value: Object<'_>, cx: &Context) -> Throw {
    let handlers = &Vm::of(cx).handlers;
    let found =
        handlers.find(cx, |takes, word| takes == Takes::All || takes == Takes::Tag && word == tag && !tag.is_nil());
    match found {
        Some(target) => {
            let throw = cx.signal(tag, value);
            settle(Exit::Throw, target, cx);
            throw
        }
        None => error::signal(sym::NO_CATCH, &[tag, value], cx),
    }
}

/// Run `body` with a handler; `Ok(Err(throw))` is an exit that it took.
fn with_handler(
    takes: Takes,
    word: Object<'static>,
    cx: &mut Context,
    body: impl FnOnce(&mut Context) -> CallResult,
) -> Result<Result<Ret, Throw>, Throw> {
    let index = push_handler(takes, word, cx);
    let result = body(cx);
    caught_by(index, result, cx)
}

fn push_handler(takes: Takes, word: Object<'_>, cx: &Context) -> usize {
    Vm::of(cx).handlers.push(takes, word, cx)
}

/// The handlers of a `condition-case`, in force.
pub(crate) struct Clauses {
    first: usize,
    count: usize,
}

/// How the body of a `condition-case` ended; what follows is in the return register.
pub(crate) enum Outcome {
    /// With a value.
    Value(Ret),
    /// With a signal that handler number `.0` takes, `:success` not counted: the error object.
    Signal(usize, Ret),
}

impl Clauses {
    /// Put handlers in force: the first clause is innermost.
    pub(crate) fn push(clauses: Root<'_>, cx: &mut Context) -> Result<Clauses, Throw> {
        let well_formed = |clause: Object<'_>| {
            clause.is_nil()
                || clause.as_cons().is_some_and(|c| c.car().as_symbol().is_some() || c.car().as_cons().is_some())
        };
        if let Some(bad) = tails(clauses.get(cx)).map(|c| c.car()).find(|&c| !well_formed(c)) {
            let pushed = cx.push_args([cx.intern("prin1-to-string").into(), bad, T]);
            return Err(invalid_handler(pushed, cx));
        }
        let length = list_length(clauses.get(cx), cx)?;
        if !cx.stack_has_room(length + LEVEL_WORDS) {
            return Err(error::error(TOO_DEEP, cx));
        }
        let first = Vm::of(cx).handlers.stack.borrow().len();
        let base = cx.stack_len();
        for clause in tails(clauses.get(cx)).map(|c| c.car()) {
            let condition = clause.as_cons().map_or(NIL, |c| c.car());
            if condition != sym::SUCCESS {
                let conditions = if condition.as_cons().is_some() { condition } else { cx.list(&[condition]) };
                cx.push(conditions);
            }
        }
        let count = cx.stack_len() - base;
        let slots = cx.window(base, count).slots(cx);
        (0..count).rev().for_each(|i| _ = push_handler(Takes::Conditions, slots.get(i), cx));
        cx.truncate_stack(base);
        Ok(Clauses { first, count })
    }

    /// Take the handlers out of force and see what the body's result means.
    pub(crate) fn outcome(self, result: CallResult, cx: &mut Context) -> Result<Outcome, Throw> {
        match result {
            Ok(ret) => {
                Vm::of(cx).handlers.truncate(self.first);
                Ok(Outcome::Value(ret))
            }
            Err(throw) => {
                let throw = raise(throw, cx);
                let handlers = &Vm::of(cx).handlers;
                handlers.truncate(self.first);
                let target = handlers.target.get();
                if !(self.first..self.first + self.count).contains(&target) {
                    return Err(throw);
                }
                let object = error_object(throw, cx);
                Ok(Outcome::Signal(self.first + self.count - 1 - target, cx.ret(object)))
            }
        }
    }
}

/// `Invalid condition handler`, with the clause as the printer shows it.
#[cold]
fn invalid_handler(print: Pushed, cx: &mut Context) -> Throw {
    if cx.intern("prin1-to-string").function(cx).is_nil() {
        return error::error("Invalid condition handler", cx);
    }
    match crate::eval::funcall(print, cx) {
        Ok(ret) => {
            let printed = ret.get(cx).as_string();
            let printed = printed.map_or("".into(), |s| String::from_utf8_lossy(s.bytes()).into_owned());
            error::error(&format!("Invalid condition handler: {printed}"), cx)
        }
        Err(throw) => throw,
    }
}

/// Whether the handler at `index` takes this result; the handler is gone afterwards.
fn caught_by(index: usize, result: CallResult, cx: &mut Context) -> Result<Result<Ret, Throw>, Throw> {
    match result {
        Ok(ret) => {
            Vm::of(cx).handlers.truncate(index);
            Ok(Ok(ret))
        }
        Err(throw) => {
            let throw = raise(throw, cx);
            let handlers = &Vm::of(cx).handlers;
            handlers.truncate(index);
            if handlers.target.get() == index { Ok(Err(throw)) } else { Err(throw) }
        }
    }
}

/// `catch` around native code, for a tag that is a built-in symbol or otherwise constant.
pub fn catch(
    tag: Object<'static>,
    cx: &mut Context,
    body: impl FnOnce(&mut Context) -> CallResult,
) -> Result<Ret, Throw> {
    match with_handler(Takes::Tag, tag, cx, body)? {
        Ok(ret) => Ok(ret),
        Err(throw) => {
            let [_, value] = cx.caught(throw);
            Ok(cx.ret(value))
        }
    }
}

/// `catch` around native code, for any tag.
pub(crate) fn catch_rooted(
    tag: Root<'_>,
    cx: &mut Context,
    body: impl FnOnce(&mut Context) -> CallResult,
) -> CallResult {
    let index = push_handler(Takes::Tag, tag.get(cx), cx);
    let result = body(cx);
    match caught_by(index, result, cx)? {
        Ok(ret) => Ok(ret),
        Err(throw) => {
            let [_, value] = cx.caught(throw);
            Ok(cx.ret(value))
        }
    }
}

/// `condition-case` around native code.  `conditions` is `t` for every signal, `error` for every signal with the
/// debugger's usual say (a top level), or a constant that is a condition.  `Ok(Err(ret))`: a signal was caught, and the
/// error object is in the return register.
pub fn condition_case(
    conditions: Object<'static>,
    cx: &mut Context,
    body: impl FnOnce(&mut Context) -> CallResult,
) -> Result<Result<Ret, Ret>, Throw> {
    Ok(match with_handler(Takes::Conditions, conditions, cx, body)? {
        Ok(ret) => Ok(ret),
        Err(throw) => {
            let object = error_object(throw, cx);
            Err(cx.ret(object))
        }
    })
}

/// Take every exit of native code.  `Ok(Err(kind))`: there was one, `(TAG . VALUE)` or the error object in the return
/// register.
pub fn catch_all(cx: &mut Context, body: impl FnOnce(&mut Context) -> CallResult) -> Result<Ret, (Exit, Ret)> {
    let (Ok(outcome) | Err(outcome)) = with_handler(Takes::All, NIL, cx, body).map_err(Err);
    outcome.map_err(|throw| {
        let exit = exit_kind(cx);
        let [tag, value] = cx.caught(throw);
        let object = if exit == Exit::Signal && tag.is_nil() { value } else { cx.cons(tag, value).into() };
        (exit, cx.ret(object))
    })
}
