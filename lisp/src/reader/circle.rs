//! Labels: `#N=` names the object that follows, `#N#` is that object again, also inside itself.
//!
//! A reference to a label whose object is still being read gets a fresh cons, the placeholder.  If the object turns out
//! to be a cons, the placeholder becomes that cons.  For other objects all placeholders are replaced in one walk over
//! the finished form, so the time is linear in the form, however many labels it has.

use hashbrown::{HashMap, HashTable};
use rustc_hash::FxBuildHasher;
use tenure_gc::{Cons, Context, Kind, LispResult, NIL, Object};

enum Label<'ob> {
    /// Being read; whether it was referred to already.
    Open {
        placeholder: Cons<'ob>,
        used: bool,
    },
    Done(Object<'ob>),
}

/// The labels of a form.
#[derive(Default)]
pub(super) struct Labels<'ob> {
    labels: HashMap<i64, Label<'ob>, FxBuildHasher>,
    /// Placeholders to be replaced, and by what.
    replacements: Vec<(Object<'ob>, Object<'ob>)>,
}

impl<'ob> Labels<'ob> {
    /// Begin the object of a label.
    pub(super) fn open(&mut self, number: i64, cx: &'ob Context) -> Cons<'ob> {
        let placeholder = cx.cons(NIL, NIL);
        self.labels.insert(number, Label::Open { placeholder, used: false });
        placeholder
    }

    /// The object of a label, or what stands for it.
    pub(super) fn refer(&mut self, number: i64) -> Option<Object<'ob>> {
        match self.labels.get_mut(&number)? {
            Label::Open { placeholder, used } => {
                *used = true;
                Some((*placeholder).into())
            }
            Label::Done(value) => Some(*value),
        }
    }

    /// The object of a label is read; gives the object that takes its place.
    pub(super) fn define(
        &mut self,
        number: i64,
        placeholder: Cons<'ob>,
        value: Object<'ob>,
        cx: &'ob Context,
    ) -> Object<'ob> {
        let used = match self.labels.get(&number) {
            Some(Label::Open { placeholder: open, used }) if *open == placeholder => *used,
            // The number was given again inside: who used it meant the inner one or came before it.
            _ => true,
        };
        let value = match value.as_cons() {
            Some(cons) => {
                placeholder.set_car(cx, cons.car());
                placeholder.set_cdr(cx, cons.cdr());
                placeholder.into()
            }
            None => {
                if used {
                    self.replacements.push((placeholder.into(), value));
                }
                value
            }
        };
        self.labels.insert(number, Label::Done(value));
        value
    }

    /// Replace the placeholders in a finished form.
    pub(super) fn mend(&self, form: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
        if self.replacements.is_empty() {
            return Ok(form);
        }
        let mut replacements = HashTable::new();
        for &pair in &self.replacements {
            replacements.insert_unique(hash(pair.0, cx), pair, |p: &(Object<'_>, Object<'_>)| hash(p.0, cx));
        }
        substitute(form, cx, |object| {
            replacements.find(hash(object, cx), |pair: &(Object<'_>, Object<'_>)| pair.0 == object).map(|pair| pair.1)
        })
    }
}

fn hash(object: Object<'_>, cx: &Context) -> u64 {
    u64::from(cx.identity_hash(object).bits()).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// Replace objects everywhere below `form`, each object visited once.
pub(super) fn substitute<'ob>(
    form: Object<'ob>,
    cx: &'ob Context,
    replacement: impl Fn(Object<'ob>) -> Option<Object<'ob>>,
) -> LispResult<'ob> {
    let mut seen: HashTable<Object<'ob>> = HashTable::new();
    let mut work = Vec::new();
    let mut tables = Vec::new();
    let form = replacement(form).unwrap_or(form);
    work.push(form);
    while let Some(object) = work.pop() {
        if !has_parts(object) {
            continue;
        }
        let code = hash(object, cx);
        if seen.find(code, |&o| o == object).is_some() {
            continue;
        }
        seen.insert_unique(code, object, |&o| hash(o, cx));
        let mut visit = |part: Object<'ob>, store: &mut dyn FnMut(Object<'ob>)| {
            let part = match replacement(part) {
                Some(new) => {
                    store(new);
                    new
                }
                None => part,
            };
            work.push(part);
        };
        match object.untag() {
            Kind::Cons(c) => {
                visit(c.cdr(), &mut |v| c.set_cdr(cx, v));
                visit(c.car(), &mut |v| c.set_car(cx, v));
            }
            Kind::String(s) => work.push(s.intervals()),
            Kind::HashTable(table) => {
                tables.push(table);
                for (_, key, value) in super::table::entries(table, cx) {
                    work.extend([key, value].map(|part| replacement(part).unwrap_or(part)));
                }
            }
            _ => {
                if let Some(v) = object.as_vectorlike() {
                    for i in 0..v.slot_count() {
                        if let Some(part) = v.slot(i) {
                            visit(part, &mut |new| _ = v.set_slot(i, new, cx));
                        }
                    }
                }
            }
        }
    }
    for table in tables {
        super::table::enter_again(table, cx, |part| replacement(part).unwrap_or(part))?;
    }
    Ok(form)
}

/// Whether a substitution looks inside.
fn has_parts(object: Object<'_>) -> bool {
    match object.untag() {
        Kind::Cons(_)
        | Kind::Vector(_)
        | Kind::Record(_)
        | Kind::ByteCode(_)
        | Kind::HashTable(_)
        | Kind::CharTable(_)
        | Kind::SubCharTable(_) => true,
        Kind::String(s) => !s.intervals().is_nil(),
        _ => false,
    }
}
