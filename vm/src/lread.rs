//! Obarrays (`lread.c`): the standard one belongs to the context; others are vectors that Lisp made, whose elements are
//! symbols chained through their `next` slot, or 0.
//!
//! The value of `obarray` is a vector that stands for the context's table; only its identity matters.

use crate::error::{error, wrong_type};
use crate::tails::tails;
use crate::{character, sym};
use std::borrow::Cow;
use std::hash::Hasher;
use tenure_gc::{CallResult, Context, Interned, NIL, Object, Root, Str, Symbol, T, Throw, UNBOUND, Vector, Write};
use tenure_macros::defun;

/// Make the vector that stands for the standard obarray the value of `obarray`.
pub fn init(cx: &Context) {
    let standard = cx.make_vector(1, Object::fixnum(0));
    for symbol in [sym::OBARRAY, sym::STANDARD_OBARRAY] {
        if let Some(symbol) = symbol.as_symbol() {
            symbol.set_value(standard.into(), cx);
            symbol.set_special(true, cx);
        }
    }
    define_settings(SETTINGS, cx);
    define_settings(&[(sym::STANDARD_INPUT, T)], cx);
    // The built-in symbols were interned before there was anyone to know a keyword.
    for symbol in cx.obarray_symbols() {
        if symbol.name(cx).bytes().first() == Some(&b':') {
            make_keyword(symbol, cx);
        }
    }
}

fn make_keyword(symbol: Symbol<'_>, cx: &Context) {
    symbol.set_value(symbol.into(), cx);
    symbol.set_write(Write::Constant, cx);
    symbol.set_special(true, cx);
}

/// The interned symbol of the standard obarray with this name, in the internal encoding; made if need be.
#[inline]
pub fn intern_name<'ob>(name: &[u8], cx: &'ob Context) -> Symbol<'ob> {
    cx.intern_soft(name).unwrap_or_else(|| {
        let chars = character::count(name);
        intern_new(cx.string(name, chars, chars != name.len()), cx)
    })
}

/// Put a new symbol in the standard obarray; a keyword is its own constant value.
fn intern_new<'ob>(name: Str<'_>, cx: &'ob Context) -> Symbol<'ob> {
    let symbol = cx.make_symbol(name);
    cx.add_to_obarray(symbol);
    if name.bytes().first() == Some(&b':') {
        make_keyword(symbol, cx);
    }
    symbol
}

/// An obarray.
#[derive(Clone, Copy)]
pub enum Obarray<'ob> {
    /// The context's own.
    Standard,
    /// One that Lisp made.
    Vector(Vector<'ob>),
}

impl<'ob> Obarray<'ob> {
    /// The obarray that an optional argument means.
    pub fn of(argument: Option<Object<'ob>>, cx: &'ob Context) -> Result<Obarray<'ob>, Throw> {
        let value = |symbol: Object<'static>| symbol.as_symbol().map_or(UNBOUND, |s| s.value(cx));
        let current = setting(sym::OBARRAY, cx);
        let object = argument.unwrap_or(current);
        if object == value(sym::STANDARD_OBARRAY) {
            return Ok(Obarray::Standard);
        }
        match object.as_vector() {
            Some(v) if !v.is_empty() => Ok(Obarray::Vector(v)),
            _ => Err(wrong_type(sym::VECTORP, object, cx)),
        }
    }

    /// The symbol with this name, if it is there.
    pub fn find(self, name: &[u8], cx: &'ob Context) -> Result<Option<Symbol<'ob>>, Throw> {
        match self {
            Obarray::Standard => Ok(cx.intern_soft(name)),
            Obarray::Vector(v) => {
                let mut next = bucket(v, name, cx)?.1;
                while let Some(symbol) = next {
                    if symbol.name(cx).bytes() == name {
                        break;
                    }
                    next = link(symbol, cx);
                }
                Ok(next)
            }
        }
    }

    /// The symbol with this name, made if need be.
    pub fn intern(self, name: Str<'ob>, cx: &'ob Context) -> Result<Symbol<'ob>, Throw> {
        if let Some(symbol) = self.find(name.bytes(), cx)? {
            return Ok(symbol);
        }
        match self {
            Obarray::Standard => Ok(intern_new(name, cx)),
            Obarray::Vector(v) => {
                let (i, first) = bucket(v, name.bytes(), cx)?;
                let symbol = cx.make_symbol(name);
                symbol.set_interned(Interned::Yes, cx);
                symbol.set_next(first.map_or(NIL, Object::from), cx);
                v.set(i, symbol.into(), cx);
                Ok(symbol)
            }
        }
    }

    fn remove(self, symbol: Symbol<'ob>, cx: &'ob Context) -> Result<bool, Throw> {
        let Obarray::Vector(v) = self else { return Ok(cx.remove_from_obarray(symbol)) };
        let (i, first) = bucket(v, symbol.name(cx).bytes(), cx)?;
        let mut previous: Option<Symbol<'ob>> = None;
        let mut next = first;
        while let Some(s) = next {
            if s == symbol {
                match previous {
                    Some(previous) => previous.set_next(s.next(cx), cx),
                    None => _ = v.set(i, link(s, cx).map_or(Object::fixnum(0), Object::from), cx),
                }
                symbol.set_interned(Interned::No, cx);
                return Ok(true);
            }
            previous = next;
            next = link(s, cx);
        }
        Ok(false)
    }

    /// All symbols, as they are now.
    pub fn symbols(self, cx: &'ob Context) -> Result<Vec<Symbol<'ob>>, Throw> {
        let Obarray::Vector(v) = self else { return Ok(cx.obarray_symbols()) };
        let mut found = Vec::new();
        // Emacs goes from the last bucket to the first, and passes over what is no symbol.
        for element in v.iter().rev() {
            let mut next = element.as_symbol();
            while let Some(symbol) = next {
                found.push(symbol);
                next = link(symbol, cx);
            }
        }
        Ok(found)
    }
}

fn link<'ob>(symbol: Symbol<'ob>, cx: &'ob Context) -> Option<Symbol<'ob>> {
    symbol.next(cx).as_symbol().filter(|&s| Object::from(s) != NIL)
}

/// The first symbol of an obarray's element.
fn chain<'ob>(element: Object<'ob>, cx: &'ob Context) -> Result<Option<Symbol<'ob>>, Throw> {
    match element.as_symbol() {
        _ if element == Object::fixnum(0) => Ok(None),
        // Emacs would go on behind nil too, in the standard obarray.
        Some(symbol) => Ok(Some(symbol).filter(|_| !element.is_nil())),
        _ => Err(error("Bad data in guts of obarray", cx)),
    }
}

fn bucket<'ob>(v: Vector<'ob>, name: &[u8], cx: &'ob Context) -> Result<(usize, Option<Symbol<'ob>>), Throw> {
    let mut hasher = std::hash::DefaultHasher::new();
    hasher.write(name);
    let i = (hasher.finish() % v.len() as u64) as usize;
    Ok((i, chain(v.get(i).unwrap_or(NIL), cx)?))
}

/// Return the symbol named STRING in OBARRAY, by default the value of `obarray`; make it if it is not there.
#[defun]
fn intern<'ob>(string: Object<'ob>, obarray: Option<Object<'ob>>, cx: &'ob Context) -> Result<Symbol<'ob>, Throw> {
    let obarray = Obarray::of(obarray, cx)?;
    let Some(string) = string.as_string() else { return Err(wrong_type(sym::STRINGP, string, cx)) };
    let name = longhand(string.bytes(), cx);
    match obarray.find(&name, cx)? {
        Some(symbol) => Ok(symbol),
        // The name is the symbol's own: changing STRING later must not rename it.
        None => {
            let multibyte = string.is_multibyte() || matches!(name, Cow::Owned(_)) && !name.is_ascii();
            let chars = if multibyte { character::count(&name) } else { name.len() };
            obarray.intern(cx.string(&name, chars, multibyte), cx)
        }
    }
}

/// The name that `read-symbol-shorthands` makes of one: the first of its pairs (SHORT . LONG) whose SHORT begins it counts.
pub fn longhand<'n>(name: &'n [u8], cx: &Context) -> Cow<'n, [u8]> {
    for pair in tails(setting(sym::READ_SYMBOL_SHORTHANDS, cx)).filter_map(|link| link.car().as_cons()) {
        if let (Some(short), Some(long)) = (pair.car().as_string(), pair.cdr().as_string())
            && let Some(rest) = name.strip_prefix(short.bytes())
        {
            return [long.bytes(), rest].concat().into();
        }
    }
    name.into()
}

/// The bytes of the name that an argument means: a string may be a shorthand, a symbol has its own.
fn sought<'ob>(object: Object<'ob>, cx: &'ob Context) -> Result<Cow<'ob, [u8]>, Throw> {
    let name = name_of(object, cx)?.bytes();
    Ok(if object.as_string().is_some() { longhand(name, cx) } else { name.into() })
}

/// The name that a string or symbol argument means.
fn name_of<'ob>(object: Object<'ob>, cx: &'ob Context) -> Result<Str<'ob>, Throw> {
    match (object.as_string(), object.as_symbol()) {
        (Some(name), _) => Ok(name),
        (_, Some(symbol)) => Ok(symbol.name(cx)),
        _ => Err(wrong_type(sym::STRINGP, object, cx)),
    }
}

/// Return the symbol named NAME in OBARRAY, or nil if there is none.  NAME may be a symbol: then only that one counts.
#[defun]
fn intern_soft<'ob>(
    name: Object<'ob>,
    obarray: Option<Object<'ob>>,
    cx: &'ob Context,
) -> Result<Option<Symbol<'ob>>, Throw> {
    let found = Obarray::of(obarray, cx)?.find(&sought(name, cx)?, cx)?;
    Ok(found.filter(|&symbol| name.as_symbol().is_none_or(|wanted| wanted == symbol)))
}

/// Take the symbol NAME, or the symbol of that name, out of OBARRAY; return t if it was there.
#[defun(min = 1)]
fn unintern<'ob>(name: Object<'ob>, obarray: Option<Object<'ob>>, cx: &'ob Context) -> Result<bool, Throw> {
    let obarray = Obarray::of(obarray, cx)?;
    match obarray.find(&sought(name, cx)?, cx)? {
        Some(symbol) if name.as_symbol().is_none_or(|wanted| wanted == symbol) => obarray.remove(symbol, cx),
        _ => Ok(false),
    }
}

/// Call FUNCTION on every symbol of OBARRAY, by default the value of `obarray`.
#[defun(min = 1)]
fn mapatoms(function: Root<'_>, obarray: Option<Root<'_>>, cx: &mut Context) -> CallResult {
    let symbols = cx.root_vec();
    {
        let obarray = obarray.map(|o| o.get(cx));
        for symbol in Obarray::of(obarray, cx)?.symbols(cx)? {
            symbols.push(cx, symbol.into());
        }
    }
    for i in 0..symbols.len() {
        let _ = crate::funcall!(cx, function.get(cx), symbols.get(cx, i))?;
    }
    Ok(cx.ret(NIL))
}

/// The value of a variable, nil if it has none: for the settings that native code reads.
pub fn setting<'ob>(variable: Object<'static>, cx: &'ob Context) -> Object<'ob> {
    variable.as_symbol().map_or(NIL, |symbol| setting_of(symbol, cx))
}

/// The value of a variable, nil if it has none.
pub fn setting_of<'ob>(variable: Symbol<'ob>, cx: &'ob Context) -> Object<'ob> {
    match crate::binding::find_symbol_value(variable, cx) {
        Ok(value) if value != UNBOUND => value,
        Ok(_) => NIL,
        Err(throw) => {
            // A variable that is an alias of itself has no value.
            cx.caught(throw);
            NIL
        }
    }
}

/// Give settings their first values, and declare them special.
pub fn define_settings(settings: &[(Object<'static>, Object<'_>)], cx: &Context) {
    for (variable, value) in settings {
        if let Some(symbol) = variable.as_symbol() {
            symbol.set_value(*value, cx);
            symbol.set_special(true, cx);
        }
    }
}

/// The settings of the reader and of character comparison.
pub const SETTINGS: &[(Object<'static>, Object<'static>)] =
    &[(sym::READ_CIRCLE, T), (sym::CASE_FOLD_SEARCH, T), (sym::SEARCH_SPACES_REGEXP, NIL)];

/// The primitives of this file.
pub const SUBRS: &[tenure_gc::SubrInfo] = &tenure_macros::subrs![intern, intern_soft, unintern, mapatoms];
