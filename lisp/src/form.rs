//! Building forms: the small words of macros written in Rust.

use tenure_gc::{Context, Kind, NIL, Object, Slots, T};
use tenure_vm::sym;

/// The symbol called `name`.
pub(crate) fn symbol<'ob>(name: &str, cx: &'ob Context) -> Object<'ob> {
    tenure_vm::lread::intern_name(name.as_bytes(), cx).into()
}

/// A form whose value is `value`: itself if it evaluates to itself.
pub(crate) fn quote<'ob>(value: Object<'ob>, cx: &'ob Context) -> Object<'ob> {
    if is_self_evaluating(value, cx) { value } else { always_quote(value, cx) }
}

/// `(quote VALUE)`.
pub(crate) fn always_quote<'ob>(value: Object<'_>, cx: &'ob Context) -> Object<'ob> {
    cx.list(&[sym::QUOTE, value])
}

/// `(HEAD ARGUMENTS...)`.
pub(crate) fn call<'ob>(head: &str, arguments: &[Object<'_>], cx: &'ob Context) -> Object<'ob> {
    let list = cx.list(arguments);
    cx.cons(symbol(head, cx), list).into()
}

/// The rest of the arguments as a list.
pub(crate) fn rest<'ob>(slots: Slots<'ob>, cx: &'ob Context) -> Object<'ob> {
    slots.iter().rev().fold(NIL, |list, e| cx.cons(e, list).into())
}

/// Whether evaluating `value` gives `value`.
fn is_self_evaluating(value: Object<'_>, cx: &Context) -> bool {
    match value.untag() {
        Kind::Cons(_) => false,
        Kind::Symbol(s) => value.is_nil() || value == T || s.name(cx).bytes().first() == Some(&b':'),
        _ => true,
    }
}

/// The car of a cons, else nil.
pub(crate) fn car_safe(value: Object<'_>) -> Object<'_> {
    value.as_cons().map_or(NIL, |c| c.car())
}

/// The cdr of a cons, else nil.
pub(crate) fn cdr_safe(value: Object<'_>) -> Object<'_> {
    value.as_cons().map_or(NIL, |c| c.cdr())
}

/// The elements of a list; stops at what is no cons, and at the second round of a circle.
pub(crate) fn elements<'ob>(list: Object<'ob>) -> impl Iterator<Item = Object<'ob>> {
    let mut rest = list;
    let (mut slow, mut steps) = (list, 0u64);
    std::iter::from_fn(move || {
        let cons = rest.as_cons()?;
        rest = cons.cdr();
        steps += 1;
        if steps.is_multiple_of(2) {
            slow = cdr_safe(slow);
            if slow == rest {
                rest = NIL;
            }
        }
        Some(cons.car())
    })
}
