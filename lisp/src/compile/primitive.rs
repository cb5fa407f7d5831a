//! Calls of functions by name: those that have an opcode become it.
//!
//! Which have one, and for how many arguments, is read off the table of opcodes; what remains to be said here is which
//! arguments may be left out.

use super::codegen::{Dest, Generator};
use super::ir::NodeId;
use super::lap::Instr;
use super::rewrite::name_of;
use tenure_gc::{NIL, Object, Throw};
use tenure_vm::bytecode::opcode::{Effect, Flow, OPCODES, Op};

/// The most arguments of `listN` and its kin.
const MAX_COUNTED: usize = 255;

/// Primitives whose opcode wants nil for arguments that are left out, with their least number.
const OPTIONAL: &[(&str, usize)] = &[
    ("substring", 1),
    ("char-after", 0),
    ("forward-char", 0),
    ("forward-word", 0),
    ("forward-line", 0),
    ("end-of-line", 0),
    ("skip-chars-forward", 1),
    ("skip-chars-backward", 1),
    ("set-marker", 2),
];

/// Opcodes that were written by compilers of old alone.
const OBSOLETE: &[Op] = &[
    Op::InteractiveP,
    Op::SaveWindowExcursion,
    Op::TempOutputBufferSetup,
    Op::TempOutputBufferShow,
    Op::SaveCurrentBufferOld,
];

/// The opcode of a primitive for so many arguments, and how many it takes itself.
fn opcode(name: &str, args: usize) -> Option<(Op, usize)> {
    // The table has the primitives' own names.
    let name = match name {
        "not" => "null",
        "string=" => "string-equal",
        "string<" => "string-lessp",
        name => name,
    };
    let least = OPTIONAL.iter().find(|(optional, _)| *optional == name).map(|(_, least)| *least);
    OPCODES
        .iter()
        .filter(|row| row.primitive == name && row.flow == Flow::Next && !OBSOLETE.contains(&row.op))
        .find_map(|row| match row.effect {
            Effect::Fixed(pops, 1) => {
                let pops = usize::from(pops);
                (pops == args || least.is_some_and(|least| (least..pops).contains(&args))).then_some((row.op, pops))
            }
            _ => None,
        })
}

/// The opcode of a primitive that takes any number of arguments, and says how many.
fn counted(name: &str, args: usize) -> Option<Op> {
    let row = OPCODES.iter().find(|row| row.primitive == name && row.effect == Effect::Many)?;
    (1..=MAX_COUNTED).contains(&args).then_some(row.op)
}

/// The code of a call.
pub(super) fn call<'ob>(
    g: &mut Generator<'_, 'ob>,
    name: Object<'ob>,
    args: &[NodeId],
    dest: Dest,
) -> Result<(), Throw> {
    let cx = g.cx;
    if let Some(text) = name_of(name, cx) {
        if let Some((op, takes)) = opcode(text, args.len()) {
            g.values(args)?;
            (args.len()..takes).for_each(|_| g.constant(NIL));
            g.op(op);
            g.finish(dest);
            return Ok(());
        }
        if let Some(op) = counted(text, args.len()) {
            g.values(args)?;
            g.emit(Instr::Plain(op, args.len() as u32));
            g.finish(dest);
            return Ok(());
        }
        match text {
            "list" if args.is_empty() => return constant(g, NIL, dest),
            "concat" if args.is_empty() => return constant(g, cx.string_from_str("").into(), dest),
            "-" if args.len() > 2 => {
                g.values(&args[..1])?;
                for &arg in &args[1..] {
                    g.values(&[arg])?;
                    g.op(Op::Sub);
                }
                g.finish(dest);
                return Ok(());
            }
            _ => {}
        }
    }
    g.constant(name);
    g.values(args)?;
    g.emit(Instr::Plain(Op::Call, args.len() as u32));
    g.finish(dest);
    Ok(())
}

fn constant<'ob>(g: &mut Generator<'_, 'ob>, value: Object<'ob>, dest: Dest) -> Result<(), Throw> {
    if dest != Dest::Effect {
        g.constant(value);
        g.finish(dest);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opcodes_by_number_of_arguments() {
        for (name, args, expected) in [
            ("car", 1, Some((Op::Car, 1))),
            ("car", 2, None),
            ("not", 1, Some((Op::Not, 1))),
            ("-", 1, Some((Op::Negate, 1))),
            ("-", 2, Some((Op::Sub, 2))),
            ("-", 3, None),
            ("list", 3, Some((Op::List3, 3))),
            ("substring", 2, Some((Op::Substring, 3))),
            ("forward-char", 0, Some((Op::ForwardChar, 1))),
            ("string=", 2, Some((Op::StringEqual, 2))),
            ("interactive-p", 0, None),
            ("mapcar", 2, None),
        ] {
            assert_eq!(opcode(name, args), expected, "{name} of {args}");
        }
        assert_eq!(counted("list", 5), Some(Op::ListN));
        assert_eq!(counted("concat", 1), Some(Op::ConcatN));
        assert_eq!(counted("list", 256), None);
        assert_eq!(counted("car", 5), None);
    }
}
