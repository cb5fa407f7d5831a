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
    /// Bytes that every match begins with.
    pub(super) prefix: Vec<u8>,
}

impl Op {
    /// Whether the operation matches exactly one character.
    pub(super) fn is_one_character(&self) -> bool {
        matches!(self, Op::Char(_) | Op::Any | Op::Set(_) | Op::Syntax(..))
    }
}

impl Regex {
    /// Find out what a match can begin with.
    pub(super) fn analyze(&mut self) {
        if !self.fold {
            for op in &self.ops {
                match op {
                    Op::Char(c) => tenure_vm::character::push_char(&mut self.prefix, *c),
                    Op::Save(_) => {}
                    _ => break,
                }
            }
        }
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
                Op::Syntax(..) | Op::Backref(_) | Op::Match => return,
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
