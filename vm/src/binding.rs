//! Variables: reading, setting and dynamically binding them (Emacs's `find_symbol_value`, `set_internal`, `specbind`).
//!
//! A symbol's value cell means what its [`Redirect`] says: the value, another symbol (`defvaralias`), or the index of a
//! native variable, or the values of a buffer-local variable ([`crate::local`]).
//! The fast paths are for plain, untrapped symbols: one test of the symbol's flags.

use crate::convert::FromLisp;
use crate::error::signal;
use crate::local::{self, Local};
use crate::specpdl;
use crate::state::Vm;
use crate::sym;
use tenure_gc::{Args, Context, Kind, LispResult, NIL, Object, Pushed, Redirect, Symbol, Throw, UNBOUND, Write};

/// The symbol whose variable `symbol` is, or `cyclic-variable-indirection`.
#[inline(always)]
pub fn indirect_variable<'ob>(symbol: Symbol<'ob>, cx: &'ob Context) -> Result<Symbol<'ob>, Throw> {
    if symbol.redirect(cx) == Redirect::Alias { follow_aliases(symbol, cx) } else { Ok(symbol) }
}

#[cold]
fn follow_aliases<'ob>(symbol: Symbol<'ob>, cx: &'ob Context) -> Result<Symbol<'ob>, Throw> {
    let step = |s: Symbol<'ob>| if s.redirect(cx) == Redirect::Alias { s.value(cx).as_symbol() } else { None };
    let (mut tortoise, mut hare) = (symbol, symbol);
    loop {
        for _ in 0..2 {
            match step(hare) {
                Some(next) => hare = next,
                None => return Ok(hare),
            }
        }
        tortoise = step(tortoise).unwrap_or(tortoise);
        if tortoise == hare {
            return Err(signal(sym::CYCLIC_VARIABLE_INDIRECTION, &[symbol.into()], cx));
        }
    }
}

/// The value of a variable, or [`UNBOUND`].
#[inline(always)]
pub fn find_symbol_value<'ob>(symbol: Symbol<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    match symbol.redirect(cx) {
        Redirect::Plain => Ok(symbol.value(cx)),
        _ => value_slow(symbol, cx),
    }
}

fn value_slow<'ob>(symbol: Symbol<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let symbol = indirect_variable(symbol, cx)?;
    Ok(match symbol.redirect(cx) {
        Redirect::Forwarded => (forward_of(symbol.value(cx), cx).get)(cx),
        Redirect::Localized => Local::of(symbol, cx).map_or(UNBOUND, |local| local.value(cx)),
        _ => symbol.value(cx),
    })
}

/// The native variable whose number a symbol's cell is.
pub(crate) fn forward_of(cell: Object<'_>, cx: &Context) -> crate::variable::Forward {
    let index = cell.as_fixnum().and_then(|n| usize::try_from(n).ok());
    let forwards = Vm::of(cx).forwards.borrow();
    forwards[index.expect("a forwarded symbol's cell is an index")]
}

/// The value of a variable outside of the buffer's own, or [`UNBOUND`].
pub fn default_value<'ob>(symbol: Symbol<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let symbol = indirect_variable(symbol, cx)?;
    match Local::of(symbol, cx) {
        Some(local) => Ok(local.default(cx)),
        None => find_symbol_value(symbol, cx),
    }
}

/// The value of a variable, or `void-variable`.
#[inline(always)]
pub fn symbol_value<'ob>(symbol: Symbol<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let value = find_symbol_value(symbol, cx)?;
    if value == UNBOUND { Err(void_variable(symbol, cx)) } else { Ok(value) }
}

#[cold]
fn void_variable(symbol: Symbol<'_>, cx: &Context) -> Throw {
    signal(sym::VOID_VARIABLE, &[symbol.into()], cx)
}

/// Why a variable is about to change, as watchers are told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Operation {
    Set,
    SetDefault,
    Let,
    Unlet,
    Makunbound,
    Defvaralias,
}

impl Operation {
    fn name(self) -> Object<'static> {
        match self {
            Operation::Set | Operation::SetDefault => sym::SET,
            Operation::Let => sym::LET,
            Operation::Unlet => sym::UNLET,
            Operation::Makunbound => sym::MAKUNBOUND,
            Operation::Defvaralias => sym::DEFVARALIAS,
        }
    }
}

/// Store a value without telling watchers: for native code's own variables, and after watchers were told.
/// `setting-constant` and a native variable's type errors are signalled.
pub fn set_quietly(symbol: Symbol<'_>, value: Object<'_>, cx: &Context) -> Result<(), Throw> {
    store(symbol, value, false, cx)
}

/// As [`set_quietly`]; a store that is a dynamic binding never makes a value of the buffer's own.
fn store(symbol: Symbol<'_>, value: Object<'_>, binding: bool, cx: &Context) -> Result<(), Throw> {
    if symbol.is_plain(cx) {
        symbol.set_value(value, cx);
        return Ok(());
    }
    if symbol.write(cx) == Write::Constant {
        return check_constant(symbol, value, cx);
    }
    let symbol = indirect_variable(symbol, cx)?;
    match symbol.redirect(cx) {
        Redirect::Forwarded if value == UNBOUND => {
            // Emacs makes the symbol plain then: native code keeps its state, and Lisp has a variable of its own.
            symbol.set_redirect(Redirect::Plain, cx);
            symbol.set_value(UNBOUND, cx);
            Ok(())
        }
        Redirect::Forwarded => (forward_of(symbol.value(cx), cx).set)(value, cx),
        Redirect::Localized => match Local::of(symbol, cx) {
            Some(local) => local.set(symbol, value, binding, cx),
            None => Ok(()),
        },
        _ if symbol.write(cx) == Write::Constant => check_constant(symbol, value, cx),
        _ => {
            symbol.set_value(value, cx);
            Ok(())
        }
    }
}

/// A keyword may be set to itself; no other constant may be set.
fn check_constant(symbol: Symbol<'_>, value: Object<'_>, cx: &Context) -> Result<(), Throw> {
    let object = Object::from(symbol);
    let keyword = symbol.name(cx).bytes().first() == Some(&b':');
    if keyword && value == object { Ok(()) } else { Err(signal(sym::SETTING_CONSTANT, &[object], cx)) }
}

/// Whether watchers are to be told of a change.
#[inline]
pub(crate) fn is_watched(symbol: Symbol<'_>, cx: &Context) -> bool {
    // An alias has its base variable's trap.
    symbol.write(cx) == Write::Watched
}

/// `set`: the arguments are a symbol and a value.
pub fn set_symbol(p: Pushed, cx: &mut Context) -> Result<(), Throw> {
    cx.enter(p, |args, cx| set_internal(args, Operation::Set, cx))
}

/// Set a variable: `tenure_vm::set!(cx, symbol, value)?`.
#[macro_export]
macro_rules! set {
    ($cx:expr, $symbol:expr, $value:expr) => {{
        let pushed = $cx.push_args([$symbol, $value]);
        $crate::binding::set_symbol(pushed, $cx)
    }};
}

/// Bind a variable dynamically until [`specpdl::unbind_to`]: `tenure_vm::specbind!(cx, symbol, value)?`.
#[macro_export]
macro_rules! specbind {
    ($cx:expr, $symbol:expr, $value:expr) => {{
        let pushed = $cx.push_args([$symbol, $value]);
        $crate::binding::specbind(pushed, $cx)
    }};
}

/// Window words 0 and 1: symbol and value.
pub(crate) fn set_internal(args: Args<'_>, operation: Operation, cx: &mut Context) -> Result<(), Throw> {
    let symbol = Symbol::from_lisp(args.root(0).get(cx), cx)?;
    if is_watched(symbol, cx) {
        notify(args, operation, cx)?;
    }
    let symbol = Symbol::from_lisp(args.root(0).get(cx), cx)?;
    set_quietly(symbol, args.root(1).get(cx), cx)
}

/// Tell the watchers of a variable: each gets the symbol, the new value, the operation, and the buffer if the value is to
/// be the buffer's own.  A third word of the window is that buffer.
pub(crate) fn notify(args: Args<'_>, operation: Operation, cx: &mut Context) -> Result<(), Throw> {
    let scope = cx.scope();
    let symbol = Symbol::from_lisp(args.root(0).get(cx), cx)?;
    let symbol = if operation == Operation::Defvaralias { symbol } else { indirect_variable(symbol, cx)? };
    let own = match operation {
        Operation::SetDefault | Operation::Makunbound | Operation::Defvaralias => false,
        _ => Local::of(symbol, cx).is_some_and(Local::is_own_if_set),
    };
    let place = match args.len() {
        3 => args.root(2).get(cx),
        _ if own => local::current(cx),
        _ => NIL,
    };
    let place = scope.root(place);
    let new = args.root(1).get(cx);
    // Bindings come and go as `let` and `unlet` even where the value is one of another operation.
    let new = scope.root(if new == UNBOUND { NIL } else { new });
    let watchers = scope.root(crate::handler::plist_get(symbol, sym::WATCHERS, cx));
    let symbol = scope.root(symbol.into());
    while let Kind::Cons(cell) = watchers.get(cx).untag() {
        watchers.set(cx, cell.cdr());
        crate::funcall!(cx, cell.car(), symbol.get(cx), new.get(cx), operation.name(), place.get(cx))?.get(cx);
    }
    Ok(())
}

/// Bind a variable dynamically: the arguments are a symbol and a value.
pub fn specbind(p: Pushed, cx: &mut Context) -> Result<(), Throw> {
    cx.enter(p, specbind_args)
}

/// As [`specbind`], for words 0 and 1 of a window.
pub(crate) fn specbind_args(args: Args<'_>, cx: &mut Context) -> Result<(), Throw> {
    let slots = args.slots(cx);
    let symbol = Symbol::from_lisp(slots.get(0), cx)?;
    if try_specbind(symbol, slots.get(1), cx)? {
        return Ok(());
    }
    notify(args, Operation::Let, cx)?;
    let symbol = Symbol::from_lisp(args.root(0).get(cx), cx)?;
    bind_quietly(symbol, args.root(1).get(cx), cx)
}

/// Bind a variable dynamically if that needs no Lisp; false if watchers must be told first.
#[inline(always)]
pub(crate) fn try_specbind(symbol: Symbol<'_>, value: Object<'_>, cx: &Context) -> Result<bool, Throw> {
    let vm = Vm::of(cx);
    specpdl::check_room(vm, cx)?;
    if symbol.is_plain(cx) {
        vm.specpdl.push_let(symbol.into(), symbol.value(cx), cx);
        symbol.set_value(value, cx);
        return Ok(true);
    }
    if is_watched(symbol, cx) {
        return Ok(false);
    }
    bind_quietly(symbol, value, cx).map(|()| true)
}

/// Bind without telling watchers.
fn bind_quietly(symbol: Symbol<'_>, value: Object<'_>, cx: &Context) -> Result<(), Throw> {
    let symbol = indirect_variable(symbol, cx)?;
    let old = find_symbol_value(symbol, cx)?;
    let local = Local::of(symbol, cx);
    store(symbol, value, true, cx)?;
    let specpdl = &Vm::of(cx).specpdl;
    match local {
        Some(local) => specpdl.push_let_of_buffer(symbol.into(), old, local.has_own(), cx),
        None => specpdl.push_let(symbol.into(), old, cx),
    }
    Ok(())
}

/// Undo a binding if that needs no Lisp.
#[inline(always)]
pub(crate) fn restore_plain(symbol: Object<'_>, old: Object<'_>, cx: &Context) -> bool {
    let Some(symbol) = symbol.as_symbol() else { return true };
    if symbol.is_plain(cx) {
        symbol.set_value(old, cx);
        return true;
    }
    if is_watched(symbol, cx) {
        return false;
    }
    restore_quietly(symbol, old, cx);
    true
}

/// A value that a variable had, it can have again; a variable made constant meanwhile keeps its value.
fn restore_quietly(symbol: Symbol<'_>, old: Object<'_>, cx: &Context) {
    if let Err(throw) = set_default_quietly(symbol, old, cx) {
        cx.caught(throw);
    }
}

/// Store a default value without telling watchers.
pub(crate) fn set_default_quietly(symbol: Symbol<'_>, value: Object<'_>, cx: &Context) -> Result<(), Throw> {
    let symbol = indirect_variable(symbol, cx)?;
    match Local::of(symbol, cx) {
        Some(local) => local.set_default(value, cx),
        None => set_quietly(symbol, value, cx),
    }
}

/// Words 0 and 1 of a window: set a default value.
pub(crate) fn set_default_internal(args: Args<'_>, operation: Operation, cx: &mut Context) -> Result<(), Throw> {
    let symbol = Symbol::from_lisp(args.root(0).get(cx), cx)?;
    let is_local = Local::of(indirect_variable(symbol, cx)?, cx).is_some();
    if symbol.write(cx) == Write::Constant || !is_local {
        return set_internal(args, operation, cx);
    }
    if is_watched(symbol, cx) {
        notify(args, Operation::SetDefault, cx)?;
    }
    let symbol = Symbol::from_lisp(args.root(0).get(cx), cx)?;
    set_default_quietly(symbol, args.root(1).get(cx), cx)
}

/// Undo a binding of the buffer's own value, without telling watchers; if it is gone, nothing is left to undo.
pub(crate) fn restore_own(symbol: Object<'_>, old: Object<'_>, cx: &Context) {
    if let Some(symbol) = symbol.as_symbol()
        && Local::of(symbol, cx).is_some_and(Local::has_own)
        && let Err(throw) = set_quietly(symbol, old, cx)
    {
        cx.caught(throw);
    }
}

/// Undo a binding of the buffer's own value of a watched variable.
pub(crate) fn restore_own_watched(args: Args<'_>, cx: &mut Context) -> Result<(), Throw> {
    if !args.root(0).get(cx).as_symbol().is_some_and(|s| Local::of(s, cx).is_some_and(Local::has_own)) {
        return Ok(());
    }
    let pushed = cx.push_args([args.root(0).get(cx), args.root(1).get(cx), local::current(cx)]);
    let result = cx.enter(pushed, |args, cx| notify(args, Operation::Unlet, cx));
    restore_own(args.root(0).get(cx), args.root(1).get(cx), cx);
    result
}

/// Undo a binding of a watched variable.
pub(crate) fn restore_watched(args: Args<'_>, cx: &mut Context) -> Result<(), Throw> {
    let is_local = args.root(0).get(cx).as_symbol().is_some_and(|s| Local::of(s, cx).is_some());
    let result = notify(args, if is_local { Operation::SetDefault } else { Operation::Unlet }, cx);
    if let Some(symbol) = args.root(0).get(cx).as_symbol() {
        restore_quietly(symbol, args.root(1).get(cx), cx);
    }
    result
}
