//! The context: one mutator and its heap.
//!
//! `&Context` means that no collection can happen, `&mut Context` that one may.  Allocation takes `&Context`: when memory
//! runs short it takes more and raises a flag.  Collections happen only in [`Context::safepoint`] and
//! [`Context::collect`].
//!
//! INV-CONTEXT-1: one context a thread, so objects of two heaps never meet.
//! INV-CONTEXT-2: a collection starts only in a function that takes `&mut Context`; no code of another crate runs in it;
//! one that unwinds aborts the process.

use crate::barrier::MOST_REMEMBERED;
use crate::event::{Cause, Event, EventSink, Events, Pause, PauseKind, Phase};
use crate::heap::Heap;
use crate::obarray::Obarray;
use crate::object::symbol::SymbolCell;
use crate::object::{MAX_BUILTIN_SYMBOLS, NIL, Object, Write};
use crate::options::{Config, Trigger};
use crate::plan::concurrent::MarkerThread;
use crate::plan::incremental::{Cycle, CycleMarker};
use crate::plan::{PauseClock, PlanInfo};
use crate::root::{LispStack, Registers, RootTable};
use crate::size_class::{Class, SYMBOL_BYTES};
use crate::slot::Slot;
use crate::subr::SubrInfo;
use crate::trace::{Card, Remembered, Tracer};
use crate::trigger::Rates;
use crate::watch::Watch;
use crate::word::{TAG_VECTORLIKE, Word};
use crate::{LispResult, Throw, weak};
use std::any::{Any, TypeId};
use std::cell::{Cell, OnceCell, RefCell};
use std::marker::PhantomData;
use std::ptr::NonNull;
use std::rc::Rc;

/// Full blocks that a short pause looks at in search of free cells: 0.2 microseconds each.
const PATIENCE: usize = 32;
/// How many extensions a context can carry.
pub const EXTENSIONS: usize = 4;
/// A mutator and its heap.
pub struct Context {
    pub(crate) heap: Heap,
    pub(crate) stack: Rc<LispStack>,
    /// A collection, or something else that a safepoint must see to, is due.
    pub(crate) pending: Cell<bool>,
    /// A store of a word in `barrier_base .. barrier_base + barrier_span` takes the barrier's slow path.
    pub(crate) barrier_base: Cell<usize>,
    pub(crate) barrier_span: Cell<usize>,
    /// Old objects, or cards of long ones, that may refer to young ones, each once.
    pub(crate) remembered: RefCell<Vec<Remembered>>,
    /// How many of them make a collection of the young due.
    pub(crate) most_remembered: Cell<usize>,
    /// Bytes promoted or allocated old since the last major collection.
    pub(crate) old_growth: Cell<usize>,
    /// Bytes that the last major collection found live.
    pub(crate) live_at_major: Cell<usize>,
    /// An incremental collection, while one is under way.
    pub(crate) cycle: RefCell<Option<Cycle>>,
    /// One is: what is stored, promoted or born old must be marked.
    pub(crate) marking: Cell<bool>,
    /// Its closure is complete: what is not marked is dead, and weak references to it are hidden from the program.
    pub(crate) deciding: Cell<bool>,
    /// Whatever survives is promoted at once: the closure is complete but for what young objects refer to.
    pub(crate) tenure_at_once: Cell<bool>,
    /// Objects that it is to mark, of which it does not know yet.
    pub(crate) shaded: RefCell<Vec<Word>>,
    /// The marker of the last cycle, whose memory is given back a little in each pause.
    pub(crate) retired_marker: RefCell<Option<Box<CycleMarker>>>,
    /// Bytes and objects that were promoted since the cycle under way began.
    pub(crate) promoted_black: Cell<(usize, usize)>,
    /// The thread that marks for it, under a plan that has one.
    pub(crate) marker_thread: Option<MarkerThread>,
    pub(crate) registers: Registers,
    pub(crate) plan: &'static PlanInfo,
    pub(crate) config: Config,
    pub(crate) cause: Cell<Cause>,
    pub(crate) threshold: Cell<usize>,
    pub(crate) percentage: Cell<Option<f64>>,
    /// Allocate this much, and a collection is due.
    pub(crate) budget: Cell<usize>,
    /// The last collection of the whole heap left it full.
    pub(crate) is_full: Cell<bool>,
    /// The program is to be told so.
    pub(crate) memory_full: Cell<bool>,
    /// It was told, and no collection of the whole heap followed.
    pub(crate) told_full: Cell<bool>,
    /// Collections are held off: a hook or finalizer runs.
    pub(crate) inhibited: Cell<u32>,
    pub(crate) safepoints: Cell<u32>,
    pub(crate) collections: Cell<u64>,
    pub(crate) gc_ns: Cell<u64>,
    /// How fast the program and the collector are.
    pub(crate) rates: Cell<Rates>,
    /// When the last collection of the whole heap ended, and the time in collections until then, in nanoseconds.
    pub(crate) last_major: Cell<(u64, u64)>,
    /// When the last pause ended, and how long the mutator ran before this one.
    pub(crate) last_pause_end: Cell<u64>,
    pub(crate) mutator_ns: Cell<u64>,
    /// What an incremental collector may take of the program's time, in nanoseconds; less than zero if it has taken too much.
    pub(crate) credit_ns: Cell<i64>,
    /// Objects ever allocated when the last collection began.
    pub(crate) objects_at_collection: Cell<u64>,
    pub(crate) function_epoch: Cell<u32>,
    /// Conses that the runtime wants to know of if they change.
    pub(crate) watch: Watch,
    pub(crate) obarray: Obarray,
    pub(crate) subrs: RefCell<Vec<SubrInfo>>,
    pub(crate) tables: RefCell<Vec<Rc<RootTable>>>,
    /// So many tables, and the dead ones among them are looked for.
    tables_bound: Cell<usize>,
    pub(crate) finalizers: RefCell<Vec<Word>>,
    /// Finalizers and handles of codes that were registered since the last collection.
    pub(crate) young_finalizers: RefCell<Vec<Word>>,
    pub(crate) young_codes: RefCell<Vec<u64>>,
    /// Finalizers that are to be run, oldest first, and how many of them were.
    pub(crate) doomed: Rc<RootTable>,
    pub(crate) doomed_taken: Cell<usize>,
    /// Byte-code functions with a decoded form, by handle less one; weak.
    pub(crate) codes: RefCell<Vec<Option<Word>>>,
    pub(crate) dead_codes: RefCell<Vec<u64>>,
    /// Handles that may be given out again.
    pub(crate) free_codes: RefCell<Vec<u64>>,
    pub(crate) events: Events,
    pub(crate) extensions: [OnceCell<Extension>; EXTENSIONS],
    pub(crate) id: u64,
    pub(crate) not_send: PhantomData<*const ()>,
}

/// The runtime's own state, with its type beside it: the machine asks for it at every form, and a comparison of constants
/// is cheaper than the virtual call of `downcast_ref` (2.5 ns).
pub(crate) struct Extension {
    type_id: TypeId,
    /// Where the data is.
    at: *const (),
    _data: Rc<dyn Any>,
}

thread_local! {
    static ACTIVE: Cell<bool> = const { Cell::new(false) };
    static NEXT_ID: Cell<u64> = const { Cell::new(1) };
}

impl Context {
    /// A context with an empty heap.  `builtin` names the built-in symbols, in the order of their numbers; the first
    /// four are `nil`, `t`, the private marker of variables without value, and `memory-full`.
    ///
    /// Panics if the thread has a context already (INV-CONTEXT-1), or if `builtin` is too long or begins otherwise.
    pub fn new(config: Config, builtin: &[&str]) -> Context {
        assert!(builtin.len() <= MAX_BUILTIN_SYMBOLS, "too many built-in symbols");
        assert!(builtin.starts_with(&FIRST_SYMBOLS), "the first built-in symbols are fixed: {FIRST_SYMBOLS:?}");
        assert!(!ACTIVE.replace(true), "one Context per thread");
        let heap = Heap::new(&config);
        if config.plan.generational() && !matches!(config.trigger, Trigger::Fixed(_)) {
            heap.patience.set(PATIENCE);
        }
        let (barrier_base, barrier_span) = heap.watched_addresses();
        // The first run of symbol cells is the first block from its start, which puts `nil` at offset 0.
        let block = heap.region.acquire(Class::SYMBOL, 0).expect("a heap has at least one block");
        heap.cells.adopt(Class::SYMBOL, block);
        for number in 0..MAX_BUILTIN_SYMBOLS {
            let offset = number * SYMBOL_BYTES;
            // SAFETY: INV-REGION-1: the block is ours and fresh, and the cells fit in it.
            unsafe { heap.region.at(offset).cast::<SymbolCell>().write(SymbolCell::unborn()) };
            heap.region.allocated().set(offset);
            if heap.sticky {
                heap.region.marks().set(offset);
            }
        }
        let id = NEXT_ID.replace(NEXT_ID.get() + 1);
        let cx = Context {
            heap,
            stack: Rc::new(LispStack::new(config.stack_words)),
            pending: Cell::new(false),
            barrier_base: Cell::new(barrier_base),
            barrier_span: Cell::new(barrier_span),
            remembered: RefCell::default(),
            most_remembered: Cell::new(MOST_REMEMBERED),
            old_growth: Cell::new(0),
            live_at_major: Cell::new(0),
            cycle: RefCell::default(),
            marking: Cell::new(false),
            deciding: Cell::new(false),
            tenure_at_once: Cell::new(false),
            shaded: RefCell::default(),
            retired_marker: RefCell::default(),
            promoted_black: Cell::new((0, 0)),
            marker_thread: if config.plan.concurrent { MarkerThread::start() } else { None },
            registers: Registers::new(),
            plan: config.plan,
            cause: Cell::new(Cause::Explicit),
            threshold: Cell::new(800_000),
            percentage: Cell::new(Some(0.1)),
            budget: Cell::new(0),
            is_full: Cell::new(false),
            memory_full: Cell::new(false),
            told_full: Cell::new(false),
            inhibited: Cell::new(0),
            safepoints: Cell::new(0),
            collections: Cell::new(0),
            gc_ns: Cell::new(0),
            rates: Cell::new(Rates::INITIAL),
            last_major: Cell::new((0, 0)),
            last_pause_end: Cell::new(0),
            mutator_ns: Cell::new(0),
            credit_ns: Cell::new(0),
            objects_at_collection: Cell::new(0),
            function_epoch: Cell::new(0),
            watch: Watch::default(),
            obarray: Obarray::default(),
            subrs: RefCell::default(),
            tables: RefCell::default(),
            tables_bound: Cell::new(16),
            finalizers: RefCell::default(),
            young_finalizers: RefCell::default(),
            young_codes: RefCell::default(),
            doomed: Rc::new(RootTable::new(id)),
            doomed_taken: Cell::new(0),
            codes: RefCell::default(),
            dead_codes: RefCell::default(),
            free_codes: RefCell::default(),
            events: Events::new(config.event_capacity),
            extensions: Default::default(),
            id,
            not_send: PhantomData,
            config,
        };
        cx.register_table(&cx.doomed);
        for (number, name) in builtin.iter().enumerate() {
            let object = Object::builtin_symbol(number);
            let name = cx.string_from_str(name);
            // SAFETY: INV-WORD-1: the cell was initialised above.
            let cell = unsafe { cx.heap.symbol_cell(object.0).as_ref() };
            cell.name.set(Object::from(name).0);
            cx.remember_at_birth(object.0);
            let symbol = object.as_symbol().expect("a built-in symbol");
            symbol.set_name_hash(crate::obarray::hash_name(name.bytes()), &cx);
            if number != 2 {
                cx.add_to_obarray(symbol);
            }
        }
        for constant in [NIL, crate::object::T] {
            let symbol = constant.as_symbol().expect("a built-in symbol");
            symbol.set_value(constant, &cx);
            symbol.set_write(Write::Constant, &cx);
            symbol.set_special(true, &cx);
        }
        cx.set_budget();
        cx
    }

    #[inline(always)]
    pub(crate) fn heap(&self) -> &Heap {
        &self.heap
    }

    #[inline(always)]
    pub(crate) fn stack(&self) -> &LispStack {
        &self.stack
    }

    #[inline(always)]
    pub(crate) fn stack_rc(&self) -> Rc<LispStack> {
        Rc::clone(&self.stack)
    }

    #[inline(always)]
    pub(crate) fn registers(&self) -> &Registers {
        &self.registers
    }

    #[inline(always)]
    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    pub(crate) fn register_table(&self, table: &Rc<RootTable>) {
        let mut tables = self.tables.borrow_mut();
        // Tables whose vector is gone are forgotten when there may be as many of them as others, so that a table costs
        // constant time however deep calls that hold one are nested.
        if tables.len() >= self.tables_bound.get() {
            tables.retain(|t| Rc::strong_count(t) > 1);
            self.tables_bound.set(2 * tables.len() + 16);
        }
        tables.push(Rc::clone(table));
    }

    /// What the context was made with.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The collector.
    pub fn plan(&self) -> &'static PlanInfo {
        self.plan
    }

    /// Attach the runtime's own state; each slot once.
    pub fn set_extension(&self, slot: usize, extension: Rc<dyn Any>) {
        let at = Rc::as_ptr(&extension).cast();
        let extension = Extension { type_id: (*extension).type_id(), at, _data: extension };
        assert!(self.extensions[slot].set(extension).is_ok(), "extension {slot} is set already");
    }

    /// The runtime's own state in a slot.  Panics if there is none of this type.
    #[inline(always)]
    pub fn extension<T: 'static>(&self, slot: usize) -> &T {
        let extension = self.extensions[slot].get().expect("the runtime attached its state");
        assert!(extension.type_id == TypeId::of::<T>(), "the runtime's state has another type");
        // SAFETY: the data has this type, as was just checked, and lives as long as the context: a slot is set once.
        unsafe { &*extension.at.cast::<T>() }
    }

    /// A number that changes whenever a function cell changes: what inline caches compare.
    #[inline(always)]
    pub fn function_epoch(&self) -> u32 {
        self.function_epoch.get()
    }

    /// A number that changes whenever a function cell, a watched cons or the sort of a variable changes, and with each
    /// collection, after which no cons is watched.
    #[inline(always)]
    pub fn source_epoch(&self) -> u64 {
        self.watch.epoch.get()
    }

    /// Have [`Context::source_epoch`] change when this cons does.  It may change for other reasons, too.
    pub fn watch(&self, cons: crate::Cons<'_>) {
        self.watch.add(cons.address());
    }

    /// Have [`Context::source_epoch`] change.
    pub fn note_source_change(&self) {
        self.watch.note_change();
    }

    // ---- Allocation.

    /// A cell of a class, for an object that the caller writes at once.
    #[inline(always)]
    pub(crate) fn alloc_cell<T>(&self, class: Class) -> NonNull<T> {
        match self.heap.windows.of(class).take(class.cell_bytes()) {
            Some(cell) => cell.cast(),
            None => self.alloc_slow(class).cast(),
        }
    }

    /// Memory for a vectorlike.
    #[inline]
    pub(crate) fn alloc_bytes(&self, bytes: usize) -> NonNull<u8> {
        match Class::vectorlike(bytes) {
            Some(class) => self.alloc_cell(class),
            None => self.alloc_large(bytes, false),
        }
    }

    /// Memory for the bytes of a string.
    #[inline]
    pub(crate) fn alloc_data_cell(&self, bytes: usize) -> NonNull<u8> {
        match Class::data(bytes) {
            Some(class) => self.alloc_cell(class),
            None => self.alloc_large(bytes, true),
        }
    }

    #[cold]
    #[inline(never)]
    fn alloc_slow(&self, class: Class) -> NonNull<u8> {
        let window = self.heap.windows.of(class);
        self.heap.count_window(class);
        self.check_budget(Some(class));
        assert!((self.plan.refill)(&self.heap, class), "the heap's address range is used up");
        window.take(class.cell_bytes()).expect("INV-ALLOC-1: a refilled window has a cell")
    }

    #[cold]
    #[inline(never)]
    fn alloc_large(&self, bytes: usize, data: bool) -> NonNull<u8> {
        self.heap.count_large(bytes, data);
        if self.plan.nursery {
            self.old_growth.set(self.old_growth.get() + bytes);
        }
        self.check_budget(None);
        let start = (self.plan.large)(&self.heap, bytes, data).expect("the heap's address range is used up");
        self.shade_newborn(if data { None } else { Some(Word::tagged(start, TAG_VECTORLIKE)) }, start);
        start
    }

    /// Make sure that `bytes` more bytes may be allocated, before an allocation of a size that Lisp chose; else
    /// `memory-full`.
    pub fn reserve(&self, bytes: usize) -> Result<(), Throw> {
        let limit = match self.config.trigger {
            Trigger::Fixed(heap) => heap / self.plan.reserve_divisor,
            _ => self.hard_limit() / self.plan.reserve_divisor,
        };
        // What is live certainly stays; what was allocated since may be garbage.
        let kept = self.heap.live_bytes.get();
        if bytes > limit.saturating_sub(kept) || self.heap.footprint().saturating_add(bytes) > self.hard_limit() {
            return Err(self.memory_full_signal());
        }
        Ok(())
    }

    /// The signal of a full heap: condition `memory-full`.
    pub fn memory_full_signal(&self) -> Throw {
        self.signal(MEMORY_FULL, NIL)
    }

    // ---- Safepoints.

    /// Whether a safepoint has something to do: one load.
    #[inline(always)]
    pub fn is_pending(&self) -> bool {
        self.pending.get()
    }

    /// Have the next safepoint look round, although no collection is due: for what the runtime above queues.
    pub fn set_pending(&self) {
        self.pending.set(true);
    }

    /// A point where a collection may happen.
    #[inline(always)]
    pub fn safepoint(&mut self) {
        if self.pending.get() || self.config.stress != 0 {
            self.safepoint_slow();
        }
    }

    #[cold]
    #[inline(never)]
    fn safepoint_slow(&mut self) {
        if self.inhibited.get() > 0 {
            return;
        }
        let stress = self.config.stress;
        if stress != 0 {
            let n = self.safepoints.get() + 1;
            self.safepoints.set(if n >= stress { 0 } else { n });
            if n >= stress {
                return self.collect_because(Cause::Stress);
            }
        }
        if self.pending.replace(false) && self.is_due() {
            self.collect_because(self.cause.get());
        }
    }

    /// Whether the flag was raised by allocation; it may have been raised by the runtime above.
    fn is_due(&self) -> bool {
        if self.told_full.get() {
            self.cause.set(Cause::HeapFull);
            return self.plan.collects;
        }
        if self.plan.generational() {
            let major = self.is_major_due() && !self.plan.incremental && !self.memory_full.get();
            return self.is_minor_due() || major || self.cause.get() == Cause::HeapFull;
        }
        let trigger = match self.config.trigger {
            Trigger::Emacs | Trigger::Multiple(_) | Trigger::MemBalancer(_) => {
                self.heap.bytes_since_collection() >= self.budget.get()
            }
            Trigger::Fixed(_) => self.heap.footprint() >= self.budget.get() && !self.memory_full.get(),
        };
        self.plan.collects && (trigger || self.heap.footprint() >= self.hard_limit())
    }

    /// Collect now.
    pub fn collect(&mut self) {
        self.collect_because(Cause::Explicit);
    }

    /// Hold collections off, or allow them again; calls nest.
    pub fn inhibit_collection(&self, inhibit: bool) {
        let n = self.inhibited.get();
        self.inhibited.set(if inhibit { n + 1 } else { n.saturating_sub(1) });
    }

    /// Whether collections are held off.
    pub fn is_collection_inhibited(&self) -> bool {
        self.inhibited.get() > 0
    }

    #[inline(never)]
    pub(crate) fn collect_because(&mut self, cause: Cause) {
        self.cause.set(Cause::Explicit);
        self.pending.set(false);
        if !self.plan.collects || self.inhibited.get() > 0 {
            return;
        }
        let span = tracing::debug_span!("collect", plan = self.plan.name, cause = cause.name()).entered();
        let abort = AbortOnUnwind;
        let start_ns = self.events.now();
        self.mutator_ns.set(start_ns - self.last_pause_end.get());
        let mut clock = PauseClock::start();
        let bytes_before = self.heap.live_bytes.get() + self.heap.exact_bytes_since_collection();
        let allocated = self.heap.objects_allocated();
        let objects_before = self.heap.live_objects.get() as u64 + allocated - self.objects_at_collection.get();
        self.objects_at_collection.set(allocated);
        // Stress mode in turn collects the nursery and everything.
        let stress_minor = cause == Cause::Stress && !self.collections.get().is_multiple_of(16);
        let minor = self.plan.generational() && (matches!(cause, Cause::NurseryFull | Cause::Idle) || stress_minor);
        let collect = if minor { self.plan.minor } else { self.plan.major };
        let outcome = collect(self, &mut clock);
        let kind = outcome.kind;
        let minor = matches!(kind, PauseKind::Minor | PauseKind::Increment);
        let old_growth = self.old_growth.get() + outcome.bytes_promoted;
        let grown = if self.plan.generational() { old_growth } else { self.heap.exact_bytes_since_collection() };
        self.old_growth.set(if minor { old_growth } else { 0 });
        self.heap.reset_counts(outcome.live_bytes, outcome.live_objects);
        if minor {
            if !self.plan.incremental && self.is_major_due() {
                self.cause.set(self.major_cause());
                self.pending.set(true);
            }
        } else {
            self.live_at_major.set(outcome.live_bytes);
            self.look_for_full_heap(bytes_before);
        }
        self.collections.set(self.collections.get() + 1);
        self.watch.clear();
        self.last_pause_end.set(self.events.now());
        let pause_ns = self.last_pause_end.get() - start_ns;
        self.gc_ns.set(self.gc_ns.get() + pause_ns);
        if !minor {
            self.note_rates(grown);
            self.set_budget();
        }
        std::mem::forget(abort);
        drop(span);
        self.events.push(Event::Pause(Pause {
            start_ns,
            pause_ns,
            kind,
            cause,
            phases: clock.phases,
            bytes_before: bytes_before as u64,
            bytes_after: outcome.live_bytes as u64,
            objects_before,
            objects_after: outcome.live_objects as u64,
            bytes_copied: outcome.bytes_copied as u64,
            bytes_promoted: outcome.bytes_promoted as u64,
            roots: outcome.roots as u64,
            remembered: outcome.remembered as u64,
        }));
        // A walk of the whole heap after each of thousands of short pauses would be most of a test's time.
        let often = minor && self.config.stress == 0 && !self.collections.get().is_multiple_of(16);
        if self.config.verify && !often {
            self.verify().unwrap_or_else(|e| panic!("the heap is corrupt: {e}"));
        }
    }

    // ---- What the runtime above asks for.

    /// Collections so far.
    pub fn collections(&self) -> u64 {
        self.collections.get()
    }

    /// Nanoseconds spent in collections so far.
    pub fn gc_ns(&self) -> u64 {
        self.gc_ns.get()
    }

    /// Nanoseconds since the context was made.
    pub fn now_ns(&self) -> u64 {
        self.events.now()
    }

    /// The event buffer, for a tool-side thread to drain.
    pub fn event_sink(&self) -> EventSink {
        self.events.sink()
    }

    /// Record that a request of the program begins.
    pub fn request_begin(&self) {
        self.events.push(Event::RequestBegin(self.events.now()));
    }

    /// Record that the innermost request ended.
    pub fn request_end(&self) {
        self.events.push(Event::RequestEnd(self.events.now()));
    }

    /// The function of a finalizer whose object died, each once, oldest first.
    pub fn next_doomed_finalizer(&self) -> Option<Object<'_>> {
        let next = self.doomed_taken.get();
        let Some(finalizer) = self.doomed.word(next) else {
            self.doomed.clear();
            self.doomed_taken.set(0);
            return None;
        };
        self.doomed_taken.set(next + 1);
        // SAFETY: INV-WORD-1: doomed finalizers are roots, so the word is valid.
        unsafe { crate::object::vectorlike::Vectorlike::from_word(finalizer) }.slot(0)
    }

    /// Whether finalizers wait to be run.
    pub fn has_doomed_finalizers(&self) -> bool {
        self.doomed.word(self.doomed_taken.get()).is_some()
    }

    /// Give a byte-code function a handle for its decoded form, which the runtime keeps at that index.
    /// When the function dies, [`Context::take_dead_codes`] tells the handle, and it may be given out again.
    pub fn register_code(&self, function: crate::ByteCode<'_>) -> u64 {
        let word = Object::from(function).0;
        let mut codes = self.codes.borrow_mut();
        let handle = match self.free_codes.borrow_mut().pop() {
            Some(handle) => {
                codes[handle as usize - 1] = Some(word);
                handle
            }
            None => {
                codes.push(Some(word));
                codes.len() as u64
            }
        };
        self.young_codes.borrow_mut().push(handle);
        function.set_code_handle(handle);
        handle
    }

    /// The function that has a handle, if it is alive.
    #[inline(always)]
    pub fn registered_code(&self, handle: u64) -> Option<Object<'_>> {
        let word = self.codes.borrow().get(handle as usize - 1).copied()??;
        // SAFETY: INV-WORD-1: a collection updates the word of a function that lives and removes that of one that died.
        Some(unsafe { Object::from_word(word) })
    }

    /// Handles whose functions died since the last call.  The caller forgets them now: they may be given out again.
    pub fn take_dead_codes(&self) -> Vec<u64> {
        let dead = self.dead_codes.take();
        self.free_codes.borrow_mut().extend_from_slice(&dead);
        dead
    }

    /// Visit every root but those of `trace_everything`'s weak phase: the one enumeration.  Gives their number.
    pub(crate) fn for_each_root(&self, mut visit: impl FnMut(&Slot)) -> usize {
        let mut roots = self.for_each_changing_root(&mut visit);
        let mut visit = |word: Word| {
            roots += 1;
            visit(&Slot::new(word));
        };
        (0..MAX_BUILTIN_SYMBOLS).for_each(|number| visit(Word::symbol(number * SYMBOL_BYTES)));
        self.obarray.for_each(visit);
        roots
    }

    /// Visit the roots but the symbols, which are old and never move.
    fn for_each_changing_root(&self, mut visit: impl FnMut(&Slot)) -> usize {
        let mut roots = 0;
        self.tables.borrow().iter().for_each(|t| {
            t.for_each(|slot| {
                roots += 1;
                visit(slot);
            })
        });
        self.stack.live().iter().for_each(&mut visit);
        roots + self.stack.live().len() + self.for_each_register(visit)
    }

    /// Visit the roots that may refer to a young object.  A collection that moves none of them is not for this.
    pub(crate) fn for_each_young_root(&self, mut visit: impl FnMut(&Slot)) -> usize {
        let mut roots = 0;
        let still_young = |slot: &Slot| self.is_still_young(slot.get());
        self.tables.borrow().iter().for_each(|t| {
            let visit = |slot: &Slot| {
                roots += 1;
                visit(slot);
            };
            t.for_each_unsettled(visit, still_young);
        });
        roots += self.stack.unsettled();
        self.stack.for_each_unsettled(&mut visit, still_young);
        roots + self.for_each_register(visit)
    }

    /// Whether a word that a collection of the young has visited refers to an object in the nursery all the same.
    #[inline(always)]
    fn is_still_young(&self, word: Word) -> bool {
        !word.is_fixnum() && self.heap.nursery.holds(self.heap.offset(word))
    }

    /// Visit the registers.
    pub(crate) fn for_each_register(&self, mut visit: impl FnMut(&Slot)) -> usize {
        visit(&self.registers.ret);
        self.registers.signal.iter().for_each(&mut visit);
        visit(&self.registers.environment);
        self.registers.empty.iter().for_each(visit);
        2 + self.registers.signal.len() + self.registers.empty.len()
    }

    /// Take the remembered set, to be scanned.
    pub(crate) fn take_remembered(&self) -> Vec<Remembered> {
        let remembered = self.remembered.take();
        for &(word, card) in &remembered {
            self.heap.region.logged().clear(self.heap.offset(word) + card.map_or(0, Card::log_offset));
        }
        remembered
    }

    /// A collection of the young left old objects that refer to young ones: they stay in the remembered set, beside as many
    /// new ones as ever.
    pub(crate) fn remember_still(&self, still: Vec<Remembered>) {
        let mut remembered = self.remembered.borrow_mut();
        let logged = self.heap.region.logged();
        let new = |&(word, card): &Remembered| logged.set(self.heap.offset(word) + card.map_or(0, Card::log_offset));
        remembered.extend(still.into_iter().filter(new));
        self.most_remembered.set(remembered.len() + MOST_REMEMBERED);
    }

    /// After a closure over the nursery: which finalizers and codes died young.
    pub(crate) fn decide_finalizers_and_codes(&self, heap: &Heap, tracer: &mut impl Tracer) {
        self.doom_finalizers(heap, tracer);
        tracer.drain(heap);
        self.sweep_codes(heap, tracer);
    }

    /// Finalizers that nothing reaches are doomed: kept alive once more, to be run.
    pub(crate) fn doom_finalizers<T: Tracer>(&self, heap: &Heap, tracer: &mut T) {
        let mut old = self.finalizers.borrow_mut();
        let mut young = self.young_finalizers.borrow_mut();
        let mut doomed = Vec::new();
        let mut decide = |word: Word, tracer: &mut T| {
            let live = tracer.is_live(heap, word);
            if !live {
                let slot = Slot::new(word);
                tracer.slot(&slot);
                doomed.push(slot.get());
            }
            live
        };
        if !T::ONLY_YOUNG {
            old.retain_mut(|word| {
                let live = decide(*word, tracer);
                *word = tracer.current(heap, *word);
                live
            });
        }
        young.retain_mut(|word| {
            let live = decide(*word, tracer);
            *word = tracer.current(heap, *word);
            let still_young = live && self.is_still_young(*word);
            if live && !still_young {
                old.push(*word);
            }
            still_young
        });
        self.doom(doomed);
    }

    /// Have finalizers run that nothing reaches any more, and that are marked.
    pub(crate) fn doom(&self, finalizers: Vec<Word>) {
        if !finalizers.is_empty() {
            self.doomed.append(finalizers);
            self.pending.set(true);
        }
    }

    /// Forget the codes whose functions died.
    pub(crate) fn sweep_codes<T: Tracer>(&self, heap: &Heap, tracer: &T) {
        let young = self.young_codes.take();
        if T::ONLY_YOUNG {
            let mut still_young = Vec::new();
            for handle in young {
                self.sweep_code(heap, tracer, handle as usize - 1);
                if self.codes.borrow()[handle as usize - 1].is_some_and(|word| self.is_still_young(word)) {
                    still_young.push(handle);
                }
            }
            self.young_codes.replace(still_young);
        } else {
            self.sweep_some_codes(heap, tracer, 0, usize::MAX);
        }
    }

    /// The same for up to `count` of them; gives where to go on.
    pub(crate) fn sweep_some_codes<T: Tracer>(
        &self,
        heap: &Heap,
        tracer: &T,
        from: usize,
        count: usize,
    ) -> Option<usize> {
        let all = self.codes.borrow().len();
        let to = all.min(from.saturating_add(count));
        (from..to).for_each(|i| self.sweep_code(heap, tracer, i));
        (to < all).then_some(to)
    }

    fn sweep_code<T: Tracer>(&self, heap: &Heap, tracer: &T, i: usize) {
        let entry = &mut self.codes.borrow_mut()[i];
        if let Some(word) = *entry {
            debug_assert_eq!(word.tag(), TAG_VECTORLIKE);
            *entry = tracer.is_live(heap, word).then(|| tracer.current(heap, word));
            if entry.is_none() {
                self.dead_codes.borrow_mut().push(i as u64 + 1);
            }
        }
    }
}

/// The names that the first built-in symbols must have.
const FIRST_SYMBOLS: [&str; 4] = ["nil", "t", "unbound", "memory-full"];
/// The condition of a full heap, built-in symbol 3.
pub const MEMORY_FULL: Object<'static> = Object::builtin_symbol(3);

/// Trace from all roots to the end, weak references included; gives the number of roots.
pub(crate) fn trace_everything(cx: &Context, tracer: &mut impl Tracer, clock: &mut PauseClock) -> usize {
    let heap = cx.heap();
    let roots = cx.for_each_root(|slot| tracer.slot(slot));
    clock.end(Phase::Roots);
    tracer.drain(heap);
    clock.end(Phase::Trace);
    weak::trace_ephemerons(heap, tracer);
    cx.doom_finalizers(heap, tracer);
    weak::trace_ephemerons(heap, tracer);
    weak::sweep_tables(heap, tracer);
    cx.sweep_codes(heap, tracer);
    clock.end(Phase::Weak);
    roots
}

/// Half a collection is not a heap.
pub(crate) struct AbortOnUnwind;
impl Drop for AbortOnUnwind {
    fn drop(&mut self) {
        std::process::abort()
    }
}

impl Context {
    /// Signal with a list of data.
    pub fn signal_list<'ob>(&'ob self, tag: Object<'_>, data: &[Object<'_>]) -> LispResult<'ob> {
        let data = self.list(data);
        Err(self.signal(tag, data))
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        // A scope or a RootVec may outlive us; its roots must not.
        self.stack.truncate(0);
        self.tables.borrow().iter().for_each(|t| t.clear());
        // The thread must not see the heap go.
        self.marker_thread = None;
        ACTIVE.set(false);
    }
}
