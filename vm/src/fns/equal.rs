//! Equality and hashing by value: `equal`, `eql`, `sxhash-equal` and kin.
//!
//! `equal` nests at most [`MAX_DEPTH`] levels, as Emacs's; the tails of lists do not nest.  From [`NOTE_DEPTH`] on the
//! pairs under comparison are noted, and a pair that comes again is taken as equal, so circles through cars end.
//!
//! A hash by value does not depend on where objects lie: what is compared by identity counts by its kind alone, since a
//! moving collector changes its address while the hash must stay.

use super::bad_end;
use crate::error::error;
use crate::sym;
use crate::tails::tails;
use std::collections::HashMap;
use tenure_gc::{Bignum, Context, HashCode, HeaderKind, Kind, Object, Str, SubrInfo, Throw, Vectorlike};
use tenure_macros::{defun, subrs};

/// How deep `equal` nests before it signals an error.
const MAX_DEPTH: u32 = 200;
/// The depth from which pairs are noted.
const NOTE_DEPTH: u32 = 10;

/// Pairs that are being compared, by the hash of the first.
type Noted<'ob> = HashMap<u32, Vec<(Object<'ob>, Object<'ob>)>>;

/// A comparison in progress.
struct Comparison<'ob> {
    properties: bool,
    noted: Noted<'ob>,
    cx: &'ob Context,
}

/// Whether two values are `eql`: the same object, or numbers of the same type and value, floats by their bits.
#[inline(always)]
pub fn is_eql(a: Object<'_>, b: Object<'_>) -> bool {
    a == b || is_same_number(a, b)
}

#[inline]
fn is_same_number(a: Object<'_>, b: Object<'_>) -> bool {
    match a.untag() {
        Kind::Float(a) => b.as_float().is_some_and(|b| a.value().to_bits() == b.value().to_bits()),
        Kind::Bignum(a) => b.as_bignum().is_some_and(|b| is_same_bignum(a, b)),
        _ => false,
    }
}

fn is_same_bignum(a: Bignum<'_>, b: Bignum<'_>) -> bool {
    a.is_negative() == b.is_negative() && a.digits().eq(b.digits())
}

/// Whether two strings have the same characters.
#[inline]
fn is_same_text(a: Str<'_>, b: Str<'_>) -> bool {
    a.chars() == b.chars() && a.bytes() == b.bytes()
}

/// Whether two values are `equal`.  Signals an error when they nest too deep, and `circular-list`.
#[inline]
pub fn is_equal<'ob>(a: Object<'ob>, b: Object<'ob>, cx: &'ob Context) -> Result<bool, Throw> {
    if a == b {
        return Ok(true);
    }
    match a.untag() {
        Kind::Fixnum(_) | Kind::Symbol(_) => Ok(false),
        Kind::Float(_) | Kind::Bignum(_) => Ok(is_same_number(a, b)),
        Kind::String(a) => Ok(b.as_string().is_some_and(|b| is_same_text(a, b))),
        _ => Comparison { properties: false, noted: Noted::new(), cx }.compare(a, b, 0),
    }
}

impl<'ob> Comparison<'ob> {
    fn compare(&mut self, mut a: Object<'ob>, mut b: Object<'ob>, mut depth: u32) -> Result<bool, Throw> {
        loop {
            if depth > MAX_DEPTH {
                return Err(error("Stack overflow in equal", self.cx));
            }
            if depth > NOTE_DEPTH && self.is_noted(a, b) {
                return Ok(true);
            }
            if a == b {
                return Ok(true);
            }
            match (a.untag(), b.untag()) {
                (Kind::Cons(_), Kind::Cons(_)) => {
                    let mut walk = tails(a);
                    let mut other = b;
                    for cell in walk.by_ref() {
                        let Some(other_cell) = other.as_cons() else { return Ok(false) };
                        if !self.compare(cell.car(), other_cell.car(), depth + 1)? {
                            return Ok(false);
                        }
                        other = other_cell.cdr();
                        if cell.cdr() == other {
                            return Ok(true);
                        }
                    }
                    if walk.is_circular() {
                        return Err(bad_end(&walk, sym::LISTP, a, self.cx));
                    }
                    (a, b) = (walk.end(), other);
                    depth += 1;
                }
                (Kind::String(a), Kind::String(b)) => {
                    return Ok(is_same_text(a, b) && (!self.properties || has_same_properties(a, b)));
                }
                (Kind::BoolVector(a), Kind::BoolVector(b)) => {
                    return Ok(a.len() == b.len() && a.words().iter().eq(b.words()));
                }
                (Kind::Marker(a), Kind::Marker(b)) => {
                    let nowhere = a.get(0).is_some_and(Object::is_nil);
                    return Ok(a.get(0) == b.get(0) && (nowhere || a.position().0 == b.position().0));
                }
                _ => match (compared_slots(a), compared_slots(b)) {
                    (Some(a), Some(b)) => return self.compare_slots(a, b, depth),
                    _ => return Ok(is_same_number(a, b)),
                },
            }
        }
    }

    fn compare_slots(&mut self, a: Vectorlike<'ob>, b: Vectorlike<'ob>, depth: u32) -> Result<bool, Throw> {
        if a.kind() != b.kind() || a.slot_count() != b.slot_count() {
            return Ok(false);
        }
        for i in 0..a.slot_count() {
            let (Some(a), Some(b)) = (a.slot(i), b.slot(i)) else { return Ok(false) };
            if !self.compare(a, b, depth + 1)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether a pair was noted before; notes it.
    fn is_noted(&mut self, a: Object<'ob>, b: Object<'ob>) -> bool {
        if !matches!(a.untag(), Kind::Cons(_)) && compared_slots(a).is_none() {
            return false;
        }
        let pairs = self.noted.entry(self.cx.identity_hash(a).bits()).or_default();
        let noted = pairs.contains(&(a, b));
        if !noted {
            pairs.push((a, b));
        }
        noted
    }
}

/// The vectorlike, if its kind is compared slot by slot.
fn compared_slots(object: Object<'_>) -> Option<Vectorlike<'_>> {
    use HeaderKind::{ByteCode, CharTable, Closure, Overlay, Record, SubCharTable, Vector};
    object
        .as_vectorlike()
        .filter(|v| matches!(v.kind(), Vector | Record | ByteCode | Closure | CharTable | SubCharTable | Overlay))
}

/// Whether two strings of equal length have the same text properties, values compared by `eq`.
fn has_same_properties(a: Str<'_>, b: Str<'_>) -> bool {
    use crate::textprop::{all_intervals, same_properties};
    if a.intervals() == b.intervals() {
        return true;
    }
    let ([x, y], [mut i, mut j], mut at) = ([all_intervals(a), all_intervals(b)], [0, 0], 0);
    while at < a.chars() {
        // A string without intervals is one stretch without properties.
        let (p, q) = (x.get(i).map_or(tenure_gc::NIL, |i| i.plist), y.get(j).map_or(tenure_gc::NIL, |i| i.plist));
        if !same_properties(p, q) {
            return false;
        }
        let (p, q) = (x.get(i).map_or(a.chars(), |i| i.to), y.get(j).map_or(a.chars(), |i| i.to));
        at = p.min(q);
        i += usize::from(p == at);
        j += usize::from(q == at);
    }
    true
}

/// How deep and how far a hash by value looks into lists and vectors, as Emacs's.
const HASH_DEPTH: u32 = 3;
const HASH_LENGTH: usize = 7;

/// The hash by which `eq` tables find a key.
#[inline(always)]
pub fn hash_eq(key: Object<'_>, cx: &Context) -> HashCode {
    cx.identity_hash(key)
}

/// The hash by which `eql` tables find a key.
#[inline(always)]
pub fn hash_eql(key: Object<'_>, cx: &Context) -> HashCode {
    if key.as_fixnum().is_some() || key.as_symbol().is_some() {
        return cx.identity_hash(key);
    }
    match key.untag() {
        Kind::Float(_) | Kind::Bignum(_) => HashCode::stable(content(key, 0, cx)),
        _ => cx.identity_hash(key),
    }
}

/// The hash by which `equal` tables find a key.
#[inline(always)]
pub fn hash_equal(key: Object<'_>, cx: &Context) -> HashCode {
    if key.as_fixnum().is_some() || key.as_symbol().is_some() {
        return cx.identity_hash(key);
    }
    match key.untag() {
        Kind::HashTable(_) | Kind::Subr(_) | Kind::Finalizer(_) | Kind::Buffer(_) | Kind::Native(_) => {
            cx.identity_hash(key)
        }
        _ => HashCode::stable(content(key, 0, cx)),
    }
}

/// Mix a word into a hash (the multiplicative hash of Firefox).
#[inline(always)]
fn mix(hash: u64, word: u64) -> u64 {
    (hash.rotate_left(5) ^ word).wrapping_mul(0x517C_C1B7_2722_0A95)
}

fn hash_bytes(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    let mut hash = words.iter().fold(bytes.len() as u64, |hash, word| mix(hash, u64::from_le_bytes(*word)));
    for &byte in rest {
        hash = mix(hash, u64::from(byte));
    }
    hash
}

/// A hash by value that stays the same wherever objects lie.
fn content(object: Object<'_>, depth: u32, cx: &Context) -> u64 {
    // Each kind begins with a number of its own, which is all of the hash for what is compared by identity.
    match object.untag() {
        Kind::Fixnum(_) | Kind::Symbol(_) => u64::from(cx.identity_hash(object).bits()),
        Kind::Float(f) => mix(1, f.value().to_bits()),
        Kind::Bignum(n) => n.digits().fold(2 + u64::from(n.is_negative()), mix),
        Kind::String(s) => mix(4, hash_bytes(s.bytes())),
        Kind::Cons(_) if depth > HASH_DEPTH => 5,
        Kind::Cons(_) => {
            let mut hash = 5;
            let mut rest = object;
            for _ in 0..HASH_LENGTH {
                let Some(cell) = rest.as_cons() else { break };
                hash = mix(hash, content(cell.car(), depth + 1, cx));
                rest = cell.cdr();
            }
            if rest.as_cons().is_none() && !rest.is_nil() {
                hash = mix(hash, content(rest, depth + 1, cx));
            }
            hash
        }
        Kind::BoolVector(v) => v.words().iter().take(HASH_LENGTH).fold(mix(6, v.len() as u64), |h, w| mix(h, w.get())),
        _ => match compared_slots(object) {
            None => 7,
            Some(v) if depth > HASH_DEPTH => mix(8, v.slot_count() as u64),
            Some(v) => {
                let slots = (0..v.slot_count().min(HASH_LENGTH)).filter_map(|i| v.slot(i));
                slots.fold(mix(8, v.slot_count() as u64), |hash, slot| mix(hash, content(slot, depth + 1, cx)))
            }
        },
    }
}

/// The hash of what a hash function of Lisp gave.
pub(super) fn by_value(code: Object<'_>, cx: &Context) -> u64 {
    match code.untag() {
        Kind::Float(_) | Kind::Bignum(_) => content(code, 0, cx),
        _ => by_identity(code, cx),
    }
}

/// A hash as Lisp sees it: no negative number.
fn lisp_hash(hash: u64) -> i64 {
    i64::from(HashCode::stable(hash).bits())
}

/// Return t if OBJ1 and OBJ2 are the same object, or numbers of the same type and value.
/// Floats are compared by their bits, so a NaN is eql to itself and 0.0 is not eql to -0.0.
#[defun]
fn eql(obj1: Object<'_>, obj2: Object<'_>) -> bool {
    is_eql(obj1, obj2)
}

/// Return t if O1 and O2 have the same structure and contents.
/// Text properties of strings are not compared.
#[defun]
fn equal<'ob>(o1: Object<'ob>, o2: Object<'ob>, cx: &'ob Context) -> Result<bool, Throw> {
    is_equal(o1, o2, cx)
}

/// Return t if O1 and O2 have the same structure and contents, and strings in them the same text properties.
#[defun]
fn equal_including_properties<'ob>(o1: Object<'ob>, o2: Object<'ob>, cx: &'ob Context) -> Result<bool, Throw> {
    Comparison { properties: true, noted: Noted::new(), cx }.compare(o1, o2, 0)
}

/// Return an integer hash code for OBJ such that objects that are `eq` have the same.
/// Objects may move, so only numbers and symbols have codes of their own; others have one by kind.
#[defun]
fn sxhash_eq<'ob>(obj: Object<'ob>, cx: &'ob Context) -> i64 {
    lisp_hash(by_identity(obj, cx))
}

/// Return an integer hash code for OBJ such that objects that are `eql` have the same.
#[defun]
fn sxhash_eql<'ob>(obj: Object<'ob>, cx: &'ob Context) -> i64 {
    lisp_hash(by_value(obj, cx))
}

fn by_identity(obj: Object<'_>, cx: &Context) -> u64 {
    match obj.untag() {
        Kind::Fixnum(_) | Kind::Symbol(_) => content(obj, 0, cx),
        Kind::Cons(_) => 1,
        Kind::String(_) => 2,
        Kind::Float(_) => 3,
        _ => obj.as_vectorlike().map_or(4, |v| 5 + v.kind() as u64),
    }
}

/// Return an integer hash code for OBJ such that objects that are `equal` have the same.
#[defun]
fn sxhash_equal<'ob>(obj: Object<'ob>, cx: &'ob Context) -> i64 {
    lisp_hash(content(obj, 0, cx))
}

/// Return an integer hash code for OBJ such that objects that are `equal-including-properties` have the same.
#[defun]
fn sxhash_equal_including_properties<'ob>(obj: Object<'ob>, cx: &'ob Context) -> i64 {
    lisp_hash(content(obj, 0, cx))
}

/// The primitives of this file.
pub(crate) const SUBRS: &[SubrInfo] = &subrs![
    eql,
    equal,
    equal_including_properties,
    sxhash_eq,
    sxhash_eql,
    sxhash_equal,
    sxhash_equal_including_properties,
];
