//! The machine's state: one [`Vm`] a context, attached as its extension 0; and how contexts and their threads are made.
//!
//! Everything here is plain data; what Lisp values it holds is in [`RootVec`]s.
//! Native recursion is bounded by the address of a local against a limit noted when the context is made
//! ([`Vm::native_room`]), so no Lisp program overflows the native stack; [`run_on_big_stack`] gives a thread whose
//! stack is large and costs memory only as it is used.

use crate::fns::random::{DEFAULT_SEED, Random};
use crate::specpdl::Specpdl;
use crate::variable::Forward;
use crate::{init, sym};
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use tenure_gc::{Config, Context, NIL, Object, RootVec, T};

/// The slot of the context's extensions where the machine's state is.
pub const EXTENSION: usize = 0;
/// Bytes of native stack of [`run_on_big_stack`]; the system commits them when they are touched.
const BIG_STACK: usize = 1 << 30;
/// Bytes of native stack that any thread is taken to have: the least default of the platforms.
const SMALL_STACK: usize = 2 << 20;
/// Bytes of native stack kept free for what runs without a check: primitives, a collection, the printer.
const NATIVE_RESERVE: usize = 512 << 10;

thread_local! {
    /// The native stack of this thread, as far as it is known.
    static STACK_BYTES: Cell<usize> = const { Cell::new(SMALL_STACK) };
}

/// The machine's state.
pub struct Vm {
    pub(crate) specpdl: Specpdl,
    /// Calls and forms that are being evaluated (`lisp_eval_depth`).
    pub(crate) depth: Cell<i64>,
    /// `max-lisp-eval-depth`.
    pub(crate) max_depth: Cell<i64>,
    /// `max-specpdl-size`.
    pub(crate) max_specpdl: Cell<i64>,
    /// The lowest address of the native stack that evaluation may reach.
    native_limit: usize,
    /// Handlers of conditions and catch tags, innermost last.
    pub(crate) handlers: crate::handler::Handlers,
    /// Variables that are native state; a forwarded symbol's value cell is an index.
    pub(crate) forwards: RefCell<Vec<Forward>>,
    /// Lisp values that belong to the machine, by the constants of [`register`].
    pub(crate) registers: RootVec,
    pub(crate) flags: Flags,
    /// Decoded byte code, and what else the byte-code machine keeps.
    pub(crate) codes: crate::bytecode::Codes,
    /// Prepared interpreted functions.
    pub(crate) prepared: crate::eval::prepared::Prepared,
    /// This, to be shared by code that keeps it at hand across collections.
    me: Weak<Vm>,
    /// Where a character of some string is, see [`crate::string`].
    pub(crate) place: Cell<crate::string::Place>,
    /// How many more safepoints a program may meet, if that is bounded.
    pub(crate) fuel: Cell<Option<u64>>,
    /// Where `random` is in its sequence.
    pub(crate) random: RefCell<Random>,
    /// `gc-cons-threshold`, as Lisp set it.
    pub(crate) gc_cons_threshold: Cell<i64>,
    /// `integer-width`: how many bits a bignum may have.
    pub(crate) integer_width: Cell<i64>,
    /// Where arithmetic leaves the digits of a result.
    pub(crate) digits: Cell<Vec<u64>>,
    /// What Lisp added to the counters of allocation, in the order of `memory-use-counts`.
    pub(crate) consed_offsets: [Cell<i64>; 7],
    /// Nanoseconds of collection that were told to Lisp.
    pub(crate) gc_ns_seen: Cell<u64>,
    /// Bytes ever allocated, at the last collection.
    pub(crate) allocated_at_collection: Cell<u64>,
}

/// Variables of native type that evaluation reads.
pub(crate) struct Flags {
    pub(crate) debug_on_next_call: Cell<bool>,
    pub(crate) debug_on_quit: Cell<bool>,
    pub(crate) backtrace_on_error_noninteractive: Cell<bool>,
    /// Whether a signal that nobody handles ends the process where it is raised.
    pub(crate) exit_when_unhandled: Cell<bool>,
    pub(crate) garbage_collection_messages: Cell<bool>,
    pub(crate) when_entered_debugger: Cell<i64>,
    pub(crate) num_nonmacro_input_events: Cell<i64>,
    pub(crate) gcs_done: Cell<i64>,
}

/// Indices of [`Vm::registers`].
pub(crate) mod register {
    /// `quit-flag`.
    pub(crate) const QUIT_FLAG: usize = 0;
    /// `inhibit-quit`.
    pub(crate) const INHIBIT_QUIT: usize = 1;
    /// `gc-cons-percentage`, as Lisp set it.
    pub(crate) const GC_CONS_PERCENTAGE: usize = 2;
    /// `gc-elapsed`.
    pub(crate) const GC_ELAPSED: usize = 3;
    /// The syntax table in force, nil while that is the standard one and Lisp has not asked for it.
    pub(crate) const SYNTAX_TABLE: usize = 4;
    /// The standard syntax table, nil until Lisp asks for it.
    pub(crate) const STANDARD_SYNTAX_TABLE: usize = 5;
    /// The current buffer, nil until somebody asks for it.
    pub(crate) const CURRENT_BUFFER: usize = 6;
    /// The category table in force, nil while that is the standard one.
    pub(crate) const CATEGORY_TABLE: usize = 7;
    /// The standard category table, nil until Lisp asks for it.
    pub(crate) const STANDARD_CATEGORY_TABLE: usize = 8;
    /// How many there are.
    pub(crate) const COUNT: usize = 9;
}

impl Vm {
    /// The state of a context.
    #[inline(always)]
    pub fn of(cx: &Context) -> &Vm {
        cx.extension(EXTENSION)
    }

    /// The state of a context, on its own.
    #[inline(always)]
    pub(crate) fn shared(cx: &Context) -> Rc<Vm> {
        Vm::of(cx).me.upgrade().expect("the context has it")
    }

    /// Forget what is kept of functions that died.
    pub(crate) fn sweep_codes(&self, cx: &Context) {
        let dead = cx.take_dead_codes();
        self.codes.sweep(&dead);
        self.prepared.sweep(&dead);
    }

    /// Whether one more level is within `max-lisp-eval-depth` and `max-specpdl-size`.
    #[inline(always)]
    pub(crate) fn may_go_deeper(&self) -> bool {
        self.depth.get() < self.max_depth.get() && (self.specpdl.len() as i64) < self.max_specpdl.get()
    }

    /// Whether native code may go one level deeper.
    #[inline(always)]
    pub(crate) fn native_room(&self) -> bool {
        let local = 0u8;
        std::ptr::from_ref(&local).addr() > self.native_limit
    }
}

/// A context with the built-in symbols, the machine's state and all of the machine's primitives and variables.
pub fn new_context(config: Config) -> Context {
    let cx = Context::new(config, sym::NAMES);
    let local = 0u8;
    let here = std::ptr::from_ref(&local).addr();
    let registers = cx.root_vec();
    for _ in 0..register::COUNT {
        registers.push(&cx, NIL);
    }
    registers.set(&cx, register::GC_CONS_PERCENTAGE, cx.float(0.1).into());
    registers.set(&cx, register::GC_ELAPSED, cx.float(0.0).into());
    let vm = Rc::new_cyclic(|me| Vm {
        me: Weak::clone(me),
        place: Cell::default(),
        specpdl: Specpdl::new(&cx),
        depth: Cell::new(0),
        max_depth: Cell::new(1600),
        max_specpdl: Cell::new(2500),
        native_limit: here.saturating_sub(STACK_BYTES.get().saturating_sub(NATIVE_RESERVE)),
        handlers: crate::handler::Handlers::new(&cx),
        forwards: RefCell::default(),
        registers,
        flags: Flags {
            debug_on_next_call: Cell::new(false),
            debug_on_quit: Cell::new(false),
            backtrace_on_error_noninteractive: Cell::new(true),
            exit_when_unhandled: Cell::new(false),
            garbage_collection_messages: Cell::new(false),
            when_entered_debugger: Cell::new(-1),
            num_nonmacro_input_events: Cell::new(0),
            gcs_done: Cell::new(0),
        },
        codes: crate::bytecode::Codes::default(),
        prepared: crate::eval::prepared::Prepared::new(&cx),
        fuel: Cell::new(None),
        random: RefCell::new(Random::seeded(DEFAULT_SEED)),
        gc_cons_threshold: Cell::new(cx.threshold() as i64),
        integer_width: Cell::new(1 << 16),
        digits: Cell::default(),
        consed_offsets: Default::default(),
        gc_ns_seen: Cell::new(0),
        allocated_at_collection: Cell::new(0),
    });
    cx.set_extension(EXTENSION, vm);
    init::define_all(&cx);
    cx
}

/// Bound what Lisp may do from now on: after `safepoints` more safepoints each of them throws to where native code takes
/// every exit.
pub fn set_fuel(safepoints: u64, cx: &Context) {
    Vm::of(cx).fuel.set(Some(safepoints));
    cx.set_pending();
}

/// Run `f` on a thread with a native stack of 1 GiB, most of which is never touched.  A panic goes on in the caller.
pub fn run_on_big_stack<R: Send>(f: impl FnOnce() -> R + Send) -> R {
    std::thread::scope(|scope| {
        let run = || {
            STACK_BYTES.set(BIG_STACK);
            f()
        };
        let thread = std::thread::Builder::new().stack_size(BIG_STACK).spawn_scoped(scope, run);
        match thread.expect("the system gives address space for a thread").join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// `t` or `nil` of a native flag.
pub(crate) fn lisp_bool(flag: &Cell<bool>) -> Object<'static> {
    if flag.get() { T } else { NIL }
}
