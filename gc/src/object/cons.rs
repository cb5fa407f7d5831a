//! Conses: two words, no header.

use crate::context::Context;
use crate::object::Object;
use crate::slot::Slot;
use crate::word::{TAG_CONS, Word};
use std::marker::PhantomData;
use std::ptr::NonNull;

/// A cons in the heap.
#[repr(C)]
pub(crate) struct ConsCell {
    pub(crate) car: Slot,
    pub(crate) cdr: Slot,
}
const _: () = assert!(size_of::<ConsCell>() == crate::size_class::CONS_BYTES);

/// A cons.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub struct Cons<'ob>(NonNull<ConsCell>, PhantomData<&'ob Context>);

impl<'ob> Cons<'ob> {
    /// # Safety
    /// As [`Object::from_word`], and the word's tag is that of a cons.
    #[inline(always)]
    pub(crate) unsafe fn from_word(word: Word) -> Cons<'ob> {
        Cons(word.untagged(TAG_CONS), PhantomData)
    }

    #[inline(always)]
    fn cell(self) -> &'ob ConsCell {
        // SAFETY: INV-OBJECT-1: the cell is alive and in place during 'ob, and both its fields are cells.
        unsafe { self.0.as_ref() }
    }

    /// The car.
    #[inline(always)]
    pub fn car(self) -> Object<'ob> {
        // SAFETY: INV-WORD-1: slots hold valid words.
        unsafe { Object::from_word(self.cell().car.get()) }
    }

    /// The cdr.
    #[inline(always)]
    pub fn cdr(self) -> Object<'ob> {
        // SAFETY: INV-WORD-1: slots hold valid words.
        unsafe { Object::from_word(self.cell().cdr.get()) }
    }

    /// Where the cell is.
    #[inline(always)]
    pub(crate) fn address(self) -> usize {
        self.0.addr().get()
    }

    /// Replace the car.
    #[inline(always)]
    pub fn set_car(self, cx: &Context, v: Object<'_>) {
        cx.watch.note_store(self.address());
        cx.write_barrier(Object::from(self).0, &self.cell().car, v.0);
        self.cell().car.publish(v.0);
    }

    /// Replace the cdr.
    #[inline(always)]
    pub fn set_cdr(self, cx: &Context, v: Object<'_>) {
        cx.watch.note_store(self.address());
        cx.write_barrier(Object::from(self).0, &self.cell().cdr, v.0);
        self.cell().cdr.publish(v.0);
    }
}

impl<'ob> From<Cons<'ob>> for Object<'ob> {
    #[inline(always)]
    fn from(c: Cons<'ob>) -> Self {
        // SAFETY: INV-WORD-1: a Cons only ever points to an initialised cons cell.
        unsafe { Object::from_word(Word::tagged(c.0.cast(), TAG_CONS)) }
    }
}

impl Context {
    /// Allocate a cons.  Never collects.
    #[inline(always)]
    pub fn cons(&self, car: Object<'_>, cdr: Object<'_>) -> Cons<'_> {
        let cell = self.alloc_cell::<ConsCell>(crate::size_class::Class::CONS);
        // SAFETY: INV-ALLOC-1: the cell is free, big enough and ours.
        unsafe { cell.write(ConsCell { car: Slot::new(car.0), cdr: Slot::new(cdr.0) }) };
        Cons(cell, PhantomData)
    }

    /// A list of the given elements.
    pub fn list(&self, elements: &[Object<'_>]) -> Object<'_> {
        self.list_with_tail(elements, crate::object::NIL)
    }

    /// The elements consed onto `tail`.
    pub fn list_with_tail<'ob>(&'ob self, elements: &[Object<'_>], tail: Object<'ob>) -> Object<'ob> {
        elements.iter().rev().fold(tail, |list, &e| self.cons(e, list).into())
    }
}
