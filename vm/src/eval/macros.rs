//! Macro expansion and autoloading.

use crate::convert::FromLisp;
use crate::error;
use crate::eval::{environment, indirect_function};
use crate::specpdl::{mark, unbind_to};
use crate::tails::tails;
use crate::{handler, sym};
use tenure_gc::{Args, CallResult, Context, LispResult, NIL, Object, Root, Str, SubrInfo, Symbol, T, Throw};
use tenure_macros::{defun, subrs};

/// Expand a macro call that is being evaluated: `expander` is the macro's function, `rest` the call's arguments.
/// During the expansion `lexical-binding` says how the result will be evaluated.
pub(crate) fn expand_for_eval(expander: Root<'_>, rest: Root<'_>, cx: &mut Context) -> CallResult {
    let start = mark(cx);
    crate::specbind!(cx, sym::LEXICAL_BINDING, if environment(cx).is_nil() { NIL } else { T })?;
    let result = apply_list(expander, rest, cx).map_err(|throw| handler::raise(throw, cx));
    unbind_to(start, result, cx)
}

/// Call a function on the elements of a list.
fn apply_list(function: Root<'_>, arguments: Root<'_>, cx: &mut Context) -> CallResult {
    let n = super::list_length(arguments.get(cx), cx)?;
    if !cx.stack_has_room(n + super::LEVEL_WORDS) {
        return Err(error::error(super::TOO_DEEP, cx));
    }
    let base = cx.stack_len();
    cx.push(function.get(cx));
    tails(arguments.get(cx)).for_each(|cell| cx.push(cell.car()));
    let result = super::funcall_args(cx.window(base, cx.stack_len() - base), cx);
    cx.truncate_stack(base);
    result
}

/// Expand FORM until it is no macro call.
/// ENVIRONMENT is an alist of (NAME . FUNCTION) pairs that come before the global macros; a pair (NAME) hides one.
#[defun(min = 1)]
fn macroexpand(form: Root<'_>, environment: Root<'_>, cx: &mut Context) -> CallResult {
    let scope = cx.scope();
    let expander = scope.root(NIL);
    loop {
        super::poll(cx)?;
        let Some(call) = form.get(cx).as_cons() else { return Ok(cx.ret(form.get(cx))) };
        let (found, mut definition) = macro_definition(call.car(), environment.get(cx), cx)?;
        if !found && is_autoload(definition) {
            // Only if the autoload promises a macro; the expansion is tried again afterwards.
            let pushed = cx.push_args([definition, definition_name(call.car(), environment.get(cx), cx)?, sym::MACRO]);
            definition = cx.enter(pushed, autoload_do_load_args)?.get(cx);
        }
        let function = match definition.as_cons() {
            _ if found => definition,
            Some(cell) if cell.car() == sym::MACRO => cell.cdr(),
            _ => NIL,
        };
        if function.is_nil() {
            return Ok(cx.ret(form.get(cx)));
        }
        expander.set(cx, function);
        let arguments = scope.root(form.get(cx).as_cons().map_or(NIL, |c| c.cdr()));
        let expansion = apply_list(expander, arguments, cx)?.get(cx);
        if expansion == form.get(cx) {
            return Ok(cx.ret(expansion));
        }
        form.set(cx, expansion);
    }
}

/// What a call's head means for expansion: `(true, FUNCTION)` from the environment, `(false, DEFINITION)` otherwise.
fn macro_definition<'ob>(
    head: Object<'ob>,
    environment: Object<'ob>,
    cx: &'ob Context,
) -> Result<(bool, Object<'ob>), Throw> {
    let mut head = head;
    let mut hops = 0u32;
    while let Some(symbol) = head.as_symbol() {
        if let Some(pair) = assq(head, environment) {
            return Ok((true, pair));
        }
        let function = symbol.function(cx);
        if function.is_nil() {
            return Ok((false, NIL));
        }
        hops += 1;
        if hops > HOPS {
            indirect_function(symbol, cx)?;
            return Ok((false, NIL));
        }
        head = function;
    }
    Ok((false, head))
}
/// After so many indirections a circle is suspected.
const HOPS: u32 = 100;

/// The last symbol of a chain of function indirections: the name that an autoload defines.
fn definition_name<'ob>(head: Object<'ob>, environment: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let mut name = head;
    while let Some(next) = name.as_symbol().map(|s| s.function(cx)).filter(|f| f.as_symbol().is_some()) {
        if next.is_nil() || assq(next, environment).is_some() {
            break;
        }
        name = next;
    }
    Ok(name)
}

fn assq<'ob>(key: Object<'_>, alist: Object<'ob>) -> Option<Object<'ob>> {
    tails(alist).filter_map(|c| c.car().as_cons()).find(|pair| pair.car() == key).map(|pair| pair.cdr())
}

/// Whether a function cell holds `(autoload ...)`.
pub(crate) fn is_autoload(function: Object<'_>) -> bool {
    function.as_cons().is_some_and(|c| c.car() == sym::AUTOLOAD)
}

/// Define FUNCTION to be loaded from FILE when it is first called.
/// DOCSTRING, INTERACTIVE and TYPE (`macro`, `keymap` or nil) say what it will be.  A function that is defined already,
/// and no autoload itself, stays as it is.
#[defun(min = 2)]
fn autoload(
    function: Root<'_>,
    file: Root<'_>,
    docstring: Root<'_>,
    interactive: Root<'_>,
    r#type: Root<'_>,
    cx: &mut Context,
) -> CallResult {
    let symbol = Symbol::from_lisp(function.get(cx), cx)?;
    Str::from_lisp(file.get(cx), cx)?;
    let old = symbol.function(cx);
    if !old.is_nil() && !is_autoload(old) {
        return Ok(cx.ret(NIL));
    }
    let rest = [file, docstring, interactive, r#type].map(|r| r.get(cx));
    let [file, docstring, interactive, r#type] = rest;
    let definition = cx.list(&[sym::AUTOLOAD, file, docstring, interactive, r#type]);
    crate::funcall!(cx, sym::DEFALIAS, function.get(cx), definition, NIL)
}

/// Load the file of the autoload definition FUNDEF, if it is one, and return what FUNNAME is defined as then.
/// MACRO-ONLY `macro` loads only what will be a macro; any other non-nil value ignores what fails.
#[defun(min = 1)]
fn autoload_do_load(fundef: Root<'_>, funname: Root<'_>, macro_only: Root<'_>, cx: &mut Context) -> CallResult {
    let pushed = cx.push_args([fundef.get(cx), funname.get(cx), macro_only.get(cx)]);
    cx.enter(pushed, autoload_do_load_args)
}

/// As `autoload-do-load`, for words 0 to 2 of a window.
pub(crate) fn autoload_do_load_args(args: Args<'_>, cx: &mut Context) -> CallResult {
    let [fundef, funname, macro_only] = [0, 1, 2].map(|i| args.root(i));
    let definition = fundef.get(cx);
    if !is_autoload(definition) {
        return Ok(cx.ret(definition));
    }
    if macro_only.get(cx) == sym::MACRO {
        let kind = tails(definition).nth(4).map_or(NIL, |c| c.car());
        if kind != T && kind != sym::MACRO {
            return Ok(cx.ret(definition));
        }
    }
    let name = Symbol::from_lisp(funname.get(cx), cx)?;
    let _ = name;
    let file = tails(definition).nth(1).map_or(NIL, |c| c.car());
    let ignore = Object::bool(!macro_only.get(cx).is_nil() && macro_only.get(cx) != sym::MACRO);
    crate::funcall!(cx, cx.intern("load").into(), file, ignore, T, NIL, T)?.get(cx);
    if funname.get(cx).is_nil() || !ignore.is_nil() {
        return Ok(cx.ret(NIL));
    }
    let symbol = Symbol::from_lisp(funname.get(cx), cx)?;
    let now = indirect_function(symbol, cx)?;
    if is_autoload(now) && now == fundef.get(cx) {
        let file = file_name(fundef.get(cx));
        let name = String::from_utf8_lossy(symbol.name(cx).bytes()).into_owned();
        let message = format!("Autoloading file {file} failed to define function {name}");
        return Err(error::error(&message, cx));
    }
    Ok(cx.ret(now))
}

fn file_name(definition: Object<'_>) -> String {
    let file = tails(definition).nth(1).and_then(|c| c.car().as_string());
    file.map_or(String::new(), |s| String::from_utf8_lossy(s.bytes()).into_owned())
}

/// The primitives of macros and autoloads.
pub(crate) const SUBRS: &[SubrInfo] = &subrs![macroexpand, autoload, autoload_do_load];
