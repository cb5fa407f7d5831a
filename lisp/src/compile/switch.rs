//! Jump tables: a chain of conditions that compare one variable with constants becomes a `switch`.

use super::codegen::{Dest, Generator};
use super::ir::{Ir, Node, NodeId, Variable};
use super::lap::{Instr, Label, Table};
use super::rewrite::{is_identity_enough, name_of};
use crate::form::elements;
use tenure_gc::{Context, Object, T, Throw};
use tenure_vm::bytecode::opcode::Op;
use tenure_vm::fns::hash;
use tenure_vm::sym;

/// Chains with fewer branches are left as they are, as Emacs's compiler leaves them ...
const LEAST_BRANCHES: usize = 2;
/// ... unless one branch has so many constants.
const LEAST_KEYS: usize = 4;

/// How strict a test is; each implies those before it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Test {
    Eq,
    Eql,
    Equal,
}

/// A condition that compares a variable with constants.
struct Comparison<'ob> {
    variable: Variable<'ob>,
    keys: Vec<Object<'ob>>,
    test: Test,
}

/// Emit a jump table for the chain of conditions that begins at the `if` at `id`, if it is worth one.  Gives the node
/// that is left to do when no constant was found, whose code comes next.
pub(super) fn emit(g: &mut Generator<'_, '_>, id: NodeId, end: Label, dest: Dest) -> Result<Option<NodeId>, Throw> {
    let ir = g.ir;
    let (mut branches, mut keys, mut test) = (Vec::new(), Vec::new(), Test::Eq);
    let mut chosen = None;
    let mut rest = id;
    while let &Node::If(condition, then, or_else) = ir.node(rest) {
        let Some(comparison) = comparison(ir, condition, g.cx) else { break };
        if *chosen.get_or_insert(comparison.variable) != comparison.variable {
            break;
        }
        test = test.max(comparison.test);
        let label = g.new_label();
        branches.push((label, then));
        keys.extend(comparison.keys.into_iter().map(|key| (key, label)));
        rest = or_else;
    }
    let Some(variable) = chosen.filter(|_| branches.len() >= LEAST_BRANCHES || keys.len() >= LEAST_KEYS) else {
        return Ok(None);
    };
    let start = g.depth;
    let table = make_table(test, keys.len(), g.cx)?;
    let mut cases: Vec<(Object<'_>, Label)> = Vec::with_capacity(keys.len());
    for (key, label) in keys {
        // The first of several branches for a constant is the one that is taken.
        let before = table.count();
        hash::put(table, key, Object::fixnum(0), g.cx)?;
        if table.count() > before {
            cases.push((key, label));
        }
    }
    g.read(variable);
    g.constant(table.into());
    let number = g.add_table(Table { table, cases });
    g.emit(Instr::Switch(number));
    let default = g.new_label();
    g.jump(Op::Goto, default);
    for (label, then) in branches {
        g.label(label, start);
        g.node(then, dest)?;
        if dest != Dest::Return {
            g.jump(Op::Goto, end);
        }
    }
    g.label(default, start);
    Ok(Some(rest))
}

fn make_table<'ob>(test: Test, size: usize, cx: &'ob Context) -> Result<tenure_gc::HashTable<'ob>, Throw> {
    let test = match test {
        Test::Eq => sym::EQ,
        Test::Eql => sym::EQL,
        Test::Equal => sym::EQUAL,
    };
    let parameters = hash::Parameters {
        test: Some(test),
        size: Some(Object::fixnum(size as i64)),
        purecopy: Some(T),
        ..hash::Parameters::default()
    };
    hash::make(parameters, cx)
}

/// A condition as a comparison of a variable with constants.
fn comparison<'ob>(ir: &Ir<'ob>, id: NodeId, cx: &'ob Context) -> Option<Comparison<'ob>> {
    match ir.node(id) {
        Node::Or(nodes) => {
            let mut parts = nodes.iter().map(|&node| comparison(ir, node, cx));
            let mut whole = parts.next()??;
            for part in parts {
                let part = part.filter(|part| part.variable == whole.variable)?;
                whole.keys.extend(part.keys);
                whole.test = whole.test.max(part.test);
            }
            Some(whole)
        }
        Node::Call(name, args) => {
            let &[a, b] = &args[..] else { return None };
            let (test, is_member) = match name_of(*name, cx)? {
                "eq" => (Test::Eq, false),
                "eql" => (Test::Eql, false),
                "equal" => (Test::Equal, false),
                "memq" => (Test::Eq, true),
                "memql" => (Test::Eql, true),
                "member" => (Test::Equal, true),
                _ => return None,
            };
            let (variable, constant) = match (ir.node(a), ir.node(b)) {
                (&Node::Read(variable), &Node::Constant(value)) => (variable, value),
                (&Node::Constant(value), &Node::Read(variable)) if !is_member => (variable, value),
                _ => return None,
            };
            let keys: Vec<Object<'_>> = if is_member { elements(constant).collect() } else { vec![constant] };
            let test = if keys.iter().all(|&key| is_identity_enough(key)) { Test::Eq } else { test };
            // The table may get a wider test for the sake of others, which must not change what this one means.
            let fits = keys.iter().all(|&key| {
                let is_number = key.as_float().is_some() || key.as_bignum().is_some();
                is_identity_enough(key) || test == Test::Equal || (test == Test::Eql && is_number)
            });
            fits.then_some(Comparison { variable, keys, test })
        }
        _ => None,
    }
}
