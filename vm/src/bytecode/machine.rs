//! The machine: runs decoded functions.
//!
//! A function's frame is a window of the Lisp stack that begins with its arguments, which are where the caller put them.
//! Calls of byte code by byte code add to the [`Callers`] and go on in the same loop; handlers are noted in a list
//! beside it.  So neither takes native stack, and a signal finds its handler in the frames of this run before the run is
//! left.
//!
//! Between instructions the Lisp stack is at least as long as the frame.  Before anything that may collect it is cut to
//! the registers that hold something, which the stack map of the code says, so that nothing else is kept alive.
//!
//! What an instruction reads is borrowed from the context and is asked for again after everything that may collect.

use super::code::{Arguments, Cache, Code, JumpTable, Native, Target, code_of, constants_of, wrong_number};
use super::form::Slot;
use super::opcode::{Op, OpcodeInfo};
use super::run::run;
use crate::error::{self, wrong_type};
use crate::eval::{self, debugger};
use crate::fns::hash;
use crate::specpdl::{self, Frame, Mark};
use crate::state::Vm;
use crate::{data, handler, sym};
use std::rc::Rc;
use tenure_gc::{Args, CallResult, Context, LispResult, NIL, Object, Root, Slots, Subr, Symbol, Throw, Words};

/// A caller that waits for the value of its call.
pub(super) struct Suspended {
    pub(super) code: Rc<Code>,
    /// The instruction to go on with.
    pub(super) pc: usize,
    /// The register of the called function, which is before the callee's frame.
    pub(super) callee: usize,
    /// Entries of the binding stack between those of its callers and the callee's frame.
    pub(super) bindings: usize,
}

/// The callers that wait, the innermost last.
///
/// What a caller is besides its code is one number: the instruction and the register of the called function have 16 bits
/// each, the number of its bindings 32.  Where a frame begins follows from that of its callee, so a call and its return are
/// two stores and two loads, and no load waits for stores of parts.
///
/// The vector is longer than the list, so that a push is no more than that (20 instructions with `Vec::push`).
#[derive(Default)]
pub(crate) struct Callers {
    links: Vec<(Option<Rc<Code>>, u64)>,
    len: usize,
}

/// The most entries of the binding stack that a function may have made when it calls another.
pub(super) const MOST_BINDINGS: usize = u32::MAX as usize;

impl Callers {
    #[inline(always)]
    pub(super) fn len(&self) -> usize {
        self.len
    }

    #[inline(always)]
    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Note a caller; its bindings are [`MOST_BINDINGS`] at most.
    #[inline(always)]
    pub(super) fn push(&mut self, caller: Suspended) {
        let Suspended { code, pc, callee, bindings } = caller;
        if self.len >= self.links.len() {
            self.grow();
        }
        let link = (pc as u64) << 48 | (callee as u64) << 32 | bindings as u64;
        // There is no code to be dropped: `pop` takes it.
        std::mem::forget(std::mem::replace(&mut self.links[self.len], (Some(code), link)));
        self.len += 1;
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self) {
        let n = (2 * self.links.len()).max(16);
        self.links.resize_with(n, Default::default);
    }

    #[inline(always)]
    pub(super) fn pop(&mut self) -> Option<Suspended> {
        let i = self.len.checked_sub(1)?;
        let (code, link) = self.links.get_mut(i)?;
        let (code, link) = (code.take()?, *link);
        self.len = i;
        let (pc, callee) = ((link >> 48) as usize, (link >> 32) as usize & 0xFFFF);
        Some(Suspended { code, pc, callee, bindings: link as u32 as usize })
    }

    pub(super) fn clear(&mut self) {
        while self.pop().is_some() {}
    }
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

/// The function that an object is or names; the object itself if it names none.
#[inline(always)]
pub(super) fn callable<'ob>(object: Object<'ob>, cx: &'ob Context) -> Object<'ob> {
    match object.as_symbol() {
        Some(symbol) => follow_names(symbol, cx),
        None => object,
    }
}

#[inline(never)]
fn follow_names<'ob>(symbol: Symbol<'ob>, cx: &'ob Context) -> Object<'ob> {
    match eval::indirect_function(symbol, cx) {
        Ok(function) => function,
        Err(throw) => {
            // The general path meets the same error, and signals it in a frame.
            cx.caught(throw);
            symbol.into()
        }
    }
}

/// The function that a symbol names, known to name one.
#[inline(always)]
pub(super) fn function_named<'ob>(name: Object<'ob>, cx: &'ob Context) -> Object<'ob> {
    let mut function = name;
    while let Some(symbol) = function.as_symbol() {
        function = symbol.function(cx);
    }
    function
}

/// The decoded form of a function, if it is byte code and in order; else the general path says what is wrong.
#[cold]
#[inline(never)]
pub(super) fn decoded(function: Object<'_>, cx: &Context) -> Option<Rc<Code>> {
    match code_of(function, cx) {
        Ok(code) => Some(code),
        Err(throw) => {
            cx.caught(throw);
            None
        }
    }
}

/// The primitive that a function is, if it takes so many arguments.
#[inline(always)]
pub(super) fn native(function: Object<'_>, n: usize, cx: &Context) -> Option<Native> {
    let info = function.as_subr()?.info(cx);
    let callable = !matches!(info.function, Subr::Special(_)) && eval::arity_fits(&info, n);
    callable.then(|| Native { function: info.function, wanted: eval::padded(&info, n), shortcut: None })
}

/// Find a named call's target and put it in the cache.
#[cold]
#[inline(never)]
pub(super) fn fill_cache(cache: &Cache, name: Object<'_>, n: usize, cx: &Context) {
    let function = callable(name, cx);
    let target = match (function.as_callee(), native(function, n, cx).map(|native| native.with_shortcut(function, cx)))
    {
        (Some(_), _) => decoded(function, cx).map_or(Target::Other, Target::Code),
        (None, Some(native)) => Vm::of(cx).codes.stepped(function, n, cx).map_or(Target::Native(native), Target::Code),
        (None, None) => Target::Other,
    };
    cache.fill(&target, cx);
}

/// Make the frame's own registers: the constants, and behind them what a closure captured.
#[inline(always)]
fn place(code: &Code, function: Object<'_>, base: usize, cx: &Context) {
    let slots = cx.window(base, code.frame_words).slots(cx);
    let (constants, captured) = constants_of(function);
    slots.set(code.constants_slot, constants);
    captured.copy_to(slots, code.constants_slot + 1);
}

/// Put the arguments of a call in order: nil for those that are missing, a list for the rest.
/// They and the places for the others are on the Lisp stack.
#[inline(never)]
pub(super) fn arrange(code: &Code, function: Object<'_>, base: usize, n: usize, cx: &Context) -> Result<(), Throw> {
    match code.arguments {
        Arguments::Lexical { required, positional, rest } => {
            arrange_slowly(required, positional, rest, base, n, Vm::of(cx), cx)
        }
        Arguments::Dynamic => Err(error::signal(sym::INVALID_FUNCTION, &[function], cx)),
    }
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
        // Until they are bound the function is what the frame has.
        Arguments::Dynamic => cx.window(base, 1).slots(cx).set(0, function),
        Arguments::Lexical { .. } => {
            if args.len() != code.exact {
                arrange(&code, function, base, args.len(), cx)?;
            }
            place(&code, function, base, cx);
        }
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
            place(&code, function.get(cx), base, cx);
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
fn run_forms(op: Op, args: Args<'_>, cx: &mut Context) -> CallResult {
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

/// Call a primitive that cannot collect.
#[inline(never)]
pub(super) fn call_pure<'ob>(function: Subr, args: Slots<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let arg = |i: usize| if i < args.len() { args.get(i) } else { NIL };
    match function {
        Subr::Pure0(f) => f(cx),
        Subr::Pure1(f) => f(arg(0), cx),
        Subr::Pure2(f) => f(arg(0), arg(1), cx),
        Subr::Pure3(f) => f(arg(0), arg(1), arg(2), cx),
        Subr::Pure4(f) => f(arg(0), arg(1), arg(2), arg(3), cx),
        Subr::PureMany(f) => f(args, cx),
        Subr::Call(_) | Subr::Special(_) => Err(error::signal(sym::INVALID_FUNCTION, &[NIL], cx)),
    }
}

/// Whether [`call_pure`] can call a primitive on so many arguments.
#[inline(always)]
pub(super) fn is_pure(native: &Native, n: usize) -> bool {
    match native.function {
        Subr::Call(_) | Subr::Special(_) => false,
        Subr::PureMany(_) => native.wanted == n,
        _ => true,
    }
}

/// Call a primitive on the `n` words at `base`; the Lisp stack is cut behind them.
#[inline(never)]
pub(super) fn call_native(native: Native, base: usize, n: usize, cx: &mut Context) -> CallResult {
    cx.truncate_stack(base + n);
    eval::call_native(native.function, native.wanted, base, n, cx)
}

/// As [`call_native`], in a frame; the function's name is before the arguments, at `at`.
#[inline(never)]
pub(super) fn call_framed(native: Native, at: usize, n: usize, cx: &mut Context) -> CallResult {
    let frame = eval::begin_level(Frame::of_call(at, n), cx)?;
    debugger::on_next_call(sym::LAMBDA, cx)?;
    cx.truncate_stack(at + 1 + n);
    let ret = eval::call_native(native.function, native.wanted, at + 1, n, cx)?;
    eval::end_level(frame, Ok(ret), cx)
}

/// Call whatever is at `at` on the `n` words behind it, by the evaluator.
#[inline(never)]
pub(super) fn call_generally(at: usize, n: usize, cx: &mut Context) -> CallResult {
    cx.truncate_stack(at + 1 + n);
    eval::funcall_args(cx.window(at, n + 1), cx)
}

/// The registers of a frame for which the Lisp stack is too short yet; nothing if there is no room for them.
#[cold]
#[inline(never)]
pub(super) fn make_room(base: usize, frame_words: usize, cx: &Context) -> Option<Slots<'_>> {
    let top = base + frame_words;
    if !cx.stack_has_room(top.saturating_sub(cx.stack_len()) + eval::LEVEL_WORDS) {
        return None;
    }
    cx.extend_stack(top);
    cx.slots_at(base, frame_words)
}

/// The registers of a frame that was entered before.
#[inline(always)]
pub(super) fn registers(base: usize, frame_words: usize, cx: &Context) -> Slots<'_> {
    match cx.slots_at(base, frame_words) {
        Some(registers) => registers,
        None => lengthened(base, frame_words, cx),
    }
}

#[cold]
#[inline(never)]
fn lengthened(base: usize, frame_words: usize, cx: &Context) -> Slots<'_> {
    cx.extend_stack(base + frame_words);
    cx.window(base, frame_words).slots(cx)
}

/// Run an opcode that is no primitive of this runtime, on `n` words at `base`: it evaluates forms, or the function is
/// called that has its name.
#[cold]
#[inline(never)]
pub(super) fn call_opcode(row: &OpcodeInfo, base: usize, n: usize, cx: &mut Context) -> CallResult {
    cx.truncate_stack(base + n);
    if matches!(row.op, Op::CatchOld | Op::ConditionCaseOld) {
        return run_forms(row.op, cx.window(base, n), cx);
    }
    cx.push(cx.intern(row.primitive).into());
    for i in 0..n {
        cx.push(cx.window(base + i, 1).slots(cx).get(0));
    }
    eval::funcall_args(cx.window(base + n, n + 1), cx)
}

/// The elements of a vector of constants.
#[inline(always)]
pub(super) fn words(constants: Object<'_>) -> Words<'_> {
    constants.vector_words().unwrap_or(Words::EMPTY)
}

/// A run of the machine: the functions that it is in.
pub(super) struct Run {
    /// The present function; the loop has it while it runs.
    pub(super) code: Option<Rc<Code>>,
    pub(super) pc: usize,
    pub(super) base: usize,
    pub(super) floor: usize,
    /// The callers of the present function that belong to the run, the innermost last.
    pub(super) suspended: Callers,
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
            code: Some(code),
            pc: 0,
            base,
            floor,
            suspended: vm.codes.take_callers(),
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
        let live = self.code.as_ref().map_or(0, |code| usize::from(code.live[self.pc - 1]));
        cx.extend_stack(self.base + live);
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
        while self.suspended.len() > catch.level
            && let Some(caller) = self.suspended.pop()
        {
            self.base -= 1 + caller.callee;
            self.floor -= 1 + caller.bindings;
            self.code = Some(caller.code);
        }
        self.pc = catch.to;
        let value = if catch.takes_throws { cx.caught(throw)[1] } else { handler::error_object(throw, cx) };
        let frame_words = self.code.as_ref().map_or(0, |code| code.frame_words);
        cx.extend_stack(self.base + frame_words);
        cx.window(self.base, frame_words).slots(cx).set(catch.dst.into(), value);
    }
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

/// `aref`: of vectors and records here, and of strings whose characters are bytes (by the primitive: twice the time for
/// these).
#[inline(always)]
pub(super) fn aref<'ob>(array: Object<'ob>, index: Object<'ob>, cx: &'ob Context) -> Result<Object<'ob>, Throw> {
    if let Some(i) = index.as_fixnum() {
        if let Some(element) = array.element(i as usize) {
            return Ok(element);
        }
        if let Some(s) = array.as_string()
            && s.chars() == s.len_bytes()
            && let Some(&byte) = s.bytes().get(i as usize)
        {
            return Ok(Object::fixnum(byte.into()));
        }
    }
    data::array::aref(array, index, cx)
}

/// Where a jump table sends a value.
#[inline(never)]
pub(super) fn switch(
    value: Object<'_>,
    table: Object<'_>,
    jumps: &JumpTable,
    cx: &Context,
) -> Result<Option<u16>, Throw> {
    if let Some((least, places)) = &jumps.dense {
        let i = value.as_fixnum().map(|n| n.wrapping_sub(*least) as usize);
        return Ok(i.and_then(|i| *places.get(i)?));
    }
    let Some(table) = table.as_hash_table().filter(|&table| hash::is_native(table)) else {
        return Err(wrong_type(sym::HASH_TABLE_P, table, cx));
    };
    // What is one of few keys compares equal to it whatever the test is.
    let mut same = table.count() == jumps.few.len();
    for &(i, pc, to) in &jumps.few {
        match table.entry(i, cx) {
            Some((key, place)) if place.as_fixnum() == Some(pc.into()) => {
                if key == value {
                    return Ok(Some(to));
                }
                same &= key.as_symbol().is_some() || key.as_fixnum().is_some();
            }
            _ => same = false,
        }
    }
    if same {
        return Ok(None);
    }
    let Some(entry) = hash::find(table, value, cx)?.0.and_then(|i| table.entry(i, cx)) else { return Ok(None) };
    let pc = entry.1.as_fixnum().and_then(|pc| u32::try_from(pc).ok());
    // The table was checked when the function was decoded; it may have been changed since.
    let place = pc.and_then(|pc| jumps.places.binary_search_by_key(&pc, |place| place.0).ok());
    match place {
        Some(i) => Ok(Some(jumps.places[i].1)),
        None => Err(error::error("Jump table changed after its function was first called", cx)),
    }
}
