//! `disassemble`: byte code as text for people.
//!
//! Each line has the place of an instruction, its number if something jumps there, its name and its operand.  Functions
//! among the constants are listed where they are pushed, one level further in.

use super::byte_compile_definition;
use crate::form::car_safe;
use crate::print::{output, print_to_text};
use std::collections::BTreeMap;
use tenure_gc::{CallResult, Context, NIL, Object, Root, SubrInfo, Throw};
use tenure_vm::bytecode::disassemble::{Detail, disassemble as lines_of};
use tenure_vm::error::{args_out_of_range, error};
use tenure_vm::{defun, subrs, sym};

/// Functions inside functions that are listed at most.
const MAX_NESTED: usize = 50;
/// Columns that lines can be moved to the right at most, since each line has them.
const DEEPEST: usize = 10_000;
/// Columns that a function inside another is moved to the right.
const INDENT: usize = 4;

/// Show the byte code of OBJECT, a function or its name, or a form; what is not compiled yet is compiled for it.
/// BUFFER is a stream to print to, by default `standard-output`; INDENT is how far lines are moved to the right,
/// by 10,000 columns at most.
#[defun(min = 1)]
fn disassemble(
    object: Root<'_>,
    buffer: Root<'_>,
    indent: Root<'_>,
    interactive_p: Root<'_>,
    cx: &mut Context,
) -> CallResult {
    let _ = interactive_p;
    let scope = cx.scope();
    let name = object.get(cx).as_symbol().filter(|_| !object.get(cx).is_nil());
    let title = match name {
        Some(name) => String::from_utf8_lossy(name.name(cx).bytes()).into_owned(),
        None => String::new(),
    };
    let mut definition = match name {
        Some(name) => tenure_vm::eval::indirect_function(name, cx)?,
        None => object.get(cx),
    };
    if car_safe(definition) == sym::MACRO {
        definition = definition.as_cons().map_or(NIL, |c| c.cdr());
    }
    if let Some(subr) = definition.as_subr() {
        let name = subr.info(cx).name;
        return Err(error(&format!("Can't disassemble #<subr {name}>"), cx));
    }
    let definition = scope.root(definition);
    let compiled = byte_compile_definition(definition, cx)?.get(cx);
    let columns = indent.get(cx).as_fixnum().and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
    if columns > DEEPEST {
        return Err(args_out_of_range(indent.get(cx), Object::fixnum(DEEPEST as i64), cx));
    }
    let mut text = Vec::new();
    let heading = if title.is_empty() { String::new() } else { format!(" for {title}") };
    text.extend(format!("{:columns$}byte code{heading}:\n", "").bytes());
    list(compiled, columns, 0, &mut text, cx)?;
    let stream =
        if buffer.get(cx).is_nil() { tenure_vm::lread::setting(sym::STANDARD_OUTPUT, cx) } else { buffer.get(cx) };
    let stream = scope.root(stream);
    output(&text, stream, cx)?;
    Ok(cx.ret(NIL))
}

/// List the code of a function, or of a `byte-code` form.
fn list(function: Object<'_>, indent: usize, nested: usize, text: &mut Vec<u8>, cx: &Context) -> Result<(), Throw> {
    let prototype = function.as_closure().map(|closure| closure.prototype());
    let (arguments, code, constants) = if let Some(code) = function.as_byte_code().or_else(|| prototype?.as_byte_code())
    {
        let slot = |i| code.get(i).unwrap_or(NIL);
        (Some(slot(0)), slot(1), slot(2))
    } else {
        let mut parts = crate::form::elements(function).skip(1);
        (None, parts.next().unwrap_or(NIL), parts.next().unwrap_or(NIL))
    };
    let (Some(code), Some(constants)) = (code.as_string(), constants.as_vector()) else {
        return Err(error("Code is not there: it is loaded when the function is called", cx));
    };
    if let Some(arguments) = arguments {
        text.extend(format!("{:indent$}  args: ", "").bytes());
        match arguments.as_fixnum() {
            Some(number) => text.extend(arglist(number).bytes()),
            None => text.extend(print_to_text(arguments, true, cx)?),
        }
        text.push(b'\n');
    }
    let (lines, bad) = lines_of(code.bytes());
    let mut targets = BTreeMap::new();
    for line in &lines {
        if let Detail::Target(place) = line.detail {
            targets.insert(place, 0);
        }
    }
    targets.values_mut().enumerate().for_each(|(i, number)| *number = i + 1);
    for line in &lines {
        let label = targets.get(&line.pc).map_or(String::new(), |number| format!(":{number}"));
        let place = format!("{}{label}", line.pc);
        text.extend(format!("{:indent$}{place:<8}{:<10}", "", line.name).bytes());
        let mut inner = None;
        match line.detail {
            Detail::None => {}
            Detail::Number(number) => text.extend(format!(" {number}").bytes()),
            Detail::Target(place) => text.extend(format!(" {}", targets[&place]).bytes()),
            Detail::Constant(i) => {
                let value = constants.get(i).unwrap_or(NIL);
                text.push(b' ');
                if value.as_byte_code().is_some() && nested < MAX_NESTED {
                    text.extend(b"<compiled-function>");
                    inner = Some(value);
                } else {
                    text.extend(print_to_text(value, true, cx)?);
                }
            }
        }
        while text.last() == Some(&b' ') {
            text.pop();
        }
        text.push(b'\n');
        if let Some(inner) = inner {
            list(inner, indent + INDENT, nested + 1, text, cx)?;
        }
    }
    if let Some(place) = bad {
        text.extend(format!("{:indent$}{place}: the code ends inside an instruction\n", "").bytes());
    }
    Ok(())
}

/// What a number that stands for an argument list means.
fn arglist(number: i64) -> String {
    let (mandatory, positional, rest) = (number & 127, number >> 8, number & 128 != 0);
    let mut words: Vec<String> = (1..=mandatory).map(|i| format!("arg{i}")).collect();
    if positional > mandatory {
        words.push("&optional".to_owned());
        words.extend((mandatory + 1..=positional).map(|i| format!("arg{i}")));
    }
    if rest {
        words.push("&rest rest".to_owned());
    }
    format!("({})", words.join(" "))
}

/// The primitives of this file.
pub(super) const SUBRS: &[SubrInfo] = &subrs![disassemble];
