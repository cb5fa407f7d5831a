//! Running a program: backtracking, with a stack of what is left to try.

use super::program::{Assertion, Op, Regex};
use super::{Tables, fold};
use tenure_vm::character::decode;
use tenure_vm::syntax::Class;

/// No position.
const NONE: usize = usize::MAX;
/// How much may be left to try at the most, by [`Entry::weight`]: as many points of failure as Emacs's stack holds.
const MOST_LEFT: usize = 266_666;
/// The most entries of the stack, with those that weigh nothing.
const MOST_ENTRIES: usize = 1 << 22;
/// The most entries of the stack that are kept for the next search.
const KEPT_ENTRIES: usize = 1 << 12;
/// How many operations are done between two looks at whether to stop.
const STEPS: u32 = 1 << 16;

/// What a search gives.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The first match; where it is, [`Scratch::groups`] says.
    Found,
    /// There is none.
    NotFound,
    /// Too much was left to try.
    Overflow,
    /// It was interrupted.
    Stopped,
}

/// The memory of searches, which the next one uses again.
#[derive(Default, Debug)]
pub struct Scratch {
    slots: Vec<usize>,
    registers: Vec<usize>,
    stack: Vec<Entry>,
}

impl Scratch {
    /// Where the match that was found and its groups begin and end, in bytes.
    pub fn groups(&self) -> impl Iterator<Item = Option<(usize, usize)>> {
        let pair = |pair: &[usize]| (pair[0] != NONE && pair[1] != NONE).then(|| (pair[0], pair[1]));
        self.slots.chunks_exact(2).map(pair)
    }

    fn prepare(&mut self, regex: &Regex) {
        self.slots.clear();
        self.slots.resize(2 * (regex.groups + 1), NONE);
        self.registers.clear();
        self.registers.resize(regex.registers, NONE);
        // One search that tried much shall not keep its memory for ever.
        self.stack.shrink_to(KEPT_ENTRIES);
    }
}

/// What is left to try, or to be undone on the way there.
#[derive(Clone, Copy, Debug)]
enum Entry {
    /// Go on at an operation and a position.
    Branch {
        op: usize,
        at: usize,
    },
    /// The same, at the end of a loop whose turns exclude what comes behind it.
    Leave {
        op: usize,
        at: usize,
    },
    /// Characters that a greedy `Repeat` took, to be given back one by one, and how many there are.
    GiveBack {
        op: u32,
        taken: u32,
        least: usize,
        at: usize,
    },
    /// A lazy `Repeat` may take one more, so many at the most.
    TakeMore {
        op: usize,
        at: usize,
        left: u32,
    },
    Slot {
        slot: usize,
        old: usize,
    },
    Register {
        register: usize,
        old: usize,
    },
}

impl Entry {
    /// For how many points of failure the entry counts.
    ///
    /// Emacs pushes one for each way left to try, for each character that can be given back, and for the old value of a
    /// group's beginning.
    fn weight(&self) -> usize {
        match self {
            Entry::Branch { .. } | Entry::TakeMore { .. } => 1,
            Entry::GiveBack { taken, .. } => *taken as usize,
            Entry::Slot { slot, .. } => usize::from(slot % 2 == 0),
            Entry::Leave { .. } | Entry::Register { .. } => 0,
        }
    }
}

/// Whether a character of ASCII is in a set.
fn has(set: u128, byte: u8) -> bool {
    byte < 0x80 && set >> byte & 1 != 0
}

struct Matcher<'a> {
    regex: &'a Regex,
    text: &'a [u8],
    tables: Tables<'a>,
    slots: &'a mut Vec<usize>,
    registers: &'a mut [usize],
    stack: &'a mut Vec<Entry>,
    /// The weight of the stack.
    left: usize,
    steps: u32,
    stop: &'a dyn Fn() -> bool,
}

enum Trial {
    Yes,
    No,
    Overflow,
    Stopped,
}

impl Regex {
    /// Search for a match that begins at byte `from` or later.  `longest` wants the longest of those that begin there, as
    /// POSIX has it; `stop` is asked now and then whether to give up.
    pub fn search(
        &self,
        text: &[u8],
        from: usize,
        longest: bool,
        tables: Tables<'_>,
        stop: &dyn Fn() -> bool,
        scratch: &mut Scratch,
    ) -> Outcome {
        scratch.prepare(self);
        let Scratch { slots, registers, stack } = scratch;
        let mut matcher = Matcher { regex: self, text, tables, slots, registers, stack, left: 0, steps: 0, stop };
        let mut at = from;
        loop {
            let next = match (&self.prefix, &self.first) {
                (Some(finder), _) => finder.find(&text[at..]).map(|n| at + n),
                (None, Some(first)) => text[at..].iter().position(|&b| first[usize::from(b)]).map(|n| at + n),
                (None, None) => Some(at),
            };
            let Some(start) = next else { return Outcome::NotFound };
            match matcher.try_at(start, longest) {
                Trial::Yes => return Outcome::Found,
                Trial::Overflow => return Outcome::Overflow,
                Trial::Stopped => return Outcome::Stopped,
                Trial::No => {}
            }
            if start >= text.len() || self.anchored {
                return Outcome::NotFound;
            }
            at = start + decode(&text[start..]).1;
        }
    }
}

impl Matcher<'_> {
    fn try_at(&mut self, start: usize, longest: bool) -> Trial {
        // A trial that failed has undone all that it noted, so slots and registers are as at the beginning.
        self.stack.clear();
        self.left = 0;
        let (mut op, mut at) = (0, start);
        let mut best: Option<Vec<usize>> = None;
        loop {
            self.steps += 1;
            if self.steps >= STEPS {
                self.steps = 0;
                if (self.stop)() {
                    return Trial::Stopped;
                }
            }
            if self.left > MOST_LEFT || self.stack.len() > MOST_ENTRIES {
                return Trial::Overflow;
            }
            let next = match &self.regex.ops[op] {
                Op::Match => {
                    (self.slots[0], self.slots[1]) = (start, at);
                    if !longest || at == self.text.len() {
                        return Trial::Yes;
                    }
                    if best.as_ref().is_none_or(|best| best[1] < at) {
                        best = Some(self.slots.clone());
                    }
                    (self.slots[0], self.slots[1]) = (NONE, NONE);
                    None
                }
                operation if operation.is_one_character() => self.one(op, at).map(|end| (op + 1, end)),
                Op::Repeat { least, most, lazy } => self.repeat(op, at, *least, *most, *lazy),
                _ => self.step(op, at),
            };
            match next.or_else(|| self.fail()) {
                Some(next) => (op, at) = next,
                None => break,
            }
        }
        match best {
            Some(best) => {
                *self.slots = best;
                Trial::Yes
            }
            None => Trial::No,
        }
    }

    #[inline]
    fn push(&mut self, entry: Entry) {
        self.left += entry.weight();
        self.stack.push(entry);
    }

    /// Take up what was left to try last.
    fn fail(&mut self) -> Option<(usize, usize)> {
        loop {
            let entry = self.stack.pop()?;
            self.left -= entry.weight();
            match entry {
                Entry::Branch { op, at } | Entry::Leave { op, at } => return Some((op, at)),
                Entry::Slot { slot, old } => self.slots[slot] = old,
                Entry::Register { register, old } => self.registers[register] = old,
                Entry::GiveBack { op, mut taken, least, at } => {
                    let follow = self.regex.follow[op as usize];
                    let mut before = at;
                    // What cannot be followed by the next operation need not be tried.
                    loop {
                        before -= 1;
                        let byte = self.text[before];
                        if byte & 0xC0 == 0x80 {
                            continue;
                        }
                        taken -= 1;
                        if before <= least || follow.is_none_or(|set| has(set, byte)) {
                            break;
                        }
                    }
                    if before > least {
                        self.push(Entry::GiveBack { op, taken, least, at: before });
                    }
                    return Some((op as usize + 2, before));
                }
                Entry::TakeMore { op, at, left } => {
                    if let Some(end) = self.one(op + 1, at) {
                        if left > 1 {
                            self.push(Entry::TakeMore { op, at: end, left: left - 1 });
                        }
                        return Some((op + 2, end));
                    }
                }
            }
        }
    }

    /// Where the character at `at` ends, if the operation `op` matches it.
    #[inline]
    fn one(&self, op: usize, at: usize) -> Option<usize> {
        let byte = *self.text.get(at)?;
        match self.regex.ascii[op] {
            Some(set) if byte < 0x80 => has(set, byte).then_some(at + 1),
            _ => self.any_one(op, at),
        }
    }

    /// As `one`, for characters beyond ASCII and what depends on the syntax table.
    fn any_one(&self, op: usize, at: usize) -> Option<usize> {
        let (c, len) = decode(&self.text[at..]);
        let matches = match &self.regex.ops[op] {
            Op::Char(wanted) => c == *wanted || self.regex.fold && fold(c) == *wanted,
            Op::Any => c != u32::from(b'\n'),
            Op::Set(set) => set.contains(c, self.regex.fold, Some(self.tables.syntax)),
            Op::Syntax(class, negated) => (self.tables.syntax.class(c) == *class) != *negated,
            Op::Category(category, negated) => self.tables.categories.has(c, u32::from(*category)) != *negated,
            _ => false,
        };
        matches.then_some(at + len)
    }

    fn repeat(&mut self, op: usize, at: usize, least: u32, most: Option<u32>, lazy: bool) -> Option<(usize, usize)> {
        let most = most.unwrap_or(u32::MAX);
        let mut end = at;
        for _ in 0..least {
            end = self.one(op + 1, end)?;
        }
        let floor = end;
        if lazy {
            if most > least {
                self.push(Entry::TakeMore { op, at: end, left: most - least });
            }
            return Some((op + 2, end));
        }
        let mut taken = least;
        let set = self.regex.ascii[op + 1];
        if let (Some(set), u32::MAX) = (set, most) {
            let run = self.text[end..].iter().take_while(|&&byte| byte < 0x80 && has(set, byte)).count();
            end += run;
            taken = taken.saturating_add(u32::try_from(run).unwrap_or(u32::MAX));
        }
        while taken < most
            && let Some(next) = self.one(op + 1, end)
        {
            end = next;
            taken += 1;
        }
        // Where nothing that was taken can be what follows, there is nothing to give back.
        if end > floor && !self.regex.exclusive[op] {
            let op = op as u32;
            self.push(Entry::GiveBack { op, taken: taken - least, least: floor, at: end });
            if self.left >= MOST_LEFT {
                // Emacs finds the end of what can be taken with one more point of failure.
                self.left += 1;
            }
        }
        Some((op + 2, end))
    }

    fn set_slot(&mut self, slot: usize, value: usize) {
        self.push(Entry::Slot { slot, old: self.slots[slot] });
        self.slots[slot] = value;
    }

    fn set_register(&mut self, register: usize, value: usize) {
        self.push(Entry::Register { register, old: self.registers[register] });
        self.registers[register] = value;
    }

    fn step(&mut self, op: usize, at: usize) -> Option<(usize, usize)> {
        let to = |offset: i32| (op as i64 + i64::from(offset)) as usize;
        match self.regex.ops[op] {
            Op::Jump(offset) => Some((to(offset), at)),
            Op::Split { other, other_first } => {
                let (first, second) = if other_first { (to(other), op + 1) } else { (op + 1, to(other)) };
                self.push(Entry::Branch { op: second, at });
                Some((first, at))
            }
            Op::Save(slot) => {
                self.set_slot(slot, at);
                Some((op + 1, at))
            }
            Op::LoopBegin(register) => {
                self.set_register(register, NONE);
                Some((op + 1, at))
            }
            Op::Loop { register, exit, lazy } => {
                if self.registers[register] == at {
                    return Some((to(exit), at));
                }
                self.set_register(register, at);
                let (first, second) = if lazy { (to(exit), op + 1) } else { (op + 1, to(exit)) };
                let leave = !lazy && self.regex.exclusive[op];
                self.push(if leave { Entry::Leave { op: second, at } } else { Entry::Branch { op: second, at } });
                Some((first, at))
            }
            Op::CountBegin(register) => {
                self.set_register(register, 0);
                self.set_register(register + 1, NONE);
                Some((op + 1, at))
            }
            Op::Count { register, least, most, exit } => {
                let turns = self.registers[register];
                if turns >= least as usize {
                    let done = most.is_some_and(|most| turns >= most as usize);
                    if done || self.registers[register + 1] == at {
                        return Some((to(exit), at));
                    }
                    self.push(Entry::Branch { op: to(exit), at });
                }
                self.set_register(register, turns + 1);
                self.set_register(register + 1, at);
                Some((op + 1, at))
            }
            Op::Backref(n) => {
                let (from, to) = (self.slots[2 * n], self.slots[2 * n + 1]);
                if from == NONE || to == NONE || from > to {
                    return None;
                }
                self.same_text(from, to, at).map(|end| (op + 1, end))
            }
            Op::Assert(assertion) => self.holds(assertion, at).then_some((op + 1, at)),
            _ => None,
        }
    }

    /// Where the text ends that begins at `at` and is the same as a range.
    fn same_text(&self, from: usize, to: usize, at: usize) -> Option<usize> {
        let (wanted, rest) = (&self.text[from..to], &self.text[at..]);
        if !self.regex.fold {
            return rest.starts_with(wanted).then_some(at + wanted.len());
        }
        let (mut i, mut j) = (0, 0);
        while i < wanted.len() {
            let (a, a_len) = decode(&wanted[i..]);
            let (b, b_len) = decode(rest.get(j..).filter(|rest| !rest.is_empty())?);
            if fold(a) != fold(b) {
                return None;
            }
            (i, j) = (i + a_len, j + b_len);
        }
        Some(at + j)
    }

    fn before(&self, at: usize) -> Option<u32> {
        let mut start = at.checked_sub(1)?;
        while start > 0 && self.text[start] & 0xC0 == 0x80 {
            start -= 1;
        }
        Some(decode(&self.text[start..at]).0)
    }

    fn after(&self, at: usize) -> Option<u32> {
        self.text.get(at..).filter(|rest| !rest.is_empty()).map(|rest| decode(rest).0)
    }

    fn holds(&self, assertion: Assertion, at: usize) -> bool {
        let (before, after) = (self.before(at), self.after(at));
        let is_word = |c: Option<u32>| c.is_some_and(|c| self.tables.syntax.class(c) == Class::Word);
        let is_symbol =
            |c: Option<u32>| c.is_some_and(|c| matches!(self.tables.syntax.class(c), Class::Word | Class::Symbol));
        let parted = || before.zip(after).is_some_and(|(a, b)| self.tables.categories.parts_words(a, b));
        let boundary =
            || before.is_none() || after.is_none() || is_word(before) != is_word(after) || is_word(before) && parted();
        match assertion {
            Assertion::LineBegin => before.is_none_or(|c| c == u32::from(b'\n')),
            Assertion::LineEnd => after.is_none_or(|c| c == u32::from(b'\n')),
            Assertion::TextBegin => at == 0,
            Assertion::TextEnd => after.is_none(),
            Assertion::Point => false,
            Assertion::WordBoundary => boundary(),
            Assertion::NotWordBoundary => !boundary(),
            Assertion::WordBegin => is_word(after) && (!is_word(before) || parted()),
            Assertion::WordEnd => is_word(before) && (!is_word(after) || parted()),
            Assertion::SymbolBegin => is_symbol(after) && !is_symbol(before),
            Assertion::SymbolEnd => is_symbol(before) && !is_symbol(after),
        }
    }
}
