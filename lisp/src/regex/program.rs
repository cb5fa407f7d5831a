//! Programs: what a pattern is compiled to.

use super::class::Set;

/// An operation.  Jumps are relative to the operation itself.
#[derive(Clone, Debug)]
pub(super) enum Op {
    /// The character, or one that folds to it.
    Char(u32),
    /// Any character but a newline.
    Any,
    Set(Box<Set>),
    /// A character of a syntax class, or not.
    Syntax(tenure_vm::syntax::Class, bool),
    /// A character of a category, or not.
    Category(u8, bool),
    /// What group `n` matched.
    Backref(usize),
    Assert(Assertion),
    /// The text of a group begins (even) or ends (odd) here.
    Save(usize),
    Jump(i32),
    /// Go on, with the other way if that fails; or the other way first.
    Split {
        other: i32,
        other_first: bool,
    },
    /// A loop begins: forget where its last turn began.
    LoopBegin(usize),
    /// Another turn of a loop, or out by `exit`; a turn that matched nothing is the last.
    Loop {
        register: usize,
        exit: i32,
        lazy: bool,
    },
    /// A counted loop begins.
    CountBegin(usize),
    /// Another turn of a counted loop, or out by `exit`.
    Count {
        register: usize,
        least: u32,
        most: Option<u32>,
        exit: i32,
    },
    /// The next operation, which matches one character, as often as it goes.
    Repeat {
        least: u32,
        most: Option<u32>,
        lazy: bool,
    },
    Match,
}

/// Something about a place in the text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Assertion {
    LineBegin,
    LineEnd,
    TextBegin,
    TextEnd,
    /// Where point is: nowhere in a string.
    Point,
    WordBoundary,
    NotWordBoundary,
    WordBegin,
    WordEnd,
    SymbolBegin,
    SymbolEnd,
}

/// A compiled regular expression.
#[derive(Debug)]
pub struct Regex {
    pub(super) ops: Vec<Op>,
    /// How many groups there are beside the whole match.
    pub groups: usize,
    pub(super) registers: usize,
    /// Whether case does not count.
    pub(super) fold: bool,
    /// Bytes that a match can begin with; `None` if it can begin anywhere.
    pub(super) first: Option<Box<[bool; 256]>>,
    /// Finds the bytes that every match begins with, if there are such.
    pub(super) prefix: Option<memchr::memmem::Finder<'static>>,
    /// Whether a match can begin at the beginning of the text only.
    pub(super) anchored: bool,
    /// Of each operation that matches one character, a bit for each character of ASCII that it matches; `None` where that
    /// depends on a table of Lisp.
    pub(super) ascii: Vec<Option<u128>>,
    /// Of each `Repeat`, what must come after it where something comes: a bit for each character of ASCII; `None` if that
    /// is not known or others may come.
    pub(super) follow: Vec<Option<u128>>,
    /// Of each `Repeat` and `Loop`, whether nothing that begins another turn can be what comes after it.
    pub(super) exclusive: Vec<bool>,
}

impl Op {
    /// Whether the operation matches exactly one character.
    pub(super) fn is_one_character(&self) -> bool {
        matches!(self, Op::Char(_) | Op::Any | Op::Set(_) | Op::Syntax(..) | Op::Category(..))
    }
}

impl Regex {
    /// A program of operations, with all that can be found out about them beforehand.
    pub(super) fn new(ops: Vec<Op>, groups: usize, registers: usize, fold: bool) -> Regex {
        let unknown = vec![None; ops.len()];
        let (ascii, follow, exclusive) = (unknown.clone(), unknown, vec![false; ops.len()]);
        let mut regex = Regex {
            ops,
            groups,
            registers,
            fold,
            first: None,
            prefix: None,
            anchored: false,
            ascii,
            follow,
            exclusive,
        };
        regex.ascii = regex.ops.iter().map(|op| regex.ascii_of(op)).collect();
        regex.follow = (0..regex.ops.len()).map(|at| regex.follow_of(at)).collect();
        regex.exclusive = (0..regex.ops.len()).map(|at| regex.is_exclusive(at)).collect();
        regex.anchored = regex.begin().is_some_and(|op| matches!(op, Op::Assert(Assertion::TextBegin)));
        regex.find_prefix();
        regex.find_first();
        regex
    }

    /// The first operation that says anything about the text.
    fn begin(&self) -> Option<&Op> {
        self.ops.iter().find(|op| !matches!(op, Op::Save(_)))
    }

    /// The characters of ASCII that an operation matches.
    fn ascii_of(&self, op: &Op) -> Option<u128> {
        let those = |may: &dyn Fn(u32) -> bool| Some((0..0x80).filter(|&c| may(c)).fold(0, |all, c| all | 1u128 << c));
        match op {
            Op::Char(wanted) => those(&|c| c == *wanted || self.fold && super::fold(c) == *wanted),
            Op::Any => those(&|c| c != u32::from(b'\n')),
            Op::Set(set) if !set.depends_on_syntax() => those(&|c| set.contains_ascii(c, self.fold)),
            _ => None,
        }
    }

    /// The operation at `at` or behind, but for the notes of groups.
    fn next(&self, at: usize) -> Option<usize> {
        (at..self.ops.len()).find(|&at| !matches!(self.ops[at], Op::Save(_)))
    }

    /// What the operation at `at` can match first: a bit for each character of ASCII, and whether others are among it.
    fn taken_by(&self, at: usize) -> Option<(u128, bool)> {
        let ascii = self.ascii[at];
        match &self.ops[at] {
            Op::Char(c) => Some((ascii?, *c >= 0x80 || self.folds_to(ascii?))),
            Op::Any => Some((ascii?, true)),
            Op::Set(set) => Some((ascii?, !set.is_ascii() || self.folds_to(ascii?))),
            Op::Assert(Assertion::LineEnd) => Some((1 << b'\n', false)),
            Op::Assert(Assertion::TextEnd) => Some((0, false)),
            _ => None,
        }
    }

    /// Whether characters beyond ASCII fold to some of ASCII.
    fn folds_to(&self, ascii: u128) -> bool {
        // The dotted and the dotless i, the long s and the sign for kelvin.
        const ODD: [u32; 4] = [0x130, 0x131, 0x17F, 0x212A];
        self.fold && ODD.iter().map(|&c| super::fold(c)).any(|c| c < 0x80 && ascii >> c & 1 != 0)
    }

    /// What must follow the `Repeat` at `at`.
    fn follow_of(&self, at: usize) -> Option<u128> {
        let Op::Repeat { .. } = self.ops[at] else { return None };
        self.taken_by(self.next(at + 2)?).filter(|(_, beyond)| !beyond).map(|(ascii, _)| ascii)
    }

    /// Whether what the `Repeat` or `Loop` at `at` takes and what comes behind it exclude each other.
    fn is_exclusive(&self, at: usize) -> bool {
        let (first, behind) = match self.ops[at] {
            Op::Repeat { .. } => (at + 1, self.next(at + 2)),
            Op::Loop { exit, .. } => (at + 1, self.next((at as i64 + i64::from(exit)) as usize)),
            _ => return false,
        };
        let Some(behind) = behind else { return false };
        match (self.taken_by(first), self.taken_by(behind)) {
            // Behind the last loop nothing is wanted.
            _ if matches!(self.ops[behind], Op::Match) => self.ops[first].is_one_character(),
            (Some((taken, beyond)), Some((follow, also))) => taken & follow == 0 && !(beyond && also),
            _ => false,
        }
    }

    fn find_prefix(&mut self) {
        if self.fold {
            return;
        }
        let mut prefix = Vec::new();
        for op in &self.ops {
            match op {
                Op::Char(c) => tenure_vm::character::push_char(&mut prefix, *c),
                Op::Save(_) => {}
                _ => break,
            }
        }
        if !prefix.is_empty() {
            self.prefix = Some(memchr::memmem::Finder::new(&prefix).into_owned());
        }
    }

    /// Find out which bytes a match can begin with.
    fn find_first(&mut self) {
        let mut first = Box::new([false; 256]);
        let mut seen = vec![false; self.ops.len()];
        let mut work = vec![0usize];
        while let Some(at) = work.pop() {
            if std::mem::replace(&mut seen[at], true) {
                continue;
            }
            let to = |offset: i32| (at as i64 + i64::from(offset)) as usize;
            match &self.ops[at] {
                Op::Char(c) if !self.fold => {
                    let mut text = Vec::new();
                    tenure_vm::character::push_char(&mut text, *c);
                    first[usize::from(text[0])] = true;
                }
                Op::Char(c) => self.begin_with(&mut first, |b| super::fold(b) == *c),
                Op::Any => self.begin_with(&mut first, |b| b != u32::from(b'\n')),
                Op::Set(set) if set.depends_on_syntax() => return,
                Op::Set(set) => self.begin_with(&mut first, |b| set.contains_ascii(b, self.fold)),
                Op::Syntax(..) | Op::Category(..) | Op::Backref(_) | Op::Match => return,
                Op::Assert(_) | Op::Save(_) | Op::LoopBegin(_) | Op::CountBegin(_) => work.push(at + 1),
                Op::Jump(offset) => work.push(to(*offset)),
                Op::Split { other, .. } => work.extend([at + 1, to(*other)]),
                Op::Loop { exit, .. } | Op::Count { exit, .. } => work.extend([at + 1, to(*exit)]),
                Op::Repeat { least, .. } => {
                    work.push(at + 1);
                    if *least == 0 {
                        work.push(at + 2);
                    }
                }
            }
        }
        self.first = Some(first);
    }

    /// A match can begin with the bytes of ASCII that `may` allows, and with all others.
    fn begin_with(&self, first: &mut [bool; 256], may: impl Fn(u32) -> bool) {
        (0..0x80).for_each(|b| first[b as usize] |= may(b));
        first[0x80..].fill(true);
    }
}
