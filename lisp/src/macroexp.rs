//! Expansion of all macros in a form (`macroexp.el`), as loading does before evaluation.
//!
//! Walks the special forms, whose arguments are not all forms.  What needs no change is shared, not copied; circular
//! code is left alone.  Nesting is bounded by `max-lisp-eval-depth`, a `let*` or `progn` of any length is not nested.

use crate::form::{car_safe, cdr_safe, symbol};
use tenure_gc::{CallResult, Context, NIL, Object, Root, SubrInfo, T};
use tenure_vm::eval::with_depth;
use tenure_vm::handler::condition_case;
use tenure_vm::specpdl::{mark, unbind_to};
use tenure_vm::tails::tails;
use tenure_vm::{defun, funcall, handler, specbind, subrs, sym};

/// Return FORM with all macro calls in it expanded.  ENVIRONMENT is as for `macroexpand`.
#[defun(min = 1)]
fn macroexpand_all(form: Root<'_>, environment: Root<'_>, cx: &mut Context) -> CallResult {
    let start = mark(cx);
    let variable = symbol("macroexpand-all-environment", cx);
    specbind!(cx, variable, environment.get(cx))?;
    let result = expand(form, environment, cx).map_err(|throw| handler::raise(throw, cx));
    unbind_to(start, result, cx)
}

/// Return FORM with its macro calls expanded once, at the top only.
#[defun(name = "macroexpand-1", min = 1)]
fn macroexpand_once(form: Root<'_>, environment: Root<'_>, cx: &mut Context) -> CallResult {
    let Some(call) = form.get(cx).as_cons() else { return Ok(cx.ret(form.get(cx))) };
    let head = call.car();
    let scope = cx.scope();
    let expander = scope.root(NIL);
    let pair = tails(environment.get(cx)).filter_map(|c| c.car().as_cons()).find(|pair| pair.car() == head);
    if let Some(pair) = pair {
        expander.set(cx, pair.cdr());
    } else if head.as_symbol().is_some() {
        let definition = funcall!(cx, symbol("indirect-function", cx), head)?.get(cx);
        let definition = scope.root(definition);
        if car_safe(definition.get(cx)) == sym::AUTOLOAD {
            let name = car_safe(form.get(cx));
            let load = symbol("autoload-do-load", cx);
            let now = funcall!(cx, load, definition.get(cx), name, sym::MACRO)?.get(cx);
            definition.set(cx, now);
        }
        if car_safe(definition.get(cx)) == sym::MACRO {
            expander.set(cx, cdr_safe(definition.get(cx)));
        }
    }
    if expander.get(cx).is_nil() {
        return Ok(cx.ret(form.get(cx)));
    }
    funcall!(cx, sym::APPLY, expander.get(cx), cdr_safe(form.get(cx)))
}

/// Expand everything in a rooted form.
pub(crate) fn expand(form: Root<'_>, environment: Root<'_>, cx: &mut Context) -> CallResult {
    with_depth(cx, |cx| {
        let scope = cx.scope();
        let expanded = funcall!(cx, sym::MACROEXPAND, form.get(cx), environment.get(cx))?.get(cx);
        let form = scope.root(expanded);
        let Some(call) = form.get(cx).as_cons() else { return Ok(cx.ret(form.get(cx))) };
        let head = call.car();
        if head == sym::QUOTE {
            return Ok(cx.ret(form.get(cx)));
        }
        if head == sym::FUNCTION {
            let lambda = car_safe(call.cdr());
            if car_safe(lambda) != sym::LAMBDA {
                return Ok(cx.ret(form.get(cx)));
            }
            let lambda = scope.root(lambda);
            let new = map(lambda, 2, Element::Form, environment, cx)?.get(cx);
            if new == lambda.get(cx) {
                return Ok(cx.ret(form.get(cx)));
            }
            return Ok(cx.ret(cx.list(&[sym::FUNCTION, new])));
        }
        if head == sym::COND {
            return map(form, 1, Element::Forms { skip: 0 }, environment, cx);
        }
        if head == sym::LET || head == sym::LET_STAR {
            let bindings = scope.root(car_safe(call.cdr()));
            let new = map(bindings, 0, Element::Forms { skip: 1 }, environment, cx)?.get(cx);
            if new != bindings.get(cx) {
                let with = rebuild(form.get(cx), 1, new, cx);
                form.set(cx, with);
            }
            return map(form, 2, Element::Form, environment, cx);
        }
        if head == sym::CONDITION_CASE {
            let body = scope.root(car_safe(cdr_safe(cdr_safe(form.get(cx)))));
            let new = expand(body, environment, cx)?.get(cx);
            if new != body.get(cx) {
                let with = rebuild(form.get(cx), 2, new, cx);
                form.set(cx, with);
            }
            return map(form, 3, Element::Forms { skip: 1 }, environment, cx);
        }
        if car_safe(head) == sym::LAMBDA {
            let lambda = scope.root(head);
            let new = map(lambda, 2, Element::Form, environment, cx)?.get(cx);
            if new != lambda.get(cx) {
                let with = rebuild(form.get(cx), 0, new, cx);
                form.set(cx, with);
            }
        }
        let (head, arguments) = (car_safe(form.get(cx)), cdr_safe(form.get(cx)));
        let name = if head == sym::FUNCALL { function_name(car_safe(arguments)) } else { Some(head) };
        let handler = name.map_or(NIL, |name| compiler_macro(name, cx));
        if handler.is_nil() {
            return map(form, 1, Element::Form, environment, cx);
        }
        let handler = scope.root(handler);
        if head == sym::FUNCALL {
            let plain = cx.cons(name.unwrap_or(NIL), cdr_safe(arguments));
            form.set(cx, plain.into());
        }
        expand_by_compiler_macro(form, handler, environment, cx)
    })
}

/// The symbol in `(function SYMBOL)`.
fn function_name(form: Object<'_>) -> Option<Object<'_>> {
    let name = car_safe(cdr_safe(form));
    (car_safe(form) == sym::FUNCTION && name.as_symbol().is_some()).then_some(name)
}

/// The compiler macro of a function, or of the one that it is another name of.
fn compiler_macro<'ob>(name: Object<'ob>, cx: &'ob Context) -> Object<'ob> {
    const HOPS: usize = 100;
    let mut name = name;
    for _ in 0..HOPS {
        let Some(symbol) = name.as_symbol().filter(|_| !name.is_nil()) else { break };
        let property = tails(symbol.plist(cx)).step_by(2).find(|cell| cell.car() == sym::COMPILER_MACRO);
        if let Some(cell) = property {
            return car_safe(cell.cdr());
        }
        name = symbol.function(cx);
    }
    NIL
}

/// Expand a call by its compiler macro, as long as that finds something to do, and its arguments.
fn expand_by_compiler_macro(form: Root<'_>, handler: Root<'_>, environment: Root<'_>, cx: &mut Context) -> CallResult {
    let expanded = call_compiler_macro(form, handler, cx)?.get(cx);
    if expanded != form.get(cx) {
        form.set(cx, expanded);
        return expand(form, environment, cx);
    }
    let mapped = map(form, 1, Element::Form, environment, cx)?.get(cx);
    if mapped == form.get(cx) {
        return Ok(cx.ret(mapped));
    }
    // Expanded arguments may give it something to do.
    form.set(cx, mapped);
    let again = call_compiler_macro(form, handler, cx)?.get(cx);
    if again == form.get(cx) {
        return Ok(cx.ret(again));
    }
    form.set(cx, again);
    expand(form, environment, cx)
}

/// What a compiler macro makes of a call; the call itself, with a message, if it signals.
fn call_compiler_macro(form: Root<'_>, handler: Root<'_>, cx: &mut Context) -> CallResult {
    // As for a handler that is written in Lisp, no backtrace is shown.
    let outcome = condition_case(T, cx, |cx| {
        let call = form.get(cx);
        funcall!(cx, sym::APPLY, handler.get(cx), call, cdr_safe(call))
    });
    match outcome? {
        Ok(expanded) => Ok(expanded),
        Err(object) => {
            let object = object.get(cx);
            let format = cx.string_from_str("Compiler-macro error for %s: %S").into();
            let name = car_safe(form.get(cx));
            funcall!(cx, sym::MESSAGE, format, name, object)?.get(cx);
            Ok(cx.ret(form.get(cx)))
        }
    }
}

/// A copy of `list` with `element` at `index`, which is there.
fn rebuild<'ob>(list: Object<'ob>, index: usize, element: Object<'ob>, cx: &'ob Context) -> Object<'ob> {
    let (mut before, mut rest) = (Vec::new(), list);
    for _ in 0..index {
        before.push(car_safe(rest));
        rest = cdr_safe(rest);
    }
    before.push(element);
    let new = cx.list_with_tail(&before, cdr_safe(rest));
    crate::compile::copy_places(list, new, cx);
    new
}

/// What the elements of a list are.
#[derive(Clone, Copy)]
enum Element {
    /// Forms.
    Form,
    /// Lists of forms, after `skip` elements that are none.  An element may also be an atom.
    Forms { skip: usize },
}

/// Expand the elements of a list behind the first `skip`; the same list if nothing changed.
fn map(list: Root<'_>, skip: usize, element: Element, environment: Root<'_>, cx: &mut Context) -> CallResult {
    let mut walk = tails(list.get(cx));
    let length = walk.by_ref().count();
    if walk.end().as_cons().is_some() || length <= skip {
        return Ok(cx.ret(list.get(cx)));
    }
    let scope = cx.scope();
    let (rest, done) = (scope.root(list.get(cx)), scope.root(NIL));
    let mut changed = false;
    for i in 0..length {
        let Some(cell) = rest.get(cx).as_cons() else { break };
        rest.set(cx, cell.cdr());
        let old = cell.car();
        let new = if i < skip || old.as_cons().is_none() {
            old
        } else {
            let inner = cx.scope();
            let old = inner.root(old);
            let new = match element {
                Element::Form => expand(old, environment, cx)?,
                Element::Forms { skip } => map(old, skip, Element::Form, environment, cx)?,
            }
            .get(cx);
            changed |= new != old.get(cx);
            new
        };
        let longer = cx.cons(new, done.get(cx));
        done.set(cx, longer.into());
    }
    if !changed {
        return Ok(cx.ret(list.get(cx)));
    }
    let result = tails(done.get(cx)).fold(rest.get(cx), |tail, cell| cx.cons(cell.car(), tail).into());
    crate::compile::copy_places(list.get(cx), result, cx);
    Ok(cx.ret(result))
}

/// The primitives of this file.
pub(crate) const SUBRS: &[SubrInfo] = &subrs![macroexpand_all, macroexpand_once];
