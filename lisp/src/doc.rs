//! Documentation strings (`doc.c`), and byte code that stays in its file until it is called.
//!
//! A compiled file has its documentation in comments, and its functions and variables have `(FILE . POSITION)` instead.
//! The text goes on to the next byte 31, and byte 1 quotes what could not be written: `1 1` is 1, `1 0` is 0, `1 _` is 31.

use crate::fileio;
use crate::form::{car_safe, cdr_safe, symbol};
use crate::reader::read_one;
use tenure_gc::{ByteCode, CallResult, Context, Kind, LispResult, NIL, Object, Root, SubrInfo, Symbol, Throw};
use tenure_vm::convert::FromLisp as _;
use tenure_vm::error::{error, signal};
use tenure_vm::eval::indirect_function;
use tenure_vm::fns::plist::get_eq;
use tenure_vm::{defun, funcall, string, subrs, sym};

/// Slots of a byte-code function.
const CODE: usize = 1;
const CONSTANTS: usize = 2;
const DOCUMENTATION: usize = 4;

/// The end of a text in a compiled file, and the byte that quotes.
const END: u8 = 31;
const QUOTE: u8 = 1;

/// What `(FILE . POSITION)` means: the file and the place of the text.
fn place(reference: Object<'_>) -> Option<(&[u8], usize)> {
    let pair = reference.as_cons()?;
    // A negative place marks an option that users set; it is the same place.
    let position = usize::try_from(pair.cdr().as_fixnum()?.unsigned_abs()).ok()?;
    Some((pair.car().as_string()?.bytes(), position))
}

/// The bytes of a text in a compiled file; the message of why there are none.
fn text_at(file: &[u8], position: usize) -> Result<Vec<u8>, String> {
    let name = String::from_utf8_lossy(file);
    let Ok(bytes) = std::fs::read(fileio::path(file)) else {
        return Err(format!("Cannot open doc string file \"{name}\"\n"));
    };
    let rest = bytes.get(position..).unwrap_or_default();
    let Some(end) = memchr::memchr(END, rest) else {
        return Err(format!("Position {position} of \"{name}\" is not in a text of a compiled file\n"));
    };
    let mut text = Vec::with_capacity(end);
    let mut quoted = rest[..end].iter();
    while let Some(&byte) = quoted.next() {
        let meant = match byte {
            QUOTE => match quoted.next() {
                Some(&QUOTE) => QUOTE,
                Some(b'0') => 0,
                Some(b'_') => END,
                other => return Err(format!("Byte 1 followed by {other:?} in a text of \"{name}\"\n")),
            },
            byte => byte,
        };
        text.push(meant);
    }
    Ok(text)
}

/// A documentation string, read from its file if it is only named; nil of what is none.
fn resolve<'ob>(doc: Object<'ob>, cx: &'ob Context) -> Object<'ob> {
    if doc.as_string().is_some() {
        return doc;
    }
    match place(doc).map(|(file, position)| text_at(file, position)) {
        Some(Ok(text)) => string::from_text(&text, cx).into(),
        Some(Err(message)) => cx.string_from_str(&message).into(),
        None => NIL,
    }
}

/// Put the keys of commands into a documentation string, as far as the runtime can, unless it is wanted raw.
fn finish(doc: Root<'_>, raw: Root<'_>, cx: &mut Context) -> CallResult {
    let substitute = cx.intern("substitute-command-keys");
    if doc.get(cx).is_nil() || !raw.get(cx).is_nil() || substitute.function(cx).is_nil() {
        return Ok(cx.ret(doc.get(cx)));
    }
    funcall!(cx, cx.intern("substitute-command-keys").into(), doc.get(cx))
}

/// What a function has for documentation, before it is read.
fn documentation_of<'ob>(function: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let name = function;
    let function = match function.as_symbol() {
        Some(symbol) if !function.is_nil() => indirect_function(symbol, cx)?,
        _ => function,
    };
    if function.is_nil() {
        return Err(signal(sym::VOID_FUNCTION, &[name], cx));
    }
    let function = if car_safe(function) == sym::MACRO { cdr_safe(function) } else { function };
    let code = |code: Option<ByteCode<'ob>>| code.and_then(|code| code.get(DOCUMENTATION)).unwrap_or(NIL);
    match function.untag() {
        Kind::Subr(subr) => Ok(cx.string_from_str(subr.info(cx).doc).into()),
        Kind::ByteCode(function) => Ok(code(Some(function))),
        Kind::Closure(closure) => Ok(code(closure.prototype().as_byte_code())),
        Kind::String(_) | Kind::Vector(_) => Ok(cx.string_from_str("Keyboard macro.").into()),
        Kind::Cons(cons) if cons.car() == symbol("keymap", cx) => Ok(cx
            .string_from_str("Prefix command (definition is a keymap associating keystrokes with commands).")
            .into()),
        Kind::Cons(cons) if cons.car() == sym::LAMBDA || cons.car() == sym::AUTOLOAD => {
            Ok(car_safe(cdr_safe(cons.cdr())))
        }
        Kind::Cons(cons) if cons.car() == sym::CLOSURE => Ok(car_safe(cdr_safe(cdr_safe(cons.cdr())))),
        _ => Err(signal(sym::INVALID_FUNCTION, &[function], cx)),
    }
}

/// Return the documentation string of FUNCTION, nil if it has none.
/// Unless RAW, `substitute-command-keys` is applied to it.
#[defun(min = 1)]
fn documentation(function: Root<'_>, raw: Root<'_>, cx: &mut Context) -> CallResult {
    if let Some(symbol) = function.get(cx).as_symbol()
        && !get_eq(symbol.plist(cx), sym::FUNCTION_DOCUMENTATION).is_nil()
    {
        let ask = cx.intern("documentation-property").into();
        return funcall!(cx, ask, function.get(cx), sym::FUNCTION_DOCUMENTATION, raw.get(cx));
    }
    let scope = cx.scope();
    let doc = documentation_of(function.get(cx), cx)?;
    let doc = scope.root(resolve(doc, cx));
    finish(doc, raw, cx)
}

/// Return the documentation string that is SYMBOL's property PROP; a form there is evaluated.
/// Unless RAW, `substitute-command-keys` is applied to it.
#[defun(min = 2)]
fn documentation_property(symbol: Root<'_>, prop: Root<'_>, raw: Root<'_>, cx: &mut Context) -> CallResult {
    let scope = cx.scope();
    let property = get_eq(Symbol::from_lisp(symbol.get(cx), cx)?.plist(cx), prop.get(cx));
    let doc = scope.root(property);
    if property.as_string().is_some() || place(property).is_some() {
        doc.set(cx, resolve(property, cx));
    } else if !property.is_nil() {
        let lexical = scope.root(NIL);
        let value = tenure_vm::eval::eval(doc, lexical, cx)?.get(cx);
        doc.set(cx, value);
    }
    if doc.get(cx).as_string().is_none() {
        return Ok(cx.ret(doc.get(cx)));
    }
    finish(doc, raw, cx)
}

/// The code and the constants of a function that are in its file.
fn code_in_file<'ob>(reference: Object<'ob>, cx: &'ob Context) -> Result<(Object<'ob>, Object<'ob>), Throw> {
    let Some((file, position)) = place(reference) else {
        return Err(error("Invalid byte code", cx));
    };
    let text = text_at(file, position).map_err(|message| error(message.trim_end(), cx))?;
    let pair = read_one(&text, &mut 0, cx)?;
    let (code, constants) = (car_safe(pair), cdr_safe(pair));
    if code.as_string().is_none() || constants.as_vector().is_none() {
        return Err(error("Invalid byte code", cx));
    }
    Ok((code, constants))
}

/// Read the byte code of OBJECT from the file where it still is, if so; return OBJECT.
#[defun]
fn fetch_bytecode<'ob>(object: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    if let Some(function) = object.as_byte_code()
        && let Some(reference) = function.get(CODE).filter(|code| code.as_cons().is_some())
    {
        let (code, constants) = code_in_file(reference, cx)?;
        function.set(CODE, code, cx);
        function.set(CONSTANTS, constants, cx);
    }
    Ok(object)
}

/// The primitives of this file.
pub(crate) const SUBRS: &[SubrInfo] = &subrs![documentation, documentation_property, fetch_bytecode];
