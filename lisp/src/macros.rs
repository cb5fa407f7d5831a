//! The macros that nearly every program uses, in Rust so that start-up need not read them (`subr.el`, `byte-run.el`).
//!
//! A macro here is a primitive of forms: it cannot collect, and its arguments are the unevaluated ones.  The expansions
//! are those that can be observed in Emacs 28.2.

use crate::backquote::SUBR_BACKQUOTE;
use crate::form::{always_quote, call, car_safe, cdr_safe, elements, rest, symbol};
use tenure_gc::{Context, LispResult, NIL, Object, Slots, SubrInfo};
use tenure_vm::error::{error, signal, wrong_type};
use tenure_vm::{defun, subrs, sym};

/// Put the macros in their function cells.
pub(crate) fn define(cx: &Context) {
    for info in MACROS {
        let subr = cx.define_subr(*info);
        let definition = cx.cons(sym::MACRO, subr.into());
        cx.intern(info.name).set_function(definition.into(), cx);
    }
}

const MACROS: &[SubrInfo] = &subrs![
    lambda,
    when,
    unless,
    prog2,
    push,
    pop,
    dolist,
    dotimes,
    setq_default,
    ignore_errors,
    condition_case_unless_debug,
    declare,
    defun_macro,
    defmacro,
    defsubst,
    backquote
];

/// A function of ARGUMENTS, written without `function`.
#[defun]
fn lambda<'ob>(parts: Slots<'ob>, cx: &'ob Context) -> Object<'ob> {
    let function = cx.cons(sym::LAMBDA, rest(parts, cx));
    cx.list(&[sym::FUNCTION, function.into()])
}

/// If CONDITION yields non-nil, do BODY.
#[defun]
fn when<'ob>(condition: Object<'ob>, body: Slots<'ob>, cx: &'ob Context) -> Object<'ob> {
    let body = cx.cons(sym::PROGN, rest(body, cx));
    cx.list(&[sym::IF, condition, body.into()])
}

/// If CONDITION yields nil, do BODY.
#[defun]
fn unless<'ob>(condition: Object<'ob>, body: Slots<'ob>, cx: &'ob Context) -> Object<'ob> {
    cx.list_with_tail(&[sym::IF, condition, NIL], rest(body, cx))
}

/// Evaluate FORM1, FORM2 and BODY in order; the value is that of FORM2.
#[defun]
fn prog2<'ob>(form1: Object<'ob>, form2: Object<'ob>, body: Slots<'ob>, cx: &'ob Context) -> Object<'ob> {
    let inner = cx.list_with_tail(&[sym::PROG1, form2], rest(body, cx));
    cx.list(&[sym::PROGN, form1, inner])
}

/// Put NEWELT at the front of the list in PLACE.
#[defun]
fn push<'ob>(newelt: Object<'ob>, place: Object<'ob>, cx: &'ob Context) -> Object<'ob> {
    if place.as_symbol().is_none() {
        return call("gv--push", &[newelt, place], cx);
    }
    let pair = call("cons", &[newelt, place], cx);
    cx.list(&[sym::SETQ, place, pair])
}

/// Take the first element off the list in PLACE, and give it.
#[defun]
fn pop<'ob>(place: Object<'ob>, cx: &'ob Context) -> Object<'ob> {
    if place.as_symbol().is_none() {
        return call("gv--pop", &[place], cx);
    }
    let shorter = cx.list(&[sym::SETQ, place, call("cdr", &[place], cx)]);
    call("car-safe", &[cx.list(&[sym::PROG1, place, shorter])], cx)
}

/// Whether the code that is being expanded uses lexical binding.
fn is_lexical(cx: &Context) -> bool {
    !tenure_vm::lread::setting(sym::LEXICAL_BINDING, cx).is_nil()
}

/// Bind VAR to each element of LIST in turn and do BODY; the value is that of RESULT.
#[defun]
fn dolist<'ob>(spec: Object<'ob>, body: Slots<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let Some(parts) = spec.as_cons() else { return Err(wrong_type(sym::CONSP, spec, cx)) };
    let count = elements(spec).count();
    if !(2..=3).contains(&count) {
        let arity = cx.cons(Object::fixnum(2), Object::fixnum(3));
        return Err(signal(sym::WRONG_NUMBER_OF_ARGUMENTS, &[arity.into(), Object::fixnum(count as i64)], cx));
    }
    let (variable, list) = (parts.car(), car_safe(parts.cdr()));
    let result = cdr_safe(parts.cdr());
    let tail = symbol("--dolist-tail--", cx);
    let first = call("car", &[tail], cx);
    let advance = cx.list(&[sym::SETQ, tail, call("cdr", &[tail], cx)]);
    let binding = cx.list(&[tail, list]);
    if is_lexical(cx) {
        let inner = cx.list(&[cx.list(&[variable, first])]);
        let step = append(rest(body, cx), cx.list(&[advance]), cx);
        let inner = cx.list_with_tail(&[sym::LET, inner], step);
        let looping = cx.list(&[sym::WHILE, tail, inner]);
        return Ok(cx.list_with_tail(&[sym::LET, cx.list(&[binding]), looping], result));
    }
    let fetch = cx.list(&[sym::SETQ, variable, first]);
    let step = append(rest(body, cx), cx.list(&[advance]), cx);
    let looping = cx.list_with_tail(&[sym::WHILE, tail, fetch], step);
    let end = if result.is_nil() { NIL } else { cx.cons(cx.list(&[sym::SETQ, variable, NIL]), result).into() };
    Ok(cx.list_with_tail(&[sym::LET, cx.list(&[binding, variable]), looping], end))
}

/// Bind VAR to the integers from 0 below COUNT in turn and do BODY; the value is that of RESULT.
#[defun]
fn dotimes<'ob>(spec: Object<'ob>, body: Slots<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let Some(parts) = spec.as_cons() else { return Err(wrong_type(sym::CONSP, spec, cx)) };
    let (variable, count) = (parts.car(), car_safe(parts.cdr()));
    let result = cdr_safe(parts.cdr());
    let limit = symbol("--dotimes-limit--", cx);
    let lexical = is_lexical(cx);
    let counter = if lexical { symbol("--dotimes-counter--", cx) } else { variable };
    let bindings = cx.list(&[cx.list(&[limit, count]), cx.list(&[counter, Object::fixnum(0)])]);
    let test = cx.list(&[sym::LESS, counter, limit]);
    let advance = cx.list(&[sym::SETQ, counter, call("1+", &[counter], cx)]);
    let inner = cx.list(&[cx.list(&[variable, counter])]);
    let looping = if lexical {
        let step = cx.list_with_tail(&[sym::LET, inner], rest(body, cx));
        cx.list(&[sym::WHILE, test, step, advance])
    } else {
        cx.list_with_tail(&[sym::WHILE, test], append(rest(body, cx), cx.list(&[advance]), cx))
    };
    let end =
        if !result.is_nil() && lexical { cx.list(&[cx.list_with_tail(&[sym::LET, inner], result)]) } else { result };
    Ok(cx.list_with_tail(&[sym::LET, bindings, looping], end))
}

fn append<'ob>(list: Object<'ob>, tail: Object<'ob>, cx: &'ob Context) -> Object<'ob> {
    cx.list_with_tail(&elements(list).collect::<Vec<_>>(), tail)
}

/// Set the default value of each VAR to VALUE.
#[defun]
fn setq_default<'ob>(pairs: Slots<'ob>, cx: &'ob Context) -> Object<'ob> {
    let mut forms = vec![sym::PROGN];
    for i in (0..pairs.len()).step_by(2) {
        let value = if i + 1 < pairs.len() { pairs.get(i + 1) } else { NIL };
        forms.push(call("set-default", &[always_quote(pairs.get(i), cx), value], cx));
    }
    cx.list(&forms)
}

/// Do BODY; if it signals an error, the value is nil.
#[defun]
fn ignore_errors<'ob>(body: Slots<'ob>, cx: &'ob Context) -> Object<'ob> {
    let body = cx.cons(sym::PROGN, rest(body, cx));
    cx.list(&[sym::CONDITION_CASE, NIL, body.into(), cx.list(&[sym::ERROR, NIL])])
}

/// Like `condition-case`, but the debugger is asked first.
#[defun]
fn condition_case_unless_debug<'ob>(
    variable: Object<'ob>,
    form: Object<'ob>,
    handlers: Slots<'ob>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    let handlers: Vec<_> = handlers
        .iter()
        .map(|handler| {
            let condition = car_safe(handler);
            if condition == sym::SUCCESS {
                return handler;
            }
            let conditions = if condition.as_cons().is_some() { condition } else { cx.list(&[condition]) };
            let conditions = cx.cons(sym::DEBUG, conditions);
            cx.cons(conditions.into(), cdr_safe(handler)).into()
        })
        .collect();
    Ok(cx.list_with_tail(&[sym::CONDITION_CASE, variable, form], cx.list(&handlers)))
}

/// Does nothing: it is only read where definitions look for it.
#[defun]
fn declare<'ob>(_specifications: Slots<'ob>) -> Object<'ob> {
    NIL
}

/// Which definitions a declaration may stand in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Definition {
    Function,
    Macro,
}

/// The form that a declaration becomes, given the name, the argument list and the declaration's values.
type Declare = for<'ob> fn(Object<'ob>, Object<'ob>, Object<'ob>, &'ob Context) -> Object<'ob>;

/// `(function-put 'NAME 'PROPERTY 'VALUE)`.
fn put_property<'ob>(name: Object<'_>, property: &str, value: Object<'_>, cx: &'ob Context) -> Object<'ob> {
    let property = always_quote(symbol(property, cx), cx);
    call("function-put", &[always_quote(name, cx), property, always_quote(value, cx)], cx)
}

/// The declarations that are known: name, whether only functions or macros have it, and what it becomes.
const DECLARATIONS: &[(&str, Option<Definition>, Declare)] = &[
    ("indent", None, |name, _, values, cx| put_property(name, "lisp-indent-function", car_safe(values), cx)),
    ("doc-string", None, |name, _, values, cx| put_property(name, "doc-string-elt", car_safe(values), cx)),
    ("speed", None, |name, _, values, cx| put_property(name, "speed", car_safe(values), cx)),
    ("pure", None, |name, _, values, cx| put_property(name, "pure", car_safe(values), cx)),
    ("side-effect-free", None, |name, _, values, cx| put_property(name, "side-effect-free", car_safe(values), cx)),
    ("interactive-only", None, |name, _, values, cx| put_property(name, "interactive-only", car_safe(values), cx)),
    ("modes", None, |name, _, values, cx| put_property(name, "command-modes", values, cx)),
    ("completion", None, |name, _, values, cx| {
        let property = always_quote(symbol("completion-predicate", cx), cx);
        let function = cx.list(&[sym::FUNCTION, car_safe(values)]);
        call("function-put", &[always_quote(name, cx), property, function], cx)
    }),
    ("obsolete", None, |name, _, values, cx| {
        let (new, when) = (car_safe(values), car_safe(cdr_safe(values)));
        call("make-obsolete", &[always_quote(name, cx), always_quote(new, cx), always_quote(when, cx)], cx)
    }),
    ("advertised-calling-convention", None, |name, _, values, cx| {
        let (list, when) = (car_safe(values), car_safe(cdr_safe(values)));
        let arguments = [always_quote(name, cx), always_quote(list, cx), always_quote(when, cx)];
        call("set-advertised-calling-convention", &arguments, cx)
    }),
    ("compiler-macro", None, |name, arguments, values, cx| {
        let property = always_quote(symbol("compiler-macro", cx), cx);
        let mut function = car_safe(values);
        if let Some(code) = function.as_cons().filter(|c| c.car() == sym::LAMBDA) {
            // `(lambda (FORM) BODY...)` takes the arguments of the function after the form.
            let list = cx.cons(car_safe(car_safe(code.cdr())), arguments);
            function = cx.list_with_tail(&[sym::LAMBDA, list.into()], cdr_safe(code.cdr()));
        }
        let function = cx.list(&[sym::FUNCTION, function]);
        let put = call("function-put", &[always_quote(name, cx), property, function], cx);
        call("eval-and-compile", &[put], cx)
    }),
    ("gv-expander", None, |name, _, values, cx| {
        let function = cx.list(&[sym::FUNCTION, car_safe(values)]);
        autoload_end(call("gv-define-expander", &[name, function], cx), cx)
    }),
    ("gv-setter", None, |name, arguments, values, cx| {
        let setter = car_safe(values);
        let form = match setter.as_cons().filter(|c| c.car() == sym::LAMBDA) {
            Some(code) => {
                let list = cx.cons(car_safe(car_safe(code.cdr())), arguments);
                let head = [symbol("gv-define-setter", cx), name, list.into()];
                cx.list_with_tail(&head, cdr_safe(code.cdr()))
            }
            None => call("gv-define-simple-setter", &[name, setter, car_safe(cdr_safe(values))], cx),
        };
        autoload_end(form, cx)
    }),
    ("debug", Some(Definition::Macro), |name, _, values, cx| {
        let property = always_quote(symbol("edebug-form-spec", cx), cx);
        autoload_end(call("put", &[always_quote(name, cx), property, always_quote(car_safe(values), cx)], cx), cx)
    }),
    ("no-font-lock-keyword", Some(Definition::Macro), |name, _, values, cx| {
        put_property(name, "no-font-lock-keyword", car_safe(values), cx)
    }),
];

fn autoload_end<'ob>(form: Object<'ob>, cx: &'ob Context) -> Object<'ob> {
    cx.list(&[sym::PROGN, symbol(":autoload-end", cx), form])
}

/// A definition taken apart.
struct Parsed<'ob> {
    /// Documentation and body, never empty.
    body: Object<'ob>,
    /// The forms that the declarations become.
    declarations: Vec<Object<'ob>>,
}

/// Look for the documentation string and `declare` at the start of a body.
fn parse<'ob>(
    kind: Definition,
    name: Object<'ob>,
    arguments: Object<'ob>,
    body: Slots<'ob>,
    cx: &'ob Context,
) -> Parsed<'ob> {
    let is_declare = |form: Object<'ob>| car_safe(form) == sym::DECLARE;
    let (mut doc, mut from) = (NIL, 0);
    let mut declared = NIL;
    if !body.is_empty() {
        doc = body.get(0);
        from = 1;
        if is_declare(doc) {
            declared = cdr_safe(std::mem::take(&mut doc));
        } else if doc.as_string().is_some() && body.len() > 1 && is_declare(body.get(1)) {
            declared = cdr_safe(body.get(1));
            from = 2;
        }
    }
    let mut forms = rest(body.from(from), cx);
    if !doc.is_nil() {
        forms = cx.cons(doc, forms).into();
    } else if forms.is_nil() {
        forms = cx.list(&[NIL]);
    }
    let declarations = elements(declared).map(|declaration| {
        let found = car_safe(declaration).as_symbol().and_then(|s| {
            let name = s.name(cx).bytes();
            DECLARATIONS.iter().find(|(known, only, _)| known.as_bytes() == name && only.is_none_or(|o| o == kind))
        });
        found.map_or(NIL, |(_, _, make)| make(name, arguments, cdr_safe(declaration), cx))
    });
    Parsed { declarations: declarations.collect(), body: forms }
}

/// `(prog1 DEFINITION DECLARATIONS...)`, or the definition alone.
fn with_declarations<'ob>(definition: Object<'ob>, declarations: &[Object<'ob>], cx: &'ob Context) -> Object<'ob> {
    if declarations.is_empty() {
        return definition;
    }
    cx.list_with_tail(&[sym::PROG1, definition], cx.list(declarations))
}

/// Define NAME as a function.
#[defun(name = "defun")]
fn defun_macro<'ob>(name: Object<'ob>, arglist: Object<'ob>, body: Slots<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    if name.as_symbol().is_none() {
        return Err(wrong_type(sym::SYMBOLP, name, cx));
    }
    check_arglist(arglist, cx)?;
    let parsed = parse(Definition::Function, name, arglist, body, cx);
    let code = cx.list_with_tail(&[sym::LAMBDA, arglist], parsed.body);
    let function = cx.list(&[sym::FUNCTION, code]);
    let definition = cx.list(&[sym::DEFALIAS, always_quote(name, cx), function]);
    Ok(with_declarations(definition, &parsed.declarations, cx))
}

/// Define NAME as a macro.
#[defun]
fn defmacro<'ob>(name: Object<'ob>, arglist: Object<'ob>, body: Slots<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let parsed = parse(Definition::Macro, name, arglist, body, cx);
    let code = cx.list_with_tail(&[sym::LAMBDA, arglist], parsed.body);
    let function = call("cons", &[always_quote(sym::MACRO, cx), cx.list(&[sym::FUNCTION, code])], cx);
    let definition = cx.list(&[sym::DEFALIAS, always_quote(name, cx), function]);
    Ok(with_declarations(definition, &parsed.declarations, cx))
}

fn check_arglist<'ob>(arglist: Object<'ob>, cx: &'ob Context) -> Result<(), tenure_gc::Throw> {
    if arglist.is_nil() || arglist.as_cons().is_some() {
        return Ok(());
    }
    let text = crate::print::print_to_text(arglist, false, cx)?;
    Err(error(&format!("Malformed arglist: {}", String::from_utf8_lossy(&text)), cx))
}

/// Define NAME as a function that a compiler may put in place of its calls.
#[defun]
fn defsubst<'ob>(name: Object<'ob>, arglist: Object<'ob>, body: Slots<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let definition = cx.list_with_tail(&[symbol("defun", cx), name, arglist], rest(body, cx));
    let quoted = always_quote(name, cx);
    let speed = put_property(name, "speed", Object::fixnum(-1), cx);
    let property = always_quote(symbol("byte-optimizer", cx), cx);
    let inline = always_quote(symbol("byte-compile-inline-expand", cx), cx);
    let put = call("put", &[quoted, property, inline], cx);
    Ok(cx.list(&[sym::PROG1, definition, call("eval-and-compile", &[speed, put], cx)]))
}
