//! Hash tables as Lisp sees them: tests, sizes, and tests that are Lisp functions.
//!
//! Tables with a built-in test never call Lisp.  A test of `define-hash-table-test` may do anything but change the table
//! that it is asked for, which is refused as in Emacs; a collection meanwhile may drop entries of a weak table or move
//! keys, so entries are looked at by number, one at a time.
//!
//! A full table grows by half, whatever its `rehash-size`; that and `rehash-threshold` are kept for who asks.

use super::equal::{hash_eq, hash_eql, hash_equal, is_eql, is_equal};
use super::plist;
use crate::convert::FromLisp;
use crate::error::{error_with, wrong_type};
use crate::{funcall, sym};
use tenure_gc::{
    CallResult, Context, HashCode, HashTable, LispResult, MAX_ENTRIES, NIL, Object, Root, Slots, SubrInfo, Symbol, T,
    Throw, Weakness,
};
use tenure_macros::{defun, subrs};

/// The user slots of a table: the name of its test, the functions of a test of Lisp, the parameters of its growth,
/// whether a test of Lisp is at work, and `:purecopy`.
const TEST: usize = 0;
const EQUALITY: usize = 1;
const HASH: usize = 2;
pub(crate) const REHASH_SIZE: usize = 3;
pub(crate) const REHASH_THRESHOLD: usize = 4;
const STATE: usize = 5;
const BUSY: i64 = 1;
const PURECOPY: i64 = 2;
const TEST_OF_LISP: i64 = 4;

/// Entries of a table whose size is not given.
const DEFAULT_SIZE: usize = 65;
/// Bytes that an entry takes at most: key, value, hash, and its share of the index.
const ENTRY_BYTES: usize = 32;

fn state(table: HashTable<'_>) -> i64 {
    table.user(STATE).as_fixnum().unwrap_or(0)
}

/// Whether the table's test is a built-in one, which calls no Lisp.
#[inline(always)]
pub fn is_native(table: HashTable<'_>) -> bool {
    state(table) & TEST_OF_LISP == 0
}

/// Whether a table was made with `:purecopy`.
pub fn is_purecopy(table: HashTable<'_>) -> bool {
    state(table) & PURECOPY != 0
}

/// Refuse to change a table whose test is at work.
#[inline(always)]
fn check_mutable(table: HashTable<'_>, cx: &Context) -> Result<(), Throw> {
    if state(table) & BUSY == 0 { Ok(()) } else { Err(error_with("hash table test modifies table", table.into(), cx)) }
}

/// The entry of a key in a table with a built-in test, and the key's hash.
#[inline(always)]
pub fn find<'ob>(
    table: HashTable<'ob>,
    key: Object<'ob>,
    cx: &'ob Context,
) -> Result<(Option<usize>, HashCode), Throw> {
    let test = table.user(TEST);
    if test == sym::EQ || key.as_fixnum().is_some() || key.as_symbol().is_some() {
        let hash = hash_eq(key, cx);
        return Ok((table.find_identical(hash, key, cx), hash));
    }
    if test == sym::EQL {
        let hash = hash_eql(key, cx);
        return Ok((table.find(hash, cx, |k| is_eql(k, key)), hash));
    }
    let hash = hash_equal(key, cx);
    let mut failed = None;
    let found = table.find(hash, cx, |k| {
        failed.is_none() && is_equal(key, k, cx).unwrap_or_else(|throw| failed.replace(throw).is_some())
    });
    failed.map_or(Ok((found, hash)), Err)
}

/// Run a function of a table's own test; the table refuses changes meanwhile.
fn call_test(
    table: Root<'_>,
    cx: &mut Context,
    call: impl FnOnce(HashTable<'_>, &Context) -> tenure_gc::Pushed,
) -> CallResult {
    let (pushed, before) = {
        let table = <HashTable<'_>>::from_lisp(table.get(cx), cx)?;
        let before = state(table);
        table.set_user(STATE, Object::fixnum(before | BUSY), cx);
        (call(table, cx), before)
    };
    let result = crate::eval::funcall(pushed, cx);
    if let Some(table) = table.get(cx).as_hash_table() {
        table.set_user(STATE, Object::fixnum(before), cx);
    }
    result
}

/// As [`find`], in a table with a test of Lisp.
fn find_by_lisp(table: Root<'_>, key: Root<'_>, cx: &mut Context) -> Result<(Option<usize>, HashCode), Throw> {
    let hash = call_test(table, cx, |t, cx| cx.push_args([t.user(HASH), key.get(cx)]))?.get(cx);
    // What is no number and no symbol has a hash by its kind, which no collection changes.
    let hash = HashCode::stable(super::equal::by_value(hash, cx));
    let candidates = <HashTable<'_>>::from_lisp(table.get(cx), cx)?.candidates(hash, cx);
    for i in candidates {
        let Some(found) = <HashTable<'_>>::from_lisp(table.get(cx), cx)?.entry(i, cx).map(|e| e.0) else { continue };
        if found == key.get(cx) {
            return Ok((Some(i), hash));
        }
        let scope = cx.scope();
        let found = scope.root(found);
        let same = call_test(table, cx, |t, cx| cx.push_args([t.user(EQUALITY), key.get(cx), found.get(cx)]))?.get(cx);
        let same = !same.is_nil();
        let present = table.get(cx).as_hash_table().and_then(|t| t.entry(i, cx)).is_some_and(|e| e.0 == found.get(cx));
        if same && present {
            return Ok((Some(i), hash));
        }
    }
    Ok((None, hash))
}

/// The entry of a key and the key's hash, whatever the table's test.
#[inline(always)]
fn find_any(table: Root<'_>, key: Root<'_>, cx: &mut Context) -> Result<(Option<usize>, HashCode), Throw> {
    let t = <HashTable<'_>>::from_lisp(table.get(cx), cx)?;
    if is_native(t) { find(t, key.get(cx), cx) } else { find_by_lisp(table, key, cx) }
}

/// The value of a key, if the table has a built-in test.
pub fn get<'ob>(table: HashTable<'ob>, key: Object<'ob>, cx: &'ob Context) -> Option<Object<'ob>> {
    let entry = find(table, key, cx).ok().filter(|_| is_native(table))?.0?;
    table.entry(entry, cx).map(|(_, value)| value)
}

/// Enter a key with a value, or replace its value: for native code and tables with a built-in test.
pub fn put<'ob>(table: HashTable<'ob>, key: Object<'ob>, value: Object<'ob>, cx: &'ob Context) -> Result<(), Throw> {
    let (found, hash) = find(table, key, cx)?;
    enter(table, found, hash, key, value, cx)
}

#[inline(always)]
fn enter(
    table: HashTable<'_>,
    found: Option<usize>,
    hash: HashCode,
    key: Object<'_>,
    value: Object<'_>,
    cx: &Context,
) -> Result<(), Throw> {
    match found {
        Some(i) => table.set_value(i, value, cx),
        None => {
            if table.count() == table.capacity() {
                reserve_growth(table, cx)?;
            }
            table.insert(hash, key, value, cx);
        }
    }
    Ok(())
}

#[cold]
fn reserve_growth(table: HashTable<'_>, cx: &Context) -> Result<(), Throw> {
    let capacity = table.capacity() + table.capacity() / 2 + 1;
    if capacity > MAX_ENTRIES {
        return Err(cx.memory_full_signal());
    }
    cx.reserve(capacity * ENTRY_BYTES)
}

/// The keyword arguments of `make-hash-table`.
struct Keywords<'ob> {
    args: Slots<'ob>,
    used: Vec<bool>,
}

impl<'ob> Keywords<'ob> {
    /// The value of the first use of a keyword; both are marked as used.
    fn take(&mut self, keyword: Object<'_>) -> Option<Object<'ob>> {
        let last = self.args.len().checked_sub(1)?;
        let i = (0..last).find(|&i| !self.used[i] && self.args.get(i) == keyword)?;
        self.used[i] = true;
        self.used[i + 1] = true;
        Some(self.args.get(i + 1))
    }
}

/// What a table is made with; `None` where nothing was given.
#[derive(Clone, Copy, Default)]
#[expect(missing_docs, reason = "the fields are the keywords of `make-hash-table`")]
pub struct Parameters<'ob> {
    pub test: Option<Object<'ob>>,
    pub size: Option<Object<'ob>>,
    pub rehash_size: Option<Object<'ob>>,
    pub rehash_threshold: Option<Object<'ob>>,
    pub weakness: Option<Object<'ob>>,
    pub purecopy: Option<Object<'ob>>,
}

/// Make a hash table.
/// KEYWORD-ARGS are `:test' (eq, eql, equal or a test of `define-hash-table-test'), `:size', `:rehash-size',
/// `:rehash-threshold', `:weakness' (nil, key, value, key-or-value, key-and-value or t) and `:purecopy', each with a value.
#[defun]
pub fn make_hash_table<'ob>(keyword_args: Slots<'ob>, cx: &'ob Context) -> Result<HashTable<'ob>, Throw> {
    let mut keywords = Keywords { args: keyword_args, used: vec![false; keyword_args.len()] };
    let parameters = Parameters {
        test: keywords.take(sym::C_TEST),
        purecopy: keywords.take(sym::C_PURECOPY),
        size: keywords.take(sym::C_SIZE),
        rehash_size: keywords.take(sym::C_REHASH_SIZE),
        rehash_threshold: keywords.take(sym::C_REHASH_THRESHOLD),
        weakness: keywords.take(sym::C_WEAKNESS),
    };
    let checked = Checked::new(parameters, cx)?;
    if let Some(i) = keywords.used.iter().position(|used| !used) {
        return Err(error_with("Invalid argument list", keyword_args.get(i), cx));
    }
    checked.make(cx)
}

/// Make a hash table, as `make-hash-table` does.
pub fn make<'ob>(parameters: Parameters<'ob>, cx: &'ob Context) -> Result<HashTable<'ob>, Throw> {
    Checked::new(parameters, cx)?.make(cx)
}

/// Parameters that are in order.
struct Checked<'ob> {
    test: Object<'ob>,
    functions: Option<(Object<'ob>, Object<'ob>)>,
    size: usize,
    rehash_size: Object<'ob>,
    threshold: f64,
    weakness: Weakness,
    purecopy: bool,
}

impl<'ob> Checked<'ob> {
    fn new(given: Parameters<'ob>, cx: &'ob Context) -> Result<Checked<'ob>, Throw> {
        let test = given.test.unwrap_or(sym::EQL);
        let functions = if test == sym::EQ || test == sym::EQL || test == sym::EQUAL {
            None
        } else {
            let symbol = Symbol::from_lisp(test, cx)?;
            let definition = plist::get_eq(symbol.plist(cx), sym::HASH_TABLE_TEST);
            let functions = definition.as_cons().and_then(|c| Some((c.car(), c.cdr().as_cons()?.car())));
            Some(functions.ok_or_else(|| error_with("Invalid hash table test", test, cx))?)
        };
        let size = given.size.unwrap_or(NIL);
        let size = match size.as_fixnum() {
            _ if size.is_nil() => DEFAULT_SIZE,
            Some(n) if n >= 0 => n as usize,
            _ => return Err(error_with("Invalid hash table size", size, cx)),
        };
        let rehash_size = match given.rehash_size {
            None => cx.float(1.5).into(),
            // Emacs keeps it in single precision.
            Some(n) if n.as_fixnum().is_some_and(|n| n > 0) => {
                Object::fixnum(n.as_fixnum().map_or(0, |n| (n as f32 as i64).min(tenure_gc::MOST_POSITIVE_FIXNUM)))
            }
            Some(x) => match x.as_float().map(|f| f.value()) {
                // Emacs keeps what is above one, in single precision.
                Some(factor) if factor > 1.0 => cx.float(f64::from((factor - 1.0) as f32) + 1.0).into(),
                _ => return Err(error_with("Invalid hash table rehash size", x, cx)),
            },
        };
        let threshold = match given.rehash_threshold {
            None => 0.8125,
            Some(x) => match x.as_float().map(|f| f.value()) {
                Some(threshold) if threshold > 0.0 && threshold <= 1.0 => f64::from(threshold as f32),
                _ => return Err(error_with("Invalid hash table rehash threshold", x, cx)),
            },
        };
        let weakness = given.weakness.unwrap_or(NIL);
        let Some(weakness) = parse_weakness(weakness) else {
            return Err(error_with("Invalid hash table weakness", weakness, cx));
        };
        let purecopy = given.purecopy.is_some_and(|o| !o.is_nil());
        Ok(Checked { test, functions, size, rehash_size, threshold, weakness, purecopy })
    }

    fn make(self, cx: &'ob Context) -> Result<HashTable<'ob>, Throw> {
        if self.size > MAX_ENTRIES {
            return Err(cx.memory_full_signal());
        }
        cx.reserve(self.size * ENTRY_BYTES)?;
        let table = cx.hash_table(self.size.max(1), self.weakness);
        let mut state = if self.purecopy { PURECOPY } else { 0 };
        table.set_user(TEST, self.test, cx);
        if let Some((equality, hash)) = self.functions {
            table.set_user(EQUALITY, equality, cx);
            table.set_user(HASH, hash, cx);
            state |= TEST_OF_LISP;
        }
        table.set_user(REHASH_SIZE, self.rehash_size, cx);
        table.set_user(REHASH_THRESHOLD, cx.float(self.threshold).into(), cx);
        table.set_user(STATE, Object::fixnum(state), cx);
        Ok(table)
    }
}

/// The names of weaknesses.
const WEAKNESSES: [(Object<'static>, Weakness); 6] = [
    (NIL, Weakness::None),
    (sym::KEY, Weakness::Key),
    (sym::VALUE, Weakness::Value),
    (sym::KEY_OR_VALUE, Weakness::KeyOrValue),
    (sym::KEY_AND_VALUE, Weakness::KeyAndValue),
    (T, Weakness::KeyAndValue),
];

fn parse_weakness(name: Object<'_>) -> Option<Weakness> {
    WEAKNESSES.iter().find(|row| row.0 == name).map(|row| row.1)
}

/// `gethash`, if that needs no Lisp; the arguments are as many as were given.
pub(crate) fn try_gethash<'ob>(args: Slots<'ob>, cx: &'ob Context) -> Option<LispResult<'ob>> {
    let table = args.get(1).as_hash_table().filter(|&table| is_native(table))?;
    let entry = |found: Option<usize>| found.and_then(|i| table.entry(i, cx)).map(|entry| entry.1);
    let default = if args.len() > 2 { args.get(2) } else { NIL };
    Some(find(table, args.get(0), cx).map(|(found, _)| entry(found).unwrap_or(default)))
}

/// `puthash`, if that needs no Lisp.
pub(crate) fn try_puthash<'ob>(args: Slots<'ob>, cx: &'ob Context) -> Option<LispResult<'ob>> {
    let table = args.get(2).as_hash_table().filter(|&table| is_native(table))?;
    let stored = check_mutable(table, cx).and_then(|()| put(table, args.get(0), args.get(1), cx));
    Some(stored.map(|()| args.get(1)))
}

/// `remhash`, if that needs no Lisp.
pub(crate) fn try_remhash<'ob>(args: Slots<'ob>, cx: &'ob Context) -> Option<LispResult<'ob>> {
    let table = args.get(1).as_hash_table().filter(|&table| is_native(table))?;
    let found = check_mutable(table, cx).and_then(|()| find(table, args.get(0), cx));
    Some(found.map(|(found, _)| {
        if let Some(i) = found {
            table.remove(i, cx);
        }
        NIL
    }))
}

/// Return the value of KEY in TABLE, DFLT or nil if there is none.
#[defun(min = 2)]
fn gethash(key: Root<'_>, table: Root<'_>, dflt: Root<'_>, cx: &mut Context) -> CallResult {
    let found = find_any(table, key, cx)?.0;
    let entry = found.and_then(|i| table.get(cx).as_hash_table()?.entry(i, cx));
    Ok(cx.ret(entry.map_or(dflt.get(cx), |entry| entry.1)))
}

/// Give KEY the value VALUE in TABLE; return VALUE.
#[defun]
fn puthash(key: Root<'_>, value: Root<'_>, table: Root<'_>, cx: &mut Context) -> CallResult {
    check_mutable(HashTable::from_lisp(table.get(cx), cx)?, cx)?;
    let (found, hash) = find_any(table, key, cx)?;
    let t = HashTable::from_lisp(table.get(cx), cx)?;
    enter(t, found, hash, key.get(cx), value.get(cx), cx)?;
    Ok(cx.ret(value.get(cx)))
}

/// Remove KEY from TABLE; return nil.
#[defun]
fn remhash(key: Root<'_>, table: Root<'_>, cx: &mut Context) -> CallResult {
    check_mutable(HashTable::from_lisp(table.get(cx), cx)?, cx)?;
    let found = find_any(table, key, cx)?.0;
    if let (Some(i), Some(t)) = (found, table.get(cx).as_hash_table()) {
        t.remove(i, cx);
    }
    Ok(cx.ret(NIL))
}

/// Remove all entries of TABLE; return it.
#[defun]
fn clrhash<'ob>(table: HashTable<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    check_mutable(table, cx)?;
    if table.count() > 0 {
        table.clear(cx);
    }
    Ok(table.into())
}

/// Call FUNCTION on key and value of each entry of TABLE; return nil.
/// FUNCTION may change TABLE; an entry that it adds may be visited or not.
#[defun]
fn maphash(function: Root<'_>, table: Root<'_>, cx: &mut Context) -> CallResult {
    HashTable::from_lisp(table.get(cx), cx)?;
    let mut i = 0;
    while let Some(t) = table.get(cx).as_hash_table().filter(|t| i < t.used()) {
        if let Some((key, value)) = t.entry(i, cx) {
            funcall!(cx, function.get(cx), key, value)?.get(cx);
        }
        i += 1;
    }
    Ok(cx.ret(NIL))
}

/// Return how many entries TABLE has.
#[defun]
fn hash_table_count(table: HashTable<'_>, cx: &Context) -> usize {
    let _ = cx;
    table.count()
}

/// Return how many entries TABLE can hold before it grows.
#[defun]
fn hash_table_size(table: HashTable<'_>, cx: &Context) -> usize {
    let _ = cx;
    table.capacity()
}

/// Return the name of TABLE's test.
#[defun]
pub fn hash_table_test<'ob>(table: HashTable<'ob>, cx: &'ob Context) -> Object<'ob> {
    let _ = cx;
    table.user(TEST)
}

/// Return the weakness of TABLE: nil, key, value, key-or-value or key-and-value.
#[defun]
pub fn hash_table_weakness<'ob>(table: HashTable<'ob>, cx: &'ob Context) -> Object<'ob> {
    let _ = cx;
    WEAKNESSES.iter().find(|row| row.1 == table.weakness()).map_or(NIL, |row| row.0)
}

/// Return the rehash size that TABLE was made with.
#[defun]
pub fn hash_table_rehash_size<'ob>(table: HashTable<'ob>, cx: &'ob Context) -> Object<'ob> {
    let _ = cx;
    table.user(REHASH_SIZE)
}

/// Return the rehash threshold that TABLE was made with.
#[defun]
pub fn hash_table_rehash_threshold<'ob>(table: HashTable<'ob>, cx: &'ob Context) -> Object<'ob> {
    let _ = cx;
    table.user(REHASH_THRESHOLD)
}

/// Return t if OBJ is a hash table.
#[defun]
fn hash_table_p(obj: Object<'_>) -> bool {
    obj.as_hash_table().is_some()
}

/// Return a table of the same entries as TABLE.
#[defun]
fn copy_hash_table<'ob>(table: HashTable<'ob>, cx: &'ob Context) -> Result<HashTable<'ob>, Throw> {
    cx.reserve(table.capacity() * ENTRY_BYTES)?;
    let copy = table.copy(cx);
    copy.set_user(STATE, Object::fixnum(state(table) & !BUSY), cx);
    Ok(copy)
}

/// Define NAME as a test of hash tables: TEST compares two keys, HASH gives a key's hash code.
#[defun]
fn define_hash_table_test<'ob>(
    name: Object<'ob>,
    test: Object<'ob>,
    hash: Object<'ob>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    let symbol = name.as_symbol().ok_or_else(|| wrong_type(sym::SYMBOLP, name, cx))?;
    plist::put_property(symbol, sym::HASH_TABLE_TEST, cx.list(&[test, hash]), cx)
}

/// The primitives of this file.
pub(crate) const SUBRS: &[SubrInfo] = &subrs![
    make_hash_table,
    gethash,
    puthash,
    remhash,
    clrhash,
    maphash,
    hash_table_count,
    hash_table_size,
    hash_table_test,
    hash_table_weakness,
    hash_table_rehash_size,
    hash_table_rehash_threshold,
    hash_table_p,
    copy_hash_table,
    define_hash_table_test,
];
