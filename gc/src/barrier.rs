//! The write barrier: what runs before a word is stored into the heap.
//!
//! One compare decides: is the stored word in the watched range of addresses?  A plan without barrier watches nothing, a
//! generational one its nursery, and while an incremental collection marks, every address is watched.
//! The barrier runs under `&Context` with no safepoint between it and the store, so their order does not matter.

use crate::context::Context;
use crate::event::Cause;
use crate::object::vectorlike::Vectorlike;
use crate::slot::Slot;
use crate::trace::Card;
use crate::word::{TAG_VECTORLIKE, Word};
use std::ptr::NonNull;

/// How many new entries of the remembered set make a collection of the young due: a cache miss each and one in the TLB,
/// 40 to 60 nanoseconds in a heap of 1 GiB.
pub(crate) const MOST_REMEMBERED: usize = 640;
/// How many shaded objects do.
pub(crate) const MOST_SHADED: usize = 4096;

impl Context {
    /// The write barrier, before every store of a word into the heap.
    ///
    /// Plans without a barrier keep the span empty, so it costs a subtraction and a compare that never holds
    /// (0.3 ns a store, `barrier` bench).
    #[inline(always)]
    pub(crate) fn write_barrier(&self, object: Word, slot: &Slot, new: Word) {
        if new.bits().wrapping_sub(self.barrier_base.get()) < self.barrier_span.get() {
            self.barrier_slow(object, slot, new);
        }
    }

    #[cold]
    #[inline(never)]
    fn barrier_slow(&self, object: Word, slot: &Slot, new: Word) {
        if self.marking.get() {
            // The old value was reachable when marking began (snapshot), and the new one may have come from where the
            // snapshot does not reach: a weak table, a root.  Young ones are marked when they are promoted.
            self.shade(slot.get());
            self.shade(new);
        }
        // A fixnum may look like an address of the nursery.
        if !new.is_fixnum() && self.heap.is_young(self.heap.offset(new)) {
            self.remember(object, slot);
        }
    }

    /// While a cycle marks: an object is to be marked, unless it is already, or young.
    pub(crate) fn shade(&self, word: Word) {
        if !self.marking.get() || word.is_fixnum() {
            return;
        }
        let offset = self.heap.offset(word);
        if self.heap.is_young(offset) || self.heap.region.marks().get(offset) {
            return;
        }
        let mut shaded = self.shaded.borrow_mut();
        shaded.push(word);
        // What is shaded is marked after the next collection of the young, so that many stores must not wait long for one.
        if shaded.len() >= MOST_SHADED && !self.pending.get() {
            self.cause.set(Cause::NurseryFull);
            self.pending.set(true);
        }
    }

    /// An object, or the data of a string, was born old: while a cycle marks, it is shaded, and string data, which nothing
    /// scans, is marked.  When the closure is complete, all that it can refer to is marked, and so is it.
    pub(crate) fn shade_newborn(&self, object: Option<Word>, start: NonNull<u8>) {
        match object {
            Some(word) if !self.deciding.get() => self.shade(word),
            _ if self.marking.get() => _ = self.heap.region.marks().set_shared(self.heap.region.offset(start)),
            _ => {}
        }
    }

    /// Enter an object, or the card of a long one that the slot is in, into the remembered set, unless it is young or
    /// already there.
    fn remember(&self, object: Word, slot: &Slot) {
        let offset = self.heap.offset(object);
        if self.heap.is_young(offset) {
            return;
        }
        let card = Card::of(object, slot);
        if self.heap.region.logged().set(offset + card.map_or(0, Card::log_offset)) {
            let mut remembered = self.remembered.borrow_mut();
            remembered.push((object, card));
            // A pause must not grow with the number of stores.
            if remembered.len() >= self.most_remembered.get() && !self.pending.get() {
                self.cause.set(Cause::NurseryFull);
                self.pending.set(true);
            }
        }
    }

    /// An object was filled by initialising stores: if it was not born young, it is remembered now.
    #[inline(always)]
    pub(crate) fn remember_at_birth(&self, object: Word) {
        if self.plan.generational() && !self.heap.is_young(self.heap.offset(object)) {
            self.remember_all_of(object);
        }
    }

    /// Look at each slot of an old object as if it had just been stored.
    #[cold]
    #[inline(never)]
    fn remember_all_of(&self, object: Word) {
        let (base, span) = (self.barrier_base.get(), self.barrier_span.get());
        let young = |slot: &Slot| {
            let word = slot.get();
            // What the barrier would not look at is not young.
            word.bits().wrapping_sub(base) < span && !word.is_fixnum() && self.heap.is_young(self.heap.offset(word))
        };
        if object.tag() == TAG_VECTORLIKE {
            // SAFETY: INV-WORD-1: the tag says what the word refers to.
            let v = unsafe { Vectorlike::from_word(object) };
            v.slots().iter().filter(|slot| young(slot)).for_each(|slot| self.remember(object, slot));
        } else {
            // Symbols and strings are few words, and a string's data is one more that may be young.
            let whole = Slot::new(object);
            self.remember(object, &whole);
        }
    }

    /// A string was given another data cell, which is young.
    pub(crate) fn string_data_barrier(&self, object: Word) {
        self.remember_at_birth(object);
    }
}
