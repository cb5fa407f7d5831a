//! The syntax of regular expressions.
//!
//! As in Emacs the program grows behind the parser, and an operator that comes behind its operand puts an operation in
//! front of it.

use super::class::{Named, Set};
use super::program::{Assertion, Op, Regex};
use super::{Invalid, fold};
use tenure_vm::character::decode;
use tenure_vm::syntax::Class;

/// The most operations of a program, as Emacs bounds its own.
const MOST_OPERATIONS: usize = 1 << 15;
/// The largest count of an interval.
const MOST_TURNS: u32 = 65_535;
/// Groups beyond this number are not noted.
const LAST_GROUP: usize = 255;
/// The largest number that a group may be given.
const MOST_GROUPS: usize = i32::MAX as usize;

/// A group that is open.
struct Open {
    /// Where the group begins, its `Save` included.
    start: usize,
    /// Its number, if it is noted.
    number: Option<usize>,
    /// Where its present alternative begins.
    alternative: usize,
    /// The jumps at the ends of its alternatives.
    jumps: Vec<usize>,
}

struct Parser<'a> {
    text: &'a [u8],
    at: usize,
    /// The pattern that spaces stand for, if they do.
    spaces: Option<&'a [u8]>,
    /// The pattern in which spaces are, and where it goes on, while what they stand for is read.
    around: Option<(&'a [u8], usize)>,
    ops: Vec<Op>,
    open: Vec<Open>,
    /// Where the operand of a repetition would begin.
    last: Option<usize>,
    groups: usize,
    registers: usize,
    folds: bool,
}

impl Regex {
    /// Compile a pattern in the internal encoding; spaces in it stand for a pattern of their own, if one is given.
    pub fn compile(pattern: &[u8], folds: bool, spaces: Option<&[u8]>) -> Result<Regex, Invalid> {
        let outermost = Open { start: 0, number: None, alternative: 0, jumps: Vec::new() };
        let mut parser = Parser {
            text: pattern,
            at: 0,
            spaces,
            around: None,
            ops: Vec::new(),
            open: vec![outermost],
            last: None,
            groups: 0,
            registers: 0,
            folds,
        };
        parser.run()?;
        let Parser { ops, groups, registers, .. } = parser;
        Ok(Regex::new(ops, groups, registers, folds))
    }
}

impl Parser<'_> {
    fn run(&mut self) -> Result<(), Invalid> {
        loop {
            let Some(c) = self.next() else {
                let Some((text, at)) = self.around.take() else { break };
                (self.text, self.at) = (text, at);
                continue;
            };
            if self.ops.len() > MOST_OPERATIONS {
                return Err("Regular expression too big");
            }
            match u8::try_from(c) {
                Ok(b'^') if self.at_line_begin() => self.ops.push(Op::Assert(Assertion::LineBegin)),
                Ok(b'$') if self.at_line_end() => self.ops.push(Op::Assert(Assertion::LineEnd)),
                Ok(b'*' | b'+' | b'?') if self.last.is_some() => self.repetition(c),
                Ok(b'.') => self.operand(Op::Any),
                Ok(b'[') => {
                    let set = self.set()?;
                    self.operand(Op::Set(Box::new(set)));
                }
                Ok(b'\\') => self.backslash()?,
                Ok(b' ') if self.around.is_none() && self.spaces.is_some() => self.run_of_spaces(),
                _ => self.character(c),
            }
        }
        if self.open.len() > 1 {
            return Err("Unmatched ( or \\(");
        }
        self.end_alternatives();
        self.ops.push(Op::Match);
        Ok(())
    }

    /// Spaces that no operator follows: read on in what they stand for.
    fn run_of_spaces(&mut self) {
        let rest = &self.text[self.at..];
        let behind = rest.iter().take_while(|&&b| b == b' ').count();
        match (&rest[behind..], self.spaces) {
            ([b'*' | b'+' | b'?', ..] | [b'\\', b'{', ..], _) | (_, None) => self.character(u32::from(b' ')),
            (_, Some(spaces)) => {
                self.around = Some((self.text, self.at + behind));
                (self.text, self.at) = (spaces, 0);
            }
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u32> {
        let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
        let (c, len) = decode(rest);
        self.at += len;
        Some(c)
    }

    fn operand(&mut self, op: Op) {
        self.last = Some(self.ops.len());
        self.ops.push(op);
    }

    fn character(&mut self, c: u32) {
        self.operand(Op::Char(if self.folds { fold(c) } else { c }));
    }

    /// Whether the `^` just taken stands where a line may begin.
    fn at_line_begin(&self) -> bool {
        let before = &self.text[..self.at - 1];
        if before.is_empty() {
            return true;
        }
        let is_escape = |text: &[u8]| {
            let backslashes = text.iter().rev().take_while(|&&b| b == b'\\').count();
            backslashes % 2 == 1
        };
        match before.split_last() {
            Some((b'(' | b'|', rest)) => is_escape(rest),
            // Behind `\(?:` or `\(?N:`.
            Some((b':', rest)) => {
                let digits = rest.iter().rev().take_while(|b| b.is_ascii_digit()).count();
                let rest = &rest[..rest.len() - digits];
                rest.strip_suffix(b"(?").is_some_and(is_escape)
            }
            _ => false,
        }
    }

    /// Whether the `$` just taken stands where a line may end.
    fn at_line_end(&self) -> bool {
        matches!(&self.text[self.at..], [] | [b'\\', b')' | b'|', ..])
    }

    /// Put an operation in front of the one at `at`.
    fn insert(&mut self, at: usize, op: Op) {
        self.ops.insert(at, op);
    }

    fn new_register(&mut self) -> usize {
        self.registers += 1;
        self.registers - 1
    }

    /// `*`, `+`, `?` and their lazy kinds; several are one.
    fn repetition(&mut self, first: u32) {
        let (mut zero, mut many, mut lazy) = (false, false, false);
        let mut c = first as u8;
        loop {
            if c == b'?' && (zero || many) {
                lazy = true;
            } else {
                zero |= c != b'+';
                many |= c != b'?';
            }
            match self.peek() {
                Some(next @ (b'*' | b'+' | b'?')) => c = next,
                _ => break,
            }
            self.at += 1;
        }
        let Some(start) = self.last.filter(|&start| start < self.ops.len()) else { return };
        if self.ops.len() == start + 1 && self.ops[start].is_one_character() {
            let most = if many { None } else { Some(1) };
            return self.insert(start, Op::Repeat { least: u32::from(!zero), most, lazy });
        }
        let length = (self.ops.len() - start) as i32;
        if !many {
            return self.insert(start, Op::Split { other: length + 1, other_first: lazy });
        }
        let register = self.new_register();
        if zero {
            // begin; loop out; operand; back to the loop.
            self.insert(start, Op::Loop { register, exit: length + 2, lazy });
            self.ops.push(Op::Jump(-(length + 1)));
        } else {
            // begin; over the loop; loop out; operand; back to the loop.
            self.insert(start, Op::Loop { register, exit: length + 2, lazy });
            self.insert(start, Op::Jump(2));
            self.ops.push(Op::Jump(-(length + 1)));
        }
        self.insert(start, Op::LoopBegin(register));
    }

    fn backslash(&mut self) -> Result<(), Invalid> {
        let Some(c) = self.next() else { return Err("Trailing backslash") };
        match u8::try_from(c) {
            Ok(b'(') => self.open_group(),
            Ok(b')') => self.close_group(),
            Ok(b'|') => {
                self.next_alternative();
                Ok(())
            }
            Ok(b'{') => self.interval(),
            Ok(b'=') => self.assertion(Assertion::Point),
            Ok(b'<') => self.assertion(Assertion::WordBegin),
            Ok(b'>') => self.assertion(Assertion::WordEnd),
            Ok(b'_') => match self.next() {
                Some(0x3C) => self.assertion(Assertion::SymbolBegin),
                Some(0x3E) => self.assertion(Assertion::SymbolEnd),
                Some(_) => Err("Invalid regular expression"),
                None => Err("Premature end of regular expression"),
            },
            // These do not become the operand of a repetition.
            Ok(b'b') => self.place(Assertion::WordBoundary),
            Ok(b'B') => self.place(Assertion::NotWordBoundary),
            Ok(b'`') => self.place(Assertion::TextBegin),
            Ok(b'\'') => self.place(Assertion::TextEnd),
            Ok(b'w') => self.syntax(Class::Word, false),
            Ok(b'W') => self.syntax(Class::Word, true),
            Ok(kind @ (b's' | b'S')) => {
                let Some(name) = self.next() else { return Err("Premature end of regular expression") };
                // A character that names no class matches nothing, or everything.
                match Class::named(name) {
                    Some(class) => self.syntax(class, kind == b'S'),
                    None => {
                        self.operand(Op::Set(Box::new(Set { negated: kind == b'S', ..Set::default() })));
                        Ok(())
                    }
                }
            }
            Ok(kind @ (b'c' | b'C')) => {
                let Some(category) = self.next() else { return Err("Premature end of regular expression") };
                // As in Emacs, which keeps the category in a byte.
                self.operand(Op::Category(category as u8, kind == b'C'));
                Ok(())
            }
            Ok(digit @ b'1'..=b'9') => {
                let number = usize::from(digit - b'0');
                if number > self.groups || self.open.iter().any(|o| o.number == Some(number)) {
                    return Err("Invalid back reference");
                }
                self.operand(Op::Backref(number));
                Ok(())
            }
            _ => {
                self.character(c);
                Ok(())
            }
        }
    }

    fn assertion(&mut self, assertion: Assertion) -> Result<(), Invalid> {
        self.operand(Op::Assert(assertion));
        Ok(())
    }

    fn place(&mut self, assertion: Assertion) -> Result<(), Invalid> {
        self.ops.push(Op::Assert(assertion));
        Ok(())
    }

    fn syntax(&mut self, class: Class, negated: bool) -> Result<(), Invalid> {
        self.operand(Op::Syntax(class, negated));
        Ok(())
    }

    fn open_group(&mut self) -> Result<(), Invalid> {
        let number = if self.peek() == Some(b'?') {
            self.at += 1;
            self.group_number()?
        } else {
            self.groups += 1;
            Some(self.groups)
        };
        let start = self.ops.len();
        let number = number.filter(|&n| n <= LAST_GROUP);
        if let Some(n) = number {
            self.ops.push(Op::Save(2 * n));
        }
        self.open.push(Open { start, number, alternative: self.ops.len(), jumps: Vec::new() });
        self.last = None;
        Ok(())
    }

    /// What follows `\(?`: nothing but a colon, or the group's number before it.
    fn group_number(&mut self) -> Result<Option<usize>, Invalid> {
        let mut number = 0usize;
        loop {
            let Some(c) = self.next() else {
                let unmatched = number == 0;
                return Err(if unmatched { "Unmatched ( or \\(" } else { "Premature end of regular expression" });
            };
            match u8::try_from(c) {
                Ok(b':') if number == 0 => return Ok(None),
                Ok(b':') => break,
                Ok(digit @ b'0'..=b'9') if number > 0 || digit > b'0' => {
                    number = number.saturating_mul(10).saturating_add(usize::from(digit - b'0'));
                }
                _ => return Err("Invalid regular expression"),
            }
        }
        if number > MOST_GROUPS {
            return Err("Regular expression too big");
        }
        if number > self.groups {
            self.groups = number.min(LAST_GROUP);
        } else if self.open.iter().any(|o| o.number == Some(number)) {
            return Err("Invalid regular expression");
        }
        Ok(Some(number))
    }

    fn close_group(&mut self) -> Result<(), Invalid> {
        if self.open.len() == 1 {
            return Err("Unmatched ) or \\)");
        }
        self.end_alternatives();
        if let Some(open) = self.open.pop() {
            if let Some(n) = open.number {
                self.ops.push(Op::Save(2 * n + 1));
            }
            self.last = Some(open.start);
        }
        Ok(())
    }

    fn next_alternative(&mut self) {
        let Some(open) = self.open.last_mut() else { return };
        let length = (self.ops.len() - open.alternative) as i32;
        self.ops.insert(open.alternative, Op::Split { other: length + 2, other_first: false });
        open.jumps.push(self.ops.len());
        self.ops.push(Op::Jump(0));
        open.alternative = self.ops.len();
        self.last = None;
    }

    /// The jumps at the ends of the innermost group's alternatives lead here.
    fn end_alternatives(&mut self) {
        let Some(open) = self.open.last_mut() else { return };
        for at in open.jumps.drain(..) {
            self.ops[at] = Op::Jump((self.ops.len() - at) as i32);
        }
    }

    /// `\{least,most\}`.
    fn interval(&mut self) -> Result<(), Invalid> {
        const BAD: Invalid = "Invalid content of \\{\\}";
        let begin = self.at;
        let least = self.count()?;
        let most = match self.next() {
            None => return Err("Unmatched \\{"),
            Some(0x2C) => {
                let digits = self.at;
                let n = self.count()?;
                let most = (self.at > digits).then_some(n);
                match self.next() {
                    None => return Err("Unmatched \\{"),
                    Some(0x5C) => most,
                    Some(_) => return Err(BAD),
                }
            }
            Some(0x5C) => Some(least),
            Some(_) => return Err(BAD),
        };
        if most.is_some_and(|most| most < least) {
            return Err(BAD);
        }
        match self.next() {
            None => return Err("Trailing backslash"),
            Some(0x7D) => {}
            Some(_) => return Err(BAD),
        }
        let Some(start) = self.last else {
            // With nothing to repeat the brace stands for itself.
            self.at = begin;
            self.character(u32::from(b'{'));
            return Ok(());
        };
        if most == Some(0) {
            self.ops.truncate(start);
            return Ok(());
        }
        if start == self.ops.len() {
            return Ok(());
        }
        if self.ops.len() == start + 1 && self.ops[start].is_one_character() {
            self.insert(start, Op::Repeat { least, most, lazy: false });
            return Ok(());
        }
        let length = (self.ops.len() - start) as i32;
        let register = self.new_register();
        self.registers += 1;
        self.insert(start, Op::Count { register, least, most, exit: length + 2 });
        self.ops.push(Op::Jump(-(length + 1)));
        self.insert(start, Op::CountBegin(register));
        Ok(())
    }

    fn count(&mut self) -> Result<u32, Invalid> {
        let mut n = 0u32;
        if self.peek().is_none() {
            return Err("Unmatched \\{");
        }
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            self.at += 1;
            n = n * 10 + u32::from(digit - b'0');
            if n > MOST_TURNS {
                return Err("Invalid content of \\{\\}");
            }
        }
        Ok(n)
    }

    /// What stands in brackets.
    fn set(&mut self) -> Result<Set, Invalid> {
        const UNMATCHED: Invalid = "Unmatched [ or [^";
        let mut set = Set::default();
        if self.peek() == Some(b'^') {
            self.at += 1;
            set.negated = true;
        }
        let begin = self.at;
        loop {
            if self.at > begin && self.peek() == Some(b']') {
                self.at += 1;
                return Ok(set);
            }
            if let Some(class) = self.named_class()? {
                set.classes.push(class);
                continue;
            }
            let from = self.next().ok_or(UNMATCHED)?;
            let is_range = matches!(&self.text[self.at..], [b'-', end, ..] if *end != b']');
            let to = if is_range {
                self.at += 1;
                self.next().ok_or(UNMATCHED)?
            } else {
                from
            };
            push_range(&mut set.ranges, from, to);
        }
    }

    /// `[:name:]`, if it stands here.
    fn named_class(&mut self) -> Result<Option<Named>, Invalid> {
        let Some(rest) = self.text[self.at..].strip_prefix(b"[:") else { return Ok(None) };
        let length = rest.iter().position(|&b| b == b':' || b == b']');
        let Some(length) = length.filter(|&n| rest[n..].starts_with(b":]")) else { return Ok(None) };
        let class = Named::of(&rest[..length]).ok_or("Invalid character class name")?;
        self.at += length + 4;
        Ok(Some(class))
    }
}

/// Add a range.  One between a plain and a raw byte has both kinds but nothing between.
fn push_range(ranges: &mut Vec<(u32, u32)>, from: u32, to: u32) {
    use tenure_vm::character::{MAX_5_BYTE, raw_byte};
    if raw_byte(to).is_some() && raw_byte(from).is_none() {
        if from < 0x80 {
            ranges.push((from, 0x7F));
            ranges.push((MAX_5_BYTE + 1, to));
            return;
        }
        return ranges.push((from, to));
    }
    if from <= to {
        ranges.push((from, to));
    }
}
