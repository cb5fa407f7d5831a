//! The machine: runs decoded functions.
//!
//! A function's frame is a window of the Lisp stack that begins with its arguments, which are where the caller put them.
//! Calls of byte code by byte code push a [`Suspended`] caller and go on in the same loop; handlers are noted in a list
//! beside it.  So neither takes native stack, and a signal finds its handler in the frames of this run before the run is
//! left.
//!
//! Between instructions the Lisp stack is at least as long as the frame.  Before anything that may collect it is cut to
//! the registers that hold something, which the stack map of the code says, so that nothing else is kept alive.
//!
//! What an instruction reads is borrowed from the context and is asked for again after everything that may collect.

use super::code::{Arguments, Cache, Code, JumpTable, Target, code_of, parts, wrong_number};
use super::form::Slot;
use super::opcode::{OPCODES, Op};
use super::run::run;
use crate::error::{self, args_out_of_range, wrong_type};
use crate::fns::hash;
use crate::specpdl::{self, Mark};
use crate::state::Vm;
use crate::{data, eval, handler, sym};
use std::rc::Rc;
use tenure_gc::{Args, CallResult, Context, Kind, NIL, Object, Root, Subr, SubrInfo, Throw};

/// A caller that waits for the value of its call.
pub(crate) struct Suspended {
    pub(super) code: Rc<Code>,
    /// The instruction to go on with.
    pub(super) pc: usize,
    /// Where its frame begins.
    pub(super) base: usize,
    /// Entries of the binding stack that belong to its callers, its own frame included.
    pub(super) floor: usize,
}

/// A handler that leads into a frame of this run.
struct Catch {
    /// Its index among all handlers in force.
    index: usize,
    /// How many callers are suspended below its frame.
    level: usize,
    /// Where control goes, and the register that gets the value or error object.
    to: usize,
    dst: Slot,
    takes_throws: bool,
    /// Length of the binding stack, and depth of evaluation, at its place.
    specpdl: usize,
    depth: i64,
}

/// A function that is ready to run: its arguments are in place.
pub(crate) struct Prepared {
    code: Rc<Code>,
    base: usize,
}

/// Where an opcode's primitive is, found when it is first wanted.
pub(super) fn native_of(op: usize, vm: &Vm, cx: &Context) -> Option<SubrInfo> {
    let name = OPCODES[op].primitive;
    vm.codes.native(op, || cx.subr_named(name))
}

/// Whether a primitive takes so many arguments; how many it wants to see then.
pub(super) fn padded(info: &SubrInfo, n: usize) -> Option<usize> {
    if !eval::arity_fits(info, n) {
        return None;
    }
    Some(eval::padded(info, n))
}

/// What a call of `function` on `n` values does, if that is one of the ordinary cases.
pub(super) fn resolve<'ob>(function: Object<'ob>, n: usize, cx: &'ob Context) -> (Object<'ob>, Target) {
    let function = match function.as_symbol() {
        Some(symbol) if !function.is_nil() => match eval::indirect_function(symbol, cx) {
            Ok(function) => function,
            Err(throw) => {
                cx.caught(throw);
                return (function, Target::Unknown);
            }
        },
        _ => function,
    };
    let target = match function.untag() {
        Kind::Subr(subr) => {
            let info = subr.info(cx);
            match info.function {
                Subr::Special(_) => Target::Unknown,
                f => padded(&info, n).map_or(Target::Unknown, |wanted| Target::Subr(f, wanted)),
            }
        }
        Kind::ByteCode(_) | Kind::Closure(_) => match (code_of(function, cx), parts(function)) {
            (Ok(code), Some((prototype, _))) if code.arguments != Arguments::Dynamic => {
                Target::Code(prototype.code_handle(), code.captured)
            }
            (Ok(_), _) => Target::Unknown,
            (Err(throw), _) => {
                // The general path meets the same error, and signals it in a frame.
                cx.caught(throw);
                Target::Unknown
            }
        },
        _ => Target::Unknown,
    };
    (function, target)
}

/// Find a named call's target and put it in the cache, unless the name is another name of the function.
#[cold]
pub(super) fn fill_cache(cache: &Cache, name: Object<'_>, n: usize, cx: &Context) -> Target {
    let (function, target) = resolve(name, n, cx);
    if name.as_symbol().is_some_and(|symbol| symbol.function(cx) == function) {
        cache.epoch.set(cx.function_epoch());
        cache.target.set(target);
    } else {
        cache.target.set(Target::Unknown);
    }
    target
}

/// Put the arguments of a call in order: nil for those that are missing, a list for the rest; and the function behind them.
/// The frame's words are on the Lisp stack.
#[inline(always)]
pub(super) fn arrange(
    code: &Code,
    function: Object<'_>,
    base: usize,
    n: usize,
    vm: &Vm,
    cx: &Context,
) -> Result<(), Throw> {
    let Arguments::Lexical { required, positional, rest } = code.arguments else {
        return Err(error::signal(sym::INVALID_FUNCTION, &[function], cx));
    };
    if n != positional || rest {
        arrange_slowly(required, positional, rest, base, n, vm, cx)?;
    }
    cx.window(base, code.frame_words).slots(cx).set(code.function_slot, function);
    Ok(())
}

fn arrange_slowly(
    required: usize,
    positional: usize,
    rest: bool,
    base: usize,
    n: usize,
    vm: &Vm,
    cx: &Context,
) -> Result<(), Throw> {
    if n < required || n > positional && !rest {
        return Err(wrong_number(required, positional, n, cx));
    }
    let slots = cx.window(base, n.max(positional + usize::from(rest))).slots(cx);
    for i in n..positional {
        slots.set(i, NIL);
    }
    if rest {
        let list = (positional..n).rev().fold(NIL, |list, i| cx.cons(slots.get(i), list).into());
        slots.set(positional, list);
        if n > positional {
            vm.specpdl.spread_frame(positional);
        }
    }
    Ok(())
}

/// Make a function ready to run on the words of `args`, the top of the Lisp stack; its frame is on the binding stack.
pub(crate) fn prepare(function: Object<'_>, args: Args<'_>, cx: &Context) -> Result<Prepared, Throw> {
    let code = code_of(function, cx)?;
    // Arguments that are bound dynamically stay where they are, and the frame begins behind them.
    let base = if code.arguments == Arguments::Dynamic { args.base() + args.len() } else { args.base() };
    if !cx.stack_has_room(code.frame_words + eval::LEVEL_WORDS) {
        return Err(error::error(eval::TOO_DEEP, cx));
    }
    cx.extend_stack(base + code.frame_words);
    match code.arguments {
        Arguments::Dynamic => cx.window(base, 1).slots(cx).set(0, function),
        Arguments::Lexical { .. } => arrange(&code, function, base, args.len(), Vm::of(cx), cx)?,
    }
    Ok(Prepared { code, base })
}

/// Run a function that is ready.  `args` are the arguments that it was made ready for.
pub(crate) fn call(prepared: Prepared, args: Args<'_>, cx: &mut Context) -> CallResult {
    let Prepared { code, base } = prepared;
    if code.arguments != Arguments::Dynamic {
        return run(code, base, cx);
    }
    let start = specpdl::mark(cx);
    let function = cx.window(base, 1).root(0);
    let result = match eval::lambda::bind_dynamically(function, args, cx) {
        Ok(()) => {
            cx.extend_stack(base + code.frame_words);
            run(code, base, cx)
        }
        Err(throw) => Err(throw),
    };
    specpdl::unbind_to(start, result, cx)
}

/// A function that `unwind-protect` calls.
pub(super) fn call_handler(function: Root<'_>, cx: &mut Context) -> Result<(), Throw> {
    crate::funcall!(cx, function.get(cx)).map(|_| ())
}

/// An entry of the binding stack that has nothing to do: there are no buffers yet.
pub(super) fn restore_nothing(_: Root<'_>, _: &mut Context) -> Result<(), Throw> {
    Ok(())
}

/// Run the opcodes that evaluate forms, on the words of `args`.
pub(super) fn run_forms(op: Op, args: Args<'_>, cx: &mut Context) -> CallResult {
    eval::with_depth(cx, |cx| match op {
        Op::CatchOld => handler::catch_rooted(args.root(0), cx, |cx| eval::eval_sub(args.root(1), cx)),
        _ => {
            let [variable, body, clauses] = [0, 1, 2].map(|i| args.root(i).get(cx));
            let form = cx.list_with_tail(&[sym::CONDITION_CASE, variable, body], clauses);
            args.root(0).set(cx, form);
            eval::eval_sub(args.root(0), cx)
        }
    })
}

/// Call a primitive on the `n` words at `base`; the Lisp stack ends behind them, and ends there again afterwards.
pub(super) fn call_native(function: Subr, wanted: usize, base: usize, n: usize, cx: &mut Context) -> CallResult {
    cx.truncate_stack(base + n);
    eval::call_native(function, wanted, base, n, cx)
}

/// Call the function that a name has, on `n` words at `base`: what an opcode does whose primitive does not exist.
pub(super) fn call_by_name(name: &str, base: usize, n: usize, cx: &mut Context) -> CallResult {
    cx.truncate_stack(base + n);
    cx.push(cx.intern(name).into());
    for i in 0..n {
        cx.push(cx.window(base + i, 1).slots(cx).get(0));
    }
    eval::funcall_args(cx.window(base + n, n + 1), cx)
}

/// A run of the machine: the functions that it is in.
pub(super) struct Run {
    pub(super) code: Rc<Code>,
    pub(super) pc: usize,
    pub(super) base: usize,
    pub(super) floor: usize,
    /// The callers of the present function that belong to the run, the innermost last.
    pub(super) suspended: Vec<Suspended>,
    catches: Vec<Catch>,
    /// What is there when the run begins, and again when it has ended.
    start: Mark,
    depth: i64,
}

impl Run {
    pub(super) fn new(code: Rc<Code>, base: usize, vm: &Vm) -> Run {
        let floor = vm.specpdl.len();
        let depth = vm.depth.get();
        Run {
            code,
            pc: 0,
            base,
            floor,
            suspended: vm.codes.take_list(),
            catches: Vec::new(),
            start: Mark(floor),
            depth,
        }
    }

    pub(super) fn push_catch(&mut self, index: usize, takes_throws: bool, to: u16, dst: Slot, vm: &Vm) {
        self.catches.push(Catch {
            index,
            level: self.suspended.len(),
            to: to.into(),
            dst,
            takes_throws,
            specpdl: vm.specpdl.len(),
            depth: vm.depth.get(),
        });
    }

    /// The innermost handler is in force no longer.
    pub(super) fn pop_catch(&mut self, vm: &Vm) {
        if let Some(catch) = self.catches.pop() {
            vm.handlers.truncate(catch.index);
        }
    }

    /// An exit is under way: undo what the run did up to the handler that takes it, and go on there; or all of it.
    #[cold]
    pub(super) fn unwind(&mut self, throw: Throw, vm: &Vm, cx: &mut Context) -> Result<(), Throw> {
        let live = self.base + usize::from(self.code.live[self.pc - 1]);
        cx.extend_stack(live);
        let mut throw = handler::raise(throw, cx);
        while let Some(catch) = self.catches.pop() {
            // A cleanup that signals replaces the exit; the handler is still in force while it runs.
            throw = match specpdl::unbind_to(Mark(catch.specpdl), Err(throw), cx) {
                Ok(_) => unreachable!("an exit stays one"),
                Err(throw) => throw,
            };
            let taken = vm.handlers.target() == catch.index;
            vm.handlers.truncate(catch.index);
            if taken {
                self.resume(&catch, throw, vm, cx);
                return Ok(());
            }
        }
        let result = specpdl::unbind_to(self.start, Err(throw), cx);
        vm.depth.set(self.depth);
        result.map(|_| ())
    }

    /// Go on at a handler.
    fn resume(&mut self, catch: &Catch, throw: Throw, vm: &Vm, cx: &Context) {
        vm.depth.set(catch.depth);
        if self.suspended.len() > catch.level {
            self.suspended.truncate(catch.level + 1);
            if let Some(Suspended { code, base, floor, .. }) = self.suspended.pop() {
                (self.code, self.base, self.floor) = (code, base, floor);
            }
        }
        self.pc = catch.to;
        let value = if catch.takes_throws { cx.caught(throw)[1] } else { handler::error_object(throw, cx) };
        cx.extend_stack(self.base + self.code.frame_words);
        cx.window(self.base, self.code.frame_words).slots(cx).set(catch.dst.into(), value);
    }
}

/// The function in a symbol's function cell.
#[inline(always)]
pub(super) fn function_named<'ob>(name: Object<'ob>, cx: &'ob Context) -> Object<'ob> {
    name.as_symbol().map_or(name, |symbol| symbol.function(cx))
}

/// Whether an object is a cons or nil.
#[inline(always)]
pub(super) fn is_list(object: Object<'_>) -> bool {
    object.as_cons().is_some() || object.is_nil()
}

/// Whether an object is an integer.
#[inline(always)]
pub(super) fn is_integer(object: Object<'_>) -> bool {
    object.as_fixnum().is_some() || object.as_bignum().is_some()
}

/// Whether an object is a number.
#[inline(always)]
pub(super) fn is_number(object: Object<'_>) -> bool {
    is_integer(object) || object.as_float().is_some()
}

/// `aref`: of vectors and records here.
#[inline(always)]
pub(super) fn aref<'ob>(array: Object<'ob>, index: Object<'ob>, cx: &'ob Context) -> Result<Object<'ob>, Throw> {
    if let (Some(v), Some(i)) = (array.as_vector(), index.as_fixnum()) {
        return v.get(i as usize).ok_or_else(|| args_out_of_range(array, index, cx));
    }
    data::array::aref(array, index, cx)
}

/// Where a jump table sends a value.
pub(super) fn switch(
    value: Object<'_>,
    table: Object<'_>,
    jumps: &JumpTable,
    cx: &Context,
) -> Result<Option<u16>, Throw> {
    let Some(table) = table.as_hash_table().filter(|&table| hash::is_native(table)) else {
        return Err(wrong_type(sym::HASH_TABLE_P, table, cx));
    };
    let Some(entry) = hash::find(table, value, cx)?.0.and_then(|i| table.entry(i)) else { return Ok(None) };
    let pc = entry.1.as_fixnum().and_then(|pc| u32::try_from(pc).ok());
    // The table was checked when the function was decoded; it may have been changed since.
    let place = pc.and_then(|pc| jumps.places.binary_search_by_key(&pc, |place| place.0).ok());
    match place {
        Some(i) => Ok(Some(jumps.places[i].1)),
        None => Err(error::error("Jump table changed after its function was first called", cx)),
    }
}
