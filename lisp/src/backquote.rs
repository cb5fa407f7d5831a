//! Backquote: `` `(a ,b ,@c) `` to an expression of `cons`, `list`, `append` and `vconcat`.
//!
//! Nested backquotes raise the depth and unquotes lower it; only what is unquoted to depth zero is evaluated.  Parts
//! without unquotes stay constants and are shared between evaluations, as in Emacs.

use tenure_gc::{Context, Kind, LispResult, NIL, Object};
use tenure_vm::error::{error, signal};
use tenure_vm::eval::TOO_DEEP;
use tenure_vm::{defun, sym};

/// Nesting beyond which a template is refused; each level is one native frame.
const MAX_DEPTH: u32 = 4000;

/// A processed template.
#[derive(Clone, Copy)]
enum Part<'ob> {
    /// A constant, itself.
    Constant(Object<'ob>),
    /// An expression that makes it.
    Expression(Object<'ob>),
    /// An expression whose value is spliced into the list around it.
    Splice(Object<'ob>),
}

use Part::{Constant, Expression, Splice};

/// Expand a backquoted TEMPLATE to an expression that makes it.
#[defun(name = "`")]
pub(crate) fn backquote<'ob>(template: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let part = process(template, 0, 0, cx)?;
    Ok(expression(part, cx))
}

/// The expression whose value is the part.
fn expression<'ob>(part: Part<'ob>, cx: &'ob Context) -> Object<'ob> {
    match part {
        Constant(value) => crate::form::quote(value, cx),
        Expression(e) | Splice(e) => e,
    }
}

/// The one argument of `(HEAD ARGUMENT)`.
fn operand<'ob>(form: Object<'ob>, head: Object<'_>) -> Option<Object<'ob>> {
    let cons = form.as_cons().filter(|c| c.car() == head)?;
    let rest = cons.cdr().as_cons().filter(|c| c.cdr().is_nil())?;
    Some(rest.car())
}

fn process<'ob>(form: Object<'ob>, depth: u32, nesting: u32, cx: &'ob Context) -> Result<Part<'ob>, tenure_gc::Throw> {
    if nesting > MAX_DEPTH {
        return Err(error(TOO_DEEP, cx));
    }
    match form.untag() {
        Kind::Vector(vector) => {
            let elements = cx.list(&(0..vector.len()).filter_map(|i| vector.get(i)).collect::<Vec<_>>());
            Ok(match process_list(elements, depth, nesting, cx)? {
                Constant(_) => Constant(form),
                Expression(e) | Splice(e) => Expression(cx.list(&[cx.intern("vconcat").into(), e])),
            })
        }
        Kind::Cons(_) => {
            if operand(form, sym::BACKQUOTE).is_some() {
                return process_list(form, depth + 1, nesting, cx);
            }
            for (head, make) in [(sym::COMMA, Expression as fn(_) -> _), (sym::COMMA_AT, Splice)] {
                if let Some(argument) = operand(form, head) {
                    return if depth == 0 { Ok(make(argument)) } else { process_list(form, depth - 1, nesting, cx) };
                }
            }
            process_list(form, depth, nesting, cx)
        }
        _ => Ok(Constant(form)),
    }
}

fn process_list<'ob>(
    form: Object<'ob>,
    depth: u32,
    nesting: u32,
    cx: &'ob Context,
) -> Result<Part<'ob>, tenure_gc::Throw> {
    // The elements, and the tails they begin, so that constant tails are kept as they are.
    let mut elements: Vec<(Part<'ob>, Object<'ob>)> = Vec::new();
    let mut rest = form;
    let mut slow = form;
    let mut tail = Constant(NIL);
    while let Kind::Cons(cons) = rest.untag() {
        // `(a . ,b)` reads as `(a \, b)`.
        let dotted = !elements.is_empty()
            && [sym::COMMA, sym::COMMA_AT, sym::BACKQUOTE].iter().any(|&head| operand(rest, head).is_some());
        if dotted {
            break;
        }
        elements.push((process(cons.car(), depth, nesting + 1, cx)?, rest));
        rest = cons.cdr();
        if elements.len().is_multiple_of(2) {
            slow = slow.as_cons().map_or(NIL, |c| c.cdr());
            if slow == rest && !rest.is_nil() {
                return Err(signal(sym::CIRCULAR_LIST, &[form], cx));
            }
        }
    }
    if !rest.is_nil() {
        tail = process(rest, depth, nesting + 1, cx)?;
    }
    for &(part, whole) in elements.iter().rev() {
        tail = match (part, tail) {
            (Constant(_), Constant(_)) => Constant(whole),
            (Splice(e), Constant(end)) if end.is_nil() => Expression(e),
            (Splice(e), after) => {
                let after = expression(after, cx);
                Expression(prepend("append", e, after, cx))
            }
            (part, after) => {
                let first = expression(part, cx);
                match after {
                    Constant(end) if end.is_nil() => Expression(cx.list(&[cx.intern("list").into(), first])),
                    Expression(e) if is_call(e, "list", cx) => Expression(prepend("list", first, e, cx)),
                    after => Expression(cx.list(&[cx.intern("cons").into(), first, expression(after, cx)])),
                }
            }
        };
    }
    Ok(tail)
}

fn is_call(form: Object<'_>, function: &str, cx: &Context) -> bool {
    form.as_cons().is_some_and(|c| c.car() == cx.intern(function).into())
}

/// `(FUNCTION FIRST . ARGUMENTS)` if `after` is `(FUNCTION . ARGUMENTS)`, else `(FUNCTION FIRST AFTER)`.
fn prepend<'ob>(function: &str, first: Object<'ob>, after: Object<'ob>, cx: &'ob Context) -> Object<'ob> {
    let head = cx.intern(function).into();
    match after.as_cons().filter(|c| c.car() == head) {
        Some(call) => cx.list_with_tail(&[head, first], call.cdr()),
        None => cx.list(&[head, first, after]),
    }
}
