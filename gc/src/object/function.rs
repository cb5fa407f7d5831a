//! Functions: primitives, byte-code functions, closures.
//!
//! A closure is its prototype and the values it captured, so making one costs a small vector.  Lisp sees the byte-code
//! function that Emacs would have copied; the runtime builds that view when it is asked for.

use crate::context::Context;
use crate::header::HeaderKind;
use crate::object::vectorlike::Words;
use crate::object::{NIL, Object, vectorlike_reference};
use crate::subr::SubrInfo;

vectorlike_reference!(
    /// A primitive.
    SubrRef, Subr, as_subr
);
vectorlike_reference!(
    /// A byte-code function: argument list, code, constants, depth, documentation, interactive form.
    ByteCode, ByteCode, as_byte_code
);
vectorlike_reference!(
    /// A byte-code prototype (slot 0) and captured values (the other slots).
    Closure, Closure, as_closure
);
crate::object::vectorlike::slots_interface!(ByteCode);
crate::object::vectorlike::slots_interface!(Closure);

impl<'ob> SubrRef<'ob> {
    /// The primitive's row in the table.
    #[inline(always)]
    pub fn info(self, cx: &Context) -> SubrInfo {
        cx.subr_info(self.index())
    }

    /// The primitive's number.
    #[inline(always)]
    pub fn index(self) -> usize {
        // SAFETY: `subr_object` makes all primitives, with no slots and one raw word.
        unsafe { self.0.raw_behind(0, 0) }.get() as usize
    }
}

impl<'ob> ByteCode<'ob> {
    /// The slots, to be read.
    #[inline(always)]
    pub fn words(self) -> Words<'ob> {
        Words::of(self.0)
    }

    /// The handle of the decoded form that the runtime keeps, 0 if there is none; see [`Context::register_code`].
    #[inline(always)]
    pub fn code_handle(self) -> u64 {
        // SAFETY: a byte-code function is made with slots and one raw word.
        unsafe { self.0.raw_behind(self.0.header().upper(), 0) }.get()
    }

    pub(crate) fn set_code_handle(self, handle: u64) {
        self.0.raw()[0].set(handle);
    }
}

/// A function that is byte code, as a call sees it.
#[derive(Clone, Copy)]
pub struct Callee<'ob> {
    /// The byte code: the function, or the prototype of a closure.
    pub code: ByteCode<'ob>,
    /// The values that the closure captured.
    pub captured: Words<'ob>,
}

impl<'ob> Object<'ob> {
    /// The object as a function that is byte code, if it is one: one look at each header.
    #[inline(always)]
    pub fn as_callee(self) -> Option<Callee<'ob>> {
        let function = self.as_vectorlike()?;
        let header = function.header();
        if header.is(HeaderKind::ByteCode) {
            return Some(Callee { code: ByteCode(function), captured: Words::EMPTY });
        }
        if !header.is(HeaderKind::Closure) {
            return None;
        }
        // SAFETY: the header counts the slots of a closure.
        let words = unsafe { Words::counted(function, header.upper()) };
        let code = words.checked(0)?.as_byte_code()?;
        Some(Callee { code, captured: words.from(1) })
    }
}

impl<'ob> Closure<'ob> {
    /// The slots, to be read.
    #[inline(always)]
    pub fn words(self) -> Words<'ob> {
        Words::of(self.0)
    }

    /// The prototype.
    #[inline(always)]
    pub fn prototype(self) -> Object<'ob> {
        self.get(0).unwrap_or(NIL)
    }
}

impl Context {
    pub(crate) fn subr_object(&self, index: usize) -> SubrRef<'_> {
        let v = self.alloc_vectorlike(HeaderKind::Subr, 0, 1, NIL.0);
        v.raw()[0].set(index as u64);
        SubrRef(v)
    }

    /// A byte-code function of the given slots.
    pub fn byte_code(&self, slots: &[Object<'_>]) -> ByteCode<'_> {
        let v = self.alloc_vectorlike(HeaderKind::ByteCode, slots.len(), 1, NIL.0);
        for (slot, value) in v.slots().iter().zip(slots) {
            slot.set(value.0);
        }
        self.remember_at_birth(v.word());
        ByteCode(v)
    }

    /// A closure: the prototype, then the captured values.
    #[inline]
    pub fn closure(&self, prototype: ByteCode<'_>, captured: &[Object<'_>]) -> Closure<'_> {
        let v = self.alloc_vectorlike(HeaderKind::Closure, 1 + captured.len(), 0, Object::from(prototype).0);
        for (slot, value) in v.slots()[1..].iter().zip(captured) {
            slot.set(value.0);
        }
        self.remember_at_birth(v.word());
        Closure(v)
    }
}
