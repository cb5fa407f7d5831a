//! Primitives that call Lisp functions, cut into steps, so that the machine runs the calls itself: `mapcar`, `sort`,
//! `apply` and their kin.
//!
//! Such a primitive has a code in the internal form.  A step is native code that cannot collect; it works on the
//! registers, gets one call ready, and says with which instruction to go on.  The call is the machine's own, so it needs
//! neither native stack nor another run of the machine.  What a step does not know how to do is done by the primitive
//! as a whole.  The first registers are the arguments, which stay as they are: a backtrace shows them.
//!
//! What a function may do to the sequence meanwhile means the same as in the whole primitive (`fns/map.rs`,
//! `fns/sort.rs`).

use super::code::{Arguments, Code};
use super::form::{Insn, Place};
use crate::eval::list_length;
use crate::fns::map::{join_lists, join_strings, pure_primitive};
use crate::fns::sort::{items, key, rearrange};
use std::rc::Rc;
use tenure_gc::{Context, NIL, Object, Slots, Throw, Vector};

/// One step: the first one, or one after a call.
type Step = for<'ob> fn(bool, Slots<'ob>, &'ob Context) -> Result<Place, Throw>;

/// A primitive that is cut into steps.
pub(super) struct Stepped {
    name: &'static str,
    /// How many arguments it is called on.
    arguments: usize,
    /// The register of the called function, and of its value; its arguments follow.
    callee: usize,
    /// How many arguments its calls have: a number, or any up to it.
    calls: Calls,
    pub(super) step: Step,
}

#[derive(Clone, Copy)]
enum Calls {
    Of(usize),
    UpTo(usize),
}

// Places in the code of a primitive all of whose calls have as many arguments.
const CALL: Place = 1;
const DONE: Place = 3;
const WHOLE: Place = 4;

/// The most arguments that `apply` hands on in a step.
const MOST_APPLIED: usize = 8;
/// The place where `apply` calls a function on no argument; each further argument is two instructions on.
const APPLY: Place = 3;

/// All of them.  The register behind the arguments is that of the constants.
pub(super) const STEPPED: &[Stepped] = &[
    Stepped { name: "mapcar", arguments: 2, callee: 7, calls: Calls::Of(1), step: mapcar },
    Stepped { name: "mapc", arguments: 2, callee: 5, calls: Calls::Of(1), step: mapc },
    Stepped { name: "mapcan", arguments: 2, callee: 7, calls: Calls::Of(1), step: mapcan },
    Stepped { name: "mapconcat", arguments: 3, callee: 8, calls: Calls::Of(1), step: mapconcat },
    Stepped { name: "maphash", arguments: 2, callee: 4, calls: Calls::Of(2), step: maphash },
    Stepped { name: "sort", arguments: 2, callee: 7, calls: Calls::Of(2), step: sort },
    Stepped { name: "apply", arguments: 2, callee: 3, calls: Calls::UpTo(MOST_APPLIED), step: apply::<2> },
    Stepped { name: "apply", arguments: 3, callee: 4, calls: Calls::UpTo(MOST_APPLIED), step: apply::<3> },
    Stepped { name: "apply", arguments: 4, callee: 5, calls: Calls::UpTo(MOST_APPLIED), step: apply::<4> },
];

/// The row of a primitive called on `n` arguments, if it is cut into steps.
pub(super) fn row(name: &str, n: usize) -> Option<usize> {
    STEPPED.iter().position(|row| row.name == name && row.arguments == n)
}

/// The code of a row.
pub(super) fn code(row: usize) -> Rc<Code> {
    let Stepped { arguments, callee, calls, .. } = STEPPED[row];
    let base = callee as u16;
    let (first, next) = (Insn::FirstStep { row: row as u16 }, Insn::NextStep { row: row as u16 });
    let whole = [Insn::Whole { n: arguments as u16 }, Insn::Return { src: 0 }];
    let (insns, most) = match calls {
        Calls::Of(n) => {
            let rest = [first, Insn::Call { base, n: n as u16 }, next, Insn::Return { src: base }];
            (rest.into_iter().chain(whole).collect::<Box<[Insn]>>(), n)
        }
        Calls::UpTo(most) => {
            let calls = (0..=most).flat_map(|n| [Insn::Call { base, n: n as u16 }, Insn::Return { src: base }]);
            ([first].into_iter().chain(whole).chain(calls).collect(), most)
        }
    };
    let live = insns.iter().map(|insn| match insn {
        Insn::Call { n, .. } => base + 1 + n,
        Insn::Whole { n } => *n,
        _ => base + 1,
    });
    Rc::new(Code {
        live: live.collect(),
        insns,
        caches: Box::default(),
        tables: Box::default(),
        arguments: Arguments::Lexical { required: arguments, positional: arguments, rest: false },
        captured: 0,
        constants_slot: arguments,
        frame_words: callee + 1 + most,
        exact: arguments,
    })
}

// The registers of `mapc`, behind arguments and constants; those that collect values have `FIRST` and `LAST` too.
/// How many elements are left.
const LEFT: usize = 0;
/// The list of the elements left, the present one first; or the index of the present element of a vector.
const REST: usize = 1;
const FIRST: usize = 2;
const LAST: usize = 3;

/// Get the call on the next element ready; or there is none, or the sequence is of a kind that is left to the whole.
#[inline(always)]
fn next_element<'ob>(first: bool, s: Slots<'ob>, own: usize, callee: usize, cx: &'ob Context) -> Result<Place, Throw> {
    let sequence = s.get(1);
    let (left, rest) = if first {
        // The primitive calls those that cannot collect without any of the machine's doing.
        if pure_primitive(s.get(0), 1, cx).is_some() {
            return Ok(WHOLE);
        }
        match (sequence.as_vector(), sequence.as_cons()) {
            (Some(vector), _) => (vector.len() as i64, Object::fixnum(0)),
            (None, Some(_)) => (list_length(sequence, cx)? as i64, sequence),
            (None, None) if sequence.is_nil() => (0, NIL),
            (None, None) => return Ok(WHOLE),
        }
    } else {
        let rest = s.get(own + REST);
        let rest = match rest.as_fixnum() {
            Some(i) => Object::fixnum(i + 1),
            // The function may have changed the cons, so its cdr is read only now.
            None => rest.as_cons().map_or(NIL, |cell| cell.cdr()),
        };
        (s.get(own + LEFT).as_fixnum().unwrap_or(1) - 1, rest)
    };
    s.set(own + LEFT, Object::fixnum(left));
    s.set(own + REST, rest);
    let element = match rest.as_fixnum() {
        _ if left <= 0 => return Ok(DONE),
        Some(i) => sequence.as_vector().and_then(|vector| vector.get(i as usize)).unwrap_or(NIL),
        None => match rest.as_cons() {
            Some(cell) => cell.car(),
            None => return Ok(DONE),
        },
    };
    s.set(callee, s.get(0));
    s.set(callee + 1, element);
    Ok(CALL)
}

/// As `next_element`, with the value of the last call added to a list; when all is done the list is in `callee`.
#[inline(always)]
fn collect<'ob>(first: bool, s: Slots<'ob>, own: usize, callee: usize, cx: &'ob Context) -> Result<Place, Throw> {
    if first {
        s.set(own + FIRST, NIL);
        s.set(own + LAST, NIL);
    } else {
        let cell = cx.cons(s.get(callee), NIL);
        match s.get(own + LAST).as_cons() {
            Some(last) => last.set_cdr(cx, cell.into()),
            None => s.set(own + FIRST, cell.into()),
        }
        s.set(own + LAST, cell.into());
    }
    let place = next_element(first, s, own, callee, cx)?;
    if place == DONE {
        s.set(callee, s.get(own + FIRST));
    }
    Ok(place)
}

fn mapcar<'ob>(first: bool, s: Slots<'ob>, cx: &'ob Context) -> Result<Place, Throw> {
    collect(first, s, 3, 7, cx)
}

fn mapc<'ob>(first: bool, s: Slots<'ob>, cx: &'ob Context) -> Result<Place, Throw> {
    let place = next_element(first, s, 3, 5, cx)?;
    if place == DONE {
        s.set(5, s.get(1));
    }
    Ok(place)
}

fn mapcan<'ob>(first: bool, s: Slots<'ob>, cx: &'ob Context) -> Result<Place, Throw> {
    let place = collect(first, s, 3, 7, cx)?;
    if place == DONE {
        s.set(7, join_lists(s.get(7), cx)?);
    }
    Ok(place)
}

fn mapconcat<'ob>(first: bool, s: Slots<'ob>, cx: &'ob Context) -> Result<Place, Throw> {
    let place = collect(first, s, 4, 8, cx)?;
    if place == DONE {
        s.set(8, join_strings(s.get(8), s.get(2), cx)?);
    }
    Ok(place)
}

fn maphash<'ob>(first: bool, s: Slots<'ob>, cx: &'ob Context) -> Result<Place, Throw> {
    /// The register of the entry to look at next.
    const ENTRY: usize = 3;
    const CALLEE: usize = 4;
    let Some(table) = s.get(1).as_hash_table() else { return Ok(WHOLE) };
    let from = if first { 0 } else { s.get(ENTRY).as_fixnum().map_or(0, |i| i as usize) };
    let found = (from..table.used()).find_map(|i| table.entry(i, cx).map(|entry| (i, entry)));
    let Some((i, (key, value))) = found else {
        s.set(CALLEE, NIL);
        return Ok(DONE);
    };
    s.set(ENTRY, Object::fixnum(i as i64 + 1));
    s.set(CALLEE, s.get(0));
    s.set(CALLEE + 1, key);
    s.set(CALLEE + 2, value);
    Ok(CALL)
}

fn apply<'ob, const N: usize>(_: bool, s: Slots<'ob>, cx: &'ob Context) -> Result<Place, Throw> {
    let callee = N + 1;
    let spread = list_length(s.get(N - 1), cx)?;
    let n = N - 2 + spread;
    if n > MOST_APPLIED {
        return Ok(1);
    }
    (0..N - 1).for_each(|i| s.set(callee + i, s.get(i)));
    let mut rest = s.get(N - 1);
    for i in N - 1..=n {
        let Some(cell) = rest.as_cons() else { break };
        s.set(callee + i, cell.car());
        rest = cell.cdr();
    }
    Ok(APPLY + 2 * n as Place)
}

// The registers of `sort`.
/// A vector: what is sorted; the earlier half of the present merge; the ranges under way.
const WORK: usize = 3;
/// How many ranges are under way, the innermost last.
const DEPTH: usize = 4;
/// The next element of the earlier half, and of the later one.
const EARLIER: usize = 5;
const LATER: usize = 6;
const SORT_CALLEE: usize = 7;

/// The longest sequence that is sorted in steps.
const LONGEST: usize = 1 << 24;
/// Ranges under way at most: each is half of the one around it.
const DEEPEST: usize = 32;

/// A range that is being sorted, and what of it is done: nothing, one half, both.
#[derive(Clone, Copy)]
struct Range {
    start: usize,
    len: usize,
    done: usize,
}

impl Range {
    fn pack(self) -> Object<'static> {
        Object::fixnum((self.start << 32 | self.len << 4 | self.done) as i64)
    }

    fn unpack(word: Object<'_>) -> Range {
        let bits = word.as_fixnum().unwrap_or(0) as usize;
        Range { start: bits >> 32, len: bits >> 4 & 0xFFF_FFFF, done: bits & 15 }
    }

    /// Elements in the earlier half.
    fn half(self) -> usize {
        self.len / 2
    }
}

/// The work of a `sort` under way.
struct Sorting<'ob> {
    s: Slots<'ob>,
    work: Vector<'ob>,
    n: usize,
    is_list: bool,
    cx: &'ob Context,
}

impl<'ob> Sorting<'ob> {
    fn of(s: Slots<'ob>, cx: &'ob Context) -> Option<Sorting<'ob>> {
        let work = s.get(WORK).as_vector()?;
        // The vector is this long: n elements, half of that, and the ranges.
        let n = (work.len() - DEEPEST) * 2 / 3;
        Some(Sorting { s, work, n, is_list: s.get(0).as_cons().is_some(), cx })
    }

    fn item(&self, i: usize) -> Object<'ob> {
        self.work.get(i).unwrap_or(NIL)
    }

    fn put(&self, i: usize, v: Object<'ob>) {
        self.work.set(i, v, self.cx);
    }

    /// The index of element `i` of the earlier half, which a merge has put by.
    fn put_by(&self, i: usize) -> usize {
        self.n + i
    }

    fn depth(&self) -> usize {
        self.s.get(DEPTH).as_fixnum().map_or(0, |n| n as usize)
    }

    /// Where range number `i` is.
    fn range_at(&self, i: usize) -> usize {
        self.work.len() - DEEPEST + i
    }

    fn push(&self, range: Range) {
        let depth = self.depth();
        self.put(self.range_at(depth), range.pack());
        self.s.set(DEPTH, Object::fixnum(depth as i64 + 1));
    }

    /// Go on until two elements are to be compared; false if all is sorted.
    fn advance(&self) -> bool {
        while let Some(top) = self.depth().checked_sub(1) {
            let range = Range::unpack(self.item(self.range_at(top)));
            if range.len < 2 {
                self.s.set(DEPTH, Object::fixnum(top as i64));
                continue;
            }
            self.put(self.range_at(top), Range { done: range.done + 1, ..range }.pack());
            let half = range.half();
            let earlier = Range { start: range.start, len: half, done: 0 };
            let later = Range { start: range.start + half, len: range.len - half, done: 0 };
            // As in Emacs the later half of a list is sorted first.
            match range.done {
                0 => self.push(if self.is_list { later } else { earlier }),
                1 => self.push(if self.is_list { earlier } else { later }),
                _ => {
                    (0..half).for_each(|i| self.put(self.put_by(i), self.item(range.start + i)));
                    return self.compare(0, later.start);
                }
            }
        }
        false
    }

    /// Get the call of the predicate on the next elements of the two halves ready.
    fn compare(&self, i: usize, j: usize) -> bool {
        self.s.set(EARLIER, Object::fixnum(i as i64));
        self.s.set(LATER, Object::fixnum(j as i64));
        self.s.set(SORT_CALLEE, self.s.get(1));
        self.s.set(SORT_CALLEE + 1, key(self.item(j), self.is_list));
        self.s.set(SORT_CALLEE + 2, key(self.item(self.put_by(i)), self.is_list));
        true
    }

    /// The predicate has said whether the element of the later half goes first.
    fn merge(&self, later_first: bool) -> bool {
        let index = |register: usize| self.s.get(register).as_fixnum().map_or(0, |n| n as usize);
        let (mut i, mut j) = (index(EARLIER), index(LATER));
        let top = self.depth().saturating_sub(1);
        let range = Range::unpack(self.item(self.range_at(top)));
        let half = range.half();
        let mut to = i + j - half;
        if later_first {
            self.put(to, self.item(j));
            j += 1;
        } else {
            self.put(to, self.item(self.put_by(i)));
            i += 1;
        }
        to += 1;
        if i < half && j < range.start + range.len {
            return self.compare(i, j);
        }
        (i..half).enumerate().for_each(|(k, i)| self.put(to + k, self.item(self.put_by(i))));
        self.s.set(DEPTH, Object::fixnum(top as i64));
        self.advance()
    }
}

fn sort<'ob>(first: bool, s: Slots<'ob>, cx: &'ob Context) -> Result<Place, Throw> {
    if first {
        let length = match (s.get(0).as_vector(), s.get(0).as_cons()) {
            (Some(vector), _) => vector.len(),
            (None, Some(_)) => list_length(s.get(0), cx)?,
            (None, None) => return Ok(WHOLE),
        };
        // A predicate that is a primitive is called without any of Lisp's calling there.
        let predicate = super::machine::callable(s.get(1), cx);
        if !(2..LONGEST).contains(&length) || predicate.as_callee().is_none() {
            return Ok(WHOLE);
        }
        let words = length.next_multiple_of(2) * 3 / 2 + DEEPEST;
        cx.reserve(8 * words)?;
        let work = cx.make_vector(words, NIL);
        items(s.get(0)).into_iter().enumerate().for_each(|(i, item)| _ = work.set(i, item, cx));
        s.set(WORK, work.into());
        s.set(DEPTH, Object::fixnum(0));
        if let Some(sorting) = Sorting::of(s, cx) {
            sorting.push(Range { start: 0, len: length, done: 0 });
        }
    }
    let Some(sorting) = Sorting::of(s, cx) else { return Ok(WHOLE) };
    let more = if first { sorting.advance() } else { sorting.merge(!s.get(SORT_CALLEE).is_nil()) };
    if more {
        return Ok(CALL);
    }
    let length = Range::unpack(sorting.item(sorting.range_at(0))).len;
    let sorted = rearrange(s.get(0), (0..length).map(|i| sorting.item(i)), cx);
    s.set(SORT_CALLEE, sorted);
    Ok(DONE)
}
