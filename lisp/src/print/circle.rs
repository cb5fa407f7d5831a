//! Labels for shared structure, when `print-circle` is non-nil (`print_preprocess`).
//!
//! Objects are numbered in the order in which they are met for the second time, as in Emacs.

use tenure_gc::{Context, HashTable, Interned, Kind, Object, T};

/// What is printed before or instead of an object.
pub(super) enum Mark {
    None,
    First(u32),
    Again(u32),
}

struct Entry<'ob> {
    object: Object<'ob>,
    /// When the object was met first.
    order: u32,
    /// 0 for an object met once.
    number: u32,
    printed: bool,
}

/// The objects of a form, with numbers for those that are met more than once.
#[derive(Default)]
pub(super) struct Labels<'ob> {
    entries: hashbrown::HashTable<Entry<'ob>>,
    /// Whether there is any number.
    any: bool,
}

fn hash(object: Object<'_>, cx: &Context) -> u64 {
    u64::from(cx.identity_hash(object).bits()).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

impl<'ob> Labels<'ob> {
    /// Walk over `form`.  The numbers go on after those of `earlier`, whose objects keep theirs; then every uninterned
    /// symbol gets one.
    pub(super) fn find(
        form: Object<'ob>,
        gensym: bool,
        earlier: Option<HashTable<'ob>>,
        cx: &'ob Context,
    ) -> Labels<'ob> {
        let mut labels = Labels::default();
        let mut last = 0;
        for (object, value) in
            earlier.into_iter().flat_map(|table| (0..table.used()).filter_map(move |i| table.entry(i, cx)))
        {
            let number = value.as_fixnum().unwrap_or(0);
            let entry = Entry {
                object,
                order: labels.entries.len() as u32,
                number: u32::try_from(number.unsigned_abs()).unwrap_or(0),
                printed: number > 0,
            };
            last = last.max(entry.number);
            labels.any |= number != 0;
            labels.entries.insert_unique(hash(object, cx), entry, |e| hash(e.object, cx));
        }
        let mut work = vec![(form, 0)];
        while let Some((object, depth)) = work.pop() {
            if !is_candidate(object, depth, gensym, cx) {
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
            let mut entry = Entry { object, order: labels.entries.len() as u32, number: 0, printed: false };
            if earlier.is_some() && object.as_symbol().is_some() {
                last += 1;
                entry.number = last;
                labels.any = true;
            }
            labels.entries.insert_unique(code, entry, |e| hash(e.object, cx));
            match object.untag() {
                Kind::Cons(c) => work.extend([(c.cdr(), depth), (c.car(), depth + 1)]),
                Kind::String(s) => {
                    let intervals = tenure_vm::textprop::intervals(s);
                    work.extend(intervals.into_iter().rev().map(|i| (i.plist, depth + 1)));
                }
                Kind::HashTable(table) => {
                    let entries = (0..table.used()).rev().filter_map(|i| table.entry(i, cx));
                    work.extend(entries.flat_map(|(key, value)| [(value, depth + 1), (key, depth + 1)]));
                }
                _ => {
                    if let Some(v) = object.as_vectorlike() {
                        let slots = (0..v.slot_count()).rev().filter_map(|i| v.slot(i));
                        work.extend(slots.map(|slot| (slot, depth + 1)));
                    }
                }
            }
        }
        labels
    }

    /// What `print-number-table` says of the objects, in the order in which they were met: their numbers, less than zero
    /// where the object was not printed yet, or t for those that were met once, if these are wanted.
    pub(super) fn numbers(&self, once: bool) -> Vec<(Object<'ob>, Object<'ob>)> {
        let mut entries: Vec<&Entry<'ob>> = self.entries.iter().filter(|e| once || e.number > 0).collect();
        entries.sort_by_key(|e| e.order);
        let value = |e: &Entry<'ob>| match i64::from(e.number) {
            0 => T,
            n => Object::fixnum(if e.printed { n } else { -n }),
        };
        entries.into_iter().map(|e| (e.object, value(e))).collect()
    }

    /// What is due before or instead of `object`; it counts as printed from now on.
    pub(super) fn mark(&mut self, object: Object<'ob>, depth: usize, cx: &Context) -> Mark {
        if !self.any || !may_have_label(object, depth) {
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

/// Whether an object at a depth of nesting may get a label: what has parts, and uninterned symbols.
fn is_candidate(object: Object<'_>, depth: usize, gensym: bool, cx: &Context) -> bool {
    match object.untag() {
        Kind::Symbol(s) => gensym && s.interned(cx) == Interned::No,
        // As in Emacs, more are counted than then get a label.
        Kind::String(s) => depth > 0 || !s.intervals().is_nil(),
        Kind::Cons(_) | Kind::Vector(_) | Kind::Record(_) | Kind::HashTable(_) => true,
        Kind::ByteCode(_) | Kind::Closure(_) | Kind::CharTable(_) | Kind::SubCharTable(_) => true,
        _ => false,
    }
}

/// A string without properties has a label only inside two containers.
fn may_have_label(object: Object<'_>, depth: usize) -> bool {
    object.as_string().is_none_or(|s| depth > 1 || !s.intervals().is_nil())
}
