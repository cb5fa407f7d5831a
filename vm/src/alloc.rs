//! Allocation and collection as Lisp sees them (Emacs's `alloc.c`), and what a safepoint does beyond collecting.
//!
//! - [`objects`] makes objects; this file collects and counts.
//!
//! After a collection, in Emacs's order: finalizers run, then `post-gc-hook` with collections held off, then the counters
//! `gcs-done` and `gc-elapsed` change; so the hook sees the values of before.

pub(crate) mod objects;

use crate::binding::set_quietly;
use crate::eval::debugger::{counter, flag, variable};
use crate::handler::{self, condition_case};
use crate::specpdl::{mark, unbind_to};
use crate::state::{Vm, register};
use crate::sym;
use crate::tails::tails;
use crate::variable::{Forward, intmax};
use tenure_gc::{CallResult, Context, NIL, Object, Root, SubrInfo, T, Throw, UseCounts};
use tenure_macros::{defun, subrs};

/// The slow path of [`crate::eval::poll`].
#[cold]
#[inline(never)]
pub(crate) fn poll_slow(cx: &mut Context) -> Result<(), Throw> {
    let before = cx.collections();
    cx.safepoint();
    if cx.collections() != before {
        after_collection(cx)?;
    }
    if cx.take_memory_full() {
        return Err(cx.memory_full_signal());
    }
    if let Some(left) = Vm::of(cx).fuel.get() {
        cx.set_pending();
        if left == 0 {
            return Err(handler::throw_to(sym::TOP_LEVEL, NIL, cx));
        }
        Vm::of(cx).fuel.set(Some(left - 1));
    }
    let registers = &Vm::of(cx).registers;
    if !registers.get(cx, register::QUIT_FLAG).is_nil() && registers.get(cx, register::INHIBIT_QUIT).is_nil() {
        registers.set(cx, register::QUIT_FLAG, NIL);
        return Err(cx.signal(sym::QUIT, NIL));
    }
    Ok(())
}

/// Collect now, with all that follows a collection.
fn collect(cx: &mut Context) -> Result<(), Throw> {
    let before = cx.collections();
    cx.collect();
    if cx.collections() == before { Ok(()) } else { after_collection(cx) }
}

/// Finalizers, hook, counters.
fn after_collection(cx: &mut Context) -> Result<(), Throw> {
    let vm = Vm::of(cx);
    let elapsed = cx.gc_ns() - vm.gc_ns_seen.replace(cx.gc_ns());
    vm.allocated_at_collection.set(cx.bytes_allocated());
    if vm.flags.garbage_collection_messages.get() {
        eprintln!("Garbage collecting...\nGarbage collecting...done");
    }
    run_finalizers(cx)?;
    run_post_gc_hook(cx)?;
    let registers = &Vm::of(cx).registers;
    if let Some(total) = registers.get(cx, register::GC_ELAPSED).as_float() {
        let total = cx.float(total.value() + elapsed as f64 * 1e-9);
        registers.set(cx, register::GC_ELAPSED, total.into());
    }
    let done = &Vm::of(cx).flags.gcs_done;
    done.set(done.get().wrapping_add(1));
    Ok(())
}

/// Call the functions of the finalizers that died.  Their errors are nobody's business; a `throw` is, as in Emacs.
fn run_finalizers(cx: &mut Context) -> Result<(), Throw> {
    while cx.has_doomed_finalizers() {
        let start = mark(cx);
        crate::specbind!(cx, sym::INHIBIT_QUIT, T)?;
        let function = cx.next_doomed_finalizer().unwrap_or(NIL);
        if function.is_nil() {
            unbind_to(start, Ok(cx.ret(NIL)), cx)?.get(cx);
            continue;
        }
        let call = cx.push_args([function]);
        let (Ok(result) | Err(result)) = condition_case(T, cx, |cx| crate::eval::funcall(call, cx))
            .map(|outcome| outcome.map_or_else(Ok, Ok))
            .map_err(Err);
        unbind_to(start, result, cx)?.get(cx);
    }
    Ok(())
}

/// Run `post-gc-hook` with collections held off; a function that signals is taken off the hook.
fn run_post_gc_hook(cx: &mut Context) -> Result<(), Throw> {
    let hook = variable(sym::POST_GC_HOOK, cx);
    if hook.is_nil() {
        return Ok(());
    }
    let start = mark(cx);
    cx.inhibit_collection(true);
    specpdl_allow(cx);
    let call = cx.push_args([hook]);
    let result = cx.enter(call, |hook, cx| run_functions(hook.root(0), cx));
    let result = result.map_err(|throw| handler::raise(throw, cx));
    let value = cx.ret(NIL);
    unbind_to(start, result.map(|()| value), cx)?.get(cx);
    Ok(())
}

/// Have collections allowed again when control leaves.
fn specpdl_allow(cx: &Context) {
    let allow = |_: Root<'_>, cx: &mut Context| {
        cx.inhibit_collection(false);
        Ok(())
    };
    crate::specpdl::record_cleanup(allow, NIL, cx);
}

fn run_functions(hook: Root<'_>, cx: &mut Context) -> Result<(), Throw> {
    crate::specbind!(cx, sym::INHIBIT_QUIT, T)?;
    let value = hook.get(cx);
    let is_list = value.as_cons().is_some_and(|c| c.car() != sym::LAMBDA && c.car() != sym::CLOSURE);
    if !is_list {
        hook.set(cx, cx.list(&[value]));
    }
    let scope = cx.scope();
    let function = scope.root(NIL);
    while let Some(cell) = hook.get(cx).as_cons() {
        hook.set(cx, cell.cdr());
        function.set(cx, cell.car());
        if cell.car() == T {
            continue;
        }
        let outcome = condition_case(T, cx, |cx| crate::funcall!(cx, function.get(cx)))?;
        if let Err(error) = outcome {
            let error = error.get(cx);
            drop_hook_function(function, error_root(error, &scope), cx)?;
        }
    }
    Ok(())
}

fn error_root<'s>(error: Object<'_>, scope: &'s tenure_gc::RootScope) -> Root<'s> {
    scope.root(error)
}

/// Take a function that signalled off `post-gc-hook`, and say so if the runtime can show messages.
fn drop_hook_function(function: Root<'_>, error: Root<'_>, cx: &mut Context) -> Result<(), Throw> {
    let Some(symbol) = sym::POST_GC_HOOK.as_symbol() else { return Ok(()) };
    let value = variable(sym::POST_GC_HOOK, cx);
    let left: Vec<Object<'_>> = tails(value).map(|c| c.car()).filter(|&f| f != function.get(cx)).collect();
    set_quietly(symbol, cx.list(&left), cx)?;
    if sym::MESSAGE.as_symbol().is_none_or(|s| s.function(cx).is_nil()) {
        return Ok(());
    }
    let text = cx.string_from_str("Error in %s (%S): %S");
    crate::funcall!(cx, sym::MESSAGE, text.into(), sym::POST_GC_HOOK, function.get(cx), error.get(cx)).map(|_| ())
}

/// Collect garbage and return a list of what is there: (NAME SIZE USED FREE) for each kind of object, sizes in bytes,
/// without FREE where it is not known; nil while collections are held off.
#[defun]
fn garbage_collect(cx: &mut Context) -> CallResult {
    if cx.is_collection_inhibited() {
        return Ok(cx.ret(NIL));
    }
    collect(cx)?;
    if cx.take_memory_full() {
        cx.set_pending();
    }
    let census = cx.census();
    let [conses, floats, symbols, strings] = ["cons", "float", "symbol", "string"].map(|kind| census.count(kind));
    let vectors = census.objects() - conses - floats - symbols - strings;
    let [free_conses, free_floats, free_symbols, free_strings, free_slots] = census.free;
    let rows: [(Object<'static>, usize, usize, Option<usize>); 9] = [
        (sym::CONSES, 16, conses, Some(free_conses)),
        (sym::SYMBOLS, 48, symbols, Some(free_symbols)),
        (sym::STRINGS, 32, strings, Some(free_strings)),
        (sym::STRING_BYTES, 1, census.string_bytes, None),
        (sym::VECTORS, 8, vectors, None),
        (sym::VECTOR_SLOTS, 8, census.vector_words.saturating_sub(vectors), Some(free_slots)),
        (sym::FLOATS, 16, floats, Some(free_floats)),
        (sym::INTERVALS, 56, 0, Some(0)),
        (sym::BUFFERS, 992, census.count("buffer"), None),
    ];
    let number = |n: usize| Object::fixnum(n as i64);
    let list = rows.iter().rev().fold(NIL, |list, &(name, size, used, free)| {
        let row = match free {
            Some(free) => cx.list(&[name, number(size), number(used), number(free)]),
            None => cx.list(&[name, number(size), number(used)]),
        };
        cx.cons(row, list).into()
    });
    Ok(cx.ret(list))
}

/// Bytes that may be allocated between collections, by Emacs's rule.
fn threshold(cx: &Context) -> u64 {
    let share = cx.percentage().map_or(0.0, |p| p * cx.live_bytes() as f64);
    (cx.threshold() as u64).max(share as u64)
}

/// Whether more than a FACTOR-th of what may be allocated between collections was allocated since the last one.
fn is_worthwhile(factor: u64, cx: &Context) -> bool {
    let since = cx.bytes_allocated().saturating_sub(Vm::of(cx).allocated_at_collection.get());
    factor >= 1 && since > threshold(cx) / factor
}

/// Collect garbage if at least a FACTOR-th of what triggers a collection was allocated; return t if it was.
#[defun]
fn garbage_collect_maybe(factor: usize, cx: &mut Context) -> CallResult {
    let worthwhile = is_worthwhile(factor as u64, cx) && !cx.is_collection_inhibited();
    if worthwhile {
        collect(cx)?;
    }
    Ok(cx.ret(Object::bool(worthwhile)))
}

/// Say that the program is idle, and return t if that was used: an incremental collector works for up to 4 milliseconds, in
/// its usual short pauses, on a collection that is due or under way; any other collects the whole heap if at least half of
/// what triggers that was allocated (or became old, where there is a nursery).
#[defun]
fn gc_idle(cx: &mut Context) -> CallResult {
    const IDLE_NS: u64 = 4_000_000;
    if cx.plan().incremental {
        let worked = cx.idle(IDLE_NS);
        return Ok(cx.ret(Object::bool(worked)));
    }
    let worthwhile = cx.is_half_due() && !cx.is_collection_inhibited();
    if worthwhile {
        collect(cx)?;
    }
    Ok(cx.ret(Object::bool(worthwhile)))
}

/// Record that a request of the program begins: latencies are told by request.
#[defun]
fn tenure_request_begin(cx: &Context) {
    cx.request_begin();
}

/// Record that the innermost request ended.
#[defun]
fn tenure_request_end(cx: &Context) {
    cx.request_end();
}

/// Return an alist of everything that is allocated now: (KIND COUNT BYTES).
#[defun]
fn tenure_heap_census(cx: &Context) -> Object<'_> {
    let census = cx.census();
    census.rows.iter().rev().fold(NIL, |list, row| {
        let count = Object::fixnum(row.count as i64);
        let row = cx.list(&[cx.intern(row.name).into(), count, Object::fixnum(row.bytes as i64)]);
        cx.cons(row, list).into()
    })
}

/// Return what was ever allocated: (CONSES FLOATS VECTOR-CELLS SYMBOLS STRING-CHARS INTERVALS STRINGS).
#[defun]
fn memory_use_counts(cx: &Context) -> Object<'_> {
    let counts: Vec<Object<'_>> = (0..USE_COUNTS.len()).map(|i| use_count(i, cx)).collect();
    cx.list(&counts)
}

type Count = fn(UseCounts) -> u64;
/// The counters of allocation: the variable and the number.
const USE_COUNTS: [(&str, Count); 7] = [
    ("cons-cells-consed", |c| c.conses),
    ("floats-consed", |c| c.floats),
    ("vector-cells-consed", |c| c.vector_cells),
    ("symbols-consed", |c| c.symbols),
    ("string-chars-consed", |c| c.string_chars),
    ("intervals-consed", |c| c.intervals),
    ("strings-consed", |c| c.strings),
];

/// The present value of a counter: what was allocated, and what Lisp added by setting the variable.
fn use_count(i: usize, cx: &Context) -> Object<'_> {
    let counted = USE_COUNTS[i].1(cx.use_counts()) as i64;
    crate::number::integer(counted.wrapping_add(Vm::of(cx).consed_offsets[i].get()), cx)
}

/// Return (TOTAL-RAM FREE-RAM TOTAL-SWAP FREE-SWAP) of the machine in KiB, or nil if that cannot be told.
#[defun]
fn memory_info(cx: &Context) -> Object<'_> {
    let Ok(text) = std::fs::read_to_string("/proc/meminfo") else { return NIL };
    let kib = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        line.and_then(|rest| rest.trim().trim_end_matches("kB").trim().parse::<i64>().ok())
    };
    match ["MemTotal", "MemFree", "SwapTotal", "SwapFree"].map(kib) {
        [Some(total), Some(free), Some(swap), Some(free_swap)] => {
            cx.list(&[total, free, swap, free_swap].map(Object::fixnum))
        }
        _ => NIL,
    }
}

/// Return the size of the process's address space in KiB, 0 if that cannot be told.
#[defun]
fn memory_limit() -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let size = status.lines().find_map(|line| line.strip_prefix("VmSize:"));
    size.and_then(|rest| rest.trim().trim_end_matches("kB").trim().parse().ok()).unwrap_or(0)
}

/// A variable whose value is the register of a given number.
macro_rules! in_register {
    ($name:literal, $register:ident) => {
        Forward {
            name: $name,
            get: |cx| Vm::of(cx).registers.get(cx, register::$register),
            set: |value, cx| {
                Vm::of(cx).registers.set(cx, register::$register, value);
                // A quit may be due now.
                cx.set_pending();
                Ok(())
            },
        }
    };
}

/// A counter of allocation, which goes on from what Lisp sets it to.
macro_rules! consed {
    ($i:literal) => {
        Forward {
            name: USE_COUNTS[$i].0,
            get: |cx| use_count($i, cx),
            set: |value, cx| {
                let counted = USE_COUNTS[$i].1(cx.use_counts()) as i64;
                Vm::of(cx).consed_offsets[$i].set(intmax(value, cx)?.wrapping_sub(counted));
                Ok(())
            },
        }
    };
}

/// The native variables of allocation and collection.
pub(crate) const VARIABLES: &[Forward] = &[
    Forward {
        name: "gc-cons-threshold",
        get: |cx| crate::number::integer(Vm::of(cx).gc_cons_threshold.get(), cx),
        set: |value, cx| {
            let n = intmax(value, cx)?;
            Vm::of(cx).gc_cons_threshold.set(n);
            cx.set_threshold(usize::try_from(n).unwrap_or(0));
            Ok(())
        },
    },
    Forward {
        name: "gc-cons-percentage",
        get: |cx| Vm::of(cx).registers.get(cx, register::GC_CONS_PERCENTAGE),
        set: |value, cx| {
            Vm::of(cx).registers.set(cx, register::GC_CONS_PERCENTAGE, value);
            cx.set_percentage(value.as_float().map(|f| f.value()));
            Ok(())
        },
    },
    counter!("gcs-done", flags.gcs_done),
    in_register!("gc-elapsed", GC_ELAPSED),
    in_register!("quit-flag", QUIT_FLAG),
    in_register!("inhibit-quit", INHIBIT_QUIT),
    flag!("garbage-collection-messages", garbage_collection_messages),
    consed!(0),
    consed!(1),
    consed!(2),
    consed!(3),
    consed!(4),
    consed!(5),
    consed!(6),
];

/// Variables of Lisp that belong to allocation, with their first values.
pub(crate) const LISP_VARIABLES: &[(&str, Object<'static>)] =
    &[("post-gc-hook", NIL), ("memory-full", NIL), ("purify-flag", NIL)];

/// The primitives of collection.
pub(crate) const SUBRS: &[SubrInfo] = &subrs![
    garbage_collect,
    garbage_collect_maybe,
    gc_idle,
    tenure_request_begin,
    tenure_request_end,
    tenure_heap_census,
    memory_use_counts,
    memory_info,
    memory_limit,
];

/// More bytes than any heap could have: asking for them is a mistake of the program, not a heap that is full.
const ABSURD: usize = 1 << 42;

/// Make sure that bytes of a size that Lisp chose may be allocated; else `memory-full`, or for absurdly many the error in
/// `memory-signal-data`, as in Emacs.
pub fn reserve(bytes: usize, cx: &Context) -> Result<(), Throw> {
    if bytes < ABSURD {
        return cx.reserve(bytes);
    }
    let data = crate::lread::setting(sym::MEMORY_SIGNAL_DATA, cx);
    match data.as_cons() {
        Some(error) => Err(cx.signal(error.car(), error.cdr())),
        None => Err(cx.memory_full_signal()),
    }
}
