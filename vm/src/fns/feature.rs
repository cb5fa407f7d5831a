//! Features: what `provide` announced and `featurep` asks for.

use super::list::{member, memq};
use super::plist;
use crate::binding::{find_symbol_value, set_quietly};
use crate::convert::FromLisp;
use crate::error::wrong_type;
use crate::{funcall, sym};
use tenure_gc::{CallResult, Context, NIL, Object, Root, SubrInfo, Symbol, Throw};
use tenure_macros::{defun, subrs};

/// Variables of Lisp that this file reads, with their first values.
pub(crate) const LISP_VARIABLES: &[(&str, Object<'static>)] = &[("after-load-alist", NIL), ("current-load-list", NIL)];

/// The first feature is `emacs`.
pub(crate) fn init(cx: &Context) {
    crate::init::define_variable(cx, "features", cx.list(&[sym::EMACS]));
}

/// The list in a variable; nil if it has no value or another one.
fn list_in<'ob>(variable: Object<'static>, cx: &'ob Context) -> Result<Object<'ob>, Throw> {
    let Some(symbol) = variable.as_symbol() else { return Ok(NIL) };
    let value = find_symbol_value(symbol, cx)?;
    Ok(if value.as_cons().is_some() { value } else { NIL })
}

/// Put an element before the list in a variable.
fn push_to(variable: Object<'static>, element: Object<'_>, cx: &Context) -> Result<(), Throw> {
    let list = cx.cons(element, list_in(variable, cx)?);
    variable.as_symbol().map_or(Ok(()), |symbol| set_quietly(symbol, list.into(), cx))
}

/// Return t if FEATURE is provided, with SUBFEATURE if that is given.
#[defun]
fn featurep<'ob>(feature: Symbol<'ob>, subfeature: Option<Object<'ob>>, cx: &'ob Context) -> Result<bool, Throw> {
    let provided = memq(feature.into(), list_in(sym::FEATURES, cx)?, cx)?.is_some();
    match subfeature {
        Some(subfeature) if provided => {
            Ok(member(subfeature, plist::get_eq(feature.plist(cx), sym::SUBFEATURES), cx)?.is_some())
        }
        _ => Ok(provided),
    }
}

/// Announce FEATURE with the list SUBFEATURES, and run what waits for it in `after-load-alist'; return FEATURE.
#[defun]
fn provide(feature: Root<'_>, subfeatures: Option<Root<'_>>, cx: &mut Context) -> CallResult {
    let symbol = Symbol::from_lisp(feature.get(cx), cx)?;
    let subfeatures = subfeatures.map_or(NIL, |root| root.get(cx));
    if subfeatures.as_cons().is_none() && !subfeatures.is_nil() {
        return Err(wrong_type(sym::LISTP, subfeatures, cx));
    }
    if memq(symbol.into(), list_in(sym::FEATURES, cx)?, cx)?.is_none() {
        push_to(sym::FEATURES, symbol.into(), cx)?;
    }
    if !subfeatures.is_nil() {
        plist::put_property(symbol, sym::SUBFEATURES, subfeatures, cx)?;
    }
    push_to(sym::CURRENT_LOAD_LIST, cx.cons(sym::PROVIDE, symbol.into()).into(), cx)?;
    let waiting = super::list::assq(symbol.into(), list_in(sym::AFTER_LOAD_ALIST, cx)?, cx)?;
    if let Some(waiting) = waiting.as_cons() {
        let scope = cx.scope();
        let rest = scope.root(waiting.cdr());
        while let Some(cell) = rest.get(cx).as_cons() {
            rest.set(cx, cell.cdr());
            funcall!(cx, cell.car())?.get(cx);
        }
    }
    Ok(cx.ret(feature.get(cx)))
}

/// The primitives of this file.
pub(crate) const SUBRS: &[SubrInfo] = &subrs![featurep, provide];
