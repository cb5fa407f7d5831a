//! Triggers: when a collection is due, and when the heap is full.
//!
//! Emacs's rule is the default: collect after `max(gc-cons-threshold, gc-cons-percentage × live)` bytes, the threshold
//! being at least 80,000 (`alloc.c`, 28.2).  Others are a fixed heap size, a multiple of what lives, and MemBalancer.  A
//! generational plan collects its nursery
//! when that is full, and applies the rule to what its old generation grew by.

use crate::barrier::MOST_SHADED;
use crate::block::RESERVE;
use crate::context::Context;
use crate::event::Cause;
use crate::options::Trigger;
use crate::root::MOST_UNSETTLED;
use crate::size_class::Class;

/// The least `gc-cons-threshold` that is obeyed, in bytes (`alloc.c`, `GC_DEFAULT_THRESHOLD / 10`).
const THRESHOLD_FLOOR: usize = 80_000;
/// What may still be allocated between collections once a fixed heap is full, so that a handler can run.
const EMERGENCY_BYTES: usize = 1 << 20;
/// How much an old generation may always grow between two major collections: below it they would only be noise.
const LEAST_GROWTH: usize = 8 << 20;

/// What a growing heap may always allocate between two collections.
const LEAST_BUDGET: usize = 1 << 20;
const MIB: f64 = (1 << 20) as f64;

/// How fast the program and the collector are, smoothed, in bytes a second: what MemBalancer weighs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rates {
    /// Bytes allocated a second of the mutator's time; under a generational plan, bytes that became old.
    allocated: f64,
    /// Live bytes over the time of a collection of the whole heap, with all pauses since the last one.
    collected: f64,
}

impl Rates {
    /// Before anything was measured, what the paper's authors start from: 5 and 10 bytes a nanosecond.
    pub(crate) const INITIAL: Rates = Rates { allocated: 5e9, collected: 10e9 };

    /// A collection of the whole heap has ended: `bytes` were allocated in `mutator` seconds before it, and it took
    /// `collector` seconds to find `live` bytes.
    pub(crate) fn updated(self, bytes: usize, mutator: f64, live: usize, collector: f64) -> Rates {
        // As much weight for the new value as for all before.
        let blend = |old: f64, bytes: usize, time: f64| (old + bytes.max(1) as f64 / time.max(1e-6)) / 2.0;
        Rates { allocated: blend(self.allocated, bytes, mutator), collected: blend(self.collected, live, collector) }
    }
}

impl Context {
    /// A collection of the whole heap has ended, before which `bytes` were allocated: measure how fast that was.
    pub(crate) fn note_rates(&self, bytes: usize) {
        let (now, in_gc) = (self.now_ns(), self.gc_ns.get());
        let (then, in_gc_then) = self.last_major.replace((now, in_gc));
        let collector = (in_gc - in_gc_then) as f64 * 1e-9;
        let mutator = (now - then) as f64 * 1e-9 - collector;
        self.rates.set(self.rates.get().updated(bytes, mutator, self.heap.live_bytes.get(), collector));
    }

    /// Raise the flag if a collection is due.
    pub(crate) fn check_budget(&self, class: Option<Class>) {
        if self.pending.get() || !self.plan.collects {
            return;
        }
        if self.plan.generational() {
            return self.check_nursery();
        }
        let due = match self.config.trigger {
            Trigger::Emacs | Trigger::Multiple(_) | Trigger::MemBalancer(_) => {
                self.heap.bytes_since_collection() >= self.budget.get()
            }
            Trigger::Fixed(_) => {
                self.heap.footprint() >= self.budget.get()
                    && class.is_none_or(|class| self.heap.cells.is_exhausted(&self.heap.region, class))
                    && {
                        self.heap.sweep_all();
                        self.heap.footprint() >= self.budget.get()
                    }
            }
        } || self.heap.footprint() >= self.hard_limit();
        if due {
            self.cause.set(self.major_cause());
            self.pending.set(true);
        }
    }

    /// Raise the flag if the nursery is full, or what is allocated old at once has grown too much.
    fn check_nursery(&self) {
        // An incremental plan begins a cycle at a minor collection; only a full heap makes it collect all at once.
        let full = matches!(self.config.trigger, Trigger::Fixed(_)) || self.heap.footprint() >= self.hard_limit();
        let major = self.is_major_due() && (full || !self.plan.incremental);
        if major || self.is_minor_due() {
            self.cause.set(if major { self.major_cause() } else { Cause::NurseryFull });
            self.pending.set(true);
        }
    }

    /// Whether a collection of the young is due: there are many, or many old objects that may refer to them.
    pub(crate) fn is_minor_due(&self) -> bool {
        self.heap.is_young_full(self.config.nursery_bytes)
            || self.heap.nursery.pretenures() && self.heap.footprint() >= self.most_footprint()
            || self.remembered.borrow().len() >= self.most_remembered.get()
            || self.shaded.borrow().len() >= MOST_SHADED
            || self.stack.unsettled() >= MOST_UNSETTLED
    }

    /// Whether the old generation has grown so much that a major collection is due.
    pub(crate) fn is_major_due(&self) -> bool {
        self.is_major_due_after(0)
    }

    /// The same, when `promoted` bytes more are to be counted.
    pub(crate) fn is_major_due_after(&self, promoted: usize) -> bool {
        let old_growth = self.old_growth.get() + promoted;
        self.plan.generational()
            && match self.config.trigger {
                Trigger::Emacs | Trigger::Multiple(_) | Trigger::MemBalancer(_) => {
                    old_growth >= self.may_grow() || self.heap.footprint() >= self.hard_limit()
                }
                Trigger::Fixed(_) => old_growth >= LEAST_GROWTH / 4 && self.heap.footprint() >= self.budget.get(),
            }
    }

    /// What may be allocated, or become old under a generational plan, between two collections of the whole heap; with a
    /// fixed heap it is not exact, as blocks are counted there.
    fn may_grow(&self) -> usize {
        match self.config.trigger {
            Trigger::Emacs if self.plan.generational() => {
                self.budget.get().max(LEAST_GROWTH).max(self.live_at_major.get() / 2)
            }
            Trigger::Emacs | Trigger::Multiple(_) | Trigger::MemBalancer(_) => self.budget.get(),
            Trigger::Fixed(_) => self.budget.get().saturating_sub(self.live_at_major.get()).max(LEAST_GROWTH / 4),
        }
    }

    /// Whether a collection of the whole heap is half due, so that idle time is well spent on it.
    pub fn is_half_due(&self) -> bool {
        let grown = if self.plan.generational() { self.old_growth.get() } else { self.heap.bytes_since_collection() };
        self.plan.collects && grown >= self.may_grow() / 2
    }

    /// The size at which the heap is full.
    fn most_footprint(&self) -> usize {
        let limit = self.hard_limit();
        if matches!(self.config.trigger, Trigger::Fixed(_)) { limit.min(self.budget.get()) } else { limit }
    }

    pub(crate) fn major_cause(&self) -> Cause {
        match self.config.trigger {
            Trigger::Fixed(_) => Cause::HeapFull,
            Trigger::Multiple(_) | Trigger::MemBalancer(_) => Cause::Growth,
            Trigger::Emacs if self.budget.get() > self.threshold_bytes() => Cause::Percentage,
            Trigger::Emacs => Cause::Threshold,
        }
    }

    pub(crate) fn hard_limit(&self) -> usize {
        static MACHINE: std::sync::OnceLock<usize> = std::sync::OnceLock::new();
        let limit = self.config.hard_limit.unwrap_or_else(|| *MACHINE.get_or_init(|| physical_memory() / 4 * 3));
        // What is allocated before a safepoint is reached must still find addresses.
        limit.min(RESERVE / 8 * 7)
    }

    fn threshold_bytes(&self) -> usize {
        self.threshold.get().max(THRESHOLD_FLOOR)
    }

    /// Compute what may be allocated before the next collection.
    pub(crate) fn set_budget(&self) {
        self.budget.set(match self.config.trigger {
            Trigger::Emacs => {
                let share = self.percentage.get().map_or(0.0, |p| p * self.heap.live_bytes.get() as f64);
                self.threshold_bytes().max(share as usize)
            }
            Trigger::Multiple(k) => (((k - 1.0) * self.heap.live_bytes.get() as f64) as usize).max(LEAST_BUDGET),
            Trigger::MemBalancer(price) => {
                let Rates { allocated, collected } = self.rates.get();
                let extra = (self.heap.live_bytes.get() as f64 * allocated / collected / price * MIB).sqrt();
                (extra as usize).max(LEAST_BUDGET)
            }
            Trigger::Fixed(bytes) => {
                let budget = bytes / self.plan.reserve_divisor;
                if self.is_full.get() { self.heap.footprint() + EMERGENCY_BYTES } else { budget }
            }
        });
    }

    /// `gc-cons-threshold`, in bytes.
    pub fn threshold(&self) -> usize {
        self.threshold.get()
    }

    /// Set `gc-cons-threshold`; takes effect at once.
    pub fn set_threshold(&self, bytes: usize) {
        self.threshold.set(bytes);
        self.set_budget();
    }

    /// `gc-cons-percentage`, if it is a float.
    pub fn percentage(&self) -> Option<f64> {
        self.percentage.get()
    }

    /// Set `gc-cons-percentage`; takes effect at once.
    pub fn set_percentage(&self, percentage: Option<f64>) {
        self.percentage.set(percentage);
        self.set_budget();
    }

    /// After a collection that found `bytes_before` bytes: is the heap still full?  Then the runtime above must signal.
    /// A fixed heap counts blocks, so it is also full when all are in use and hardly anything was freed in them.
    pub(crate) fn look_for_full_heap(&self, bytes_before: usize) {
        let live = self.heap.live_bytes.get();
        let full = match self.config.trigger {
            Trigger::Emacs | Trigger::Multiple(_) | Trigger::MemBalancer(_) => {
                live >= self.hard_limit() / self.plan.reserve_divisor
            }
            Trigger::Fixed(bytes) => {
                let budget = bytes / self.plan.reserve_divisor;
                live >= budget / 16 * 15
                    || bytes_before.saturating_sub(live) < budget / 32 && self.heap.footprint() >= budget && {
                        self.heap.sweep_all();
                        self.heap.footprint() >= budget
                    }
            }
        };
        self.is_full.set(full);
        // The program has been told, and may have let go of much since; if it hasn't, it goes on with what is kept free.
        let told = self.told_full.replace(false);
        if full && !told {
            self.memory_full.set(true);
            self.pending.set(true);
        }
    }

    /// Whether the last collection left the heap full; asking clears it, and the next safepoint collects again: what
    /// the signal unwinds has filled the heap.  The machine signals `memory-full` then.
    pub fn take_memory_full(&self) -> bool {
        let full = self.memory_full.replace(false);
        if full {
            self.told_full.set(true);
            self.pending.set(true);
        }
        full
    }
}

fn physical_memory() -> usize {
    // SAFETY: `sysconf` reads a number and has no other effect.
    let (pages, bytes) = unsafe { (libc::sysconf(libc::_SC_PHYS_PAGES), libc::sysconf(libc::_SC_PAGE_SIZE)) };
    match (usize::try_from(pages), usize::try_from(bytes)) {
        (Ok(pages), Ok(bytes)) if pages > 0 => pages * bytes,
        _ => 4 << 30,
    }
}
