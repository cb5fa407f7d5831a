//! Interpreted functions: `(lambda ARGS BODY...)` and `(closure ENV ARGS BODY...)`.

use crate::binding;
use crate::convert::FromLisp;
use crate::error::signal;
use crate::eval::{bind_environment, forms, prepared, wrong_number};
use crate::specpdl::{mark, unbind_to};
use crate::sym;
use tenure_gc::{Args, CallResult, Cons, Context, NIL, Object, Pushed, Root, Throw};

/// Call an interpreted function on evaluated arguments.
pub(crate) fn call(function: Root<'_>, args: Args<'_>, cx: &mut Context) -> CallResult {
    if let Some(result) = prepared::call(function, args, cx) {
        return result;
    }
    let start = mark(cx);
    let base = cx.stack_len();
    let result = match bind_arguments(function, args, cx) {
        Ok(()) => {
            let body = cx.window(base, 1).root(0);
            forms::progn_body(body, cx)
        }
        Err(throw) => Err(throw),
    };
    let result = unbind_to(start, result, cx);
    cx.truncate_stack(base);
    result
}

/// Bind the parameters, lexically if the function has an environment; leaves the body on top of the Lisp stack.
fn bind_arguments(function: Root<'_>, args: Args<'_>, cx: &mut Context) -> Result<(), Throw> {
    let object = function.get(cx);
    let invalid = |cx: &Context| signal(sym::INVALID_FUNCTION, &[function.get(cx)], cx);
    let Some(head) = object.as_cons() else { return Err(invalid(cx)) };
    // As in Emacs, what a wrong number of arguments is reported with is the closure without its first word.
    let (shape, lexical_env) = if head.car() == sym::CLOSURE {
        let Some(rest) = head.cdr().as_cons() else { return Err(invalid(cx)) };
        (rest, rest.car())
    } else {
        (head, NIL)
    };
    let Some(lambda) = shape.cdr().as_cons() else {
        return Err(signal(sym::INVALID_FUNCTION, &[shape.into()], cx));
    };
    let (env, watched) = bind_parameters(lambda.car(), shape.into(), lexical_env, args, cx)?;
    bind_environment(env, cx);
    cx.push(lambda.cdr());
    if !watched {
        return Ok(());
    }
    let parameters = cx.push_args([lambda_parameters(function, cx)]);
    bind_watched(parameters, args, cx)
}

/// The parameter list of a function.
fn lambda_parameters<'ob>(function: Root<'_>, cx: &'ob Context) -> Object<'ob> {
    match function.get(cx).as_byte_code() {
        Some(code) => code.get(0).unwrap_or(NIL),
        None => function.get(cx).as_cons().and_then(|f| f.cdr().as_cons()).map_or(NIL, |f| f.car()),
    }
}

/// Bind the parameters of a byte-code function that has a list of them.
pub(crate) fn bind_dynamically(function: Root<'_>, args: Args<'_>, cx: &mut Context) -> Result<(), Throw> {
    let object = function.get(cx);
    let parameters = match object.as_closure() {
        Some(closure) => closure.prototype().as_byte_code().and_then(|code| code.get(0)).unwrap_or(NIL),
        None => lambda_parameters(function, cx),
    };
    let (_, watched) = bind_parameters(parameters, object, NIL, args, cx)?;
    if !watched {
        return Ok(());
    }
    let parameters = cx.push_args([parameters]);
    bind_watched(parameters, args, cx)
}

/// Bind parameters: in the lexical environment `env`, or dynamically if that is nil, except for variables with watchers.
/// Gives the new environment, and whether there are such variables.  `shape` is the function as errors show it.
fn bind_parameters<'ob>(
    parameters: Object<'ob>,
    shape: Object<'ob>,
    env: Object<'ob>,
    args: Args<'_>,
    cx: &'ob Context,
) -> Result<(Object<'ob>, bool), Throw> {
    let slots = args.slots(cx);
    let n = slots.len();
    let (mut parameters, mut env) = (parameters, env);
    let (mut i, mut optional, mut rest, mut after_rest) = (0, false, false, false);
    let mut watched = false;
    while let Some(cell) = parameters.as_cons() {
        parameters = cell.cdr();
        let parameter = cell.car();
        if parameter == sym::AND_REST {
            if rest {
                return Err(signal(sym::INVALID_FUNCTION, &[shape], cx));
            }
            (optional, rest, after_rest) = (true, true, true);
            continue;
        }
        if parameter == sym::AND_OPTIONAL {
            if optional {
                return Err(signal(sym::INVALID_FUNCTION, &[shape], cx));
            }
            optional = true;
            continue;
        }
        let Some(symbol) = parameter.as_symbol() else {
            return Err(signal(sym::INVALID_FUNCTION, &[shape], cx));
        };
        let value = if rest && i < n {
            let list = (i..n).rev().fold(NIL, |list, j| cx.cons(slots.get(j), list).into());
            i = n;
            list
        } else if i < n {
            i += 1;
            slots.get(i - 1)
        } else if optional {
            NIL
        } else {
            return Err(wrong_number(shape, n, cx));
        };
        after_rest = false;
        if env.is_nil() {
            watched |= !binding::try_specbind(symbol, value, cx)?;
        } else {
            env = cx.cons(cx.cons(parameter, value).into(), env).into();
        }
    }
    if !parameters.is_nil() || after_rest {
        return Err(signal(sym::INVALID_FUNCTION, &[shape], cx));
    }
    if i < n {
        return Err(wrong_number(shape, n, cx));
    }
    Ok((env, watched))
}

/// Bind the parameters that have watchers, which may run anything: those of a dynamically scoped function, after the
/// others.  The list was found to be well formed.
#[cold]
fn bind_watched(parameters: Pushed, args: Args<'_>, cx: &mut Context) -> Result<(), Throw> {
    cx.enter(parameters, |parameters, cx| bind_each_watched(parameters.root(0), args, cx))
}

fn bind_each_watched(parameters: Root<'_>, args: Args<'_>, cx: &mut Context) -> Result<(), Throw> {
    let (mut i, mut rest) = (0, false);
    while let Some(cell) = parameters.get(cx).as_cons() {
        parameters.set(cx, cell.cdr());
        let parameter = cell.car();
        if parameter == sym::AND_REST || parameter == sym::AND_OPTIONAL {
            rest |= parameter == sym::AND_REST;
            continue;
        }
        let slots = args.slots(cx);
        let value = if rest {
            let list = (i.min(slots.len())..slots.len()).rev().fold(NIL, |l, j| cx.cons(slots.get(j), l).into());
            i = slots.len();
            list
        } else {
            i += 1;
            if i <= slots.len() { slots.get(i - 1) } else { NIL }
        };
        if parameter.as_symbol().is_some_and(|s| binding::is_watched(s, cx)) {
            let pushed = cx.push_args([parameter, value]);
            binding::specbind(pushed, cx)?;
        }
    }
    Ok(())
}

/// The least and the greatest number of arguments of an interpreted function; no greatest means any number.
pub(crate) fn arity(function: Object<'_>, cx: &Context) -> Result<(usize, Option<usize>), Throw> {
    let invalid = || signal(sym::INVALID_FUNCTION, &[function], cx);
    let mut head = Cons::from_lisp(function, cx)?;
    if head.car() == sym::CLOSURE {
        head = Cons::from_lisp(head.cdr(), cx)?;
    }
    let mut parameters = Cons::from_lisp(head.cdr(), cx).map_err(|_| invalid())?.car();
    let (mut least, mut most, mut optional) = (0, 0, false);
    while let Some(cell) = parameters.as_cons() {
        parameters = cell.cdr();
        if cell.car().as_symbol().is_none() {
            return Err(invalid());
        } else if cell.car() == sym::AND_REST {
            return Ok((least, None));
        } else if cell.car() == sym::AND_OPTIONAL {
            optional = true;
        } else {
            least += usize::from(!optional);
            most += 1;
        }
    }
    if parameters.is_nil() { Ok((least, Some(most))) } else { Err(invalid()) }
}
