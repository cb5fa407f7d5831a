//! Property lists: alternating properties and values, those of symbols among them.
//!
//! Reading forgives a list that is circular or badly ended, writing does not, as in Emacs.

use super::bad_end;
use super::equal::is_equal;
use crate::sym;
use crate::tails::{Tails, tails};
use tenure_gc::{Cons, Context, LispResult, NIL, Object, SubrInfo, Symbol, Throw};
use tenure_macros::{defun, subrs};

/// A walk over the pairs of a property list.
struct Pairs<'ob> {
    walk: Tails<'ob>,
    /// The cons at which the walk ended, if it holds a property without value.
    odd: bool,
}

impl<'ob> Iterator for Pairs<'ob> {
    /// The conses of a property and of its value.
    type Item = (Cons<'ob>, Cons<'ob>);

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        let key = self.walk.next_of_two()?;
        let Some(value) = self.walk.end().as_cons() else {
            self.odd = true;
            return None;
        };
        self.walk.skip_second();
        Some((key, value))
    }
}

impl<'ob> Pairs<'ob> {
    fn new(plist: Object<'ob>) -> Pairs<'ob> {
        Pairs { walk: tails(plist), odd: false }
    }

    /// `wrong-type-argument` or `circular-list` unless the walk came to a proper end.
    fn check_end(&self, plist: Object<'_>, cx: &Context) -> Result<(), Throw> {
        if self.odd || !self.walk.end().is_nil() { Err(bad_end(&self.walk, sym::PLISTP, plist, cx)) } else { Ok(()) }
    }
}

/// The value of a property, compared by `eq`; nil if there is none.
#[inline]
pub fn get_eq<'ob>(plist: Object<'ob>, property: Object<'_>) -> Object<'ob> {
    Pairs::new(plist).find(|(key, _)| key.car() == property).map_or(NIL, |(_, value)| value.car())
}

/// Put a property into a list; gives the list, which is changed in place but for an empty one.
pub fn put_eq<'ob>(plist: Object<'ob>, property: Object<'ob>, value: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    put_by(plist, property, value, |key| Ok(key == property), cx)
}

fn put_by<'ob>(
    plist: Object<'ob>,
    property: Object<'ob>,
    value: Object<'ob>,
    same: impl Fn(Object<'ob>) -> Result<bool, Throw>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    let mut pairs = Pairs::new(plist);
    let mut last = None;
    for (key, cell) in pairs.by_ref() {
        if same(key.car())? {
            cell.set_car(cx, value);
            return Ok(plist);
        }
        last = Some(cell);
    }
    pairs.check_end(plist, cx)?;
    let new = cx.list(&[property, value]);
    match last {
        None => Ok(new),
        Some(last) => {
            last.set_cdr(cx, new);
            Ok(plist)
        }
    }
}

/// Put a property on a symbol.
pub fn put_property<'ob>(
    symbol: Symbol<'ob>,
    property: Object<'ob>,
    value: Object<'ob>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    symbol.set_plist(put_eq(symbol.plist(cx), property, value, cx)?, cx);
    Ok(value)
}

/// Return the value of property PROP in PLIST, compared by `eq`, nil if there is none.
#[defun]
fn plist_get<'ob>(plist: Object<'ob>, prop: Object<'ob>) -> Object<'ob> {
    get_eq(plist, prop)
}

/// Give property PROP, compared by `eq`, the value VAL in PLIST; return the changed list.
#[defun]
pub fn plist_put<'ob>(plist: Object<'ob>, prop: Object<'ob>, val: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    put_eq(plist, prop, val, cx)
}

/// Return the value of property PROP in PLIST, compared by `equal`, nil if there is none.
#[defun]
fn lax_plist_get<'ob>(plist: Object<'ob>, prop: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let mut pairs = Pairs::new(plist);
    for (key, value) in pairs.by_ref() {
        if is_equal(prop, key.car(), cx)? {
            return Ok(value.car());
        }
    }
    pairs.check_end(plist, cx)?;
    Ok(NIL)
}

/// Give property PROP, compared by `equal`, the value VAL in PLIST; return the changed list.
#[defun]
fn lax_plist_put<'ob>(plist: Object<'ob>, prop: Object<'ob>, val: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    put_by(plist, prop, val, |key| is_equal(prop, key, cx), cx)
}

/// Return the tail of PLIST that begins with property PROP, nil if there is none.
#[defun]
pub fn plist_member<'ob>(plist: Object<'ob>, prop: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let mut walk = tails(plist);
    while let Some(key) = walk.next_of_two() {
        if key.car() == prop {
            return Ok(key.into());
        }
        if walk.end().as_cons().is_none() {
            break;
        }
        walk.skip_second();
    }
    if walk.end().is_nil() { Ok(NIL) } else { Err(bad_end(&walk, sym::PLISTP, plist, cx)) }
}

/// Return the value of SYMBOL's property PROPNAME.
#[defun]
fn get<'ob>(symbol: Symbol<'ob>, propname: Object<'ob>, cx: &'ob Context) -> Object<'ob> {
    let overriding = crate::lread::setting(sym::OVERRIDING_PLIST_ENVIRONMENT, cx);
    if !overriding.is_nil() {
        // An alist from symbols to property lists that come before their own.
        let own = tails(overriding).filter_map(|link| link.car().as_cons()).find(|pair| pair.car() == symbol.into());
        let value = own.map_or(NIL, |pair| get_eq(pair.cdr(), propname));
        if !value.is_nil() {
            return value;
        }
    }
    get_eq(symbol.plist(cx), propname)
}

/// Give SYMBOL's property PROPNAME the value VALUE, and return it.
#[defun]
fn put<'ob>(symbol: Symbol<'ob>, propname: Object<'ob>, value: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    put_property(symbol, propname, value, cx)
}

/// The primitives of this file.
pub(crate) const SUBRS: &[SubrInfo] =
    &subrs![plist_get, plist_put, lax_plist_get, lax_plist_put, plist_member, get, put];
