//! `incremental`: the generational plan with its old generation marked in bounded slices (Yuasa 1990, snapshot at the
//! beginning; Handbook, incremental collection).
//!
//! A cycle goes: sweep what the last one left, some blocks a pause; shade symbols, root vectors and the Lisp stack in steps,
//! mark for a bounded time after each minor collection, and consider the entries of weak tables, until nothing that the
//! program can reach is left.  From that moment on what is not marked is dead; the program can come by such an object only
//! through a weak table, whose dead entries are hidden from it.  So everything that follows is done in steps too: deciding
//! about finalizers and marking what the doomed ones refer to, removing dead entries and codes.  Then the bitmaps swap roles.
//!
//! Marking runs right after a minor collection, so the only young objects that it meets are aged ones, and it passes over
//! them; when all else is marked, they are promoted before anything is decided.  What is promoted meanwhile is marked, and
//! the old objects that it refers to are shaded: it may have come by them in a root that was shaded later.  Large objects
//! and symbols are shaded at birth; when the closure is complete they are born black.  While a cycle marks, the write
//! barrier watches every store and shades both the value that is overwritten and the one that is stored.
//! INV-SNAPSHOT-1: every old object that was reachable when marking began, or was stored or promoted since, is marked
//! when it ends.
//! INV-SNAPSHOT-2: while the collector decides, every old object that the program can reach is marked.
//! Limits: an object that dies during a cycle floats until the next.

use crate::barrier::MOST_SHADED;
use crate::context::Context;
use crate::event::{PauseKind, Phase};
use crate::object::MAX_BUILTIN_SYMBOLS;
use crate::plan::generational::{empty_nursery, major as whole, minor as young, refill_from_nursery};
use crate::plan::{Compacts, Outcome, PauseClock, PlanInfo};
use crate::size_class::SYMBOL_BYTES;
use crate::trace::mark::Marker;
use crate::trace::{Tracer, Visitor};
use crate::weak;
use crate::word::Word;
use std::time::{Duration, Instant};

pub(crate) const PLAN: PlanInfo = PlanInfo {
    name: "incremental",
    doc: "generational, with the old generation marked in bounded slices",
    moves: true,
    collects: true,
    nursery: true,
    sticky: false,
    incremental: true,
    native: false,
    compacts: Compacts::Nothing,
    concurrent: false,
    reserve_divisor: 1,
    refill: refill_from_nursery,
    large: |heap, bytes, data| heap.large.alloc(&heap.region, bytes, data),
    minor: step,
    major,
};

/// How long it marks at least, if at all: less than one step takes.
const LEAST_SLICE: Duration = Duration::from_micros(20);
/// What the collector may have earned and not used, in nanoseconds, and what it may owe: of a window of 20 ms it gets at most
/// 1 ms and three quarters of the program's part, which is 9.2 ms, and what was owed before the window is forgotten.
const MOST_EARNED: i64 = 1_000_000;
const MOST_OWED: i64 = 10_000_000;
/// How long a pause works at most where the marker has a thread of its own, unless the cycle is late.
const LONGEST_BESIDE: Duration = Duration::from_micros(150);
/// Blocks that are swept between two looks at the clock before a cycle begins: 1 KiB of bitmap each.
const BLOCKS_A_STEP: usize = 16;
/// How long it sweeps at least in a pause before a cycle that is due, however much it owes: about 2 MiB's worth.
const LEAST_SWEEP: Duration = Duration::from_micros(50);
/// How much the old generation may always grow in a cycle without being late.
const LEAST_GROWTH: usize = 4 << 20;
/// Huge pages that are looked at in a pause, to be given back to the operating system.
const PAGES_A_PAUSE: usize = 1;
/// What is done between two looks at the clock: words of roots that are shaded, finalizers and codes that are decided
/// about, entries of weak tables that are considered or removed.
const ROOTS_A_STEP: usize = 2048;
/// Steps of shading roots that every pause has time for: some roots change between any two pauses, and with a small budget
/// the cycle must get beyond those.
const LEAST_ROOT_STEPS: usize = 4;
const DECISIONS_A_STEP: usize = 256;
const ENTRIES_A_STEP: usize = 64;

/// A marker that works in slices.
pub(crate) type CycleMarker = Marker<false, true>;

/// A cycle under way.
pub(crate) struct Cycle {
    /// The marker; `None` while it is with its thread.
    marker: Option<Box<CycleMarker>>,
    stage: Stage,
    /// How much the old generation had grown when the cycle began.
    growth_before: usize,
    /// Whether it has grown more since than the marker has kept up with.
    late: bool,
    /// The next symbol of the obarray to be shaded; `None` when all were.
    symbols: Option<usize>,
    /// The next finalizer to be decided about, where the next that lives goes, and the end of those that there were when
    /// the closure was complete.
    finalizers: (usize, usize, usize),
    /// Finalizers that nothing reaches.
    doomed: Vec<Word>,
    /// The next code to be decided about.
    codes: usize,
}

/// What a cycle is at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Marking what the program can reach.
    Mark,
    /// That is complete: deciding about finalizers.
    Decide,
    /// Marking what finalizers refer to that nothing else reaches.
    Resurrect,
    /// All is marked: removing the dead entries of weak tables, and the dead codes.
    Clear,
}

/// A minor collection, and one step of a cycle if one is due or under way.
pub(crate) fn step(cx: &mut Context, clock: &mut PauseClock) -> Outcome {
    let entered = Instant::now();
    let earned = i64::try_from(cx.mutator_ns.get() / 4 * 3).unwrap_or(MOST_EARNED);
    cx.credit_ns.set(cx.credit_ns.get().saturating_add(earned).min(MOST_EARNED));
    let minor = young(cx, clock);
    let outcome = slice(cx, clock, minor, entered);
    cx.credit_ns.set(credit_since(cx, entered).max(-MOST_OWED));
    outcome
}

/// What follows a minor collection.
fn slice(cx: &Context, clock: &mut PauseClock, minor: Outcome, entered: Instant) -> Outcome {
    let increment = |outcome: Outcome| Outcome { kind: PauseKind::Increment, ..outcome };
    // Under stress a cycle is always under way.
    if !cx.marking.get() && cx.config.stress == 0 && !cx.is_major_due_after(minor.bytes_promoted) {
        cx.heap.trim(PAGES_A_PAUSE);
        let mut retired = cx.retired_marker.borrow_mut();
        if retired.as_mut().is_some_and(|marker| !marker.free_some()) {
            *retired = None;
        }
        return minor;
    }
    // What is born old while a cycle marks would have to be shaded cell by cell.
    cx.heap.nursery.stop_pretenuring();
    let Some(time) = slice_time(cx, entered) else {
        take_in(cx);
        return minor;
    };
    let deadline = Instant::now() + time;
    if !cx.marking.get() {
        while !cx.heap.sweep_some(BLOCKS_A_STEP) {
            if cx.config.stress == 0 && Instant::now() >= deadline {
                clock.end(Phase::Release);
                return increment(minor);
            }
        }
        clock.end(Phase::Release);
        begin(cx);
    }
    if !go_on(cx, clock, Some(deadline)) {
        return increment(minor);
    }
    let outcome = conclude(cx, clock);
    Outcome {
        kind: PauseKind::Final,
        bytes_copied: minor.bytes_copied,
        bytes_promoted: minor.bytes_promoted,
        remembered: minor.remembered,
        ..outcome
    }
}

/// What the collector has earned, less the pause that began when it was `entered`.
fn credit_since(cx: &Context, entered: Instant) -> i64 {
    cx.credit_ns.get() - entered.elapsed().as_nanos() as i64
}

/// How long to work now; `None` if the collector owes time to the program.
///
/// It earns three quarters of what the program runs, and every pause is paid from that, minor collections too, so that in
/// every window of some milliseconds more than half of the time is the program's.  Only if the cycle is late it takes more:
/// a program whose data mostly survive pays for that in minor collections already, and must not outrun the marker.
fn slice_time(cx: &Context, entered: Instant) -> Option<Duration> {
    if cx.config.stress != 0 {
        // As many mutator steps as possible between two slices.
        return Some(Duration::ZERO);
    }
    let budget = Duration::from_micros(u64::from(cx.config.slice_us));
    if look_whether_late(cx) {
        return Some(budget);
    }
    let budget = if cx.marker_thread.is_some() { budget.min(LONGEST_BESIDE) } else { budget };
    let mut credit = Duration::from_nanos(u64::try_from(credit_since(cx, entered)).unwrap_or(0));
    if !cx.marking.get() {
        credit = credit.max(LEAST_SWEEP);
    }
    (credit >= LEAST_SLICE).then(|| credit.min(budget))
}

/// There is no time for the cycle, but the marker is told of what was shaded.
fn take_in(cx: &Context) {
    if let Some(Cycle { marker: Some(marker), .. }) = &mut *cx.cycle.borrow_mut() {
        cx.shaded.borrow_mut().drain(..).for_each(|word| marker.shade(word));
    } else if let Some(thread) = &cx.marker_thread {
        thread.send(cx.shaded.take());
    }
}

/// Whether a cycle is late.  It should end when the old generation has grown by a quarter of what there was, so as much of
/// that must be marked as of the quarter was used; a marker that works on a thread is not late before twice the quarter.
fn look_whether_late(cx: &Context) -> bool {
    let Some(cycle) = &mut *cx.cycle.borrow_mut() else { return false };
    let there = cx.live_at_major.get() + cycle.growth_before;
    let may_grow = (there / 4).max(LEAST_GROWTH);
    let grown = cx.old_growth.get().saturating_sub(cycle.growth_before);
    cycle.late = match &cycle.marker {
        Some(marker) if cx.marker_thread.is_none() => {
            grown as f64 / may_grow as f64 > marker.live_bytes as f64 / there.max(1) as f64
        }
        _ => grown > 2 * may_grow,
    } && grown > LEAST_GROWTH;
    cycle.late
}

/// Begin a cycle: from now on the barrier watches every store.
fn begin(cx: &Context) {
    let mut marker = Box::new(CycleMarker::new(&cx.heap));
    if let Some(retired) = cx.retired_marker.take() {
        marker.reuse(*retired);
    }
    marker.pass_over(cx.heap.watched_addresses(), cx.marker_thread.is_some());
    (0..MAX_BUILTIN_SYMBOLS).for_each(|number| marker.shade(Word::symbol(number * SYMBOL_BYTES)));
    cx.tables.borrow().iter().for_each(|table| table.unshade());
    cx.stack.unshade();
    *cx.cycle.borrow_mut() = Some(Cycle {
        marker: Some(marker),
        stage: Stage::Mark,
        growth_before: cx.old_growth.get(),
        late: false,
        symbols: Some(0),
        finalizers: (0, 0, 0),
        doomed: Vec::new(),
        codes: 0,
    });
    cx.promoted_black.set((0, 0));
    cx.marking.set(true);
    cx.barrier_base.set(0);
    cx.barrier_span.set(usize::MAX);
}

/// Work on the cycle until everything is marked and decided, or until the deadline; tells whether it can be concluded.
fn go_on(cx: &Context, clock: &mut PauseClock, deadline: Option<Instant>) -> bool {
    let Some(cycle) = &mut *cx.cycle.borrow_mut() else { return true };
    let Some(mut marker) = cycle.marker.take().or_else(|| recall(cx, deadline, cycle.late)) else { return false };
    cx.shaded.borrow_mut().drain(..).for_each(|word| marker.shade(word));
    loop {
        let done = match cycle.stage {
            Stage::Mark | Stage::Resurrect => close(cx, &mut marker, cycle, deadline),
            Stage::Decide => decide(cx, &mut marker, cycle, deadline),
            Stage::Clear => clear(cx, &mut marker, &mut cycle.codes, deadline),
        };
        clock.end(if matches!(cycle.stage, Stage::Mark | Stage::Resurrect) { Phase::Trace } else { Phase::Weak });
        match (done, cycle.stage) {
            (Progress::Done, Stage::Mark) => {
                cx.deciding.set(true);
                cycle.finalizers.2 = cx.finalizers.borrow().len();
                cycle.stage = Stage::Decide;
            }
            (Progress::Done, Stage::Decide) => cycle.stage = Stage::Resurrect,
            (Progress::Done, Stage::Resurrect) => {
                cx.doom(std::mem::take(&mut cycle.doomed));
                cycle.stage = Stage::Clear;
            }
            (Progress::Done, Stage::Clear) => {
                cycle.marker = Some(marker);
                return true;
            }
            (Progress::Mark, _) => {
                if let Some(thread) = &cx.marker_thread {
                    thread.give(marker);
                } else {
                    cycle.marker = Some(marker);
                }
                return false;
            }
            (Progress::Late, _) => {
                cycle.marker = Some(marker);
                return false;
            }
        }
    }
}

/// The marker back from its thread: if the thread has done its work, or if the cycle is to end soon.  Else the thread is
/// sent what was shaded meanwhile.
fn recall(cx: &Context, deadline: Option<Instant>, late: bool) -> Option<Box<CycleMarker>> {
    let thread = cx.marker_thread.as_ref()?;
    let marker = match deadline {
        None => thread.take(),
        Some(_) if late => thread.call_back(),
        Some(_) => thread.take_if_done(),
    };
    if marker.is_none() {
        thread.send(cx.shaded.take());
    }
    marker
}

/// How far a stage has come.
enum Progress {
    /// To its end.
    Done,
    /// To where something is to be marked by the marker's thread.
    Mark,
    /// To the deadline.
    Late,
}

fn is_over(deadline: Option<Instant>) -> bool {
    deadline.is_some_and(|deadline| Instant::now() >= deadline)
}

/// Mark until the closure is complete.
fn close(cx: &Context, marker: &mut CycleMarker, cycle: &mut Cycle, deadline: Option<Instant>) -> Progress {
    cx.for_each_register(|slot| marker.slot(slot));
    let beside = cx.marker_thread.is_some() && deadline.is_some() && !cycle.late;
    loop {
        let mut steps = 0;
        let all_shaded = loop {
            if !shade_some_roots(cx, marker, &mut cycle.symbols) {
                break true;
            }
            steps += 1;
            if steps >= LEAST_ROOT_STEPS && is_over(deadline) {
                break false;
            }
        };
        // What the thread brought back, and what the last minor collection promoted, is hardly anything; more is its work.
        if !marker.drain_until(|| is_over(deadline)) || !all_shaded {
            return if beside { Progress::Mark } else { Progress::Late };
        }
        if cx.heap.nursery.has_aged() {
            // What they refer to is shaded when they are promoted, which is now due.  Weak entries can wait till then.
            cx.tenure_at_once.set(true);
            return Progress::Late;
        }
        if weak::is_all_considered(marker) {
            return Progress::Done;
        }
        weak::consider_some(&cx.heap, marker, ENTRIES_A_STEP);
        if is_over(deadline) {
            return Progress::Late;
        }
    }
}

/// Shade some of the roots that were not, or have changed since; tells whether there are more.
fn shade_some_roots(cx: &Context, marker: &mut CycleMarker, symbols: &mut Option<usize>) -> bool {
    if let Some(from) = *symbols {
        *symbols = cx.obarray.for_some(from, ROOTS_A_STEP, |word| marker.shade(word));
        return true;
    }
    let tables = cx.tables.borrow();
    tables.iter().any(|table| table.shade(ROOTS_A_STEP, |slot| marker.slot(slot)) > 0)
        || cx.stack.shade(ROOTS_A_STEP, |slot| marker.slot(slot))
}

/// Decide which finalizers nothing reaches.  They are marked when all are decided about, so that one that refers to
/// another does not save it.
fn decide(cx: &Context, marker: &mut CycleMarker, cycle: &mut Cycle, deadline: Option<Instant>) -> Progress {
    let mut finalizers = cx.finalizers.borrow_mut();
    let (next, kept, end) = &mut cycle.finalizers;
    while *next < *end {
        for _ in 0..DECISIONS_A_STEP.min(*end - *next) {
            let word = finalizers[*next];
            *next += 1;
            if marker.is_live(&cx.heap, word) {
                finalizers[*kept] = word;
                *kept += 1;
            } else {
                cycle.doomed.push(word);
                marker.shade(word);
            }
        }
        if is_over(deadline) {
            return Progress::Late;
        }
    }
    finalizers.drain(*kept..*end);
    (*next, *end) = (*kept, *kept);
    Progress::Done
}

/// Remove what is dead from weak tables, and from the codes.
fn clear(cx: &Context, marker: &mut CycleMarker, codes: &mut usize, deadline: Option<Instant>) -> Progress {
    if !marker.drain_until(|| is_over(deadline)) {
        return Progress::Late;
    }
    while !weak::sweep_some(&cx.heap, marker, ENTRIES_A_STEP) {
        if is_over(deadline) {
            return Progress::Late;
        }
    }
    while let Some(next) = cx.sweep_some_codes(&cx.heap, marker, *codes, DECISIONS_A_STEP) {
        *codes = next;
        if is_over(deadline) {
            return Progress::Late;
        }
    }
    Progress::Done
}

/// Everything is marked and decided: what is not marked is free.
fn conclude(cx: &Context, clock: &mut PauseClock) -> Outcome {
    let cycle = cx.cycle.borrow_mut().take();
    let Some(marker) = cycle.and_then(|cycle| cycle.marker) else { return Outcome::default() };
    cx.marking.set(false);
    cx.deciding.set(false);
    cx.tenure_at_once.set(false);
    let (base, span) = cx.heap.watched_addresses();
    cx.barrier_base.set(base);
    cx.barrier_span.set(span);
    cx.heap.retire_windows();
    cx.heap.finish_cycle();
    clock.end(Phase::Release);
    cx.shaded.borrow_mut().shrink_to(MOST_SHADED);
    let (bytes, objects) = cx.promoted_black.get();
    let outcome = Outcome {
        live_bytes: marker.live_bytes + bytes,
        live_objects: marker.live_objects + objects,
        ..Outcome::default()
    };
    if let Some(thread) = &cx.marker_thread {
        thread.discard(marker);
    } else {
        *cx.retired_marker.borrow_mut() = Some(marker);
    }
    outcome
}

/// A whole collection at once, because Lisp asked for one or a fixed heap is full.  A cycle under way is ended first:
/// what it marked may be dead by now, and Lisp wants to know what lives.
pub(crate) fn major(cx: &mut Context, clock: &mut PauseClock) -> Outcome {
    if cx.marking.get() {
        empty_nursery(cx, clock);
        let done = go_on(cx, clock, None);
        debug_assert!(done, "a cycle without a deadline ends");
        conclude(cx, clock);
    }
    cx.retired_marker.take();
    whole(cx, clock)
}

impl Context {
    /// The program is idle for about `ns` nanoseconds: work on a cycle that is under way, or on one that will be due
    /// soon, in pauses as short as any other.  Tells whether there was anything to do.
    pub fn idle(&mut self, ns: u64) -> bool {
        let deadline = Instant::now() + Duration::from_nanos(ns);
        let mut worked = false;
        while self.plan.incremental
            && !self.is_collection_inhibited()
            && (self.marking.get() || self.is_major_due_after(0))
            && Instant::now() < deadline
        {
            if worked && self.marker_thread.is_some() {
                // Let the marker get on.
                std::thread::sleep(Duration::from_micros(200).min(deadline - Instant::now()));
            }
            // The program gives its time away.
            self.credit_ns.set(MOST_EARNED);
            self.collect_because(crate::event::Cause::Idle);
            worked = true;
        }
        worked
    }
}
