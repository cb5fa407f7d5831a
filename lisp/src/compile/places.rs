//! Where the parts of a form stand in their file, for messages.
//!
//! While a file is compiled, [`TABLE`] has an `eq` table from the cells of the form at hand whose elements are atoms to
//! the bytes at which those begin.  Forms that are expanded keep the cells that need no change, and what is copied gets
//! the places of the original.

use super::toplevel;
use crate::form::car_safe;
use crate::reader::Places;
use tenure_gc::{Context, HashTable, NIL, Object, Throw};
use tenure_vm::fns::hash;
use tenure_vm::sym;
use tenure_vm::tails::tails;

/// The variable with the table, nil where nothing is to be said of places.
pub(crate) const TABLE: &str = "byte-compile--places";

/// The table, if a file is being compiled.
pub(super) fn table(cx: &Context) -> Option<HashTable<'_>> {
    toplevel::value(TABLE, cx).as_hash_table()
}

/// A table of what the reader noted.
pub(super) fn make<'ob>(places: &Places<'ob>, cx: &'ob Context) -> Result<HashTable<'ob>, Throw> {
    let size = Some(Object::fixnum(places.len() as i64 + 1));
    let table = hash::make(hash::Parameters { test: Some(sym::EQ), size, ..hash::Parameters::default() }, cx)?;
    for &(cell, place) in places {
        hash::put(table, cell.into(), Object::fixnum(place as i64), cx)?;
    }
    Ok(table)
}

/// The place of the element of a cell.
pub(super) fn of_cell(table: HashTable<'_>, cell: Object<'_>, cx: &Context) -> Option<usize> {
    hash::get(table, cell, cx)?.as_fixnum()?.try_into().ok()
}

/// The place of a form: that of the first atom in it.
pub(super) fn of_form(table: HashTable<'_>, form: Object<'_>, cx: &Context) -> Option<usize> {
    const DEEPEST: usize = 8;
    let mut form = form;
    for _ in 0..DEEPEST {
        if let Some(place) = of_cell(table, form, cx) {
            return Some(place);
        }
        form = car_safe(form);
    }
    None
}

/// The place of the first atom that is `name` in a list, or at the head of a list in it.
pub(super) fn of_name(table: HashTable<'_>, list: Object<'_>, name: Object<'_>, cx: &Context) -> Option<usize> {
    tails(list).find_map(|cell| {
        let element = cell.car();
        if element == name {
            of_cell(table, cell.into(), cx)
        } else if element != NIL && car_safe(element) == name {
            of_cell(table, element, cx)
        } else {
            None
        }
    })
}

/// The first place of an atom behind some place, wherever it stands in the form.
pub(super) fn of_atom(table: HashTable<'_>, name: Object<'_>, behind: usize, cx: &Context) -> Option<usize> {
    let entries = (0..table.used()).filter_map(|i| table.entry(i, cx));
    let places = entries.filter(|(cell, _)| car_safe(*cell) == name).filter_map(|(_, place)| place.as_fixnum());
    places.filter_map(|place| usize::try_from(place).ok()).filter(|&place| place >= behind).min()
}

/// Let the cells of a list that was rebuilt have the places of the original's.
pub(crate) fn copy(old: Object<'_>, new: Object<'_>, cx: &Context) {
    let Some(table) = table(cx) else { return };
    for (from, to) in tails(old).zip(tails(new)) {
        if from.car() == to.car()
            && let Some(place) = hash::get(table, from.into(), cx)
        {
            // A place that cannot be kept is only missed in a message.
            _ = hash::put(table, to.into(), place, cx).map_err(|throw| cx.caught(throw));
        }
    }
}
