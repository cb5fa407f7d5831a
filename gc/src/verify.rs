//! The heap verifier: walks everything reachable and checks what `docs/invariants.md` promises.
//!
//! The shadow mark set is a `bitvec` of one bit a granule, grown to what is used: a data structure here, not a hot loop.

use crate::block::{BITMAP_WORDS, BlockUse};
use crate::context::Context;
use crate::header::Header;
use crate::heap::Heap;
use crate::object::string::StringCell;
use crate::size_class::{BlockKind, GRANULE};
use crate::slot::Slot;
use crate::trace::{Card, Visitor, children};
use crate::word::{TAG_CONS, TAG_FLOAT, TAG_FORWARD, TAG_STRING, TAG_SYMBOL, TAG_VECTORLIKE, Word};
use bitvec::vec::BitVec;
use rustc_hash::FxHashSet;

/// Everything reachable from some slots, each object once.
struct Walker {
    seen: BitVec<u64>,
    /// Objects outside the blocks: those of the `no-gc` plan's arena, and young ones, whose addresses are far above.
    outside: FxHashSet<usize>,
    pending: Vec<Word>,
}

impl Visitor for Walker {
    fn slot(&mut self, slot: &Slot) {
        self.pending.push(slot.get());
    }
    fn string_data(&mut self, _cell: &StringCell) {}
    fn weak_table(&mut self, _table: Word) {}
}

impl Walker {
    fn first_visit(&mut self, heap: &Heap, word: Word) -> bool {
        let offset = offset(heap, word);
        if word.tag() != TAG_SYMBOL && !heap.region.contains(word.address()) || heap.nursery.holds(offset) {
            return self.outside.insert(word.bits());
        }
        let granule = offset / GRANULE;
        if self.seen.len() <= granule {
            self.seen.resize(granule + 1, false);
        }
        !self.seen.replace(granule, true)
    }
}

fn offset(heap: &Heap, word: Word) -> usize {
    if word.tag() == TAG_SYMBOL { word.symbol_offset() } else { heap.region.offset(word.address()) }
}

/// Visit everything reachable from `roots`, each object once.
pub(crate) fn walk<'a>(heap: &Heap, roots: impl Iterator<Item = &'a Slot>, mut visit: impl FnMut(Word)) {
    let _ = try_walk(heap, roots.map(Slot::get).collect(), |word| {
        visit(word);
        Ok(())
    });
}

fn try_walk(heap: &Heap, roots: Vec<Word>, mut visit: impl FnMut(Word) -> Result<(), String>) -> Result<(), String> {
    let mut walker = Walker { seen: BitVec::new(), outside: FxHashSet::default(), pending: roots };
    while let Some(word) = walker.pending.pop() {
        if word.is_fixnum() {
            continue;
        }
        if word.tag() == TAG_FORWARD {
            return Err(format!("INV-FORWARD-1: a forwarding word {:#x} outside a collection", word.bits()));
        }
        if walker.first_visit(heap, word) {
            visit(word)?;
            children(heap.origin(), word, &mut walker);
        }
    }
    Ok(())
}

impl Context {
    /// Check the heap; the error names the invariant that does not hold.
    pub fn verify(&self) -> Result<(), String> {
        let mut roots = Vec::new();
        let count = self.for_each_root(|slot| roots.push(slot.get()));
        let again = self.for_each_root(|_| {});
        if count != again {
            return Err(format!("INV-ROOT-1: two enumerations of the roots differ: {count} and {again}"));
        }
        let heap = self.heap();
        let young = |slot: &Slot| !slot.get().is_fixnum() && heap.is_young(offset(heap, slot.get()));
        if self.plan.generational() && self.stack.settled().iter().any(young) {
            return Err("INV-ROOT-5: a settled word of the stack refers to a young object".to_owned());
        }
        try_walk(heap, roots, |word| check_object(heap, word).and_then(|()| check_remembered(heap, word)))?;
        if self.cycle.borrow().is_some() { Ok(()) } else { check_marks(heap) }
    }
}

/// Finds slots of an old object that refer to young ones and are not in the remembered set.
struct Forgotten<'h> {
    heap: &'h Heap,
    object: Word,
    found: bool,
}

impl Visitor for Forgotten<'_> {
    // The entries of weak tables are to be remembered like all others.
    const ONLY_YOUNG: bool = true;
    fn slot(&mut self, slot: &Slot) {
        let word = slot.get();
        if !word.is_fixnum() && self.heap.nursery.holds(offset(self.heap, word)) {
            let at = offset(self.heap, self.object);
            let logged = |at| self.heap.region.logged().get(at);
            self.found |=
                !logged(at) && !Card::of(self.object, slot).is_some_and(|card| logged(at + card.log_offset()));
        }
    }
    fn string_data(&mut self, cell: &StringCell) {
        self.found |= cell.data_bytes() > 0 && self.heap.nursery.holds(self.heap.region.offset(cell.data()));
    }
    fn weak_table(&mut self, _table: Word) {}
}

/// INV-REMEMBERED-1, after a collection, which leaves no young data to an old string.
fn check_remembered(heap: &Heap, word: Word) -> Result<(), String> {
    if !heap.nursery.has_aged() || heap.nursery.holds(offset(heap, word)) {
        return Ok(());
    }
    let mut forgotten = Forgotten { heap, object: word, found: false };
    children(heap.origin(), word, &mut forgotten);
    if forgotten.found {
        return Err(format!("INV-REMEMBERED-1: {:#x} refers to a young object and is not remembered", word.bits()));
    }
    Ok(())
}

fn check_object(heap: &Heap, word: Word) -> Result<(), String> {
    let region = &heap.region;
    let at = offset(heap, word);
    if word.tag() == TAG_SYMBOL {
        let inside = at < region.high_water() * crate::block::BLOCK_BYTES;
        // SAFETY: INV-WORD-1 is what is being checked; the offset is inside the mapping, whose bytes are readable.
        if !(inside && unsafe { heap.symbol_cell(word).as_ref() }.is_valid()) {
            return Err(format!("INV-WORD-1: {:#x} is no symbol", word.bits()));
        }
    }
    if !region.contains(word.address()) && word.tag() != TAG_SYMBOL {
        if heap.is_native && !(region.has_bits_of(word.address()) && region.allocated().get(at)) {
            return Err(format!("INV-NATIVE-1: the allocator did not give {:#x}, or has it back", word.bits()));
        }
        return Ok(());
    }
    if heap.nursery.holds(at) {
        return if heap.nursery.in_use(at) {
            Ok(())
        } else {
            Err(format!("INV-NURSERY-1: {:#x} refers to a free part of the nursery", word.bits()))
        };
    }
    let block = region.block_at(at);
    let desc = region.desc(block);
    let expected = match word.tag() {
        TAG_CONS => BlockKind::Cons,
        TAG_FLOAT => BlockKind::Float,
        TAG_SYMBOL => BlockKind::Symbol,
        TAG_STRING => BlockKind::String,
        TAG_VECTORLIKE => BlockKind::Vectorlike,
        tag => return Err(format!("INV-WORD-1: tag {tag} in {:#x}", word.bits())),
    };
    let fits = match desc.usage.get() {
        BlockUse::Cells => {
            desc.class.get().kind() == expected
                && (at % crate::block::BLOCK_BYTES).is_multiple_of(desc.class.get().cell_bytes())
        }
        BlockUse::LargeHead => {
            expected == BlockKind::Vectorlike && !desc.large_data.get() && region.offset(region.start(block)) == at
        }
        BlockUse::Free | BlockUse::LargeBody => false,
    };
    if !fits {
        return Err(format!(
            "INV-WORD-1: {:#x} is no {expected:?}: its block is {:?} of {:?}",
            word.bits(),
            desc.usage.get(),
            desc.class.get().kind()
        ));
    }
    if desc.from_space.get() || !region.allocated().get(at) {
        return Err(format!("INV-BLOCK-1: {:#x} ({expected:?}) is reachable and not allocated", word.bits()));
    }
    match word.tag() {
        TAG_VECTORLIKE => {
            // SAFETY: the block says that a vectorlike begins here.
            let header: Header = unsafe { word.untagged::<Header>(TAG_VECTORLIKE).read() };
            if !header.is_valid() {
                return Err(format!("INV-HEADER-1: {:#x} has no header", word.bits()));
            }
        }
        TAG_STRING => {
            // SAFETY: the block says that a string's header cell begins here.
            let cell = unsafe { word.untagged::<StringCell>(TAG_STRING).as_ref() };
            let data = region.offset(cell.data());
            if !cell.is_valid() || cell.data_bytes() > 0 && !region.allocated().get(data) {
                return Err(format!("INV-STRING-1: the data of string {:#x} is not allocated", word.bits()));
            }
        }
        _ => {}
    }
    Ok(())
}

/// INV-BLOCK-2 and INV-BLOCK-3, for blocks that were swept; INV-STICKY-1 in its place where mark bits stay.
fn check_marks(heap: &Heap) -> Result<(), String> {
    let region = &heap.region;
    for i in 0..region.high_water() as u32 {
        let block = crate::block::Block(i);
        let desc = region.desc(block);
        if heap.sticky && desc.usage.get() == BlockUse::Cells {
            let marked_only = |i| region.marks().word(block, i) & !region.allocated().word(block, i);
            if (0..BITMAP_WORDS).any(|i| marked_only(i) != 0) {
                return Err(format!("INV-STICKY-1: block {i} has marks where nothing is allocated"));
            }
            continue;
        }
        let free = desc.usage.get() == BlockUse::Free;
        let swept = desc.usage.get() == BlockUse::Cells && desc.swept.get() == heap.epoch.get();
        if (free || swept) && region.marks().count_block(block) > 0 {
            return Err(format!("INV-BLOCK-2: block {i} has mark bits outside a collection"));
        }
        if free && region.allocated().count_block(block) > 0 {
            return Err(format!("INV-BLOCK-3: free block {i} has allocated bits"));
        }
    }
    Ok(())
}
