//! Objects that stand for something the collector does not own: finalizers and handles on native data.

use crate::context::Context;
use crate::header::HeaderKind;
use crate::object::{NIL, Object, vectorlike_reference};

vectorlike_reference!(
    /// A finalizer: once it is unreachable, its function is called.
    Finalizer, Finalizer, as_finalizer
);
vectorlike_reference!(
    /// A handle on data in a side table of the runtime: a type number, an index, and Lisp slots.
    Native, Native, as_native
);

impl Native<'_> {
    /// The type number that the runtime chose.
    pub fn type_number(self) -> u64 {
        self.0.raw()[0].get()
    }

    /// The index in the runtime's side table.
    pub fn index(self) -> u64 {
        self.0.raw()[1].get()
    }

    /// Change the index.
    pub fn set_index(self, index: u64) {
        self.0.raw()[1].set(index);
    }
}

crate::object::vectorlike::slots_interface!(Native);

impl Context {
    /// A finalizer.  Its function runs, at a safepoint after the collection that finds the finalizer unreachable, when
    /// the runtime asks for [`Context::next_doomed_finalizer`].
    pub fn finalizer(&self, function: Object<'_>) -> Finalizer<'_> {
        let v = self.alloc_vectorlike(HeaderKind::Finalizer, 1, 0, function.0);
        self.remember_at_birth(v.word());
        self.young_finalizers.borrow_mut().push(v.word());
        Finalizer(v)
    }

    /// A handle on native data, with `slots` slots of nil.
    pub fn native(&self, type_number: u64, index: u64, slots: usize) -> Native<'_> {
        let v = self.alloc_vectorlike(HeaderKind::Native, slots, 2, NIL.0);
        v.raw()[0].set(type_number);
        v.raw()[1].set(index);
        self.remember_at_birth(v.word());
        Native(v)
    }
}
