//! `#s(...)`: records and hash tables.

use tenure_gc::{Context, HashTable, Kind, LispResult, Object};
use tenure_vm::error::{signal, wrong_type};
use tenure_vm::sym;

/// The object of `#s` and a list.
pub(super) fn record_or_table<'ob>(list: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let mut slots = Vec::new();
    let mut rest = list;
    while let Kind::Cons(c) = rest.untag() {
        slots.push(c.car());
        rest = c.cdr();
    }
    match slots.first() {
        Some(&kind) if kind == sym::HASH_TABLE => {
            Err(signal(sym::VOID_FUNCTION, &[cx.intern("make-hash-table").into()], cx))
        }
        _ if !rest.is_nil() => Err(wrong_type(sym::LISTP, rest, cx)),
        Some(_) => Ok(cx.record(&slots).into()),
        // Emacs asks for a record of minus one slots.
        None => Err(wrong_type(sym::WHOLENUMP, Object::fixnum(-1), cx)),
    }
}

/// Replace the values of a table.
pub(super) fn replace_parts<'ob>(
    table: HashTable<'ob>,
    cx: &'ob Context,
    mut replace: impl FnMut(Object<'ob>) -> Object<'ob>,
) {
    for i in 0..table.capacity() {
        if let Some((_, value)) = table.entry(i) {
            table.set_value(i, replace(value), cx);
        }
    }
}
