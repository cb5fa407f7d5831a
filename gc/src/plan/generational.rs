//! `generational`: a moving nursery, survivors promoted at once into mark-sweep blocks (Ungar 1984; Handbook,
//! generational copying with en-masse promotion over a non-moving old generation).
//!
//! Objects are born in the nursery by bumping; a minor collection copies what is reached from the roots and from the
//! remembered set into size-class blocks, and the nursery is empty again.  Its pause is bounded by the nursery's size:
//! nothing in it is proportional to the heap.  The remembered set holds objects, each once: a bit beside the heap says
//! whether an old object is in it.  A major collection empties the nursery first and then is `mark-sweep`.
//! A minor collection takes the entries of weak tables as strong; a major one decides about them.
//! With `--tenure-age` above 1, what has survived too few minor collections is copied within the nursery instead; old
//! objects that still refer to it stay in the remembered set.
//! INV-NURSERY-1: after a collection the nursery holds no object but the aged, which are in the areas it was copied to.
//! INV-REMEMBERED-1: an old object that refers to a young one is in the remembered set.

use crate::context::Context;
use crate::event::{PauseKind, Phase};
use crate::heap::Heap;
use crate::plan::{Compacts, Outcome, PauseClock, PlanInfo, mark_sweep};
use crate::root::MOST_UNSETTLED;
use crate::size_class::Class;
use crate::trace::copy::{Aging, Copier, FromSpace, Promote, Young};
use crate::trace::{Tracer, Visitor, remembered_set};

pub(crate) const PLAN: PlanInfo = PlanInfo {
    name: "generational",
    doc: "moving nursery, survivors promoted into mark-sweep blocks",
    moves: true,
    collects: true,
    nursery: true,
    sticky: false,
    incremental: false,
    native: false,
    compacts: Compacts::StringData,
    concurrent: false,
    reserve_divisor: 1,
    refill: refill_from_nursery,
    large: |heap, bytes, data| heap.large.alloc(&heap.region, bytes, data),
    minor,
    major,
};

/// A slice of the nursery, but for symbols, which never move.
pub(crate) fn refill_from_nursery(heap: &Heap, class: Class) -> bool {
    if class == Class::SYMBOL {
        return heap.refill_from_blocks(&heap.windows, class);
    }
    heap.region.touch_ahead();
    if heap.nursery.pretenures() {
        return heap.refill_for_born_old(class);
    }
    let Some((start, bytes)) = heap.nursery.slice(&heap.region, class) else { return false };
    heap.windows.of(class).open(start, start.as_ptr().wrapping_add(bytes));
    true
}

/// The young half of this plan's work, and of every plan with a nursery.
pub(crate) fn minor(cx: &mut Context, clock: &mut PauseClock) -> Outcome {
    // A deep stack would be scanned whole again for one young object at its bottom.
    let at_once = cx.tenure_at_once.get() || cx.stack.unsettled() >= MOST_UNSETTLED / 2;
    if !cx.heap.nursery.lets_age() || at_once {
        return copy_young(cx, clock, Young);
    }
    copy_young(cx, clock, Aging)
}

/// The same, and nothing stays young.
pub(crate) fn empty_nursery(cx: &mut Context, clock: &mut PauseClock) -> Outcome {
    copy_young(cx, clock, Young)
}

fn copy_young<F: FromSpace>(cx: &mut Context, clock: &mut PauseClock, from_space: F) -> Outcome {
    let heap = cx.heap();
    heap.retire_young_windows();
    let shared = cx.marker_thread.is_some();
    let promote = match (cx.marking.get(), cx.deciding.get()) {
        (_, true) => Promote::Black { shared },
        (true, false) => Promote::Shading { shared },
        (false, false) => Promote::White,
    };
    let mut copier = Copier::new(heap, from_space, promote);
    let roots = cx.for_each_young_root(|slot| copier.slot(slot));
    let remembered = cx.take_remembered();
    remembered_set(heap, &remembered, &mut copier);
    clock.end(Phase::Roots);
    copier.drain(heap);
    clock.end(Phase::Trace);
    cx.decide_finalizers_and_codes(heap, &mut copier);
    clock.end(Phase::Weak);
    cx.shaded.borrow_mut().append(&mut copier.shaded);
    if promote != Promote::White {
        let (bytes, objects) = cx.promoted_black.get();
        let (aged_bytes, aged_objects) = copier.aged;
        let promoted = copier.bytes_copied - aged_bytes + copier.large_data;
        cx.promoted_black.set((bytes + promoted, objects + copier.live_objects - aged_objects));
    }
    cx.remember_still(std::mem::take(&mut copier.still_remembered));
    heap.close_aged_windows();
    if F::AGES {
        heap.nursery.judge_aging(copier.bytes_copied - copier.aged.0);
    }
    let (aged_bytes, aged_objects) = heap.nursery.aged();
    let (born_old, objects_born_old) = heap.nursery.take_born_old();
    heap.nursery.judge_survival(heap.bytes_since_collection(), copier.bytes_copied, copier.aged.1 > 0);
    heap.nursery.reset(&heap.region, copier.bytes_copied, copier.aged, roots);
    clock.end(Phase::Release);
    Outcome {
        kind: PauseKind::Minor,
        live_bytes: heap.live_bytes.get() - aged_bytes + copier.bytes_copied + born_old,
        live_objects: heap.live_objects.get() - aged_objects + copier.live_objects + objects_born_old,
        bytes_copied: copier.bytes_copied,
        bytes_promoted: copier.bytes_copied - copier.aged.0 + born_old,
        roots: roots + remembered.len(),
        remembered: remembered.len(),
    }
}

/// Empty the nursery, then mark and sweep the old generation.
pub(crate) fn major(cx: &mut Context, clock: &mut PauseClock) -> Outcome {
    let young = empty_nursery(cx, clock);
    let whole = mark_sweep::major(cx, clock);
    Outcome {
        roots: whole.roots + young.roots,
        bytes_copied: young.bytes_copied,
        bytes_promoted: young.bytes_promoted,
        remembered: young.remembered,
        ..whole
    }
}
