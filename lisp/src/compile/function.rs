//! Byte-code objects, and the code that makes closures of them.
//!
//! A function that captures nothing is a constant.  Another one is a prototype whose first constants are replaced by
//! what it captures, in a copy that `make-closure` makes; a documentation string that is computed is put in by
//! `make-byte-code`.

use super::codegen::Generator;
use super::ir::{Documentation, Function, FunctionId, Ir};
use super::lap::Instr;
use crate::form::{elements, symbol};
use tenure_gc::{ByteCode, Context, NIL, Object, Throw};
use tenure_vm::bytecode::opcode::Op;
use tenure_vm::eval::check_native_room;

/// The slot of the constants of a byte-code function.
const CONSTANTS: usize = 2;

/// The byte-code function of a function of the tree.
pub(super) fn object<'ob>(ir: &Ir<'ob>, id: FunctionId, cx: &'ob Context) -> Result<ByteCode<'ob>, Throw> {
    check_native_room(cx)?;
    let function = ir.function(id);
    let code = Generator::function(ir, id, cx)?.assemble(cx)?;
    let text = cx.string(&code.code, code.code.len(), false);
    let constants = cx.vector(&code.constants);
    let mut slots = vec![arguments(function), text.into(), constants.into(), Object::fixnum(code.depth as i64)];
    let doc = documentation(function, cx);
    let interactive = function.interactive.map(|form| specification(form, cx));
    if !doc.is_nil() || interactive.is_some() {
        slots.push(doc);
    }
    slots.extend(interactive);
    Ok(cx.byte_code(&slots))
}

/// What says how many arguments a function takes.
fn arguments<'ob>(function: &Function<'ob>) -> Object<'ob> {
    match function.arity {
        Some(arity) => {
            let number = arity.mandatory | usize::from(arity.rest) << 7 | arity.positional << 8;
            Object::fixnum(number as i64)
        }
        None => function.arglist,
    }
}

/// The documentation of a function, with its arguments' names if the function itself does not know them.
fn documentation<'ob>(function: &Function<'ob>, cx: &'ob Context) -> Object<'ob> {
    let doc = match function.doc {
        Documentation::Constant(doc) => doc,
        Documentation::None | Documentation::TopLevel | Documentation::Computed(_) => NIL,
    };
    if function.arity.is_none() || function.arglist.is_nil() || (!doc.is_nil() && doc.as_string().is_none()) {
        return doc;
    }
    let text = doc.as_string().map(|s| s.bytes()).unwrap_or_default();
    let last_line = text.rsplit(|&b| b == b'\n').next().unwrap_or_default();
    if last_line.starts_with(b"(fn") && last_line.ends_with(b")") {
        return doc;
    }
    let mut text = text.to_vec();
    while text.ends_with(b"\n") {
        text.pop();
    }
    text.extend(b"\n\n(fn");
    for name in elements(function.arglist) {
        let name = name.as_symbol().map(|s| s.name(cx).bytes()).unwrap_or_default();
        let name = String::from_utf8_lossy(name);
        let shown = if name.starts_with('&') {
            name.into_owned()
        } else {
            name.strip_prefix('_').filter(|n| !n.is_empty()).unwrap_or(&name).to_uppercase()
        };
        text.push(b' ');
        text.extend(shown.as_bytes());
    }
    text.push(b')');
    let multibyte = !text.is_ascii();
    cx.string(&text, tenure_vm::character::count(&text), multibyte).into()
}

/// The slot of an `interactive` form: its specification, or a vector of that and the modes it names.
fn specification<'ob>(form: Object<'ob>, cx: &'ob Context) -> Object<'ob> {
    let parts: Vec<Object<'ob>> = elements(form).skip(1).collect();
    match parts[..] {
        [] => NIL,
        [spec] => spec,
        [spec, ref modes @ ..] => cx.vector(&[spec, cx.list(modes)]).into(),
    }
}

/// Push the function, or the closure, that a lambda expression makes.
pub(super) fn push<'ob>(g: &mut Generator<'_, 'ob>, id: FunctionId) -> Result<(), Throw> {
    let (ir, cx) = (g.ir, g.cx);
    let function = ir.function(id);
    let object = object(ir, id, cx)?;
    if let Documentation::Computed(doc) = function.doc {
        return push_documented(g, id, object, doc);
    }
    if function.captures.is_empty() {
        g.constant(object.into());
        return Ok(());
    }
    g.constant(symbol("make-closure", cx));
    g.constant(object.into());
    function.captures.iter().for_each(|&variable| g.push_raw(variable));
    g.emit(Instr::Plain(Op::Call, function.captures.len() as u32 + 1));
    Ok(())
}

/// Push a closure whose documentation is computed: `(make-byte-code ARGS CODE CONSTANTS DEPTH DOC [INTERACTIVE])`.
fn push_documented<'ob>(
    g: &mut Generator<'_, 'ob>,
    id: FunctionId,
    object: ByteCode<'ob>,
    doc: super::ir::NodeId,
) -> Result<(), Throw> {
    let cx = g.cx;
    let captures = &g.ir.function(id).captures;
    g.constant(symbol("make-byte-code", cx));
    let slots: Vec<Object<'ob>> = object.iter().collect();
    for (i, &slot) in slots.iter().enumerate().take(4) {
        match slot.as_vector().filter(|_| i == CONSTANTS && !captures.is_empty()) {
            None => g.constant(slot),
            Some(constants) => {
                let rest: Vec<Object<'ob>> = constants.iter().skip(captures.len()).collect();
                g.constant(symbol("vconcat", cx));
                g.constant(symbol("vector", cx));
                captures.iter().for_each(|&variable| g.push_raw(variable));
                g.emit(Instr::Plain(Op::Call, captures.len() as u32));
                g.constant(cx.vector(&rest).into());
                g.emit(Instr::Plain(Op::Call, 2));
            }
        }
    }
    g.values(&[doc])?;
    if let Some(&interactive) = slots.get(5) {
        g.constant(interactive);
    }
    g.emit(Instr::Plain(Op::Call, slots.len().max(5) as u32));
    Ok(())
}
