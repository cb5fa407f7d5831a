//! Labels for shared structure, when `print-circle` is non-nil (`print_preprocess`).
//!
//! Objects are numbered in the order in which they are met for the second time, as in Emacs.

use hashbrown::HashTable;
use tenure_gc::{Context, Interned, Kind, Object};

/// What is printed before or instead of an object.
pub(super) enum Mark {
    None,
    First(u32),
    Again(u32),
}

struct Entry<'ob> {
    object: Object<'ob>,
    /// 0 for an object met once.
    number: u32,
    printed: bool,
}

/// The objects of a form, with numbers for those that are met more than once.
#[derive(Default)]
pub(super) struct Labels<'ob> {
    entries: HashTable<Entry<'ob>>,
    /// Whether there is any number.
    any: bool,
}

fn hash(object: Object<'_>, cx: &Context) -> u64 {
    u64::from(cx.identity_hash(object).bits()).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

impl<'ob> Labels<'ob> {
    /// Walk over `form`.
    pub(super) fn find(form: Object<'ob>, gensym: bool, cx: &'ob Context) -> Labels<'ob> {
        let mut labels = Labels::default();
        let mut last = 0;
        let mut work = vec![form];
        while let Some(object) = work.pop() {
            if !is_candidate(object, gensym, cx) {
                continue;
            }
            let code = hash(object, cx);
            if let Some(entry) = labels.entries.find_mut(code, |e| e.object == object) {
                if entry.number == 0 {
                    last += 1;
                    entry.number = last;
                    labels.any = true;
                }
                continue;
            }
            let entry = Entry { object, number: 0, printed: false };
            labels.entries.insert_unique(code, entry, |e| hash(e.object, cx));
            match object.untag() {
                Kind::Cons(c) => work.extend([c.cdr(), c.car()]),
                Kind::String(s) => {
                    work.extend(tenure_vm::textprop::intervals(s).into_iter().rev().map(|i| i.plist));
                }
                Kind::HashTable(table) => {
                    let entries = (0..table.capacity()).rev().filter_map(|i| table.entry(i));
                    work.extend(entries.flat_map(|(key, value)| [value, key]));
                }
                _ => {
                    if let Some(v) = object.as_vectorlike() {
                        work.extend((0..v.slot_count()).rev().filter_map(|i| v.slot(i)));
                    }
                }
            }
        }
        if !labels.any {
            labels.entries.clear();
        }
        labels
    }

    /// What is due before or instead of `object`; it counts as printed from now on.
    pub(super) fn mark(&mut self, object: Object<'ob>, cx: &Context) -> Mark {
        if !self.any {
            return Mark::None;
        }
        match self.entries.find_mut(hash(object, cx), |e| e.object == object && e.number > 0) {
            None => Mark::None,
            Some(entry) if entry.printed => Mark::Again(entry.number),
            Some(entry) => {
                entry.printed = true;
                Mark::First(entry.number)
            }
        }
    }

    /// Whether `object` has a number.
    pub(super) fn is_labelled(&self, object: Object<'ob>, cx: &Context) -> bool {
        self.any && self.entries.find(hash(object, cx), |e| e.object == object && e.number > 0).is_some()
    }
}

/// Whether an object may get a label.
fn is_candidate(object: Object<'_>, gensym: bool, cx: &Context) -> bool {
    match object.untag() {
        Kind::Fixnum(_) | Kind::Float(_) | Kind::Bignum(_) | Kind::BoolVector(_) => false,
        Kind::Symbol(s) => gensym && s.interned(cx) == Interned::No,
        Kind::String(s) => !s.intervals().is_nil(),
        _ => true,
    }
}
