//! Char-tables: a value for each character, in a tree of four levels (Emacs's `chartab.c`).
//!
//! ```text
//!  slots:  default | parent | purpose | what the ASCII characters have | 64 blocks of 65536 characters | extra slots
//!  block:  a value for all its characters, or a sub-table: 16 × 4096, then 32 × 128, then 128 × 1
//! ```
//!
//! A nil counts as no value: the default holds then, and if that is nil too the parent is asked.

mod property;

use crate::character::MAX_CHAR;
use crate::convert::FromLisp as _;
use crate::error::{args_out_of_range, error, wrong_type};
use crate::eval::variables::plist_put;
use crate::handler::plist_get;
use crate::string::character_arg;
use crate::sym;
use tenure_gc::{
    CallResult, CharTable, Context, Kind, LispResult, NIL, Object, Root, SubCharTable, SubrInfo, Symbol, T, Throw,
};
use tenure_macros::{defun, subrs};

const DEFAULT: usize = 0;
const PARENT: usize = 1;
const PURPOSE: usize = 2;
const ASCII: usize = 3;
const BLOCKS: usize = 4;
/// How many entries each level has, and how many characters an entry stands for.
const ENTRIES: [usize; 4] = [64, 16, 32, 128];
const SPAN: [u32; 4] = [65536, 4096, 128, 1];
const EXTRAS: usize = BLOCKS + ENTRIES[0];
const MAX_EXTRAS: i64 = 10;
/// The last character, as a fixnum.
const LAST: i64 = MAX_CHAR as i64;

/// A table or a level of one.
#[derive(Clone, Copy)]
enum Level<'ob> {
    Top(CharTable<'ob>),
    Sub(SubCharTable<'ob>),
}

impl<'ob> Level<'ob> {
    fn get(self, i: usize) -> Object<'ob> {
        match self {
            Level::Top(t) => t.get(BLOCKS + i),
            Level::Sub(t) => t.get(i),
        }
        .unwrap_or(NIL)
    }

    fn set(self, i: usize, v: Object<'_>, cx: &Context) {
        match self {
            Level::Top(t) => t.set(BLOCKS + i, v, cx),
            Level::Sub(t) => t.set(i, v, cx),
        };
    }
}

fn slot<'ob>(table: CharTable<'ob>, i: usize) -> Object<'ob> {
    table.get(i).unwrap_or(NIL)
}

/// The level below an entry of a level.  What the reader made may be nested deeper than there are levels; that is not
/// followed.
fn below<'ob>(value: Object<'ob>, depth: usize) -> Option<SubCharTable<'ob>> {
    value.as_sub_char_table().filter(|_| depth + 1 < ENTRIES.len())
}

/// What a table itself says of a character.
fn own_value<'ob>(table: CharTable<'ob>, c: u32) -> Object<'ob> {
    let mut value = slot(table, BLOCKS + (c / SPAN[0]) as usize);
    let mut depth = 0;
    while let Some(sub) = below(value, depth) {
        let inside = c % SPAN[depth];
        depth += 1;
        value = sub.get((inside / SPAN[depth]) as usize).unwrap_or(NIL);
    }
    match value.as_string() {
        _ if value.is_nil() => slot(table, DEFAULT),
        Some(packed) if SPAN[depth] == property::PACKED && property::is_property_table(table) => {
            property::unpack(packed, c).unwrap_or(value)
        }
        _ => value,
    }
}

/// A table, its parent, and so on.  What the reader made may be its own ancestor: the chain ends there (Brent 1980).
fn ancestry<'ob>(table: CharTable<'ob>) -> impl Iterator<Item = CharTable<'ob>> {
    let (mut seen, mut left, mut span) = (None, 1, 1);
    std::iter::successors(Some(table), move |&table| {
        let parent = slot(table, PARENT).as_char_table().filter(|&parent| seen != Some(parent))?;
        left -= 1;
        if left == 0 {
            seen = Some(parent);
            span *= 2;
            left = span;
        }
        Some(parent)
    })
}

/// The value of a character, the parents' counted.
pub fn char_table_ref<'ob>(table: CharTable<'ob>, c: u32) -> Object<'ob> {
    ancestry(table).map(|t| own_value(t, c)).find(|v| !v.is_nil()).unwrap_or(NIL)
}

/// Set the value of a character.
pub fn char_table_set(table: CharTable<'_>, c: u32, v: Object<'_>, cx: &Context) {
    char_table_set_range(table, c, c, v, cx);
}

/// Set the value of the characters `from..=to`.
pub fn char_table_set_range(table: CharTable<'_>, from: u32, to: u32, v: Object<'_>, cx: &Context) {
    if property::is_property_table(table) {
        [from, to].into_iter().for_each(|c| property::unpack_around(table, c, cx));
    }
    set_table_range(table, from, to, v, cx);
}

fn set_table_range(table: CharTable<'_>, from: u32, to: u32, v: Object<'_>, cx: &Context) {
    set_range(Level::Top(table), 0, 0, from, to, v, cx);
    if from < 0x80 {
        note_ascii(table, cx);
    }
}

/// Keep the slot for ASCII, which Emacs reads before all others and shows when it prints, as the tree has it.
fn note_ascii(table: CharTable<'_>, cx: &Context) {
    let mut value = slot(table, BLOCKS);
    for depth in 0..ENTRIES.len() - 2 {
        let Some(sub) = below(value, depth) else { break };
        value = sub.get(0).unwrap_or(NIL);
    }
    table.set(ASCII, value, cx);
}

/// Set the characters `from..=to` in a level whose first character is `first`.
fn set_range(level: Level<'_>, depth: usize, first: u32, from: u32, to: u32, v: Object<'_>, cx: &Context) {
    let span = SPAN[depth];
    for i in (from.max(first) - first) / span..=((to - first) / span).min(ENTRIES[depth] as u32 - 1) {
        let start = first + i * span;
        let i = i as usize;
        if from <= start && start + (span - 1) <= to {
            level.set(i, v, cx);
            continue;
        }
        let old = level.get(i);
        let sub = below(old, depth).unwrap_or_else(|| {
            let sub = cx.sub_char_table(depth as u8 + 1, start, ENTRIES[depth + 1], old);
            level.set(i, sub.into(), cx);
            sub
        });
        set_range(Level::Sub(sub), depth + 1, start, from, to, v, cx);
    }
}

/// Have a value in place of each part of CHAR-TABLE whose characters all have values that are alike by TEST, `equal` or
/// another function of two.
#[defun(min = 1)]
fn optimize_char_table(char_table: Root<'_>, test: Root<'_>, cx: &mut Context) -> CallResult {
    let table = CharTable::from_lisp(char_table.get(cx), cx)?;
    let scope = cx.scope();
    let sub = scope.root(NIL);
    for i in BLOCKS..BLOCKS + ENTRIES[0].min(table.len() - BLOCKS) {
        let Some(table) = char_table.get(cx).as_char_table() else { break };
        let value = slot(table, i);
        if below(value, 0).is_some() {
            sub.set(cx, value);
            optimize_level(sub, 1, test, cx)?;
            let Some(table) = char_table.get(cx).as_char_table() else { break };
            table.set(i, sub.get(cx), cx);
        }
    }
    if let Some(table) = char_table.get(cx).as_char_table() {
        note_ascii(table, cx);
    }
    Ok(cx.ret(NIL))
}

/// Replace a sub-table by its one value, if it has but one.
fn optimize_level(level: Root<'_>, depth: usize, test: Root<'_>, cx: &mut Context) -> Result<(), Throw> {
    if level.get(cx).as_sub_char_table().is_none() {
        return Ok(());
    }
    let scope = cx.scope();
    let (part, first) = (scope.root(NIL), scope.root(NIL));
    let mut alike = true;
    for i in 0..sub_len(level, cx) {
        let value = level.get(cx).as_sub_char_table().and_then(|sub| sub.get(i)).unwrap_or(NIL);
        part.set(cx, value);
        if below(value, depth).is_some() {
            optimize_level(part, depth + 1, test, cx)?;
            if let Some(sub) = level.get(cx).as_sub_char_table() {
                sub.set(i, part.get(cx), cx);
            }
        }
        if i == 0 {
            first.set(cx, part.get(cx));
            alike = below(part.get(cx), depth).is_none();
        } else if alike {
            alike = same_by(test, part, first, cx)?;
        }
    }
    if alike {
        level.set(cx, first.get(cx));
    }
    Ok(())
}

fn sub_len(level: Root<'_>, cx: &Context) -> usize {
    level.get(cx).as_sub_char_table().map_or(0, |sub| sub.len())
}

fn same_by(test: Root<'_>, a: Root<'_>, b: Root<'_>, cx: &mut Context) -> Result<bool, Throw> {
    match test.get(cx) {
        test if test.is_nil() => crate::fns::equal::is_equal(a.get(cx), b.get(cx), cx),
        test if test == sym::EQ => Ok(a.get(cx) == b.get(cx)),
        _ => Ok(!crate::funcall!(cx, test.get(cx), a.get(cx), b.get(cx))?.get(cx).is_nil()),
    }
}

/// Give one value to all characters, and the default.
pub fn fill(table: CharTable<'_>, v: Object<'_>, cx: &Context) {
    let ascii = slot(table, ASCII);
    char_table_set_range(table, 0, MAX_CHAR, v, cx);
    table.set(DEFAULT, v, cx);
    // Emacs forgets what it keeps for the characters of ASCII.
    table.set(ASCII, ascii, cx);
}

/// A copy that shares nothing but the values and the parent.
pub fn copy<'ob>(table: CharTable<'ob>, cx: &'ob Context) -> CharTable<'ob> {
    let slots: Vec<Object<'ob>> = table.iter().map(|v| copy_level(v, 0, cx)).collect();
    let new = cx.char_table(&slots);
    note_ascii(new, cx);
    new
}

fn copy_level<'ob>(value: Object<'ob>, depth: usize, cx: &'ob Context) -> Object<'ob> {
    let Some(sub) = below(value, depth) else { return value };
    let (own_depth, first) = sub.position();
    let new = cx.sub_char_table(own_depth, first, sub.len(), NIL);
    for (i, v) in sub.iter().enumerate() {
        new.set(i, copy_level(v, depth + 1, cx), cx);
    }
    new.into()
}

/// Characters that have one value.
#[derive(Clone, Copy)]
pub(crate) struct Run<'ob> {
    pub(crate) from: u32,
    pub(crate) to: u32,
    pub(crate) value: Object<'ob>,
}

/// What a level says of the characters `from..=to`, in order.
fn runs<'ob>(level: Level<'ob>, depth: usize, first: u32, [from, to]: [u32; 2], out: &mut Vec<Run<'ob>>) {
    for i in 0..ENTRIES[depth] {
        let start = first + i as u32 * SPAN[depth];
        let end = start + (SPAN[depth] - 1);
        if end < from || start > to {
            continue;
        }
        match below(level.get(i), depth) {
            Some(sub) => runs(Level::Sub(sub), depth + 1, start, [from, to], out),
            None => out.push(Run { from: start.max(from), to: end.min(to), value: level.get(i) }),
        }
    }
}

/// All characters that have a value, neighbours of one value joined.
pub(crate) fn all_runs<'ob>(table: CharTable<'ob>) -> Vec<Run<'ob>> {
    let mut found = Vec::new();
    let mut gaps = vec![Run { from: 0, to: MAX_CHAR, value: NIL }];
    for level in ancestry(table) {
        let mut left = Vec::new();
        for gap in gaps {
            let mut inside = Vec::new();
            runs(Level::Top(level), 0, 0, [gap.from, gap.to], &mut inside);
            for mut run in inside {
                if run.value.is_nil() {
                    run.value = slot(level, DEFAULT);
                }
                if run.value.is_nil() { left.push(run) } else { found.push(run) }
            }
        }
        gaps = left;
        if gaps.is_empty() {
            break;
        }
    }
    found.sort_by_key(|run| run.from);
    join(found)
}

/// What a table itself says of the characters `from..=to`.
pub(crate) fn own_runs<'ob>(table: CharTable<'ob>, from: u32, to: u32) -> Vec<Run<'ob>> {
    let mut found = Vec::new();
    runs(Level::Top(table), 0, 0, [from, to], &mut found);
    for run in found.iter_mut().filter(|run| run.value.is_nil()) {
        run.value = slot(table, DEFAULT);
    }
    join(found)
}

/// Neighbours of one value are one run.
fn join(found: Vec<Run<'_>>) -> Vec<Run<'_>> {
    let mut joined: Vec<Run<'_>> = Vec::new();
    for run in found {
        match joined.last_mut() {
            Some(last) if last.to + 1 == run.from && last.value == run.value => last.to = run.to,
            _ => joined.push(run),
        }
    }
    joined
}

/// The subtype of a table.
pub(crate) fn purpose<'ob>(table: CharTable<'ob>) -> Object<'ob> {
    slot(table, PURPOSE)
}

/// The parent of a table, or nil.
pub(crate) fn parent<'ob>(table: CharTable<'ob>) -> Object<'ob> {
    slot(table, PARENT)
}

/// Make a table that is no descendant of `table` its parent.
pub(crate) fn set_parent(table: CharTable<'_>, parent: Object<'_>, cx: &Context) {
    table.set(PARENT, parent, cx);
}

/// The default of a table.
pub(crate) fn default<'ob>(table: CharTable<'ob>) -> Object<'ob> {
    slot(table, DEFAULT)
}

/// Set the default of a table.
pub(crate) fn set_default(table: CharTable<'_>, v: Object<'_>, cx: &Context) {
    table.set(DEFAULT, v, cx);
}

/// Give each block of a table a value, and leave the slot for ASCII alone, as Emacs does.
pub(crate) fn fill_blocks<'ob>(table: CharTable<'_>, value: impl Fn() -> Object<'ob>, cx: &Context) {
    for i in BLOCKS..EXTRAS {
        table.set(i, value(), cx);
    }
}

/// Tables of a subtype have so many extra slots.
pub(crate) fn declare_extra_slots(purpose: Object<'static>, count: i64, cx: &Context) {
    if let Some(purpose) = purpose.as_symbol() {
        plist_put(purpose, sym::CHAR_TABLE_EXTRA_SLOTS, Object::fixnum(count), cx);
    }
}

/// A new table of a built-in subtype.
pub(crate) fn make<'ob>(
    purpose: Object<'static>,
    init: Object<'ob>,
    cx: &'ob Context,
) -> Result<CharTable<'ob>, Throw> {
    make_char_table(purpose.as_symbol().ok_or_else(|| wrong_type(sym::SYMBOLP, purpose, cx))?, init, cx)
}

/// Return a new char-table whose subtype is PURPOSE and in which every character has the value INIT.
/// The property `char-table-extra-slots` of PURPOSE is the number of its extra slots.
#[defun(min = 1)]
fn make_char_table<'ob>(purpose: Symbol<'ob>, init: Object<'ob>, cx: &'ob Context) -> Result<CharTable<'ob>, Throw> {
    let wanted = plist_get(purpose, sym::CHAR_TABLE_EXTRA_SLOTS, cx);
    let extras = match wanted.as_fixnum() {
        _ if wanted.is_nil() => 0,
        Some(n @ 0..=MAX_EXTRAS) => n as usize,
        Some(n) if n > MAX_EXTRAS => return Err(args_out_of_range(wanted, NIL, cx)),
        _ => return Err(wrong_type(sym::WHOLENUMP, wanted, cx)),
    };
    let mut slots = vec![init; EXTRAS + extras];
    slots[PARENT] = NIL;
    slots[PURPOSE] = purpose.into();
    Ok(cx.char_table(&slots))
}

/// Return the subtype of CHAR-TABLE, a symbol.
#[defun]
fn char_table_subtype<'ob>(char_table: CharTable<'ob>) -> Object<'ob> {
    slot(char_table, PURPOSE)
}

/// Return the parent of CHAR-TABLE, nil or a char-table.
#[defun]
fn char_table_parent<'ob>(char_table: CharTable<'ob>) -> Object<'ob> {
    slot(char_table, PARENT)
}

/// Make PARENT, nil or a char-table, the parent of CHAR-TABLE, and return it.
#[defun]
fn set_char_table_parent<'ob>(char_table: CharTable<'ob>, parent: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    if !parent.is_nil() {
        let Some(table) = parent.as_char_table() else { return Err(wrong_type(sym::CHAR_TABLE_P, parent, cx)) };
        if ancestry(table).any(|ancestor| ancestor == char_table) {
            return Err(error("Attempt to make a chartable be its own parent", cx));
        }
    }
    char_table.set(PARENT, parent, cx);
    Ok(parent)
}

fn extra<'ob>(char_table: CharTable<'ob>, n: i64, cx: &'ob Context) -> Result<usize, Throw> {
    match usize::try_from(n) {
        Ok(i) if i < char_table.len().saturating_sub(EXTRAS) => Ok(EXTRAS + i),
        _ => Err(args_out_of_range(char_table.into(), Object::fixnum(n), cx)),
    }
}

/// Return what is in extra slot N of CHAR-TABLE.
#[defun]
pub(crate) fn char_table_extra_slot<'ob>(char_table: CharTable<'ob>, n: i64, cx: &'ob Context) -> LispResult<'ob> {
    Ok(slot(char_table, extra(char_table, n, cx)?))
}

/// Store VALUE in extra slot N of CHAR-TABLE, and return it.
#[defun]
pub(crate) fn set_char_table_extra_slot<'ob>(
    char_table: CharTable<'ob>,
    n: i64,
    value: Object<'ob>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    char_table.set(extra(char_table, n, cx)?, value, cx);
    Ok(value)
}

/// Return the value in CHAR-TABLE of RANGE: a character, a cons of the first and last character of a range, whose first
/// counts, or nil for the default.
#[defun]
fn char_table_range<'ob>(char_table: CharTable<'ob>, range: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    match range.untag() {
        Kind::Fixnum(c @ 0..=LAST) => Ok(char_table_ref(char_table, c as u32)),
        Kind::Cons(pair) => {
            let from = character_arg(pair.car(), cx)?;
            character_arg(pair.cdr(), cx)?;
            // The parent is not asked, as in Emacs.
            Ok(own_value(char_table, from))
        }
        _ if range.is_nil() => Ok(slot(char_table, DEFAULT)),
        _ => Err(error("Invalid RANGE argument to ‘char-table-range’", cx)),
    }
}

/// Make VALUE the value in CHAR-TABLE of RANGE: a character, a cons of the first and last character of a range, nil for
/// the default, t for everything.  Return VALUE.
#[defun]
fn set_char_table_range<'ob>(
    char_table: CharTable<'ob>,
    range: Object<'ob>,
    value: Object<'ob>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    match range.untag() {
        Kind::Fixnum(c @ 0..=LAST) => char_table_set(char_table, c as u32, value, cx),
        Kind::Cons(pair) => {
            let (from, to) = (character_arg(pair.car(), cx)?, character_arg(pair.cdr(), cx)?);
            if from <= to {
                char_table_set_range(char_table, from, to, value, cx);
            }
        }
        _ if range == T => char_table_set_range(char_table, 0, MAX_CHAR, value, cx),
        _ if range.is_nil() => _ = char_table.set(DEFAULT, value, cx),
        _ => return Err(error("Invalid RANGE argument to ‘set-char-table-range’", cx)),
    }
    Ok(value)
}

/// Call FUNCTION with each character, or cons of the first and last of characters, that has a value in CHAR-TABLE other
/// than nil, and that value.  What FUNCTION changes in the table is not seen.
#[defun]
fn map_char_table(function: Root<'_>, char_table: Root<'_>, cx: &mut Context) -> CallResult {
    let table = char_table.get(cx).as_char_table();
    let runs = all_runs(table.ok_or_else(|| wrong_type(sym::CHAR_TABLE_P, char_table.get(cx), cx))?);
    let scope = cx.scope();
    let count = runs.len();
    let mut entries = Vec::with_capacity(2 * count);
    for run in runs {
        let (from, to) = (Object::fixnum(i64::from(run.from)), Object::fixnum(i64::from(run.to)));
        entries.push(if from == to { from } else { cx.cons(from, to).into() });
        entries.push(run.value);
    }
    let entries = scope.root(cx.vector(&entries).into());
    for i in 0..count {
        let entry = |k: usize| entries.get(cx).as_vector().and_then(|v| v.get(2 * i + k)).unwrap_or(NIL);
        let pushed = cx.push_args([function.get(cx), entry(0), entry(1)]);
        crate::eval::funcall(pushed, cx)?.get(cx);
    }
    Ok(cx.ret(NIL))
}

pub(crate) use property::{LISP_VARIABLES, PROPERTY_SUBRS, init};

pub(crate) const SUBRS: &[SubrInfo] = &subrs![
    optimize_char_table,
    make_char_table,
    char_table_subtype,
    char_table_parent,
    set_char_table_parent,
    char_table_extra_slot,
    set_char_table_extra_slot,
    char_table_range,
    set_char_table_range,
    map_char_table
];
