//! Where primitives and native variables get their names.

use crate::state::Vm;
use crate::sym;
use crate::variable::Forward;
use tenure_gc::{Context, Object, Redirect, SubrInfo};

/// The primitives of each file.
const FILES: &[&[SubrInfo]] = &[
    crate::alloc::SUBRS,
    crate::alloc::objects::SUBRS,
    crate::arith::SUBRS,
    crate::bytecode::SUBRS,
    crate::data::SUBRS,
    crate::data::array::SUBRS,
    crate::data::bool_vector::SUBRS,
    crate::data::function::SUBRS,
    crate::floatfns::SUBRS,
    crate::eval::SUBRS,
    crate::eval::backtrace::SUBRS,
    crate::eval::debugger::SUBRS,
    crate::eval::forms::SUBRS,
    crate::eval::functions::SUBRS,
    crate::eval::hooks::SUBRS,
    crate::eval::macros::SUBRS,
    crate::eval::variables::SUBRS,
    crate::casefiddle::SUBRS,
    crate::category::SUBRS,
    crate::chartab::SUBRS,
    crate::chartab::PROPERTY_SUBRS,
    crate::fns::equal::SUBRS,
    crate::fns::feature::SUBRS,
    crate::fns::hash::SUBRS,
    crate::fns::list::SUBRS,
    crate::fns::map::SUBRS,
    crate::fns::plist::SUBRS,
    crate::fns::random::SUBRS,
    crate::fns::sequence::SUBRS,
    crate::fns::sort::SUBRS,
    crate::local::SUBRS,
    crate::lread::SUBRS,
    crate::string::SUBRS,
    crate::string::COMPARE_SUBRS,
    crate::string::CONVERT_SUBRS,
    crate::syntax::SUBRS,
    crate::textprop::SUBRS,
];
/// The native variables of each file.
const VARIABLES: &[&[Forward]] = &[crate::alloc::VARIABLES, crate::arith::VARIABLES, crate::eval::debugger::VARIABLES];
/// Variables of Lisp that native code reads, with their first values.
const LISP_VARIABLES: &[&[(&str, Object<'static>)]] = &[
    crate::alloc::LISP_VARIABLES,
    crate::chartab::LISP_VARIABLES,
    crate::eval::debugger::LISP_VARIABLES,
    crate::fns::feature::LISP_VARIABLES,
];

/// Define everything of this crate.
pub(crate) fn define_all(cx: &Context) {
    FILES.iter().for_each(|file| define(cx, file));
    VARIABLES.iter().for_each(|file| define_variables(cx, file));
    LISP_VARIABLES.iter().copied().flatten().for_each(|(name, value)| define_variable(cx, name, *value));
    crate::category::init(cx);
    crate::chartab::init(cx);
    crate::fns::feature::init(cx);
    crate::lread::init(cx);
    crate::conditions::define_all(cx);
    let message = cx.string_from_str("Memory exhausted--use C-x s then exit and restart Emacs");
    // The key is shown as one.
    let face = cx.intern("help-key-binding").into();
    let key = cx.list(&[sym::FACE, face, cx.intern("font-lock-face").into(), face]);
    crate::textprop::add(message, 22..27, key, cx);
    define_variable(cx, "memory-signal-data", cx.list(&[sym::ERROR, message.into()]));
}

/// Give primitives their names: each goes into the function cell of its symbol.
pub fn define(cx: &Context, subrs: &[SubrInfo]) {
    for info in subrs {
        let subr = cx.define_subr(*info);
        cx.intern(info.name).set_function(subr.into(), cx);
    }
}

/// Give native variables their names; they are special.
pub fn define_variables(cx: &Context, variables: &[Forward]) {
    for variable in variables {
        let index = {
            let mut forwards = Vm::of(cx).forwards.borrow_mut();
            forwards.push(*variable);
            forwards.len() - 1
        };
        let symbol = cx.intern(variable.name);
        symbol.set_value(Object::fixnum(index as i64), cx);
        symbol.set_redirect(Redirect::Forwarded, cx);
        symbol.set_special(true, cx);
    }
}

/// Give a variable of Lisp a first value; it is special.
pub fn define_variable(cx: &Context, name: &str, value: Object<'_>) {
    let symbol = cx.intern(name);
    symbol.set_value(value, cx);
    symbol.set_special(true, cx);
}
