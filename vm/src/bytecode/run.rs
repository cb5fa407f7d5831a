//! The loop over instructions.

use super::code::{Arguments, CONSTANTS, Code, Native, constants_of};
use super::form::Insn;
use super::machine::{
    MOST_BINDINGS, Run, Suspended, aref, arrange, call_framed, call_generally, call_handler, call_native, call_opcode,
    call_pure, callable, decoded, fill_cache, function_named, is_integer, is_list, is_number, is_pure, make_room,
    native, registers, restore_nothing, switch, words,
};
use super::opcode::OPCODES;
use super::stepped::STEPPED;
use crate::binding::{self, Operation};
use crate::error::{self, wrong_type};
use crate::eval::{debugger, functions};
use crate::fns::{equal, list, plist, sequence};
use crate::handler::Takes;
use crate::specpdl::{self, Frame, Mark};
use crate::state::Vm;
use crate::{alloc, arith, data, sym};
use std::cmp::Ordering;
use std::rc::Rc;
use tenure_gc::{CallResult, Callee, Context, NIL, Object, T, Words};

/// Run a function whose frame begins at word `base` of the Lisp stack, to its end.
pub(super) fn run(code: Rc<Code>, base: usize, cx: &mut Context) -> CallResult {
    let shared = Vm::shared(cx);
    let vm: &Vm = &shared;
    let mut state = Run::new(code, base, vm);
    let result = loop {
        match advance(&mut state, vm, cx) {
            Ok(ret) => break Ok(ret),
            Err(throw) => {
                if let Err(throw) = state.unwind(throw, vm, cx) {
                    break Err(throw);
                }
            }
        }
    };
    vm.codes.give_back(state.suspended);
    result
}

/// Run until the first function of the run returns, or until something is signalled: then `state` says where.
#[inline(never)]
fn advance(state: &mut Run, vm: &Vm, cx: &mut Context) -> CallResult {
    let Some(mut code) = state.code.take() else { return Err(error::error("no function to run", cx)) };
    let mut pc = state.pc;
    let mut base = state.base;
    let mut floor = state.floor;
    let mut insns: &[Insn] = &code.insns;
    let mut s = registers(base, code.frame_words, cx);
    let mut constants = words(s.get(code.constants_slot));
    let throw = 'run: {
        /// What the frame is read through, again.
        macro_rules! reload {
            () => {{
                s = registers(base, code.frame_words, cx);
                constants = words(s.get(code.constants_slot));
            }};
        }
        macro_rules! tri {
            ($result:expr) => {
                match $result {
                    Ok(value) => value,
                    Err(throw) => break 'run throw,
                }
            };
        }
        /// Registers that hold something now.
        macro_rules! live {
            () => {
                base + usize::from(code.live[pc - 1])
            };
        }
        /// A safepoint, with the Lisp stack cut to `live` words.
        macro_rules! poll {
            ($live:expr) => {
                if cx.is_pending() || cx.config().stress != 0 {
                    cx.truncate_stack($live);
                    tri!(alloc::poll_slow(cx));
                    reload!();
                }
            };
        }
        macro_rules! get {
            ($slot:expr) => {
                s.get(usize::from($slot))
            };
        }
        macro_rules! set {
            ($slot:expr, $value:expr) => {
                s.set(usize::from($slot), $value)
            };
        }
        macro_rules! constant {
            ($k:expr) => {
                constants.get(usize::from($k))
            };
        }
        macro_rules! jump {
            ($to:expr) => {{
                let to = usize::from($to);
                if to < pc {
                    poll!(live!());
                }
                pc = to;
            }};
        }
        macro_rules! jump_if {
            ($condition:expr, $to:expr) => {
                if $condition {
                    jump!($to);
                }
            };
        }
        macro_rules! unary {
            ($dst:expr, $a:expr, |$x:ident| $value:expr) => {{
                let $x = get!($a);
                let value = $value;
                set!($dst, value)
            }};
        }
        macro_rules! binary {
            ($dst:expr, $a:expr, $b:expr, |$x:ident, $y:ident| $value:expr) => {{
                let ($x, $y) = (get!($a), get!($b));
                let value = $value;
                set!($dst, value)
            }};
        }
        macro_rules! aset {
            ($array:expr, $index:expr, $value:expr) => {{
                let (array, index, value): (Object<'_>, Object<'_>, Object<'_>) = ($array, $index, $value);
                let stored = index.as_fixnum().is_some_and(|i| array.set_element(i as usize, value, cx));
                if !stored && tri!(data::array::aset_slot(array, index, value, cx)).is_none() {
                    cx.truncate_stack(live!());
                    let store = cx.push_args([array, index, value]);
                    tri!(cx.enter(store, |args, cx| data::array::aset(args.root(0), args.root(1), args.root(2), cx)))
                        .get(cx);
                    reload!();
                }
            }};
        }
        /// The truth of a relation of two values: of fixnums here, of others by a function.
        macro_rules! related {
            ($a:expr, $b:expr, $op:tt, $slow:path) => {{
                let (a, b): (Object<'_>, Object<'_>) = ($a, $b);
                match (a.as_fixnum(), b.as_fixnum()) {
                    (Some(m), Some(n)) => m $op n,
                    _ => tri!($slow(a, b, cx)),
                }
            }};
        }
        macro_rules! symbol {
            ($object:expr) => {{
                let object = $object;
                match object.as_symbol() {
                    Some(symbol) => symbol,
                    None => break 'run wrong_type(sym::SYMBOLP, object, cx),
                }
            }};
        }
        /// Put the value of a call that may have collected in the register of the function.
        macro_rules! finish_call {
            ($b:expr, $result:expr) => {{
                let value = tri!($result).get(cx);
                reload!();
                s.set($b, value);
            }};
        }
        /// Go on in a byte-code function.
        macro_rules! enter {
            ($function:expr, $frame:expr, $callee:expr, $b:expr, $n:expr) => {{
                let (function, callee): (Object<'_>, Rc<Code>) = ($function, $callee);
                let (vector, captured): (Object<'_>, Words<'_>) = $frame;
                let inner = base + $b + 1;
                let is_exact = $n == callee.exact;
                let depth = vm.depth.get() + 1;
                let bindings = vm.specpdl.len() - floor;
                let registers = if depth > vm.max_depth.get()
                    || vm.specpdl.len() as i64 >= vm.max_specpdl.get()
                    || vm.flags.debug_on_next_call.get()
                    || !is_exact && callee.arguments == Arguments::Dynamic
                    || bindings > MOST_BINDINGS
                {
                    None
                } else {
                    // The arguments are there already, as a part of the caller's frame.
                    match cx.slots_at(inner, callee.frame_words) {
                        Some(registers) => Some(registers),
                        None => make_room(inner, callee.frame_words, cx),
                    }
                };
                if let Some(registers) = registers {
                    s = registers;
                    vm.depth.set(depth);
                    let frame = vm.specpdl.push_frame(Frame::of_call(inner - 1, $n));
                    if !is_exact {
                        tri!(arrange(&callee, function, inner, $n, cx));
                    }
                    s.set(callee.constants_slot, vector);
                    captured.copy_to(s, callee.constants_slot + 1);
                    constants = words(vector);
                    let caller = std::mem::replace(&mut code, callee);
                    state.suspended.push(Suspended { code: caller, pc, callee: $b, bindings });
                    base = inner;
                    pc = 0;
                    floor = frame + 1;
                    insns = &code.insns;
                } else {
                    finish_call!($b, call_generally(base + $b, $n, cx));
                }
            }};
        }
        /// Call a primitive; one that cannot collect has neither frame nor window of its own, unless it signals.
        macro_rules! call_subr {
            ($native:expr, $b:expr, $n:expr) => {{
                let (native, b, n): (Native, usize, usize) = ($native, $b, $n);
                let quick = native.shortcut.and_then(|shortcut| shortcut(s.from(b + 1).to(n), cx));
                if let Some(result) = quick {
                    match result {
                        Ok(value) => s.set(b, value),
                        Err(throw) => {
                            vm.specpdl.push_frame(Frame::of_call(base + b, n));
                            break 'run throw;
                        }
                    }
                } else if is_pure(&native, n) {
                    match call_pure(native.function, s.from(b + 1).to(n), cx) {
                        Ok(value) => s.set(b, value),
                        Err(throw) => {
                            vm.specpdl.push_frame(Frame::of_call(base + b, n));
                            break 'run throw;
                        }
                    }
                } else {
                    finish_call!(b, call_framed(native, base + b, n, cx));
                }
            }};
        }
        loop {
            let insn = insns[pc];
            pc += 1;
            match insn {
                Insn::Move { dst, src } => set!(dst, get!(src)),
                Insn::Constant { dst, k } => set!(dst, constant!(k)),
                Insn::Nil { dst } => set!(dst, NIL),
                Insn::True { dst } => set!(dst, T),
                Insn::Fixnum { dst, n } => set!(dst, Object::fixnum(n.into())),

                Insn::VarRef { dst, k } => {
                    let symbol = symbol!(constant!(k));
                    let value = tri!(binding::symbol_value(symbol, cx));
                    set!(dst, value);
                }
                Insn::VarSet { k, src } => {
                    let symbol = symbol!(constant!(k));
                    if symbol.is_plain(cx) {
                        symbol.set_value(get!(src), cx);
                    } else {
                        let value = get!(src);
                        cx.truncate_stack(live!());
                        let pair = cx.push_args([symbol.into(), value]);
                        tri!(cx.enter(pair, |pair, cx| binding::set_internal(pair, Operation::Set, cx)));
                        reload!();
                    }
                }
                Insn::VarBind { k, src } => {
                    let symbol = symbol!(constant!(k));
                    if !vm.specpdl.bind_plain(symbol, get!(src), vm.max_specpdl.get(), cx)
                        && !tri!(binding::try_specbind(symbol, get!(src), cx))
                    {
                        let value = get!(src);
                        cx.truncate_stack(live!());
                        let pair = cx.push_args([symbol.into(), value]);
                        tri!(binding::specbind(pair, cx));
                        reload!();
                    }
                }
                Insn::Bind { name, src } => {
                    let (name, value) = (get!(name), get!(src));
                    cx.truncate_stack(live!());
                    let pair = cx.push_args([name, value]);
                    tri!(binding::specbind(pair, cx));
                    reload!();
                }
                Insn::Unbind { n } => {
                    let to = Mark(vm.specpdl.len().saturating_sub(n.into()).max(floor));
                    if !vm.specpdl.unbind_one(to, cx) && !specpdl::unbind_plain(to, cx) {
                        cx.truncate_stack(live!());
                        let none = cx.ret(NIL);
                        tri!(specpdl::unbind_to(to, Ok(none), cx)).get(cx);
                        reload!();
                    }
                }
                Insn::UnbindAll {} => {
                    cx.truncate_stack(live!());
                    let none = cx.ret(NIL);
                    tri!(specpdl::unbind_to(Mark(floor), Ok(none), cx)).get(cx);
                    reload!();
                }
                Insn::SaveNothing {} => {
                    tri!(specpdl::check_room(vm, cx));
                    specpdl::record_cleanup(restore_nothing, NIL, cx);
                }
                Insn::UnwindProtect { src } => {
                    let handler = get!(src);
                    tri!(specpdl::check_room(vm, cx));
                    if tri!(functions::is_function(handler, cx)) {
                        specpdl::record_cleanup(call_handler, handler, cx);
                    } else {
                        vm.specpdl.push_forms(handler, cx);
                    }
                }

                Insn::Jump { to } => jump!(to),
                Insn::JumpIfNil { a, to } => jump_if!(get!(a).is_nil(), to),
                Insn::JumpIfNotNil { a, to } => jump_if!(!get!(a).is_nil(), to),
                Insn::JumpIfEqConstant { a, k, to } => jump_if!(get!(a) == constant!(k), to),
                Insn::JumpUnlessEqConstant { a, k, to } => jump_if!(get!(a) != constant!(k), to),
                Insn::JumpIfEq { a, b, to } => jump_if!(get!(a) == get!(b), to),
                Insn::JumpUnlessEq { a, b, to } => jump_if!(get!(a) != get!(b), to),
                Insn::JumpIfEqFixnum { a, n, to } => jump_if!(get!(a) == Object::fixnum(n.into()), to),
                Insn::JumpUnlessEqFixnum { a, n, to } => jump_if!(get!(a) != Object::fixnum(n.into()), to),
                Insn::JumpIfConsp { a, to } => jump_if!(get!(a).as_cons().is_some(), to),
                Insn::JumpUnlessConsp { a, to } => jump_if!(get!(a).as_cons().is_none(), to),
                Insn::JumpIfSymbolp { a, to } => jump_if!(get!(a).as_symbol().is_some(), to),
                Insn::JumpUnlessSymbolp { a, to } => jump_if!(get!(a).as_symbol().is_none(), to),
                Insn::JumpIfStringp { a, to } => jump_if!(get!(a).as_string().is_some(), to),
                Insn::JumpUnlessStringp { a, to } => jump_if!(get!(a).as_string().is_none(), to),
                Insn::JumpIfListp { a, to } => jump_if!(is_list(get!(a)), to),
                Insn::JumpUnlessListp { a, to } => jump_if!(!is_list(get!(a)), to),
                Insn::JumpIfIntegerp { a, to } => jump_if!(is_integer(get!(a)), to),
                Insn::JumpUnlessIntegerp { a, to } => jump_if!(!is_integer(get!(a)), to),
                Insn::JumpIfLess { a, b, to } => jump_if!(related!(get!(a), get!(b), <, arith::less), to),
                Insn::JumpUnlessLess { a, b, to } => jump_if!(!related!(get!(a), get!(b), <, arith::less), to),
                Insn::JumpIfLessFixnum { a, n, to } => {
                    jump_if!(related!(get!(a), Object::fixnum(n.into()), <, arith::less), to);
                }
                Insn::JumpUnlessLessFixnum { a, n, to } => {
                    jump_if!(!related!(get!(a), Object::fixnum(n.into()), <, arith::less), to);
                }
                Insn::JumpIfLessEq { a, b, to } => jump_if!(related!(get!(a), get!(b), <=, arith::less_eq), to),
                Insn::JumpUnlessLessEq { a, b, to } => jump_if!(!related!(get!(a), get!(b), <=, arith::less_eq), to),
                Insn::JumpIfLessEqFixnum { a, n, to } => {
                    jump_if!(related!(get!(a), Object::fixnum(n.into()), <=, arith::less_eq), to);
                }
                Insn::JumpUnlessLessEqFixnum { a, n, to } => {
                    jump_if!(!related!(get!(a), Object::fixnum(n.into()), <=, arith::less_eq), to);
                }
                Insn::JumpIfGreater { a, b, to } => jump_if!(related!(get!(a), get!(b), >, arith::greater), to),
                Insn::JumpUnlessGreater { a, b, to } => jump_if!(!related!(get!(a), get!(b), >, arith::greater), to),
                Insn::JumpIfGreaterFixnum { a, n, to } => {
                    jump_if!(related!(get!(a), Object::fixnum(n.into()), >, arith::greater), to);
                }
                Insn::JumpUnlessGreaterFixnum { a, n, to } => {
                    jump_if!(!related!(get!(a), Object::fixnum(n.into()), >, arith::greater), to);
                }
                Insn::JumpIfGreaterEq { a, b, to } => {
                    jump_if!(related!(get!(a), get!(b), >=, arith::greater_eq), to);
                }
                Insn::JumpUnlessGreaterEq { a, b, to } => {
                    jump_if!(!related!(get!(a), get!(b), >=, arith::greater_eq), to);
                }
                Insn::JumpIfGreaterEqFixnum { a, n, to } => {
                    jump_if!(related!(get!(a), Object::fixnum(n.into()), >=, arith::greater_eq), to);
                }
                Insn::JumpUnlessGreaterEqFixnum { a, n, to } => {
                    jump_if!(!related!(get!(a), Object::fixnum(n.into()), >=, arith::greater_eq), to);
                }
                Insn::JumpIfNumEq { a, b, to } => jump_if!(related!(get!(a), get!(b), ==, arith::num_eq), to),
                Insn::JumpUnlessNumEq { a, b, to } => jump_if!(!related!(get!(a), get!(b), ==, arith::num_eq), to),
                Insn::JumpIfNumEqFixnum { a, n, to } => {
                    jump_if!(related!(get!(a), Object::fixnum(n.into()), ==, arith::num_eq), to);
                }
                Insn::JumpUnlessNumEqFixnum { a, n, to } => {
                    jump_if!(!related!(get!(a), Object::fixnum(n.into()), ==, arith::num_eq), to);
                }
                Insn::Switch { a, table } => {
                    let jumps = &code.tables[usize::from(table)];
                    if let Some(to) = tri!(switch(get!(a), constant!(jumps.k), jumps, cx)) {
                        jump!(to);
                    }
                }

                Insn::Return { src } => {
                    let mut value = get!(src);
                    if vm.specpdl.len() != floor {
                        break 'run error::error("binding stack not balanced (serious byte compiler bug)", cx);
                    }
                    if vm.specpdl.debug_on_exit(floor.wrapping_sub(1)) && !state.suspended.is_empty() {
                        cx.truncate_stack(live!());
                        let ret = cx.ret(value);
                        value = tri!(debugger::on_exit(floor - 1, ret, cx)).get(cx);
                    }
                    let Some(caller) = state.suspended.pop() else { return Ok(cx.ret(value)) };
                    vm.specpdl.drop_last();
                    vm.depth.set(vm.depth.get() - 1);
                    base -= 1 + caller.callee;
                    floor -= 1 + caller.bindings;
                    (code, pc) = (caller.code, caller.pc);
                    insns = &code.insns;
                    reload!();
                    s.set(caller.callee, value);
                }
                Insn::CallNamed { base: b, n, cache } => {
                    let (b, n) = (usize::from(b), usize::from(n));
                    poll!(live!());
                    let cache = &code.caches[usize::from(cache)];
                    let name = constant!(cache.k);
                    s.set(b, name);
                    if !cache.is_valid(cx) {
                        fill_cache(cache, name, n, cx);
                    }
                    if let Some(callee) = cache.code() {
                        let function = function_named(name, cx);
                        enter!(function, constants_of(function), callee, b, n);
                    } else if let Some(native) = cache.native() {
                        call_subr!(native, b, n);
                    } else {
                        finish_call!(b, call_generally(base + b, n, cx));
                    }
                }
                Insn::Call { base: b, n } => {
                    let (b, n) = (usize::from(b), usize::from(n));
                    poll!(live!());
                    let function = callable(s.get(b), cx);
                    if let Some(Callee { code: prototype, captured }) = function.as_callee()
                        && let Some(vector) = prototype.get(CONSTANTS)
                        && let Some(callee) = match vm.codes.get(prototype.code_handle(), captured.len()) {
                            Some(known) => Some(known),
                            None => decoded(function, cx),
                        }
                    {
                        enter!(function, (vector, captured), callee, b, n);
                    } else if let Some(native) = native(function, n, cx) {
                        call_subr!(native, b, n);
                    } else {
                        finish_call!(b, call_generally(base + b, n, cx));
                    }
                }
                Insn::FirstStep { row } => pc = usize::from(tri!((STEPPED[usize::from(row)].step)(true, s, cx))),
                Insn::NextStep { row } => pc = usize::from(tri!((STEPPED[usize::from(row)].step)(false, s, cx))),
                Insn::Whole { n } => {
                    let n = usize::from(n);
                    match native(s.get(code.constants_slot), n, cx) {
                        Some(native) => finish_call!(0, call_native(native, base, n, cx)),
                        None => break 'run error::signal(sym::INVALID_FUNCTION, &[s.get(code.constants_slot)], cx),
                    }
                }
                Insn::Primitive { base: b, n, op } => {
                    let (b, n) = (usize::from(b), usize::from(n));
                    match vm.codes.native(op.into(), n, cx) {
                        Some(native) if is_pure(&native, n) => {
                            let value = tri!(call_pure(native.function, s.from(b).to(n), cx));
                            s.set(b, value);
                        }
                        Some(native) => finish_call!(b, call_native(native, base + b, n, cx)),
                        None => finish_call!(b, call_opcode(&OPCODES[usize::from(op)], base + b, n, cx)),
                    }
                }
                Insn::List { base: b, n } => {
                    let b = usize::from(b);
                    let list = (b..b + usize::from(n)).rev().fold(NIL, |list, i| cx.cons(s.get(i), list).into());
                    s.set(b, list);
                }

                Insn::PushCatch { tag, to, dst } => {
                    let index = vm.handlers.push(Takes::Tag, get!(tag), cx);
                    state.push_catch(index, true, to, dst, vm);
                }
                Insn::PushConditionCase { tag, to, dst } => {
                    let index = vm.handlers.push(Takes::Conditions, get!(tag), cx);
                    state.push_catch(index, false, to, dst, vm);
                }
                Insn::PopHandler {} => state.pop_catch(vm),

                Insn::Car { dst, a } => unary!(dst, a, |x| tri!(data::car(x, cx))),
                Insn::Cdr { dst, a } => unary!(dst, a, |x| tri!(data::cdr(x, cx))),
                Insn::CarSafe { dst, a } => unary!(dst, a, |x| x.as_cons().map_or(NIL, |c| c.car())),
                Insn::CdrSafe { dst, a } => unary!(dst, a, |x| x.as_cons().map_or(NIL, |c| c.cdr())),
                Insn::Not { dst, a } => unary!(dst, a, |x| Object::bool(x.is_nil())),
                Insn::Consp { dst, a } => unary!(dst, a, |x| Object::bool(x.as_cons().is_some())),
                Insn::Symbolp { dst, a } => unary!(dst, a, |x| Object::bool(x.as_symbol().is_some())),
                Insn::Stringp { dst, a } => unary!(dst, a, |x| Object::bool(x.as_string().is_some())),
                Insn::Listp { dst, a } => unary!(dst, a, |x| Object::bool(is_list(x))),
                Insn::Integerp { dst, a } => unary!(dst, a, |x| Object::bool(is_integer(x))),
                Insn::Numberp { dst, a } => unary!(dst, a, |x| Object::bool(is_number(x))),
                Insn::Negate { dst, a } => unary!(dst, a, |x| tri!(arith::negate(x, cx))),
                Insn::Length { dst, a } => {
                    unary!(dst, a, |x| Object::fixnum(tri!(sequence::length_of(x, cx)) as i64))
                }
                Insn::SymbolValue { dst, a } => unary!(dst, a, |x| tri!(binding::symbol_value(symbol!(x), cx))),
                Insn::SymbolFunction { dst, a } => unary!(dst, a, |x| symbol!(x).function(cx)),
                Insn::Cons { dst, a, b } => binary!(dst, a, b, |x, y| cx.cons(x, y).into()),
                Insn::Eq { dst, a, b } => binary!(dst, a, b, |x, y| Object::bool(x == y)),
                Insn::EqConstant { dst, a, k } => unary!(dst, a, |x| Object::bool(x == constant!(k))),
                Insn::Add { dst, a, b } => binary!(dst, a, b, |x, y| tri!(arith::add(x, y, cx))),
                Insn::AddFixnum { dst, a, n } => {
                    unary!(dst, a, |x| tri!(arith::add(x, Object::fixnum(n.into()), cx)))
                }
                Insn::Sub { dst, a, b } => binary!(dst, a, b, |x, y| tri!(arith::sub(x, y, cx))),
                Insn::Mul { dst, a, b } => binary!(dst, a, b, |x, y| tri!(arith::mul(x, y, cx))),
                Insn::Quo { dst, a, b } => binary!(dst, a, b, |x, y| tri!(arith::div(x, y, cx))),
                Insn::Rem { dst, a, b } => binary!(dst, a, b, |x, y| tri!(arith::remainder(x, y, cx))),
                Insn::Max { dst, a, b } => {
                    binary!(dst, a, b, |x, y| tri!(arith::extreme_of(x, y, Ordering::Greater, cx)))
                }
                Insn::Min { dst, a, b } => {
                    binary!(dst, a, b, |x, y| tri!(arith::extreme_of(x, y, Ordering::Less, cx)))
                }
                Insn::Less { dst, a, b } => {
                    binary!(dst, a, b, |x, y| Object::bool(related!(x, y, <, arith::less)))
                }
                Insn::LessEq { dst, a, b } => {
                    binary!(dst, a, b, |x, y| Object::bool(related!(x, y, <=, arith::less_eq)))
                }
                Insn::Greater { dst, a, b } => {
                    binary!(dst, a, b, |x, y| Object::bool(related!(x, y, >, arith::greater)))
                }
                Insn::GreaterEq { dst, a, b } => {
                    binary!(dst, a, b, |x, y| Object::bool(related!(x, y, >=, arith::greater_eq)))
                }
                Insn::NumEq { dst, a, b } => {
                    binary!(dst, a, b, |x, y| Object::bool(related!(x, y, ==, arith::num_eq)))
                }
                Insn::ArefFixnum { dst, a, n } => unary!(dst, a, |x| tri!(aref(x, Object::fixnum(n.into()), cx))),
                Insn::Aref { dst, a, b } => binary!(dst, a, b, |x, y| tri!(aref(x, y, cx))),
                Insn::NthFixnum { dst, n, a } => {
                    unary!(dst, a, |x| tri!(list::nth_in_code(Object::fixnum(n.into()), x, cx)))
                }
                Insn::Nth { dst, a, b } => binary!(dst, a, b, |x, y| tri!(list::nth_in_code(x, y, cx))),
                Insn::Nthcdr { dst, a, b } => binary!(dst, a, b, |x, y| tri!(list::nthcdr(x, y, cx))),
                Insn::Memq { dst, a, b } => {
                    binary!(dst, a, b, |x, y| tri!(list::memq(x, y, cx)).map_or(NIL, Object::from))
                }
                Insn::Member { dst, a, b } => {
                    binary!(dst, a, b, |x, y| tri!(list::member(x, y, cx)).map_or(NIL, Object::from))
                }
                Insn::Assq { dst, a, b } => binary!(dst, a, b, |x, y| tri!(list::assq(x, y, cx))),
                Insn::Equal { dst, a, b } => {
                    binary!(dst, a, b, |x, y| Object::bool(tri!(equal::is_equal(x, y, cx))))
                }
                Insn::Get { dst, a, b } => binary!(dst, a, b, |x, y| plist::get_eq(symbol!(x).plist(cx), y)),
                Insn::Setcar { cell, value } => {
                    let cell = get!(cell);
                    match cell.as_cons() {
                        Some(cell) => cell.set_car(cx, get!(value)),
                        None => break 'run wrong_type(sym::CONSP, cell, cx),
                    }
                }
                Insn::Setcdr { cell, value } => {
                    let cell = get!(cell);
                    match cell.as_cons() {
                        Some(cell) => cell.set_cdr(cx, get!(value)),
                        None => break 'run wrong_type(sym::CONSP, cell, cx),
                    }
                }
                Insn::Aset { array, index, value } => aset!(get!(array), get!(index), get!(value)),
                Insn::AsetFixnum { array, n, value } => aset!(get!(array), Object::fixnum(n.into()), get!(value)),
            }
        }
    };
    (state.code, state.pc, state.base, state.floor) = (Some(code), pc, base, floor);
    Err(throw)
}
