//! Forms outside of all functions: what a file is made of.
//!
//! A `progn` is taken apart and its forms are expanded one by one, so that a macro may be used behind its definition.
//! What is declared for the rest of a file is in variables that are bound for it: `byte-compile-bound-variables` has the
//! special variables, `byte-compile-macro-environment` the macros of a file that is compiled, and
//! `byte-compile-function-environment` the source of functions, for those that are inlined.

use super::check::SUPPRESSING;
use super::warn::Signature;
use super::{convert, inline, places, warn};
use crate::form::{car_safe, cdr_safe, elements, symbol};
use crate::macroexp;
use tenure_gc::{CallResult, Context, NIL, Object, Root, Slots, SubrInfo, T, Throw};
use tenure_vm::eval::{eval, poll};
use tenure_vm::{defun, funcall, specbind, subrs, sym};

/// The variables that are bound while a file is loaded or compiled.
pub(super) const BOUND_VARIABLES: &str = "byte-compile-bound-variables";
/// See [`BOUND_VARIABLES`].
pub(super) const MACROS: &str = "byte-compile-macro-environment";
/// See [`BOUND_VARIABLES`].
pub(super) const FUNCTIONS: &str = "byte-compile-function-environment";

/// The variable of properties that symbols have while a file is compiled.
pub(super) const PROPERTIES: &str = "overriding-plist-environment";

/// The macros that mean something else where a file is compiled, and the functions that expand them.
const COMPILE_TIME: &[(&str, &str)] = &[
    ("declare-function", "byte-compile--declare-function"),
    ("with-suppressed-warnings", "byte-compile--with-suppressed-warnings"),
    ("with-no-warnings", "nil"),
    ("eval-when-compile", "byte-compile--eval-when-compile"),
    ("eval-and-compile", "byte-compile--eval-and-compile"),
];

/// The value of a variable, nil if it is void.
pub(super) fn value<'ob>(variable: &str, cx: &'ob Context) -> Object<'ob> {
    let value = cx.intern(variable).value(cx);
    if value == tenure_gc::UNBOUND { NIL } else { value }
}

/// Put an element at the front of a variable's list.
fn push(variable: &str, element: Object<'_>, cx: &Context) {
    let list = cx.cons(element, value(variable, cx));
    cx.intern(variable).set_value(list.into(), cx);
}

/// The alist of macros with which the compilation of a file begins.
pub(super) fn compile_time_macros(cx: &Context) -> Object<'_> {
    let pair = |&(name, function): &(&str, &str)| cx.cons(symbol(name, cx), symbol(function, cx)).into();
    cx.list(&COMPILE_TIME.iter().map(pair).collect::<Vec<Object<'_>>>())
}

/// Bind what is declared for one file until the enclosing `unbind_to`.
pub(crate) fn bind_declarations(cx: &mut Context) -> Result<(), Throw> {
    specbind!(cx, symbol(BOUND_VARIABLES, cx), NIL)?;
    specbind!(cx, symbol(places::TABLE, cx), NIL)?;
    specbind!(cx, symbol(FUNCTIONS, cx), NIL)
}

/// The lexical environment in which a form outside of all functions is evaluated: `t`, and the variables that the file
/// declared special without defining them; nil under dynamic binding.
pub(crate) fn environment(cx: &Context) -> Object<'_> {
    if super::is_lexical(cx) {
        let is_local = |v: &Object<'_>| v.as_symbol().is_some_and(|s| !s.is_special(cx));
        let variables: Vec<Object<'_>> = elements(value(BOUND_VARIABLES, cx)).filter(is_local).collect();
        cx.list_with_tail(&variables, cx.list(&[T]))
    } else {
        NIL
    }
}

/// Expand a form and do something with each of the forms that it comes to.  `expand` does the expansions, the first
/// argument of which is true for one at the top only.
pub(crate) fn each(
    form: Root<'_>,
    cx: &mut Context,
    expand: impl Fn(bool, Root<'_>, &mut Context) -> CallResult,
    mut done: impl FnMut(Root<'_>, &mut Context) -> CallResult,
) -> CallResult {
    let scope = cx.scope();
    let first = cx.list(&[form.get(cx)]);
    let (pending, value) = (scope.root(first), scope.root(NIL));
    while pending.get(cx).as_cons().is_some() {
        poll(cx)?;
        let inner = cx.scope();
        let form = inner.root(car_safe(pending.get(cx)));
        pending.set(cx, cdr_safe(pending.get(cx)));
        let expanded = expand(true, form, cx)?.get(cx);
        form.set(cx, expanded);
        if car_safe(form.get(cx)) == sym::PROGN {
            let parts: Vec<_> = elements(cdr_safe(form.get(cx))).collect();
            let all = cx.list_with_tail(&parts, pending.get(cx));
            pending.set(cx, all);
            continue;
        }
        let expanded = expand(false, form, cx)?.get(cx);
        form.set(cx, expanded);
        note(form.get(cx), cx);
        let result = done(form, cx)?.get(cx);
        value.set(cx, result);
    }
    Ok(cx.ret(value.get(cx)))
}

/// Expand for the compilation of a file.
pub(super) fn expand(top: bool, form: Root<'_>, cx: &mut Context) -> CallResult {
    let scope = cx.scope();
    let environment = scope.root(value(MACROS, cx));
    if top {
        funcall!(cx, sym::MACROEXPAND, form.get(cx), environment.get(cx))
    } else {
        macroexp::expand(form, environment, cx)
    }
}

/// Note what an expanded form declares for those behind it.
fn note(form: Object<'_>, cx: &Context) {
    let head = car_safe(form);
    if head == sym::PROG1 {
        note(car_safe(cdr_safe(form)), cx);
    } else if head == sym::DEFVAR || head == sym::DEFCONST {
        push(BOUND_VARIABLES, car_safe(cdr_safe(form)), cx);
    } else if head == sym::DEFVARALIAS || head == symbol("custom-declare-variable", cx) {
        let name = car_safe(cdr_safe(form));
        if car_safe(name) == sym::QUOTE {
            push(BOUND_VARIABLES, car_safe(cdr_safe(name)), cx);
        }
    } else if let Some((name, lambda)) = definition(form) {
        let source = if super::is_lexical(cx) {
            let closure = cx.list(&[sym::CLOSURE, cx.list(&[T])]);
            let rest = cdr_safe(lambda);
            cx.list_with_tail(&elements(closure).collect::<Vec<_>>(), rest)
        } else {
            lambda
        };
        push(FUNCTIONS, cx.cons(name, source).into(), cx);
    }
}

/// The name and the lambda expression of `(defalias 'NAME (function (lambda ...)))`.
fn definition(form: Object<'_>) -> Option<(Object<'_>, Object<'_>)> {
    let mut parts = elements(form);
    let (head, name, function) = (parts.next()?, parts.next()?, parts.next()?);
    let name = (car_safe(name) == sym::QUOTE).then(|| car_safe(cdr_safe(name)))?;
    let lambda = (car_safe(function) == sym::FUNCTION).then(|| car_safe(cdr_safe(function)))?;
    (head == sym::DEFALIAS && car_safe(lambda) == sym::LAMBDA).then_some((name, lambda))
}

/// The source of a function that the file defines.
pub(super) fn source<'ob>(name: Object<'_>, cx: &'ob Context) -> Option<Object<'ob>> {
    let pair = elements(value(FUNCTIONS, cx)).filter_map(Object::as_cons).find(|pair| pair.car() == name)?;
    Some(pair.cdr())
}

/// Keep the source of the functions of the file just loaded that are to be inlined in others.
pub(crate) fn keep_inline_sources(cx: &Context) {
    for pair in elements(value(FUNCTIONS, cx)).filter_map(Object::as_cons) {
        let Some(name) = pair.car().as_symbol() else { continue };
        if inline::is_inline(name, cx) && name.function(cx).as_byte_code().is_some() {
            inline::keep_source(name, pair.cdr(), cx);
        }
    }
}

/// Define the macro of `(defalias 'NAME (cons 'macro FUNCTION))` for the rest of the file that is compiled.
pub(super) fn define_macro(form: Root<'_>, cx: &mut Context) -> Result<(), Throw> {
    let scope = cx.scope();
    let (name, function) = match macro_definition(form.get(cx)) {
        Some((name, function)) => (scope.root(name), scope.root(function)),
        None => return Ok(()),
    };
    let env = scope.root(environment(cx));
    let expander = eval(function, env, cx)?.get(cx);
    let pair = cx.cons(name.get(cx), expander).into();
    push(MACROS, pair, cx);
    Ok(())
}

/// Give a symbol the property of `(function-put 'NAME 'PROPERTY VALUE)`, and likewise `define-symbol-prop`, for the rest of
/// the file that is compiled, if the value is a constant or a function: the file may use a place that it defines.
pub(super) fn define_property(form: Root<'_>, cx: &mut Context) -> Result<(), Throw> {
    let scope = cx.scope();
    let Some((name, property, value)) = property_definition(form.get(cx), cx) else { return Ok(()) };
    let (name, property, value) = (scope.root(name), scope.root(property), scope.root(value));
    let env = scope.root(environment(cx));
    let value = eval(value, env, cx)?.get(cx);
    let properties = cx.list(&[name.get(cx), property.get(cx), value]);
    push(PROPERTIES, properties, cx);
    Ok(())
}

fn property_definition<'ob>(form: Object<'ob>, cx: &'ob Context) -> Option<(Object<'ob>, Object<'ob>, Object<'ob>)> {
    let mut parts = elements(form);
    let (head, name, property, value) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let defines = head == symbol("function-put", cx) || head == symbol("define-symbol-prop", cx);
    let quoted = |object: Object<'ob>| (car_safe(object) == sym::QUOTE).then(|| car_safe(cdr_safe(object)));
    let known = match value.as_cons() {
        Some(cell) => cell.car() == sym::QUOTE || cell.car() == sym::FUNCTION,
        None => value.as_symbol().is_none_or(|_| value.is_nil() || value == T),
    };
    (defines && known).then_some((quoted(name)?, quoted(property)?, value))
}

fn macro_definition(form: Object<'_>) -> Option<(Object<'_>, Object<'_>)> {
    let mut parts = elements(form);
    let (head, name, pair) = (parts.next()?, parts.next()?, parts.next()?);
    if head == sym::PROG1 {
        return macro_definition(name);
    }
    let name = (head == sym::DEFALIAS && car_safe(name) == sym::QUOTE).then(|| car_safe(cdr_safe(name)))?;
    let mut parts = elements(pair);
    let (_, kind, function) = (parts.next()?, parts.next()?, parts.next()?);
    (car_safe(kind) == sym::QUOTE && car_safe(cdr_safe(kind)) == sym::MACRO).then_some((name, function))
}

fn progn<'ob>(body: Slots<'ob>, cx: &'ob Context) -> Object<'ob> {
    cx.cons(sym::PROGN, crate::form::rest(body, cx)).into()
}

/// Evaluate BODY while a file is compiled; in the compiled code stands the value.
#[defun(name = "byte-compile--eval-when-compile")]
fn eval_when_compile(body: tenure_gc::Args<'_>, cx: &mut Context) -> CallResult {
    let scope = cx.scope();
    let form = scope.root(progn(body.slots(cx), cx));
    let env = scope.root(environment(cx));
    let value = eval(form, env, cx)?.get(cx);
    Ok(cx.ret(crate::form::always_quote(value, cx)))
}

/// Evaluate BODY while a file is compiled; in the compiled code it stands as well.
#[defun(name = "byte-compile--eval-and-compile")]
fn eval_and_compile(body: tenure_gc::Args<'_>, cx: &mut Context) -> CallResult {
    let scope = cx.scope();
    let form = scope.root(progn(body.slots(cx), cx));
    let env = scope.root(environment(cx));
    eval(form, env, cx)?.get(cx);
    Ok(cx.ret(form.get(cx)))
}

/// Note that the file may call FUNCTION, which FILE defines, with ARGLIST for arguments unless that is t.
#[defun(name = "byte-compile--declare-function", min = 2)]
fn declare_function<'ob>(
    function: Object<'ob>,
    _file: Object<'ob>,
    arglist: Option<Object<'ob>>,
    _fileonly: Option<Object<'ob>>,
    cx: &'ob Context,
) -> Object<'ob> {
    let signature = arglist.filter(|&list| list != T).and_then(|list| signature(list, cx));
    if places::table(cx).is_some() {
        warn::declare(warn::name(function, cx), signature, cx);
    }
    NIL
}

/// BODY, without WARNINGS of it.
#[defun(name = "byte-compile--with-suppressed-warnings")]
fn with_suppressed_warnings<'ob>(warnings: Object<'ob>, body: Slots<'ob>, cx: &'ob Context) -> Object<'ob> {
    let list = crate::form::always_quote(warnings, cx);
    cx.list_with_tail(&[symbol(SUPPRESSING, cx), list], crate::form::rest(body, cx))
}

/// How many arguments a lambda list takes, if it is one.
fn signature(arglist: Object<'_>, cx: &Context) -> Option<Signature> {
    let arity = convert::parameters(arglist, cx).map_err(|throw| cx.caught(throw)).ok()?.arity;
    Some(Signature { least: arity.mandatory, most: (!arity.rest).then_some(arity.positional) })
}

/// Note for warnings what a form at the top defines, and how it is called before and after.
pub(super) fn note_definition(form: Object<'_>, cx: &Context) {
    if places::table(cx).is_none() {
        return;
    }
    let head = car_safe(form);
    let named = || {
        let name = car_safe(cdr_safe(form));
        (car_safe(name) == sym::QUOTE).then(|| car_safe(cdr_safe(name))).filter(|name| name.as_symbol().is_some())
    };
    if head == sym::PROG1 || head == sym::PROGN {
        return note_definition(car_safe(cdr_safe(form)), cx);
    }
    if let Some((name, function)) = macro_definition(form) {
        warn::define(Some(warn::name(name, cx)), cx);
        warn::note_definition(
            warn::name(name, cx),
            signature(car_safe(cdr_safe(car_safe(cdr_safe(function)))), cx),
            true,
            cx,
        );
    } else if let Some((name, lambda)) = definition(form) {
        warn::define(Some(warn::name(name, cx)), cx);
        let signature = signature(car_safe(cdr_safe(lambda)), cx);
        warn::note_definition(warn::name(name, cx), signature, false, cx);
    } else if [sym::DEFALIAS, sym::AUTOLOAD, symbol("cl-generic-define-method", cx)].contains(&head)
        && let Some(name) = named()
    {
        warn::declare(warn::name(name, cx), None, cx);
    }
}

/// The primitives of this file.
pub(super) const SUBRS: &[SubrInfo] =
    &subrs![eval_when_compile, eval_and_compile, declare_function, with_suppressed_warnings];
