//! The census: how many objects of each kind there are, and what was ever allocated.

use crate::block::BlockUse;
use crate::context::Context;
use crate::header::{Header, HeaderKind, KINDS};
use crate::object::string::StringCell;
use crate::size_class::{BlockKind, Class};
use crate::slot::Slot;
use crate::word::{TAG_STRING, TAG_VECTORLIKE, Word};

/// One kind's row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CensusRow {
    /// The kind's name.
    pub name: &'static str,
    /// Objects.
    pub count: usize,
    /// Bytes of their cells.
    pub bytes: usize,
}

/// A count of everything that is allocated now: what the last collection kept, and what was allocated since.
/// Under `no-gc` only symbols can be counted; the rest is in the arena.
#[derive(Clone, Debug, Default)]
pub struct Census {
    /// Kinds with at least one object.
    pub rows: Vec<CensusRow>,
    /// Free cells in blocks, by Emacs's kinds: conses, floats, symbols, strings, vector slots (words).
    pub free: [usize; 5],
    /// Words in vectorlikes, headers included.
    pub vector_words: usize,
    /// Bytes of string data in use.
    pub string_bytes: usize,
}

/// What was ever allocated, as `memory-use-counts` tells it; only grows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of `memory-use-counts`")]
pub struct UseCounts {
    pub conses: u64,
    pub floats: u64,
    pub vector_cells: u64,
    pub symbols: u64,
    pub string_chars: u64,
    pub intervals: u64,
    pub strings: u64,
}

impl Census {
    /// The row of a kind: 0 objects if it has none.
    pub fn count(&self, name: &str) -> usize {
        self.rows.iter().find(|r| r.name == name).map_or(0, |r| r.count)
    }

    /// All objects.
    pub fn objects(&self) -> usize {
        self.rows.iter().map(|r| r.count).sum()
    }

    fn add(&mut self, name: &'static str, bytes: usize) {
        match self.rows.iter_mut().find(|r| r.name == name) {
            Some(row) => {
                row.count += 1;
                row.bytes += bytes;
            }
            None => self.rows.push(CensusRow { name, count: 1, bytes }),
        }
    }
}

impl Context {
    /// Count everything that is allocated; where a native allocator has the objects, what can be reached.
    pub fn census(&self) -> Census {
        let heap = self.heap();
        if heap.is_native {
            let mut roots = Vec::new();
            self.for_each_root(|slot| roots.push(Slot::new(slot.get())));
            return self.reachable(&roots);
        }
        let region = &heap.region;
        if heap.sticky {
            // The allocated bits of a block that was not swept include what the last collection found dead.
            heap.sweep_all();
        }
        let mut census = Census::default();
        let mut counts = [(0usize, 0usize); KINDS.len()];
        let (mut conses, mut floats) = (0, 0);
        let vectorlike = |offset: usize, census: &mut Census, counts: &mut [(usize, usize)]| {
            // SAFETY: INV-BLOCK-1: a vectorlike's first word is its header; the walk skips open windows.
            let header: Header = unsafe { region.at(offset).cast::<Header>().read() };
            let row = &mut counts[header.kind() as usize];
            row.0 += 1;
            row.1 += header.bytes();
            census.vector_words += header.bytes() / 8;
        };
        for block in region.blocks_in_use() {
            let desc = region.desc(block);
            match desc.usage.get() {
                BlockUse::Free | BlockUse::LargeBody => {}
                BlockUse::LargeHead if desc.large_data.get() => census.string_bytes += desc.large_bytes.get(),
                BlockUse::LargeHead => vectorlike(region.offset(region.start(block)), &mut census, &mut counts),
                BlockUse::Cells => {
                    let class = desc.class.get();
                    let in_use = heap.count_cells(block);
                    let free = class.cells_per_block() - in_use;
                    match class.kind() {
                        BlockKind::Cons => {
                            conses += in_use;
                            census.free[0] += free;
                        }
                        BlockKind::Float => {
                            floats += in_use;
                            census.free[1] += free;
                        }
                        BlockKind::Symbol => {
                            counts[HeaderKind::Symbol as usize].0 += in_use;
                            counts[HeaderKind::Symbol as usize].1 += in_use * class.cell_bytes();
                            census.free[2] += free;
                        }
                        BlockKind::String => {
                            counts[HeaderKind::String as usize].0 += in_use;
                            counts[HeaderKind::String as usize].1 += in_use * class.cell_bytes();
                            census.free[3] += free;
                        }
                        BlockKind::Vectorlike => {
                            heap.for_each_cell(block, |offset| vectorlike(offset, &mut census, &mut counts));
                            census.free[4] += free * class.cell_bytes() / 8;
                        }
                        BlockKind::StringData => census.string_bytes += in_use * class.cell_bytes(),
                    }
                }
            }
        }
        census.rows.push(CensusRow { name: "cons", count: conses, bytes: conses * 16 });
        census.rows.push(CensusRow { name: "float", count: floats, bytes: floats * 16 });
        for (info, (count, bytes)) in KINDS.iter().zip(counts) {
            if count > 0 {
                census.rows.push(CensusRow { name: info.name, count, bytes });
            }
        }
        census.rows.retain(|r| r.count > 0);
        census
    }

    /// Count what can be reached from an object, each thing once; for tests and reports.
    pub fn reachable_census(&self, from: crate::Object<'_>) -> Census {
        self.reachable(&[Slot::new(from.0)])
    }

    fn reachable(&self, from: &[Slot]) -> Census {
        let mut census = Census::default();
        crate::verify::walk(self.heap(), from.iter(), |word: Word| {
            let bytes = crate::trace::mark::size_of_cell(word);
            census.add(kind_name(word), bytes);
            match word.tag() {
                TAG_STRING => {
                    // SAFETY: INV-WORD-1: the tag says what the word refers to.
                    let cell = unsafe { word.untagged::<StringCell>(TAG_STRING).as_ref() };
                    census.string_bytes += cell.data_bytes();
                }
                TAG_VECTORLIKE => census.vector_words += bytes / 8,
                _ => {}
            }
        });
        census
    }

    /// What was ever allocated.
    pub fn use_counts(&self) -> UseCounts {
        let heap = self.heap();
        let of = |class: Class| heap.bytes_allocated(class);
        let sum = |kind: BlockKind| Class::all().filter(|c| c.kind() == kind).map(of).sum::<u64>();
        let [large_vectors, large_data] = heap.large_bytes_allocated();
        UseCounts {
            conses: of(Class::CONS) / 16,
            floats: of(Class::FLOAT) / 16,
            vector_cells: (sum(BlockKind::Vectorlike) + large_vectors) / 8,
            symbols: of(Class::SYMBOL) / 48,
            string_chars: sum(BlockKind::StringData) + large_data,
            intervals: 0,
            strings: of(Class::STRING) / 32,
        }
    }

    /// Bytes ever allocated.
    pub fn bytes_allocated(&self) -> u64 {
        Class::all().map(|c| self.heap().bytes_allocated(c)).sum::<u64>()
            + self.heap().large_bytes_allocated().iter().sum::<u64>()
    }

    /// Bytes of memory that the heap holds.
    pub fn footprint(&self) -> usize {
        self.heap().footprint()
    }

    /// Bytes found live by the last collection.
    pub fn live_bytes(&self) -> usize {
        self.heap().live_bytes.get()
    }
}

fn kind_name(word: Word) -> &'static str {
    match word.tag() {
        crate::word::TAG_CONS => "cons",
        crate::word::TAG_FLOAT => "float",
        crate::word::TAG_SYMBOL => "symbol",
        TAG_STRING => "string",
        _ => {
            // SAFETY: INV-WORD-1: the tag says that this is a vectorlike.
            let v = unsafe { crate::object::vectorlike::Vectorlike::from_word(word) };
            KINDS[v.kind() as usize].name
        }
    }
}
