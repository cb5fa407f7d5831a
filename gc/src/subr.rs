//! Primitives: native functions that Lisp can call.
//!
//! The type of a native function says whether it can collect: one that takes `&Context` cannot, and gets and gives
//! plain values; one that takes `&mut Context` may, gets rooted arguments and leaves its result in the return register.

use crate::context::Context;
use crate::object::{Object, SubrRef};
use crate::root::{Args, CallResult, LispResult, Slots};

/// The most arguments of a primitive with a fixed argument list, as in Emacs.
pub const MAX_FIXED_ARGS: usize = 8;

/// The native function of a primitive.
#[derive(Clone, Copy)]
#[expect(missing_docs, reason = "the name says the arity")]
#[rustfmt::skip]
pub enum Subr {
    Pure0(for<'ob> fn(&'ob Context) -> LispResult<'ob>),
    Pure1(for<'ob> fn(Object<'ob>, &'ob Context) -> LispResult<'ob>),
    Pure2(for<'ob> fn(Object<'ob>, Object<'ob>, &'ob Context) -> LispResult<'ob>),
    Pure3(for<'ob> fn(Object<'ob>, Object<'ob>, Object<'ob>, &'ob Context) -> LispResult<'ob>),
    Pure4(for<'ob> fn(Object<'ob>, Object<'ob>, Object<'ob>, Object<'ob>, &'ob Context) -> LispResult<'ob>),
    /// Any number of arguments, or a fixed list longer than four; cannot collect.
    PureMany(for<'ob> fn(Slots<'ob>, &'ob Context) -> LispResult<'ob>),
    /// May collect. The window holds the arguments, padded with nil to a fixed list's length.
    Call(fn(Args<'_>, &mut Context) -> CallResult),
    /// A special form: the window's one word is the list of unevaluated arguments.
    Special(fn(Args<'_>, &mut Context) -> CallResult),
}

/// How many arguments a primitive takes at most.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MaxArgs {
    /// This many.
    Fixed(u8),
    /// Any number.
    Many,
    /// The arguments are not evaluated.
    Unevalled,
}

/// A row of the table of primitives.
#[derive(Clone, Copy)]
pub struct SubrInfo {
    /// The Lisp name.
    pub name: &'static str,
    /// The least number of arguments.
    pub min: u8,
    /// The greatest number of arguments.
    pub max: MaxArgs,
    /// The native function.
    pub function: Subr,
    /// The documentation string.
    pub doc: &'static str,
}

impl Context {
    /// Add a primitive to the table and make its object.  The caller puts it where Lisp finds it.
    pub fn define_subr(&self, info: SubrInfo) -> SubrRef<'_> {
        let index = {
            let mut subrs = self.subrs.borrow_mut();
            subrs.push(info);
            subrs.len() - 1
        };
        self.subr_object(index)
    }

    /// The primitive of a name, whatever that name's function cell holds now; the last one defined if there are several.
    pub fn subr_named(&self, name: &str) -> Option<SubrInfo> {
        self.subrs.borrow().iter().rfind(|info| info.name == name).copied()
    }

    #[inline(always)]
    pub(crate) fn subr_info(&self, index: usize) -> SubrInfo {
        self.subrs.borrow()[index]
    }
}
