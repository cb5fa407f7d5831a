//! Calling a function on each element of a sequence.
//!
//! The function may change the sequence: a list ends early where it was cut, a vector or string keeps the length and, a
//! string, the characters that it had at the start.  Results go into a list as they come.

use super::list::Joiner;
use super::sequence::{elements, length_of};
use crate::state::Vm;
use crate::string::{concat, string_chars};
use crate::{error, eval, funcall, handler};
use tenure_gc::{CallResult, Context, Kind, LispResult, NIL, Object, Root, Subr, SubrInfo, Throw};
use tenure_macros::{defun, subrs};

/// Call a function on each element and `take` each value.
fn for_each(
    function: Root<'_>,
    sequence: Root<'_>,
    cx: &mut Context,
    mut take: impl FnMut(Object<'_>, &Context),
) -> Result<(), Throw> {
    let n = length_of(sequence.get(cx), cx)?;
    let scope = cx.scope();
    let mut call = |element: Root<'_>, cx: &mut Context| {
        let value = funcall!(cx, function.get(cx), element.get(cx))?.get(cx);
        take(value, cx);
        Ok(())
    };
    let element = scope.root(NIL);
    match sequence.get(cx).untag() {
        Kind::Cons(_) => {
            let rest = scope.root(sequence.get(cx));
            let mut left = n;
            while left > 0 {
                left -= call_quickly(function, rest, left, cx, &mut take)?;
                let Some(cell) = rest.get(cx).as_cons().filter(|_| left > 0) else { break };
                element.set(cx, cell.car());
                let value = funcall!(cx, function.get(cx), element.get(cx))?.get(cx);
                take(value, cx);
                // The function may have changed the cons, so its cdr is read only now.
                let next = rest.get(cx).as_cons().map_or(NIL, |cell| cell.cdr());
                rest.set(cx, next);
                left -= 1;
            }
        }
        Kind::Vector(_) | Kind::BoolVector(_) => {
            for i in 0..n {
                let value = match sequence.get(cx).untag() {
                    Kind::Vector(v) => v.get(i),
                    Kind::BoolVector(v) => v.get(i).map(Object::bool),
                    _ => None,
                };
                element.set(cx, value.unwrap_or(NIL));
                call(element, cx)?;
            }
        }
        Kind::String(s) => {
            let characters: Vec<u32> = string_chars(s).collect();
            for c in characters {
                element.set(cx, Object::fixnum(i64::from(c)));
                call(element, cx)?;
            }
        }
        Kind::ByteCode(_) | Kind::Closure(_) => {
            let rest = scope.root(cx.list(&elements(sequence.get(cx), cx)?));
            while let Some(cell) = rest.get(cx).as_cons() {
                element.set(cx, cell.car());
                rest.set(cx, cell.cdr());
                call(element, cx)?;
            }
        }
        // What has a length but no elements that can be visited, records among them, is taken as empty.
        Kind::Record(_) => {}
        _ if n == 0 => {}
        _ => return Err(error::wrong_type(crate::sym::LISTP, sequence.get(cx), cx)),
    }
    Ok(())
}

/// Elements that [`call_quickly`] visits between two safepoints.
const QUICK: usize = 1 << 8;

/// Call a function on the next elements of a list, up to `most`, if it is a primitive that cannot collect; gives on how
/// many.  `rest` goes on to what follows them.
///
/// A call has no frame unless it signals (6 ns an element instead of 16).
fn call_quickly(
    function: Root<'_>,
    rest: Root<'_>,
    most: usize,
    cx: &mut Context,
    take: &mut impl FnMut(Object<'_>, &Context),
) -> Result<usize, Throw> {
    eval::poll(cx)?;
    let Some(primitive) = pure_primitive(function.get(cx), 1, cx) else { return Ok(0) };
    let epoch = cx.function_epoch();
    let mut at = rest.get(cx);
    let mut done = 0;
    // The primitive may give the name of the function another meaning.
    while done < most.min(QUICK) && cx.function_epoch() == epoch {
        let Some(cell) = at.as_cons() else { break };
        let element = cell.car();
        let value = match primitive {
            Subr::Pure1(f) => f(element, cx),
            Subr::Pure2(f) => f(element, NIL, cx),
            Subr::Pure3(f) => f(element, NIL, NIL, cx),
            Subr::Pure4(f) => f(element, NIL, NIL, NIL, cx),
            Subr::PureMany(f) => {
                let base = cx.stack_len();
                cx.push(element);
                let value = f(cx.window(base, 1).slots(cx), cx);
                cx.truncate_stack(base);
                value
            }
            Subr::Pure0(_) | Subr::Call(_) | Subr::Special(_) => break,
        };
        match value {
            Ok(value) => take(value, cx),
            Err(throw) => {
                let call = cx.push_args([function.get(cx), element]);
                return Err(cx.enter(call, |call, cx| handler::raise_in_call(throw, call, cx)));
            }
        }
        at = cell.cdr();
        done += 1;
    }
    rest.set(cx, at);
    Ok(done)
}

/// The primitive that a function is or names, if it cannot collect and takes `n` arguments, and the debugger does not wait
/// for a call.
pub(crate) fn pure_primitive(function: Object<'_>, n: usize, cx: &Context) -> Option<Subr> {
    let mut function = function;
    if Vm::of(cx).flags.debug_on_next_call.get() {
        return None;
    }
    // More names than these are left to the general way, which knows circles.
    for _ in 0..4 {
        let Some(symbol) = function.as_symbol() else { break };
        function = symbol.function(cx);
    }
    let info = function.as_subr()?.info(cx);
    let pure = !matches!(info.function, Subr::Call(_) | Subr::Special(_));
    (pure && eval::arity_fits(&info, n)).then_some(info.function)
}

/// The list of a function's values.
fn map_to_list(function: Root<'_>, sequence: Root<'_>, cx: &mut Context) -> CallResult {
    let scope = cx.scope();
    let (first, last) = (scope.root(NIL), scope.root(NIL));
    for_each(function, sequence, cx, |value, cx| {
        let cell = cx.cons(value, NIL);
        match last.get(cx).as_cons() {
            Some(last) => last.set_cdr(cx, cell.into()),
            None => first.set(cx, cell.into()),
        }
        last.set(cx, cell.into());
    })?;
    Ok(cx.ret(first.get(cx)))
}

/// Call FUNCTION on each element of SEQUENCE and return the list of the values.
#[defun]
fn mapcar(function: Root<'_>, sequence: Root<'_>, cx: &mut Context) -> CallResult {
    map_to_list(function, sequence, cx)
}

/// Call FUNCTION on each element of SEQUENCE and return SEQUENCE.
#[defun]
fn mapc(function: Root<'_>, sequence: Root<'_>, cx: &mut Context) -> CallResult {
    for_each(function, sequence, cx, |_, _| {})?;
    Ok(cx.ret(sequence.get(cx)))
}

/// Call FUNCTION on each element of SEQUENCE and join the lists that it gives, by changing them.
#[defun]
fn mapcan(function: Root<'_>, sequence: Root<'_>, cx: &mut Context) -> CallResult {
    let lists = map_to_list(function, sequence, cx)?.get(cx);
    let joined = join_lists(lists, cx)?;
    Ok(cx.ret(joined))
}

/// Join the lists that are the elements of a list, by changing them.
pub(crate) fn join_lists<'ob>(lists: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let mut joiner = Joiner::default();
    let mut rest = lists;
    while let Some(cell) = rest.as_cons() {
        rest = cell.cdr();
        joiner.join(cell.car(), rest.is_nil(), cx)?;
    }
    Ok(joiner.list())
}

/// Call FUNCTION on each element of SEQUENCE and join the strings that it gives, with SEPARATOR between them.
#[defun]
fn mapconcat(function: Root<'_>, sequence: Root<'_>, separator: Root<'_>, cx: &mut Context) -> CallResult {
    let strings = map_to_list(function, sequence, cx)?.get(cx);
    let joined = join_strings(strings, separator.get(cx), cx)?;
    Ok(cx.ret(joined))
}

/// Join the strings that are the elements of a list, with a separator between them unless that is nil.
pub(crate) fn join_strings<'ob>(strings: Object<'ob>, between: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let mut pieces = elements(strings, cx)?;
    if !between.is_nil() {
        pieces = pieces.into_iter().flat_map(|piece| [between, piece]).skip(1).collect();
    }
    concat_all(pieces, cx)
}

/// Join strings by few at a time, since `concat` takes its arguments from the Lisp stack.
fn concat_all<'ob>(mut pieces: Vec<Object<'ob>>, cx: &'ob Context) -> LispResult<'ob> {
    const FEW: usize = 256;
    let join = |some: &[Object<'ob>]| {
        let base = cx.stack_len();
        some.iter().for_each(|piece| cx.push(*piece));
        let joined = concat(cx.window(base, some.len()).slots(cx), cx);
        cx.truncate_stack(base);
        joined
    };
    while pieces.len() > FEW {
        pieces = pieces.chunks(FEW).map(join).collect::<Result<_, Throw>>()?;
    }
    join(&pieces)
}

/// The primitives of this file.
pub(crate) const SUBRS: &[SubrInfo] = &subrs![mapcar, mapc, mapcan, mapconcat];
