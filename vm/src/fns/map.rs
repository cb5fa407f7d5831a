//! Calling a function on each element of a sequence.
//!
//! The function may change the sequence: a list ends early where it was cut, a vector or string keeps the length and, a
//! string, the characters that it had at the start.  Results go into a list as they come.

use super::list::Joiner;
use super::sequence::{elements, length_of};
use crate::string::{concat, string_chars};
use crate::{error, funcall};
use tenure_gc::{CallResult, Context, Kind, LispResult, NIL, Object, Root, SubrInfo, Throw};
use tenure_macros::{defun, subrs};

/// Call `visit` on each element.
fn for_each(
    sequence: Root<'_>,
    cx: &mut Context,
    mut visit: impl FnMut(Root<'_>, &mut Context) -> Result<(), Throw>,
) -> Result<(), Throw> {
    let n = length_of(sequence.get(cx), cx)?;
    let scope = cx.scope();
    let element = scope.root(NIL);
    match sequence.get(cx).untag() {
        Kind::Cons(_) => {
            let rest = scope.root(sequence.get(cx));
            for _ in 0..n {
                let Some(cell) = rest.get(cx).as_cons() else { break };
                element.set(cx, cell.car());
                visit(element, cx)?;
                // The function may have changed the cons, so its cdr is read only now.
                let next = rest.get(cx).as_cons().map_or(NIL, |cell| cell.cdr());
                rest.set(cx, next);
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
                visit(element, cx)?;
            }
        }
        Kind::String(s) => {
            let characters: Vec<u32> = string_chars(s).collect();
            for c in characters {
                element.set(cx, Object::fixnum(i64::from(c)));
                visit(element, cx)?;
            }
        }
        Kind::ByteCode(_) | Kind::Closure(_) => {
            let rest = scope.root(cx.list(&elements(sequence.get(cx), cx)?));
            while let Some(cell) = rest.get(cx).as_cons() {
                element.set(cx, cell.car());
                rest.set(cx, cell.cdr());
                visit(element, cx)?;
            }
        }
        // What has a length but no elements that can be visited, records among them, is taken as empty.
        Kind::Record(_) => {}
        _ if n == 0 => {}
        _ => return Err(error::wrong_type(crate::sym::LISTP, sequence.get(cx), cx)),
    }
    Ok(())
}

/// The list of a function's values.
fn map_to_list(function: Root<'_>, sequence: Root<'_>, cx: &mut Context) -> CallResult {
    let scope = cx.scope();
    let (first, last) = (scope.root(NIL), scope.root(NIL));
    for_each(sequence, cx, |element, cx| {
        let value = funcall!(cx, function.get(cx), element.get(cx))?.get(cx);
        let cell = cx.cons(value, NIL);
        match last.get(cx).as_cons() {
            Some(last) => last.set_cdr(cx, cell.into()),
            None => first.set(cx, cell.into()),
        }
        last.set(cx, cell.into());
        Ok(())
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
    for_each(sequence, cx, |element, cx| {
        funcall!(cx, function.get(cx), element.get(cx))?.get(cx);
        Ok(())
    })?;
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
