//! Completion of strings (`minibuf.c`): of lists, obarrays and hash tables; other collections are functions, which are
//! called.

use crate::form::symbol;
use crate::search;
use tenure_gc::{CallResult, Context, Kind, NIL, Object, Root, RootVec, Str, SubrInfo, T, Throw};
use tenure_vm::casefiddle::upcase_char;
use tenure_vm::character::byte_to_char;
use tenure_vm::convert::FromLisp as _;
use tenure_vm::error::error;
use tenure_vm::fns::hash;
use tenure_vm::lread::{Obarray, setting_of};
use tenure_vm::string::string_chars;
use tenure_vm::tails::tails;
use tenure_vm::{defun, funcall, subrs, sym};

/// What is completed from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Collection {
    List,
    Obarray,
    Table,
    Function,
}

fn collection_of(collection: Object<'_>) -> Collection {
    match collection.untag() {
        Kind::Vector(_) => Collection::Obarray,
        Kind::HashTable(_) => Collection::Table,
        Kind::Cons(c) if c.car() != sym::LAMBDA && c.car() != sym::CLOSURE => Collection::List,
        _ if collection.is_nil() => Collection::List,
        _ => Collection::Function,
    }
}

/// The characters of a string, bytes beyond ASCII as raw ones.
fn characters(string: Str<'_>) -> Vec<u32> {
    let wide = |c: u32| if string.is_multibyte() || c < 0x80 { c } else { byte_to_char(c as u8) };
    string_chars(string).map(wide).collect()
}

fn folded(characters: &[u32], folds: bool) -> Vec<u32> {
    characters.iter().map(|&c| if folds { upcase_char(c) } else { c }).collect()
}

fn ignores_case(cx: &Context) -> bool {
    !setting_of(cx.intern("completion-ignore-case"), cx).is_nil()
}

/// Whether the patterns of `completion-regexp-list` accept a completion.
fn is_accepted<'ob>(name: Str<'ob>, cx: &'ob Context) -> Result<bool, Throw> {
    let patterns = setting_of(cx.intern("completion-regexp-list"), cx);
    for pattern in tails(patterns).filter_map(|cell| cell.car().as_string()) {
        if !search::matches(pattern, name, ignores_case(cx), cx)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A string, or the name of a symbol.
fn name_of<'ob>(object: Object<'ob>, cx: &'ob Context) -> Option<Str<'ob>> {
    object.as_string().or_else(|| object.as_symbol().map(|symbol| symbol.name(cx)))
}

/// Each thing of a collection with its value, if it is a table, and its name.
fn things<'ob>(collection: Object<'ob>, cx: &'ob Context) -> Result<Vec<[Object<'ob>; 3]>, Throw> {
    let mut found = Vec::new();
    let mut add = |thing: Object<'ob>, value, key: Object<'ob>| {
        if let Some(name) = name_of(key, cx) {
            found.push([thing, value, name.into()]);
        }
    };
    match collection_of(collection) {
        Collection::List => tails(collection).map(|cell| cell.car()).for_each(|thing| {
            add(thing, NIL, thing.as_cons().map_or(thing, |pair| pair.car()));
        }),
        Collection::Obarray => {
            let obarray = Obarray::of(Some(collection), cx)?;
            let is_bucket = |o: Object<'_>| o.as_symbol().is_some() || o.as_fixnum() == Some(0);
            if let Obarray::Vector(v) = obarray
                && !v.iter().all(is_bucket)
            {
                return Err(error("Bad data in guts of obarray", cx));
            }
            obarray.symbols(cx)?.into_iter().for_each(|symbol| add(symbol.into(), NIL, symbol.into()));
        }
        Collection::Table => {
            if let Some(table) = collection.as_hash_table() {
                (0..table.used()).filter_map(|i| table.entry(i, cx)).for_each(|(k, value)| add(k, value, k));
            }
        }
        Collection::Function => {}
    }
    Ok(found)
}

/// The things whose names begin with a string, three words each.
fn candidates<'ob>(wanted: &[u32], collection: Object<'ob>, cx: &'ob Context) -> Result<RootVec, Throw> {
    let folds = ignores_case(cx);
    let begin = folded(wanted, folds);
    let roots = cx.root_vec();
    for thing in things(collection, cx)? {
        let Some(name) = thing[2].as_string() else { continue };
        if folded(&characters(name), folds).starts_with(&begin) && is_accepted(name, cx)? {
            thing.iter().for_each(|&word| _ = roots.push(cx, word));
        }
    }
    Ok(roots)
}

/// Whether a predicate accepts candidate `i`; without one all are.
fn passes(
    predicate: Root<'_>,
    collection: Root<'_>,
    candidates: &RootVec,
    i: usize,
    cx: &mut Context,
) -> Result<bool, Throw> {
    if predicate.get(cx).is_nil() {
        return Ok(true);
    }
    let (thing, value) = (candidates.get(cx, 3 * i), candidates.get(cx, 3 * i + 1));
    let accepted = match collection_of(collection.get(cx)) {
        Collection::Table => funcall!(cx, predicate.get(cx), thing, value)?,
        _ => funcall!(cx, predicate.get(cx), thing)?,
    };
    Ok(!accepted.get(cx).is_nil())
}

/// The best completion so far.
struct Best {
    name: Vec<u32>,
    /// Where it is among the candidates.
    at: usize,
    /// How many of its characters all candidates have.
    common: usize,
    /// How many there are, or at least more than one.
    count: usize,
}

impl Best {
    /// Take one more candidate into account.
    fn add(&mut self, name: Vec<u32>, at: usize, wanted: &[u32], folds: bool) {
        let limit = self.common.min(name.len());
        let (known, new) = (folded(&self.name[..limit], folds), folded(&name[..limit], folds));
        let common = known.iter().zip(&new).take_while(|(a, b)| a == b).count();
        let length = name.len();
        // The same name in other letters is another, as it is in Emacs.
        let is_other = folds && self.name != name && common == length && common == self.name.len();
        if folds {
            let is_shorter = common == length && common < self.name.len();
            let is_alike = (common == length) == (common == self.name.len());
            if is_shorter || is_alike && name.starts_with(wanted) && !self.name.starts_with(wanted) {
                (self.name, self.at) = (name, at);
            }
        }
        if is_other || self.common != length || self.common != common {
            self.count += if common <= wanted.len() { 2 } else { 1 };
        }
        self.common = common;
    }
}

/// Return how far STRING can be completed in COLLECTION: nil if nothing begins with it, t if it is there alone.
/// COLLECTION is a list of strings, symbols and conses of such, an obarray, a hash table, or a function of STRING, PREDICATE
/// and nil.  PREDICATE accepts those that count.
#[defun(min = 2)]
fn try_completion(string: Root<'_>, collection: Root<'_>, predicate: Root<'_>, cx: &mut Context) -> CallResult {
    let wanted = characters(Str::from_lisp(string.get(cx), cx)?);
    if collection_of(collection.get(cx)) == Collection::Function {
        return funcall!(cx, collection.get(cx), string.get(cx), predicate.get(cx), NIL);
    }
    let folds = ignores_case(cx);
    let candidates = candidates(&wanted, collection.get(cx), cx)?;
    let mut best: Option<Best> = None;
    for i in 0..candidates.len() / 3 {
        if !passes(predicate, collection, &candidates, i, cx)? {
            continue;
        }
        let Some(name) = candidates.get(cx, 3 * i + 2).as_string().map(characters) else { continue };
        match &mut best {
            None => best = Some(Best { common: name.len(), name, at: i, count: 1 }),
            Some(best) => {
                best.add(name, i, &wanted, folds);
                // No other can make it longer than what was there.
                if best.common <= wanted.len() && !folds && best.count > 1 {
                    break;
                }
            }
        }
    }
    let Some(best) = best else { return Ok(cx.ret(NIL)) };
    if folds && best.common == wanted.len() && best.name.len() > best.common {
        return Ok(cx.ret(string.get(cx)));
    }
    if best.count == 1 && best.name == wanted {
        return Ok(cx.ret(T));
    }
    let name = candidates.get(cx, 3 * best.at + 2);
    let part =
        tenure_vm::string::substring(name, Some(Object::fixnum(0)), Some(Object::fixnum(best.common as i64)), cx)?;
    Ok(cx.ret(part))
}

/// Return the names in COLLECTION that begin with STRING and that PREDICATE accepts, see `try-completion'.
/// With HIDE-SPACES those that begin with a space are left out, unless STRING does.
#[defun(min = 2)]
fn all_completions(
    string: Root<'_>,
    collection: Root<'_>,
    predicate: Root<'_>,
    hide_spaces: Root<'_>,
    cx: &mut Context,
) -> CallResult {
    let wanted = characters(Str::from_lisp(string.get(cx), cx)?);
    if collection_of(collection.get(cx)) == Collection::Function {
        return funcall!(cx, collection.get(cx), string.get(cx), predicate.get(cx), T);
    }
    let space = Some(&u32::from(b' '));
    let hides = !hide_spaces.get(cx).is_nil() && wanted.first() != space;
    let candidates = candidates(&wanted, collection.get(cx), cx)?;
    let mut chosen = Vec::new();
    for i in 0..candidates.len() / 3 {
        let begins = candidates.get(cx, 3 * i + 2).as_string().and_then(|name| characters(name).first().copied());
        if !(hides && begins.as_ref() == space) && passes(predicate, collection, &candidates, i, cx)? {
            chosen.push(i);
        }
    }
    let names: Vec<Object<'_>> = chosen.iter().map(|i| candidates.get(cx, 3 * i + 2)).collect();
    Ok(cx.ret(cx.list(&names)))
}

/// Return non-nil if STRING is in COLLECTION and PREDICATE accepts it, see `try-completion'.
#[defun(min = 2)]
fn test_completion(string: Root<'_>, collection: Root<'_>, predicate: Root<'_>, cx: &mut Context) -> CallResult {
    let text = Str::from_lisp(string.get(cx), cx)?;
    let wanted = characters(text);
    let kind = collection_of(collection.get(cx));
    if kind == Collection::Function {
        return funcall!(cx, collection.get(cx), string.get(cx), predicate.get(cx), symbol("lambda", cx));
    }
    let found = cx.root_vec();
    if kind == Collection::Table
        && let Some(table) = collection.get(cx).as_hash_table()
        && let (Some(entry), _) = hash::find(table, string.get(cx), cx)?
        && let Some((key, value)) = table.entry(entry, cx)
    {
        [key, value, string.get(cx)].iter().for_each(|&word| _ = found.push(cx, word));
    } else {
        let all = things(collection.get(cx), cx)?;
        let same = |folds: bool| {
            let sought = folded(&wanted, folds);
            let name = |thing: &&[Object<'_>; 3]| thing[2].as_string().map(|name| folded(&characters(name), folds));
            all.iter().find(|thing| name(thing).as_ref() == Some(&sought))
        };
        // A symbol is what it is called; only then letter case may not count.
        let exact = match kind {
            Collection::Obarray => {
                Obarray::of(Some(collection.get(cx)), cx)?.find(text.bytes(), cx)?;
                same(false)
            }
            _ => None,
        };
        if let Some(thing) = exact.or_else(|| same(ignores_case(cx))) {
            thing.iter().for_each(|&word| _ = found.push(cx, word));
        }
    }
    let nothing = found.is_empty() || kind == Collection::List && found.get(cx, 0).is_nil();
    if nothing || !is_accepted(Str::from_lisp(string.get(cx), cx)?, cx)? {
        return Ok(cx.ret(NIL));
    }
    if predicate.get(cx).is_nil() {
        return Ok(cx.ret(T));
    }
    match kind {
        Collection::Table => funcall!(cx, predicate.get(cx), found.get(cx, 0), found.get(cx, 1)),
        _ => funcall!(cx, predicate.get(cx), found.get(cx, 0)),
    }
}

/// Return the number that the prefix argument RAW means.
#[defun]
fn prefix_numeric_value<'ob>(raw: Object<'ob>, cx: &'ob Context) -> Object<'ob> {
    match raw.untag() {
        _ if raw == symbol("-", cx) => Object::fixnum(-1),
        Kind::Fixnum(_) => raw,
        Kind::Cons(cell) if cell.car().as_fixnum().is_some() => cell.car(),
        _ => Object::fixnum(1),
    }
}

/// The primitives of this file.
pub(crate) const SUBRS: &[SubrInfo] = &subrs![try_completion, all_completions, test_completion, prefix_numeric_value];
