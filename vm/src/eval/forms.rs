//! The special forms.

use crate::binding::{self, Operation};
use crate::convert::FromLisp;
use crate::error;
use crate::eval::{self, bind_environment, environment, eval_form, eval_sub, lexical_cell, list_length, wrong_number};
use crate::handler::{self, Clauses, Outcome};
use crate::specpdl::{Mark, check_room, mark, unbind_to};
use crate::state::Vm;
use crate::sym;
use crate::tails::tails;
use tenure_gc::{CallResult, Context, LispResult, NIL, Object, Pushed, Ret, Root, SubrInfo, Symbol, T, Throw};
use tenure_macros::{defun, subrs};

/// Evaluate the forms of a list in order; the root walks along it.  As in Emacs, an improper end is an end.
#[inline(always)]
pub(crate) fn progn_body(body: Root<'_>, cx: &mut Context) -> CallResult {
    loop {
        let Some(cell) = body.get(cx).as_cons() else { return Ok(cx.ret(NIL)) };
        let rest = cell.cdr();
        body.set(cx, rest);
        if rest.as_cons().is_none() {
            return eval_form!(cx, cell.car());
        }
        eval_form!(cx, cell.car())?.get(cx);
    }
}

#[cold]
fn not_a_list(object: Object<'_>, cx: &Context) -> Throw {
    error::wrong_type(sym::LISTP, object, cx)
}

/// Take the first element off a rooted list; nil of an empty one.
#[inline(always)]
fn next<'ob>(list: Root<'_>, cx: &'ob Context) -> LispResult<'ob> {
    let object = list.get(cx);
    match object.as_cons() {
        Some(cell) => {
            list.set(cx, cell.cdr());
            Ok(cell.car())
        }
        None if object.is_nil() => Ok(NIL),
        None => Err(not_a_list(object, cx)),
    }
}

/// Return the only argument, not evaluated.
#[defun(special, min = 1)]
fn quote(args: Root<'_>, cx: &mut Context) -> CallResult {
    let form = only(sym::QUOTE, args.get(cx), cx)?;
    Ok(cx.ret(form))
}

fn only<'ob>(name: Object<'_>, args: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    match args.as_cons() {
        Some(cell) if cell.cdr().is_nil() => Ok(cell.car()),
        _ => Err(wrong_number(name, list_length(args, cx)?, cx)),
    }
}

/// Like `quote`, for functions: a lambda expression becomes a closure where binding is lexical.
#[defun(special, min = 1)]
fn function(args: Root<'_>, cx: &mut Context) -> CallResult {
    let form = only(sym::FUNCTION, args.get(cx), cx)?;
    let env = environment(cx);
    let Some(lambda) = form.as_cons().filter(|c| !env.is_nil() && c.car() == sym::LAMBDA) else {
        return Ok(cx.ret(form));
    };
    // `(lambda ARGS (:documentation FORM) BODY...)`: the documentation is evaluated now.
    let documented = lambda.cdr().as_cons().and_then(|args| args.cdr().as_cons()).and_then(|body| {
        let first = body.car().as_cons()?;
        (first.car() == sym::C_DOCUMENTATION).then_some((first, body))
    });
    if let Some((first, _)) = documented {
        let form = first.cdr().as_cons().map_or(NIL, |c| c.car());
        let doc = eval_form!(cx, form)?.get(cx);
        let lambda = Object::as_cons(args.get(cx)).and_then(|a| a.car().as_cons());
        let tail = lambda.and_then(|l| l.cdr().as_cons());
        let (parameters, body) = tail.map_or((NIL, NIL), |t| (t.car(), t.cdr()));
        let rest = body.as_cons().map_or(NIL, |b| b.cdr());
        let closure = cx.list_with_tail(&[sym::CLOSURE, environment(cx), parameters, doc], rest);
        return Ok(cx.ret(closure));
    }
    let closure = close(lambda.cdr(), cx);
    Ok(cx.ret(closure))
}

/// `(closure ENV . LAMBDA)`
#[inline(always)]
pub(super) fn close<'ob>(lambda: Object<'ob>, cx: &'ob Context) -> Object<'ob> {
    cx.cons(sym::CLOSURE, cx.cons(environment(cx), lambda).into()).into()
}

/// The function that a call's first element is, when it is no symbol.
pub(crate) fn function_of<'ob>(head: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    Ok(match head.as_cons() {
        Some(lambda) if lambda.car() == sym::LAMBDA && !environment(cx).is_nil() => close(lambda.cdr(), cx),
        _ => head,
    })
}

/// Evaluate the forms in order; the value is that of the last.
#[defun(special)]
fn progn(args: Root<'_>, cx: &mut Context) -> CallResult {
    progn_body(args, cx)
}

/// Evaluate the forms in order; the value is that of the first.
#[defun(special, min = 1)]
fn prog1(args: Root<'_>, cx: &mut Context) -> CallResult {
    let first = next(args, cx)?;
    let value = eval_form!(cx, first)?.get(cx);
    let scope = cx.scope();
    let value = scope.root(value);
    progn_body(args, cx)?.get(cx);
    Ok(cx.ret(value.get(cx)))
}

/// Evaluate COND, and THEN if its value is not nil, else the remaining forms.
#[defun(name = "if", special, min = 2)]
fn lisp_if(args: Root<'_>, cx: &mut Context) -> CallResult {
    let condition = next(args, cx)?;
    let truth = !eval_form!(cx, condition)?.get(cx).is_nil();
    choose(truth, args, cx)
}

/// What follows the condition of an `if`.
pub(super) fn choose(truth: bool, args: Root<'_>, cx: &mut Context) -> CallResult {
    let then = next(args, cx)?;
    if truth { eval_form!(cx, then) } else { progn_body(args, cx) }
}

/// Evaluate the forms until one gives nil; the value is the last one computed.
#[defun(special)]
pub(super) fn and(args: Root<'_>, cx: &mut Context) -> CallResult {
    short_circuit(args, T, |value| value.is_nil(), cx)
}

/// Evaluate the forms until one gives something else than nil; the value is the last one computed.
#[defun(special)]
pub(super) fn or(args: Root<'_>, cx: &mut Context) -> CallResult {
    short_circuit(args, NIL, |value| !value.is_nil(), cx)
}

#[inline(always)]
fn short_circuit(
    args: Root<'_>,
    empty: Object<'static>,
    stops: impl Fn(Object<'_>) -> bool,
    cx: &mut Context,
) -> CallResult {
    if args.get(cx).is_nil() {
        return Ok(cx.ret(empty));
    }
    loop {
        let form = next(args, cx)?;
        let value = eval_form!(cx, form)?.get(cx);
        let last = args.get(cx);
        if stops(value) || last.is_nil() {
            return Ok(cx.ret(value));
        }
        if last.as_cons().is_none() {
            return Err(not_a_list(last, cx));
        }
    }
}

/// Try the clauses in order: the first whose condition is not nil gives the value, that of its last form.
#[defun(special)]
pub(super) fn cond(args: Root<'_>, cx: &mut Context) -> CallResult {
    let scope = cx.scope();
    let clause = scope.root(NIL);
    while let Some(cell) = args.get(cx).as_cons() {
        args.set(cx, cell.cdr());
        clause.set(cx, cell.car());
        let condition = next(clause, cx)?;
        let value = eval_form!(cx, condition)?.get(cx);
        if !value.is_nil() {
            return if clause.get(cx).is_nil() { Ok(cx.ret(value)) } else { progn_body(clause, cx) };
        }
    }
    let end = args.get(cx);
    if end.is_nil() { Ok(cx.ret(NIL)) } else { Err(not_a_list(end, cx)) }
}

/// While the value of TEST is not nil, evaluate the other forms.
#[defun(name = "while", special, min = 1)]
pub(super) fn lisp_while(args: Root<'_>, cx: &mut Context) -> CallResult {
    let scope = cx.scope();
    let body = scope.root(NIL);
    loop {
        let Some(cell) = args.get(cx).as_cons() else { return Ok(cx.ret(NIL)) };
        if eval_form!(cx, cell.car())?.get(cx).is_nil() {
            return Ok(cx.ret(NIL));
        }
        eval::poll(cx)?;
        body.set(cx, args.get(cx));
        turn(body, cx)?.get(cx);
    }
}

/// The forms behind the test of a `while`.
pub(super) fn turn(args: Root<'_>, cx: &mut Context) -> CallResult {
    args.set(cx, args.get(cx).as_cons().map_or(NIL, |c| c.cdr()));
    rest_of_turn(args, cx)
}

/// The forms of a turn that are left.
pub(super) fn rest_of_turn(forms: Root<'_>, cx: &mut Context) -> CallResult {
    while let Some(cell) = forms.get(cx).as_cons() {
        forms.set(cx, cell.cdr());
        eval_form!(cx, cell.car())?.get(cx);
    }
    let end = forms.get(cx);
    if end.is_nil() { Ok(cx.ret(NIL)) } else { Err(not_a_list(end, cx)) }
}

/// Set each symbol to the value of the form that follows it; the value is the last one.
#[defun(special)]
fn setq(args: Root<'_>, cx: &mut Context) -> CallResult {
    let ret = cx.ret(NIL);
    setq_rest(args, ret, 0, cx)
}

/// The pairs of a `setq` that are left; `done` elements are, and `ret` is the value so far.
pub(super) fn setq_rest(args: Root<'_>, mut ret: Ret, mut done: usize, cx: &mut Context) -> CallResult {
    while let Some(cell) = args.get(cx).as_cons() {
        let Some(rest) = cell.cdr().as_cons() else {
            return Err(wrong_number(sym::SETQ, done + 1, cx));
        };
        let value = eval_form!(cx, rest.car())?;
        done += 2;
        ret = set_next(args, value, cx)?;
    }
    let end = args.get(cx);
    if end.is_nil() { Ok(ret) } else { Err(not_a_list(end, cx)) }
}

/// Set the next variable of a `setq`, whose value is computed.
fn set_next(args: Root<'_>, value: Ret, cx: &mut Context) -> CallResult {
    let value = value.get(cx);
    let pair = args.get(cx).as_cons();
    let (variable, rest) = pair.map_or((NIL, NIL), |c| (c.car(), c.cdr().as_cons().map_or(NIL, |c| c.cdr())));
    args.set(cx, rest);
    match lexical_cell(variable, cx) {
        Some(cell) => {
            cell.set_cdr(cx, value);
            Ok(cx.ret(value))
        }
        None => {
            let pushed = cx.push_args([variable, value]);
            set_dynamic(pushed, cx)
        }
    }
}

/// Set the dynamic variable of a symbol; the value is the value.
#[inline(always)]
pub(super) fn set_dynamic(pushed: Pushed, cx: &mut Context) -> CallResult {
    cx.enter(pushed, |pair, cx| {
        let (variable, value) = (pair.root(0).get(cx), pair.root(1).get(cx));
        let symbol = Symbol::from_lisp(variable, cx)?;
        if symbol.is_plain(cx) {
            symbol.set_value(value, cx);
            return Ok(cx.ret(value));
        }
        binding::set_internal(pair, Operation::Set, cx)?;
        Ok(cx.ret(pair.root(1).get(cx)))
    })
}

/// Set the next variable of a `setq` and go on with the pairs behind it.
pub(super) fn set_next_and_rest(args: Root<'_>, value: Ret, done: usize, cx: &mut Context) -> CallResult {
    let ret = set_next(args, value, cx)?;
    setq_rest(args, ret, done, cx)
}

/// The symbol and the value form of an element of a `let` list.
fn binding_parts<'ob>(element: Object<'ob>, cx: &'ob Context) -> Result<(Object<'ob>, Object<'ob>), Throw> {
    if element.as_symbol().is_some() {
        return Ok((element, NIL));
    }
    let cell = element.as_cons().ok_or_else(|| not_a_list(element, cx))?;
    let rest = cell.cdr();
    match rest.as_cons() {
        None if rest.is_nil() => Ok((cell.car(), NIL)),
        None => Err(not_a_list(rest, cx)),
        Some(value) if value.cdr().is_nil() => Ok((cell.car(), value.car())),
        Some(_) => {
            let message = cx.string_from_str("`let' bindings can have only one value-form");
            Err(cx.signal(sym::ERROR, cx.cons(message.into(), element).into()))
        }
    }
}

/// Whether `let` binds a variable lexically: the form is lexically scoped and nothing declares the variable special.
#[inline(always)]
pub(super) fn binds_lexically(symbol: Symbol<'_>, env: Object<'_>, cx: &Context) -> bool {
    !env.is_nil() && !symbol.is_special(cx) && !handler::memq(symbol.into(), env)
}

/// Bind variables to the values of forms, all evaluated before any is bound, then evaluate the body.
#[defun(name = "let", special, min = 1)]
pub(super) fn lisp_let(args: Root<'_>, cx: &mut Context) -> CallResult {
    let base = cx.stack_len();
    let list = next(args, cx)?;
    // The values collect on the Lisp stack, above the list that is walked.
    cx.push(list);
    cx.push(list);
    list_length(list, cx)?;
    evaluate_let_values(cx.window(base + 1, 1).root(0), cx)?;
    let start = mark(cx);
    let result = match bind_let(base, cx) {
        Ok(()) => progn_body(args, cx),
        Err(throw) => Err(throw),
    };
    unbind_to(start, result, cx)
}

/// Push the values of the elements of a `let` list that are left.
pub(super) fn evaluate_let_values(elements: Root<'_>, cx: &mut Context) -> Result<(), Throw> {
    while let Some(cell) = elements.get(cx).as_cons() {
        elements.set(cx, cell.cdr());
        let (_, form) = binding_parts(cell.car(), cx)?;
        let value = eval_form!(cx, form)?.get(cx);
        push_let_value(value, cx)?;
    }
    Ok(())
}

/// Push the value of an element of a `let` list.
#[inline(always)]
pub(super) fn push_let_value(value: Object<'_>, cx: &Context) -> Result<(), Throw> {
    cx.push(value);
    if cx.stack_has_room(eval::LEVEL_WORDS) { Ok(()) } else { Err(error::error(eval::TOO_DEEP, cx)) }
}

/// Bind the variables of the `let` list at word `base` of the Lisp stack to the values that follow it and another word;
/// all of that is popped.
pub(super) fn bind_let(base: usize, cx: &mut Context) -> Result<(), Throw> {
    bind_let_list(cx.window(base, 1).root(0), base + 2, cx)?;
    cx.truncate_stack(base);
    Ok(())
}

/// Bind the variables of a `let` list to the values that lie on the Lisp stack from `values` on.
fn bind_let_list(list: Root<'_>, values: usize, cx: &mut Context) -> Result<(), Throw> {
    let mut env = environment(cx);
    let outer = env;
    let count = cx.stack_len() - values;
    let slots = cx.window(values, count).slots(cx);
    let mut watched = false;
    let mut rest = list.get(cx);
    let mut i = 0;
    while let Some(cell) = rest.as_cons().filter(|_| i < count) {
        rest = cell.cdr();
        let name = cell.car().as_cons().map_or(cell.car(), |c| c.car());
        let symbol = Symbol::from_lisp(name, cx)?;
        let value = slots.get(i);
        i += 1;
        if binds_lexically(symbol, outer, cx) {
            env = cx.cons(cx.cons(name, value).into(), env).into();
        } else {
            watched |= !binding::try_specbind(symbol, value, cx)?;
        }
    }
    if env != outer {
        check_room(Vm::of(cx), cx)?;
        bind_environment(env, cx);
    }
    if watched { bind_watched(list, values, cx) } else { Ok(()) }
}

/// Bind the variables that have watchers, after the others.
#[cold]
fn bind_watched(list: Root<'_>, values: usize, cx: &mut Context) -> Result<(), Throw> {
    let mut i = values;
    while let Some(cell) = list.get(cx).as_cons() {
        list.set(cx, cell.cdr());
        let name = cell.car().as_cons().map_or(cell.car(), |c| c.car());
        let symbol = Symbol::from_lisp(name, cx)?;
        if binding::is_watched(symbol, cx) && !binds_lexically(symbol, environment(cx), cx) {
            let pushed = cx.push_args([name, cx.window(i, 1).root(0).get(cx)]);
            binding::specbind(pushed, cx)?;
        }
        i += 1;
    }
    Ok(())
}

/// Bind variables to the values of forms, one after the other, then evaluate the body.
#[defun(name = "let*", special, min = 1)]
fn let_star(args: Root<'_>, cx: &mut Context) -> CallResult {
    let list = next(args, cx)?;
    let scope = cx.scope();
    let (list, elements) = (scope.root(list), scope.root(list));
    let mut sequence = Sequence::new(elements, cx);
    let result = match sequence.bind_all(list, cx) {
        Ok(()) => progn_body(args, cx),
        Err(throw) => Err(throw),
    };
    unbind_to(sequence.start, result, cx)
}

/// A `let*` list at work.
pub(super) struct Sequence<'s> {
    /// The elements that are left.
    pub(super) elements: Root<'s>,
    /// The binding stack before it.
    pub(super) start: Mark,
    environment_saved: bool,
}

impl<'s> Sequence<'s> {
    pub(super) fn new(elements: Root<'s>, cx: &Context) -> Sequence<'s> {
        Sequence { elements, start: mark(cx), environment_saved: false }
    }

    /// The same, some of whose variables are bound; `environment_saved` tells whether the binding stack has the environment.
    pub(super) fn resume(elements: Root<'s>, start: Mark, environment_saved: bool) -> Sequence<'s> {
        Sequence { elements, start, environment_saved }
    }

    /// Bind the variables of the elements that are left; `list` is the whole, or where errors find it.
    pub(super) fn bind_all(&mut self, list: Root<'_>, cx: &mut Context) -> Result<(), Throw> {
        while let Some(cell) = self.elements.get(cx).as_cons() {
            let (_, form) = binding_parts(cell.car(), cx)?;
            let value = eval_form!(cx, form)?;
            self.bind_next(value, cx)?;
        }
        if self.elements.get(cx).is_nil() { Ok(()) } else { Err(not_a_list(list.get(cx), cx)) }
    }

    /// Bind the variable of the next element, whose value is computed.
    #[inline(always)]
    pub(super) fn bind_next(&mut self, value: Ret, cx: &mut Context) -> Result<(), Throw> {
        let value = value.get(cx);
        let Some(cell) = self.elements.get(cx).as_cons() else { return Ok(()) };
        self.elements.set(cx, cell.cdr());
        let name = cell.car().as_cons().map_or(cell.car(), |c| c.car());
        let symbol = Symbol::from_lisp(name, cx)?;
        let env = environment(cx);
        if binds_lexically(symbol, env, cx) {
            let extended = cx.cons(cx.cons(name, value).into(), env).into();
            // One entry of the binding stack serves for all lexical variables, as long as no dynamic one came between.
            if self.environment_saved && mark(cx) != self.start {
                eval::set_environment(extended, cx);
            } else {
                check_room(Vm::of(cx), cx)?;
                bind_environment(extended, cx);
                self.environment_saved = true;
            }
        } else if !binding::try_specbind(symbol, value, cx)? {
            let pushed = cx.push_args([name, value]);
            binding::specbind(pushed, cx)?;
        }
        // Binding takes no turn of the evaluator, so a circular list must be left by a quit.
        eval::poll(cx)
    }
}

/// Evaluate TAG, then the other forms, and return the value of the last; `throw` to TAG's value ends that.
#[defun(special, min = 1)]
fn catch(args: Root<'_>, cx: &mut Context) -> CallResult {
    let tag = next(args, cx)?;
    let tag = eval_form!(cx, tag)?.get(cx);
    let scope = cx.scope();
    let tag = scope.root(tag);
    handler::catch_rooted(tag, cx, |cx| progn_body(args, cx))
}

/// Evaluate BODYFORM, and the other forms when it is left in any way; the value is that of BODYFORM.
#[defun(special, min = 1)]
fn unwind_protect(args: Root<'_>, cx: &mut Context) -> CallResult {
    let body = next(args, cx)?;
    let start = mark(cx);
    let scope = cx.scope();
    let body = scope.root(body);
    check_room(Vm::of(cx), cx)?;
    Vm::of(cx).specpdl.push_forms(args.get(cx), cx);
    let result = eval_sub(body, cx);
    let result = result.map_err(|throw| handler::raise(throw, cx));
    unbind_to(start, result, cx)
}

/// Evaluate BODYFORM; if it signals a condition that a handler `(CONDITION BODY...)` names, evaluate that handler's body
/// with VAR bound to the error object.  The handler `(:success BODY...)` runs when there is no signal, with VAR bound to
/// the value.
#[defun(special, min = 2)]
fn condition_case(args: Root<'_>, cx: &mut Context) -> CallResult {
    let scope = cx.scope();
    let variable = scope.root(next(args, cx)?);
    let body = scope.root(next(args, cx)?);
    Symbol::from_lisp(variable.get(cx), cx)?;
    let clauses = Clauses::push(args, cx)?;
    let result = eval_sub(body, cx);
    let (clause, value) = match clauses.outcome(result, cx)? {
        Outcome::Value(ret) => (success_clause(args.get(cx)), ret.get(cx)),
        Outcome::Signal(i, ret) => (Some(signal_clause(i, args.get(cx))), ret.get(cx)),
    };
    let Some(clause) = clause else { return Ok(cx.ret(value)) };
    let clause = scope.root(clause);
    let start = mark(cx);
    let value = cx.ret(value);
    bind_handled(variable, value, cx)?;
    let result = progn_body(clause, cx);
    unbind_to(start, result, cx)
}

/// Bind the variable of a `condition-case`, unless it is nil, to what its handler gets.
pub(super) fn bind_handled(variable: Root<'_>, value: Ret, cx: &mut Context) -> Result<(), Throw> {
    let value = value.get(cx);
    if variable.get(cx).is_nil() {
        return Ok(());
    }
    let env = environment(cx);
    check_room(Vm::of(cx), cx)?;
    if env.is_nil() {
        let pushed = cx.push_args([variable.get(cx), value]);
        return binding::specbind(pushed, cx);
    }
    let cell = cx.cons(variable.get(cx), value);
    bind_environment(cx.cons(cell.into(), env).into(), cx);
    Ok(())
}

/// The body of the handler `:success`, the last one if there are several; an empty one counts for nothing.
pub(super) fn success_clause(clauses: Object<'_>) -> Option<Object<'_>> {
    let success = tails(clauses).filter_map(|c| c.car().as_cons()).filter(|c| c.car() == sym::SUCCESS);
    success.last().map(|c| c.cdr()).filter(|body| !body.is_nil())
}

/// The body of the handler number `i`, `:success` not counted.
pub(super) fn signal_clause(i: usize, clauses: Object<'_>) -> Object<'_> {
    let handles = |c: &Object<'_>| c.as_cons().is_none_or(|c| c.car() != sym::SUCCESS);
    let clause = tails(clauses).map(|c| c.car()).filter(handles).nth(i);
    clause.and_then(Object::as_cons).map_or(NIL, |c| c.cdr())
}

/// Evaluate the forms; the current buffer is restored afterwards.  There is one buffer's worth of state, none, so there
/// is nothing to restore.
#[defun(special)]
fn save_current_buffer(args: Root<'_>, cx: &mut Context) -> CallResult {
    progn_body(args, cx)
}

/// Evaluate the forms; point and the current buffer are restored afterwards.  There are no buffers to have a point.
#[defun(special)]
fn save_excursion(args: Root<'_>, cx: &mut Context) -> CallResult {
    progn_body(args, cx)
}

/// Evaluate the forms; the narrowing of the current buffer is restored afterwards.  There are no buffers to narrow.
#[defun(special)]
fn save_restriction(args: Root<'_>, cx: &mut Context) -> CallResult {
    progn_body(args, cx)
}

/// Say how a command reads its arguments; as a form it does nothing.
#[defun(special)]
fn interactive(args: Root<'_>, cx: &mut Context) -> CallResult {
    let _ = args;
    Ok(cx.ret(NIL))
}

/// The special forms of this file.
pub(crate) const SUBRS: &[SubrInfo] = &subrs![
    quote,
    function,
    progn,
    prog1,
    lisp_if,
    and,
    or,
    cond,
    lisp_while,
    setq,
    lisp_let,
    let_star,
    catch,
    unwind_protect,
    condition_case,
    save_current_buffer,
    save_excursion,
    save_restriction,
    interactive,
];
