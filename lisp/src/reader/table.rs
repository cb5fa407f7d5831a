//! `#s(...)`: records and hash tables.

use tenure_gc::{Context, HashTable, Kind, LispResult, Object, Throw};
use tenure_vm::error::{error, wrong_type};
use tenure_vm::fns::hash::{self, Parameters};
use tenure_vm::fns::plist::get_eq;
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
        Some(&kind) if kind == sym::HASH_TABLE => Ok(table_of(list.as_cons().map_or(list, |c| c.cdr()), cx)?.into()),
        _ if !rest.is_nil() => Err(wrong_type(sym::LISTP, rest, cx)),
        Some(_) => Ok(cx.record(&slots).into()),
        // Emacs asks for a record of minus one slots.
        None => Err(wrong_type(sym::WHOLENUMP, Object::fixnum(-1), cx)),
    }
}

/// The table that a property list describes.
fn table_of<'ob>(plist: Object<'ob>, cx: &'ob Context) -> Result<HashTable<'ob>, Throw> {
    let given = |name: Object<'static>| Some(get_eq(plist, name)).filter(|value| !value.is_nil());
    let parameters = Parameters {
        test: given(sym::TEST),
        size: given(sym::SIZE),
        rehash_size: given(sym::REHASH_SIZE),
        rehash_threshold: given(sym::REHASH_THRESHOLD),
        weakness: given(sym::WEAKNESS),
        purecopy: given(sym::PURECOPY),
    };
    let table = hash::make(parameters, cx)?;
    let mut data = get_eq(plist, sym::DATA);
    if !data.is_nil() && !hash::is_native(table) {
        return Err(error("A hash table whose test is a Lisp function cannot be read with data", cx));
    }
    while !data.is_nil() {
        let pair = data.as_cons().and_then(|key| Some((key, key.cdr().as_cons()?)));
        let Some((key, value)) = pair else {
            return Err(error("Hash table data is not a list of even length", cx));
        };
        hash::put(table, key.car(), value.car(), cx)?;
        data = value.cdr();
    }
    Ok(table)
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
