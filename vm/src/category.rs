//! Categories of characters (`category.c`): the standard table, and tables that Lisp makes.
//!
//! A category is a printing character of ASCII; what a character has is a set of them, a bool-vector of 128 bits.
//! The standard table is a table of runs until Lisp asks for it; from then on it is a char-table.  There are no buffers,
//! so there is one current table, at first the standard one.
//!
//! ```text
//!  extra slots of a table:  what is said of each category, a vector | the sets in use, keys of a hash table
//! ```

use crate::character::runs::{Runs, SCRIPT};
use crate::chartab::{self, char_table_ref, char_table_set_range};
use crate::convert::FromLisp as _;
use crate::error::{error, wrong_type};
use crate::fns::hash;
use crate::state::{Vm, register};
use crate::string::character_arg;
use crate::sym;
use std::sync::LazyLock;
use tenure_gc::{BoolVector, CharTable, Context, HashTable, Kind, LispResult, NIL, Object, Str, SubrInfo, Throw};
use tenure_macros::{defun, subrs};

/// The categories that there can be.
const CATEGORIES: std::ops::RangeInclusive<u8> = b' '..=b'~';
/// Bits of a set.
const SET_BITS: usize = 128;
/// The extra slot of what is said of the categories.
const DESCRIPTIONS: i64 = 0;
/// The extra slot of the sets in use.
const SETS_IN_USE: i64 = 1;
const EXTRA_SLOTS: i64 = 2;

const STANDARD_TEXT: &str = include_str!("category/standard.txt");

/// The sets that occur in the standard table, a bit for each category.
static STANDARD_SETS: LazyLock<Vec<u128>> = LazyLock::new(|| {
    let sets = STANDARD_TEXT.lines().filter_map(|line| line.strip_prefix('='));
    sets.map(|set| set.bytes().fold(0, |bits, category| bits | 1 << category)).collect()
});

/// The standard table: numbers of sets.
static STANDARD: Runs<u8> = Runs::new(|| {
    let lines = STANDARD_TEXT.lines().filter(|line| !line.starts_with(['#', '=']));
    let mut first = 0;
    let run = |word: &str| {
        let (set, length) = word.split_once('*').unwrap_or((word, "1"));
        let at = first;
        first += length.parse::<u32>().expect("a length is a number");
        (at, set.parse().expect("a set is a number"))
    };
    lines.flat_map(|line| line.split(' ')).map(run).collect()
});

/// What is said of the standard categories.
const STANDARD_DESCRIPTIONS: &[(u8, &str)] = &[
    (b' ', "Counts as a blank in indentation"),
    (b'.', "Stands alone: letters, numbers, punctuation, symbols, blanks"),
    (b'0', "Consonants of Indian and similar scripts"),
    (b'1', "Vowels that stand alone"),
    (b'2', "Marks above a letter, vowels among them"),
    (b'3', "Marks below a letter, vowels among them"),
    (b'4', "Tone marks that combine"),
    (b'5', "Symbols of a script"),
    (b'6', "Digits of a script"),
    (b'7', "Marks that change a vowel"),
    (b'8', "Vowel signs"),
    (b'9', "Semivowels below a letter"),
    (b'<', "May not end a line"),
    (b'>', "May not begin a line"),
    (b'A', "Letters and digits of two-byte sets"),
    (b'C', "Han characters of two-byte sets"),
    (b'G', "Greek letters of two-byte sets"),
    (b'H', "Hiragana of two-byte sets"),
    (b'I', "Glyphs of Indian scripts"),
    (b'K', "Katakana of two-byte sets"),
    (b'L', "Always written from left to right"),
    (b'N', "Hangul of two-byte sets"),
    (b'R', "Always written from right to left"),
    (b'Y', "Cyrillic letters of two-byte sets"),
    (b'^', "Combines with what comes before"),
    (b'a', "Graphic characters of ASCII"),
    (b'b', "Arabic script"),
    (b'c', "Characters of Chinese sets"),
    (b'e', "Ethiopic script"),
    (b'g', "Greek script"),
    (b'h', "Characters of Korean sets"),
    (b'i', "Indian scripts"),
    (b'j', "Characters of Japanese sets"),
    (b'k', "Katakana of Japanese sets"),
    (b'l', "Latin script"),
    (b'o', "Lao script"),
    (b'q', "Tibetan script"),
    (b'r', "Latin characters of Japanese sets"),
    (b't', "Thai script"),
    (b'v', "Letters of Vietnamese"),
    (b'w', "Hebrew script"),
    (b'y', "Cyrillic script"),
    (b'|', "A filled line may be broken here"),
];

/// Category tables have extra slots.
pub(crate) fn init(cx: &Context) {
    chartab::declare_extra_slots(sym::CATEGORY_TABLE, EXTRA_SLOTS, cx);
}

/// Asks for categories in the current table.
#[derive(Clone, Copy)]
pub struct Categories<'ob>(Option<CharTable<'ob>>);

impl<'ob> Categories<'ob> {
    /// The current table.
    pub fn current(cx: &'ob Context) -> Categories<'ob> {
        let registers = &Vm::of(cx).registers;
        let current = registers.get(cx, register::CATEGORY_TABLE).as_char_table();
        Categories(current.or_else(|| registers.get(cx, register::STANDARD_CATEGORY_TABLE).as_char_table()))
    }

    /// Whether a character is of a category.
    pub fn has(self, c: u32, category: u32) -> bool {
        match self.0 {
            None => category < SET_BITS as u32 && STANDARD_SETS[usize::from(STANDARD.get(c))] >> category & 1 != 0,
            Some(table) => set_has(char_table_ref(table, c), category),
        }
    }

    /// Whether a word ends between two characters that are both of words (`word_boundary_p`).
    pub fn parts_words(self, a: u32, b: u32) -> bool {
        if a < 0x100 && b < 0x100 {
            return false;
        }
        let only = |category: u8, has: u32, has_not: u32| {
            self.has(has, u32::from(category)) && !self.has(has_not, u32::from(category))
        };
        if SCRIPT.get(a) == SCRIPT.get(b) {
            return only(b'H', a, b) && only(b'K', b, a);
        }
        let combines =
            only(b'^', b, a) || only(b'^', a, b) || only(b'C', a, b) && (only(b'H', b, a) || only(b'K', b, a));
        !combines
    }
}

fn set_has(set: Object<'_>, category: u32) -> bool {
    set.as_bool_vector().and_then(|set| set.get(category as usize)).unwrap_or(false)
}

fn new_set<'ob>(bits: u128, cx: &'ob Context) -> BoolVector<'ob> {
    let set = cx.bool_vector(SET_BITS);
    set.words()[0].set(bits as u64);
    set.words()[1].set((bits >> 64) as u64);
    set
}

/// The standard table as a char-table, made when it is first asked for.
fn standard<'ob>(cx: &'ob Context) -> Result<CharTable<'ob>, Throw> {
    let registers = &Vm::of(cx).registers;
    if let Some(made) = registers.get(cx, register::STANDARD_CATEGORY_TABLE).as_char_table() {
        return Ok(made);
    }
    let table = undefined_table(cx)?;
    let in_use = sets_in_use(table, cx)?;
    let mut sets: Vec<Object<'ob>> = Vec::with_capacity(STANDARD_SETS.len());
    for &bits in STANDARD_SETS.iter() {
        let set = new_set(bits, cx).into();
        hash::put(in_use, set, NIL, cx)?;
        sets.push(set);
    }
    let mut runs: Vec<(u32, u8)> = STANDARD.iter().collect();
    runs.push((crate::character::MAX_CHAR + 1, 0));
    // What has no category has no value but the default.
    for pair in runs.windows(2).filter(|pair| STANDARD_SETS[usize::from(pair[0].1)] != 0) {
        char_table_set_range(table, pair[0].0, pair[1].0 - 1, sets[usize::from(pair[0].1)], cx);
    }
    let descriptions = descriptions(table, cx)?;
    for &(category, description) in STANDARD_DESCRIPTIONS {
        descriptions.set(usize::from(category - CATEGORIES.start()), cx.string_from_str(description).into(), cx);
    }
    registers.set(cx, register::STANDARD_CATEGORY_TABLE, table.into());
    Ok(table)
}

/// What is said of the categories of a table: a vector with an element for each.
fn descriptions<'ob>(table: CharTable<'ob>, cx: &'ob Context) -> Result<tenure_gc::Vector<'ob>, Throw> {
    let slot = chartab::char_table_extra_slot(table, DESCRIPTIONS, cx)?;
    slot.as_vector().ok_or_else(|| wrong_type(sym::VECTORP, slot, cx))
}

/// The sets that a table uses, so that equal ones are one.
fn sets_in_use<'ob>(table: CharTable<'ob>, cx: &'ob Context) -> Result<HashTable<'ob>, Throw> {
    let slot = chartab::char_table_extra_slot(table, SETS_IN_USE, cx)?;
    if let Some(sets) = slot.as_hash_table().filter(|&sets| hash::is_native(sets)) {
        return Ok(sets);
    }
    let sets = hash::make(hash::Parameters { test: Some(sym::EQUAL), ..hash::Parameters::default() }, cx)?;
    chartab::set_char_table_extra_slot(table, SETS_IN_USE, sets.into(), cx)?;
    Ok(sets)
}

/// A category table argument; none is the current one.
fn table_arg<'ob>(table: Option<Object<'ob>>, cx: &'ob Context) -> Result<CharTable<'ob>, Throw> {
    let Some(object) = table else { return category_table(cx) };
    match object.as_char_table().filter(|_| category_table_p(object)) {
        Some(table) => Ok(table),
        None => Err(wrong_type(sym::CATEGORY_TABLE_P, object, cx)),
    }
}

fn category_arg<'ob>(category: Object<'ob>, cx: &'ob Context) -> Result<u8, Throw> {
    let byte = category.as_fixnum().and_then(|n| u8::try_from(n).ok());
    byte.filter(|b| CATEGORIES.contains(b)).ok_or_else(|| wrong_type(sym::CATEGORYP, category, cx))
}

/// Where a table has what is said of a category.
fn index(category: u8) -> usize {
    usize::from(category - CATEGORIES.start())
}

/// Return a set of the categories in the string CATEGORIES.
#[defun]
fn make_category_set<'ob>(categories: Str<'ob>, cx: &'ob Context) -> Result<BoolVector<'ob>, Throw> {
    if categories.is_multibyte() {
        return Err(error("Multibyte string in ‘make-category-set’", cx));
    }
    let mut bits = 0;
    // Emacs begins at the end, which shows where several are no categories.
    for &byte in categories.bytes().iter().rev() {
        bits |= 1 << category_arg(Object::fixnum(i64::from(byte)), cx)?;
    }
    Ok(new_set(bits, cx))
}

/// Define CATEGORY in TABLE, by default the current one; DOCSTRING says what it is.
#[defun(min = 2)]
fn define_category<'ob>(
    category: Object<'ob>,
    docstring: Object<'ob>,
    table: Option<Object<'ob>>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    let category = category_arg(category, cx)?;
    let docstring = Str::from_lisp(docstring, cx)?;
    let descriptions = descriptions(table_arg(table, cx)?, cx)?;
    if descriptions.get(index(category)).is_some_and(|old| !old.is_nil()) {
        return Err(error(&format!("Category ‘{}’ is already defined", category as char), cx));
    }
    descriptions.set(index(category), docstring.into(), cx);
    Ok(NIL)
}

/// Return what was said of CATEGORY when it was defined in TABLE, by default the current one; nil if it was not.
///
/// Emacs: other words are said of the standard categories.
#[defun(min = 1)]
fn category_docstring<'ob>(category: Object<'ob>, table: Option<Object<'ob>>, cx: &'ob Context) -> LispResult<'ob> {
    let category = category_arg(category, cx)?;
    Ok(descriptions(table_arg(table, cx)?, cx)?.get(index(category)).unwrap_or(NIL))
}

/// Return the first category that is not defined in TABLE, by default the current one; nil if all are.
#[defun(min = 0)]
fn get_unused_category<'ob>(table: Option<Object<'ob>>, cx: &'ob Context) -> LispResult<'ob> {
    let descriptions = descriptions(table_arg(table, cx)?, cx)?;
    let unused = CATEGORIES.into_iter().find(|&c| descriptions.get(index(c)).is_some_and(Object::is_nil));
    Ok(unused.map_or(NIL, |category| Object::fixnum(i64::from(category))))
}

/// Return t if OBJECT is a category table.
#[defun]
fn category_table_p(object: Object<'_>) -> bool {
    object.as_char_table().is_some_and(|t| chartab::purpose(t) == sym::CATEGORY_TABLE)
}

/// Return the current category table.
#[defun]
fn category_table<'ob>(cx: &'ob Context) -> Result<CharTable<'ob>, Throw> {
    match Vm::of(cx).registers.get(cx, register::CATEGORY_TABLE).as_char_table() {
        Some(table) => Ok(table),
        None => standard(cx),
    }
}

/// Return the standard category table.
#[defun]
fn standard_category_table<'ob>(cx: &'ob Context) -> Result<CharTable<'ob>, Throw> {
    standard(cx)
}

/// Return a copy of TABLE, by default of the standard table, with sets of its own.
#[defun(min = 0)]
fn copy_category_table<'ob>(table: Option<Object<'ob>>, cx: &'ob Context) -> Result<CharTable<'ob>, Throw> {
    let base = match table {
        Some(_) => table_arg(table, cx)?,
        None => standard(cx)?,
    };
    let copy = chartab::copy(base, cx);
    let copied = |value: Object<'ob>| value.as_bool_vector().map_or(value, |set| new_set(bits_of(set), cx).into());
    chartab::set_default(copy, copied(chartab::default(base)), cx);
    for run in chartab::all_runs(base) {
        char_table_set_range(copy, run.from, run.to, copied(run.value), cx);
    }
    let said: Vec<Object<'ob>> = descriptions(base, cx)?.iter().collect();
    chartab::set_char_table_extra_slot(copy, DESCRIPTIONS, cx.vector(&said).into(), cx)?;
    Ok(copy)
}

fn bits_of(set: BoolVector<'_>) -> u128 {
    set.words().iter().take(2).rev().fold(0, |bits, word| bits << 64 | u128::from(word.get()))
}

/// Return a new category table, in which no category is defined.
#[defun]
fn make_category_table<'ob>(cx: &'ob Context) -> Result<CharTable<'ob>, Throw> {
    let table = undefined_table(cx)?;
    chartab::fill_blocks(table, || new_set(0, cx).into(), cx);
    Ok(table)
}

/// A table in which no character has a value, and no category is defined.
fn undefined_table<'ob>(cx: &'ob Context) -> Result<CharTable<'ob>, Throw> {
    let table = chartab::make(sym::CATEGORY_TABLE, NIL, cx)?;
    chartab::set_default(table, new_set(0, cx).into(), cx);
    let undefined = vec![NIL; CATEGORIES.len()];
    chartab::set_char_table_extra_slot(table, DESCRIPTIONS, cx.vector(&undefined).into(), cx)?;
    Ok(table)
}

/// Make TABLE the current category table and return it.
#[defun]
fn set_category_table<'ob>(table: Object<'ob>, cx: &'ob Context) -> Result<CharTable<'ob>, Throw> {
    let table = table_arg((!table.is_nil()).then_some(table), cx)?;
    Vm::of(cx).registers.set(cx, register::CATEGORY_TABLE, table.into());
    Ok(table)
}

/// Return the set of the categories of CHAR.
#[defun]
fn char_category_set<'ob>(char: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let c = character_arg(char, cx)?;
    Ok(char_table_ref(category_table(cx)?, c))
}

/// Return the categories of CATEGORY-SET in a string.
#[defun]
fn category_set_mnemonics<'ob>(category_set: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let Some(set) = category_set.as_bool_vector().filter(|set| set.len() == SET_BITS) else {
        return Err(wrong_type(sym::CATEGORYSETP, category_set, cx));
    };
    let categories: Vec<u8> = CATEGORIES.filter(|&c| set.get(usize::from(c)).unwrap_or(false)).collect();
    Ok(cx.string(&categories, categories.len(), false).into())
}

/// Give CHARACTER, or the characters from the first to the last of a cons of two, CATEGORY in TABLE, by default the
/// current one; with RESET take it away.
#[defun(min = 2)]
fn modify_category_entry<'ob>(
    character: Object<'ob>,
    category: Object<'ob>,
    table: Option<Object<'ob>>,
    reset: Option<Object<'ob>>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    let (from, to) = match character.untag() {
        Kind::Fixnum(_) => (character_arg(character, cx)?, character_arg(character, cx)?),
        Kind::Cons(range) => (character_arg(range.car(), cx)?, character_arg(range.cdr(), cx)?),
        _ => return Err(wrong_type(sym::CONSP, character, cx)),
    };
    let category = category_arg(category, cx)?;
    let table = table_arg(table, cx)?;
    if descriptions(table, cx)?.get(index(category)).is_none_or(Object::is_nil) {
        return Err(error(&format!("Undefined category: {}", category as char), cx));
    }
    if from > to {
        return Ok(NIL);
    }
    let member = reset.is_none();
    for run in chartab::own_runs(table, from, to) {
        if set_has(run.value, u32::from(category)) == member {
            continue;
        }
        let set = new_set(run.value.as_bool_vector().map_or(0, bits_of), cx);
        set.set(usize::from(category), member);
        let in_use = sets_in_use(table, cx)?;
        let (found, _) = hash::find(in_use, set.into(), cx)?;
        let set = match found.and_then(|entry| in_use.entry(entry, cx)) {
            Some((known, _)) => known,
            None => {
                hash::put(in_use, set.into(), NIL, cx)?;
                set.into()
            }
        };
        char_table_set_range(table, run.from, run.to, set, cx);
    }
    Ok(NIL)
}

/// The primitives of this file.
pub(crate) const SUBRS: &[SubrInfo] = &subrs![
    make_category_set,
    define_category,
    category_docstring,
    get_unused_category,
    category_table_p,
    category_table,
    standard_category_table,
    copy_category_table,
    make_category_table,
    set_category_table,
    char_category_set,
    category_set_mnemonics,
    modify_category_entry,
];
