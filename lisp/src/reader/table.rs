//! `#s(...)`: records and hash tables.

use tenure_gc::{Context, HashTable, LispResult, Object, Throw};
use tenure_vm::error::{error, signal, wrong_type};
use tenure_vm::fns::hash::{self, Parameters};
use tenure_vm::fns::plist::get_eq;
use tenure_vm::fns::sequence::elements;
use tenure_vm::sym;
use tenure_vm::tails::tails;

/// The object of `#s` and a list.
pub(super) fn record_or_table<'ob>(list: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    match list.as_cons() {
        Some(c) if c.car() == sym::HASH_TABLE => Ok(table_of(c.cdr(), cx)?.into()),
        Some(_) => Ok(cx.record(&elements(list, cx)?).into()),
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
    let data = get_eq(plist, sym::DATA);
    if data.is_nil() {
        return Ok(table);
    }
    if !hash::is_native(table) {
        return Err(error("A hash table whose test is a Lisp function cannot be read with data", cx));
    }
    let start = data;
    let mut cells = tails(start);
    let data: Vec<Object<'_>> = cells.by_ref().map(|cell| cell.car()).collect();
    if cells.is_circular() {
        // Emacs reads on for ever.
        return Err(signal(sym::CIRCULAR_LIST, &[start], cx));
    }
    let (pairs, rest) = data.as_chunks::<2>();
    if !rest.is_empty() || !cells.end().is_nil() {
        return Err(error("Hash table data is not a list of even length", cx));
    }
    for [key, value] in pairs {
        hash::put(table, *key, *value, cx)?;
    }
    Ok(table)
}

/// The entries of a table.
pub(super) fn entries<'ob>(
    table: HashTable<'ob>,
    cx: &'ob Context,
) -> impl Iterator<Item = (usize, Object<'ob>, Object<'ob>)> + 'ob {
    (0..table.used()).filter_map(move |i| table.entry(i, cx).map(|(key, value)| (i, key, value)))
}

/// Enter all entries again, each part replaced: the keys, or what is in them, may have changed.
pub(super) fn enter_again<'ob>(
    table: HashTable<'ob>,
    cx: &'ob Context,
    replace: impl Fn(Object<'ob>) -> Object<'ob>,
) -> Result<(), Throw> {
    let all: Vec<_> = entries(table, cx).collect();
    if hash::is_native(table) {
        table.clear(cx);
        return all.into_iter().try_for_each(|(_, key, value)| hash::put(table, replace(key), replace(value), cx));
    }
    // The test of the table is a Lisp function, which cannot be called here: the keys stay.
    all.into_iter().for_each(|(i, _, value)| table.set_value(i, replace(value), cx));
    Ok(())
}
