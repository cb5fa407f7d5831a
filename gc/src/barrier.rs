//! The write barrier: what runs before a word is stored into the heap.
//!
//! One compare decides: is the stored word in the watched range of addresses?  A plan without barrier watches nothing, a
//! generational one its nursery, and while an incremental collection marks, every address is watched.
//! The barrier runs under `&Context` with no safepoint between it and the store, so their order does not matter.

use crate::context::Context;
use crate::slot::Slot;
use crate::word::Word;

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
        let young = |word: Word| self.heap.nursery.holds(self.heap.offset(word));
        if let Some(marker) = &mut *self.cycle.borrow_mut() {
            // The old value was reachable when marking began (snapshot), and the new one may have come from where the
            // snapshot does not reach: a weak table, a root.  Young ones are marked when they are promoted.
            for word in [slot.get(), new] {
                if !word.is_fixnum() && !young(word) {
                    marker.shade(word);
                }
            }
        }
        // A fixnum may look like an address of the nursery.
        if !new.is_fixnum() && young(new) {
            self.remember(object);
        }
    }

    /// Enter an object into the remembered set, unless it is young or already there.
    fn remember(&self, object: Word) {
        let offset = self.heap.offset(object);
        if !self.heap.nursery.holds(offset) && self.heap.region.logged().set(offset) {
            self.remembered.borrow_mut().push(object);
        }
    }

    /// An object was filled by initialising stores: if it was not born young, it is remembered now.
    #[inline(always)]
    pub(crate) fn remember_at_birth(&self, object: Word) {
        if self.plan.nursery {
            self.remember(object);
        }
    }

    /// A string was given another data cell, which is young.
    pub(crate) fn string_data_barrier(&self, object: Word) {
        self.remember_at_birth(object);
    }
}
