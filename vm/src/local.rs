//! Buffer-local variables (`make-local-variable` and kin of `data.c`), for the one buffer that there is.
//!
//! The value cell of a symbol whose redirect is `Localized` is a vector, a [`Local`]: the default value, the buffer's own
//! value, and what `make-variable-buffer-local` asked for.  A variable that is native state keeps being it: native code
//! sees the value that is in force, the buffer's own if it has one.

use crate::binding::{self, Operation, find_symbol_value, forward_of, indirect_variable, notify};
use crate::convert::FromLisp;
use crate::error::{signal, wrong_type};
use crate::state::{Vm, register};
use crate::sym;
use tenure_gc::{
    Buffer, CallResult, Context, Kind, LispResult, NIL, Object, Redirect, Root, SubrInfo, Symbol, T, Throw, UNBOUND,
    Vector, Write,
};
use tenure_macros::{defun, subrs};

/// The name of the buffer that is current from the start, and for good.
const BUFFER_NAME: &str = "*scratch*";

/// The slots of a [`Local`].
const DEFAULT: usize = 0;
const OWN: usize = 1;
const HAS_OWN: usize = 2;
const LOCAL_IF_SET: usize = 3;
/// The number of the native variable, or nil.
const NATIVE: usize = 4;
const SLOTS: usize = 5;

/// A buffer-local variable's values (`struct Lisp_Buffer_Local_Value`).
#[derive(Clone, Copy)]
pub(crate) struct Local<'ob>(Vector<'ob>);

impl<'ob> Local<'ob> {
    /// Of a symbol that is no alias, if it is buffer-local.
    pub(crate) fn of(symbol: Symbol<'ob>, cx: &'ob Context) -> Option<Local<'ob>> {
        match symbol.redirect(cx) {
            Redirect::Localized => symbol.value(cx).as_vector().map(Local),
            _ => None,
        }
    }

    fn slot(self, i: usize) -> Object<'ob> {
        self.0.get(i).unwrap_or(NIL)
    }

    fn flag(self, i: usize) -> bool {
        !self.slot(i).is_nil()
    }

    /// Whether the buffer has a value of its own.
    pub(crate) fn has_own(self) -> bool {
        self.flag(HAS_OWN)
    }

    /// Whether the buffer has a value of its own once the variable is set.
    pub(crate) fn is_own_if_set(self) -> bool {
        self.flag(LOCAL_IF_SET) || self.has_own()
    }

    /// The value in force, or [`UNBOUND`].
    pub(crate) fn value(self, cx: &'ob Context) -> Object<'ob> {
        match self.native() {
            Some(index) => (forward_of(index, cx).get)(cx),
            None => self.slot(if self.has_own() { OWN } else { DEFAULT }),
        }
    }

    /// The default value, or [`UNBOUND`].
    pub(crate) fn default(self, cx: &'ob Context) -> Object<'ob> {
        if self.has_own() { self.slot(DEFAULT) } else { self.value(cx) }
    }

    fn native(self) -> Option<Object<'ob>> {
        Some(self.slot(NATIVE)).filter(|index| !index.is_nil())
    }

    /// Store the value in force.
    fn load(self, value: Object<'_>, cx: &Context) -> Result<(), Throw> {
        if let Some(index) = self.native() {
            if value == UNBOUND {
                // Native code keeps its state, and Lisp has a variable of its own from now on.
                self.0.set(NATIVE, NIL, cx);
            } else {
                (forward_of(index, cx).set)(value, cx)?;
            }
        }
        Ok(())
    }

    /// Set the variable: the buffer's own value if it has one or is to get one, else the default.
    pub(crate) fn set(self, symbol: Symbol<'_>, value: Object<'_>, binding: bool, cx: &Context) -> Result<(), Throw> {
        let makes_own = !binding && self.flag(LOCAL_IF_SET) && !self.has_own() && !is_let_bound(symbol, cx);
        if makes_own {
            self.0.set(DEFAULT, self.value(cx), cx);
        }
        self.load(value, cx)?;
        if makes_own {
            self.0.set(HAS_OWN, T, cx);
        }
        self.0.set(if self.has_own() { OWN } else { DEFAULT }, value, cx);
        Ok(())
    }

    /// Set the default value.
    pub(crate) fn set_default(self, value: Object<'_>, cx: &Context) -> Result<(), Throw> {
        if !self.has_own() {
            self.load(value, cx)?;
        }
        self.0.set(DEFAULT, value, cx);
        Ok(())
    }

    /// Give the buffer a value of its own, the one in force.
    fn make_own(self, cx: &Context) {
        if !self.has_own() {
            let value = self.value(cx);
            self.0.set(DEFAULT, value, cx);
            self.0.set(OWN, value, cx);
            self.0.set(HAS_OWN, T, cx);
        }
    }

    /// Forget the buffer's own value.
    fn kill_own(self, cx: &Context) -> Result<(), Throw> {
        if self.has_own() {
            self.0.set(HAS_OWN, NIL, cx);
            self.0.set(OWN, NIL, cx);
            self.load(self.slot(DEFAULT), cx)?;
        }
        Ok(())
    }
}

/// Make a variable buffer-local that was not; it is no alias.
fn localize<'ob>(symbol: Symbol<'ob>, void: Object<'ob>, cx: &'ob Context) -> Local<'ob> {
    if let Some(local) = Local::of(symbol, cx) {
        return local;
    }
    let slots = cx.make_vector(SLOTS, NIL);
    let cell = symbol.value(cx);
    match symbol.redirect(cx) {
        Redirect::Forwarded => _ = slots.set(NATIVE, cell, cx),
        _ => _ = slots.set(DEFAULT, if cell == UNBOUND { void } else { cell }, cx),
    }
    symbol.set_redirect(Redirect::Localized, cx);
    symbol.set_value(slots.into(), cx);
    Local(slots)
}

/// Whether a buffer-local variable is dynamically bound (`let_shadows_buffer_binding_p`).
fn is_let_bound(symbol: Symbol<'_>, cx: &Context) -> bool {
    Vm::of(cx).specpdl.is_bound_locally(symbol.into(), cx)
}

/// Make a variable one that becomes the buffer's own when it is set.
pub fn make_local_if_set(symbol: Symbol<'_>, cx: &Context) {
    localize(symbol, NIL, cx).0.set(LOCAL_IF_SET, T, cx);
}

/// The buffer that is current.
pub fn current<'ob>(cx: &'ob Context) -> Object<'ob> {
    let registers = &Vm::of(cx).registers;
    if registers.get(cx, register::CURRENT_BUFFER).is_nil() {
        let buffer = Object::from(cx.buffer(1, 0));
        if let Some(slots) = buffer.as_vectorlike() {
            slots.set_slot(0, cx.string_from_str(BUFFER_NAME).into(), cx);
        }
        registers.set(cx, register::CURRENT_BUFFER, buffer);
    }
    registers.get(cx, register::CURRENT_BUFFER)
}

/// The name of a buffer.
#[must_use]
pub fn name<'ob>(buffer: Buffer<'ob>) -> Object<'ob> {
    Object::from(buffer).as_vectorlike().and_then(|slots| slots.slot(0)).unwrap_or(NIL)
}

/// Check an optional argument that names a buffer: it is a buffer, and there is only one.
fn check_buffer(buffer: Option<Object<'_>>, cx: &Context) -> Result<(), Throw> {
    match buffer {
        Some(object) if !matches!(object.untag(), Kind::Buffer(_)) => Err(wrong_type(sym::BUFFERP, object, cx)),
        _ => Ok(()),
    }
}

/// A variable that may become buffer-local, behind its aliases.
fn settable<'ob>(variable: Object<'ob>, cx: &'ob Context) -> Result<Symbol<'ob>, Throw> {
    let symbol = indirect_variable(Symbol::from_lisp(variable, cx)?, cx)?;
    match symbol.write(cx) {
        Write::Constant => Err(signal(sym::SETTING_CONSTANT, &[variable], cx)),
        _ => Ok(symbol),
    }
}

/// Make VARIABLE one that becomes local to a buffer whenever it is set there; return VARIABLE.
#[defun]
fn make_variable_buffer_local<'ob>(variable: Object<'ob>, cx: &'ob Context) -> Result<Symbol<'ob>, Throw> {
    let symbol = settable(variable, cx)?;
    make_local_if_set(symbol, cx);
    Ok(symbol)
}

/// Give the current buffer a value of its own of VARIABLE, at first the one it has; return VARIABLE.
#[defun]
fn make_local_variable(variable: Root<'_>, cx: &mut Context) -> CallResult {
    let symbol = settable(variable.get(cx), cx)?;
    let local = localize(symbol, UNBOUND, cx);
    if local.flag(LOCAL_IF_SET) {
        // Setting it does the rest, and tells the watchers.
        let value = local.value(cx);
        let pushed = cx.push_args([symbol.into(), value]);
        binding::set_symbol(pushed, cx)?;
        return Ok(cx.ret(variable.get(cx)));
    }
    let scope = cx.scope();
    let root = scope.root(symbol.into());
    if !local.has_own() && is_let_bound(symbol, cx) {
        let text = cx.string_from_str("Making %s buffer-local while locally let-bound!");
        let name = symbol.name(cx);
        crate::funcall!(cx, sym::MESSAGE, text.into(), name.into())?.get(cx);
    }
    let symbol = Symbol::from_lisp(root.get(cx), cx)?;
    if let Some(local) = Local::of(symbol, cx) {
        local.make_own(cx);
    }
    Ok(cx.ret(root.get(cx)))
}

/// Make VARIABLE have its default value in the current buffer again; return VARIABLE.
#[defun]
fn kill_local_variable(variable: Root<'_>, cx: &mut Context) -> CallResult {
    let symbol = indirect_variable(Symbol::from_lisp(variable.get(cx), cx)?, cx)?;
    let scope = cx.scope();
    let root = scope.root(symbol.into());
    if symbol.redirect(cx) == Redirect::Localized && binding::is_watched(symbol, cx) {
        let pushed = cx.push_args([symbol.into(), NIL, current(cx)]);
        cx.enter(pushed, |args, cx| notify(args, Operation::Makunbound, cx))?;
    }
    let symbol = Symbol::from_lisp(root.get(cx), cx)?;
    if let Some(local) = Local::of(symbol, cx) {
        local.kill_own(cx)?;
    }
    Ok(cx.ret(root.get(cx)))
}

fn variable_of<'ob>(
    variable: Symbol<'ob>,
    buffer: Option<Object<'ob>>,
    cx: &'ob Context,
) -> Result<Option<Local<'ob>>, Throw> {
    check_buffer(buffer, cx)?;
    Ok(Local::of(indirect_variable(variable, cx)?, cx))
}

/// Return t if VARIABLE has a value of its own in BUFFER, by default the current one.
#[defun(min = 1)]
fn local_variable_p<'ob>(variable: Object<'ob>, buffer: Option<Object<'ob>>, cx: &'ob Context) -> Result<bool, Throw> {
    check_buffer(buffer, cx)?;
    Ok(variable_of(Symbol::from_lisp(variable, cx)?, buffer, cx)?.is_some_and(Local::has_own))
}

/// Return t if VARIABLE has a value of its own in BUFFER once it is set there.
#[defun(min = 1)]
fn local_variable_if_set_p<'ob>(
    variable: Symbol<'ob>,
    buffer: Option<Object<'ob>>,
    cx: &'ob Context,
) -> Result<bool, Throw> {
    // Only a buffer of a variable that has one is looked at.
    let symbol = indirect_variable(variable, cx)?;
    match Local::of(symbol, cx) {
        Some(local) if !local.flag(LOCAL_IF_SET) => Ok(variable_of(symbol, buffer, cx)?.is_some_and(Local::has_own)),
        local => Ok(local.is_some()),
    }
}

/// Return the buffer whose own value VARIABLE has at present, or nil if it has its default value.
#[defun]
fn variable_binding_locus<'ob>(variable: Symbol<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let local = Local::of(indirect_variable(variable, cx)?, cx);
    Ok(if local.is_some_and(Local::has_own) { current(cx) } else { NIL })
}

/// Return the value that VARIABLE has in BUFFER, or signal `void-variable`.
#[defun]
fn buffer_local_value<'ob>(variable: Symbol<'ob>, buffer: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    check_buffer(Some(buffer), cx)?;
    match find_symbol_value(variable, cx)? {
        value if value == UNBOUND => Err(signal(sym::VOID_VARIABLE, &[variable.into()], cx)),
        value => Ok(value),
    }
}

/// Return the current buffer.
#[defun]
fn current_buffer<'ob>(cx: &'ob Context) -> Object<'ob> {
    current(cx)
}

/// The primitives of buffer-local variables.
pub(crate) const SUBRS: &[SubrInfo] = &subrs![
    make_variable_buffer_local,
    make_local_variable,
    kill_local_variable,
    local_variable_p,
    local_variable_if_set_p,
    variable_binding_locus,
    buffer_local_value,
    current_buffer,
];
