//! The worklist of a trace: a segmented stack of words, so that it grows without ever copying what it holds.

use crate::word::Word;

const SEGMENT: usize = 8 << 10;
/// Empty segments that are kept: memory that was given back is touched anew page by page.
const SPARE: usize = 16;

/// Objects found and not yet scanned.
#[derive(Default)]
pub(crate) struct Worklist {
    top: Vec<Word>,
    full: Vec<Vec<Word>>,
    spare: Vec<Vec<Word>>,
}

impl Worklist {
    #[inline(always)]
    pub(crate) fn push(&mut self, word: Word) {
        if self.top.len() == self.top.capacity() {
            self.next_segment();
        }
        self.top.push(word);
    }

    #[cold]
    #[inline(never)]
    fn next_segment(&mut self) {
        let mut segment = self.spare.pop().unwrap_or_default();
        segment.reserve_exact(SEGMENT);
        let full = std::mem::replace(&mut self.top, segment);
        if !full.is_empty() {
            self.full.push(full);
        }
    }

    /// Take over the empty segments of a worklist that is no longer needed.
    pub(crate) fn reuse(&mut self, mut other: Worklist) {
        self.spare.append(&mut other.spare);
    }

    /// Give the memory of an empty segment back; tells whether there was one.
    pub(crate) fn free_some(&mut self) -> bool {
        self.spare.pop().is_some()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.top.is_empty() && self.full.is_empty()
    }

    #[inline(always)]
    pub(crate) fn pop(&mut self) -> Option<Word> {
        match self.top.pop() {
            Some(word) => Some(word),
            None => self.previous_segment(),
        }
    }

    #[cold]
    #[inline(never)]
    fn previous_segment(&mut self) -> Option<Word> {
        let segment = self.full.pop()?;
        let empty = std::mem::replace(&mut self.top, segment);
        if self.spare.len() < SPARE {
            self.spare.push(empty);
        }
        self.top.pop()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_in_first_out_across_segments() {
        let mut list = Worklist::default();
        let n = 3 * SEGMENT as i64 + 17;
        (0..n).for_each(|i| list.push(Word::fixnum(i)));
        for i in (0..n).rev() {
            assert_eq!(list.pop().map(Word::fixnum_value), Some(i));
            if i % 1000 == 0 {
                list.push(Word::fixnum(-1));
                assert_eq!(list.pop().map(Word::fixnum_value), Some(-1));
            }
        }
        assert_eq!(list.pop(), None);
    }
}
