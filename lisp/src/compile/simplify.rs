//! Simplification of the tree: constants are folded and propagated, dead branches and unused values go.
//!
//! A lexical variable that is never set after its binding and is bound to a constant, or to another such variable, is
//! replaced by that.  Primitives that always give the same for the same arguments are called now if their arguments are
//! constants, unless they signal, which is left to the run.

use super::ir::{Documentation, FunctionId, Ir, Node, NodeId, VarId, Variable};
use super::rewrite;
use rustc_hash::FxHashMap;
use tenure_gc::{Context, NIL, Object, Throw};
use tenure_vm::eval::check_native_room;

/// Simplify a function and the functions inside it.
pub(super) fn function<'ob>(ir: &mut Ir<'ob>, function: FunctionId, cx: &'ob Context) -> Result<(), Throw> {
    Simplifier { ir, cx, replacements: FxHashMap::default() }.function(function, Use::Value)
}

/// What becomes of a value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Value,
    /// Only whether it is nil matters.
    Test,
    /// Nothing.
    Effect,
}

pub(super) struct Simplifier<'a, 'ob> {
    pub(super) ir: &'a mut Ir<'ob>,
    pub(super) cx: &'ob Context,
    /// What stands for a variable: a constant, or another variable.
    replacements: FxHashMap<VarId, Node<'ob>>,
}

impl<'ob> Simplifier<'_, 'ob> {
    fn function(&mut self, function: FunctionId, used: Use) -> Result<(), Throw> {
        if let Documentation::Computed(doc) = self.ir.function(function).doc {
            self.node(doc, Use::Value)?;
        }
        let body = self.ir.function(function).body;
        self.node(body, used)
    }

    /// Simplify a node in its place.
    fn node(&mut self, id: NodeId, used: Use) -> Result<(), Throw> {
        check_native_room(self.cx)?;
        let node = self.ir.take(id);
        let node = self.rebuilt(node, used)?;
        let node = if used == Use::Effect && self.has_no_effect(&node) { Node::Constant(NIL) } else { node };
        self.ir.set_node(id, node);
        Ok(())
    }

    /// The node itself, out of its place, for a node that it replaces.
    fn moved(&mut self, id: NodeId) -> Node<'ob> {
        self.ir.take(id)
    }

    fn values(&mut self, nodes: &[NodeId]) -> Result<(), Throw> {
        nodes.iter().try_for_each(|&node| self.node(node, Use::Value))
    }

    fn rebuilt(&mut self, node: Node<'ob>, used: Use) -> Result<Node<'ob>, Throw> {
        Ok(match node {
            Node::Constant(_) | Node::Read(Variable::Dynamic(_)) => node,
            Node::Read(Variable::Lexical(variable)) => self.replacements.get(&variable).cloned().unwrap_or(node),
            Node::Write(_, value) => {
                self.node(value, Use::Value)?;
                node
            }
            Node::Progn(nodes) => self.progn(nodes, used)?,
            Node::Prog1(first, rest) if used == Use::Effect => {
                let nodes = std::iter::once(first).chain(rest).collect();
                self.progn(nodes, used)?
            }
            Node::Prog1(first, mut rest) => {
                self.node(first, used)?;
                rest.iter().try_for_each(|&node| self.node(node, Use::Effect))?;
                rest.retain(|&node| self.ir.as_constant(node).is_none());
                if rest.is_empty() { self.moved(first) } else { Node::Prog1(first, rest) }
            }
            Node::If(condition, then, or_else) => self.conditional(condition, then, or_else, used)?,
            Node::And(nodes) => self.junction(nodes, used, true)?,
            Node::Or(nodes) => self.junction(nodes, used, false)?,
            Node::While(condition, body) => {
                self.node(condition, Use::Test)?;
                self.node(body, Use::Effect)?;
                match self.ir.as_constant(condition) {
                    Some(value) if value.is_nil() => Node::Constant(NIL),
                    _ => Node::While(condition, body),
                }
            }
            Node::Let { bindings, parallel, body } => self.binding(bindings, parallel, body, used)?,
            Node::Call(name, args) => {
                let inner = if name == tenure_vm::sym::NOT { Use::Test } else { Use::Value };
                args.iter().try_for_each(|&arg| self.node(arg, inner))?;
                rewrite::call(self, name, args, used)?
            }
            Node::Funcall(function, args) => {
                self.node(function, Use::Value)?;
                self.values(&args)?;
                match self.ir.as_constant(function) {
                    Some(name) if name.as_symbol().is_some() && !name.is_nil() => {
                        rewrite::call(self, name, args, used)?
                    }
                    _ => Node::Funcall(function, args),
                }
            }
            Node::Lambda(function) => {
                self.function(function, Use::Value)?;
                Node::Lambda(function)
            }
            Node::Catch(tag, body) => {
                self.node(tag, Use::Value)?;
                self.node(body, unless_test(used))?;
                Node::Catch(tag, body)
            }
            Node::UnwindProtect(body, handler) => {
                self.node(body, unless_test(used))?;
                match *self.ir.node(handler) {
                    Node::Lambda(function) => self.function(function, Use::Effect)?,
                    _ => self.node(handler, Use::Value)?,
                }
                Node::UnwindProtect(body, handler)
            }
            Node::ConditionCase { body, handlers, success } => {
                let body_used = if success.is_some() { Use::Value } else { unless_test(used) };
                self.node(body, body_used)?;
                handlers.iter().try_for_each(|handler| self.node(handler.body, unless_test(used)))?;
                success.iter().try_for_each(|&(_, body)| self.node(body, unless_test(used)))?;
                Node::ConditionCase { body, handlers, success }
            }
            Node::Save(saved, body) => {
                self.node(body, unless_test(used))?;
                Node::Save(saved, body)
            }
        })
    }

    /// Forms in order; nested ones are taken up, and what has neither value nor effect goes.
    fn progn(&mut self, nodes: Vec<NodeId>, used: Use) -> Result<Node<'ob>, Throw> {
        let mut kept = Vec::with_capacity(nodes.len());
        let last = nodes.len() - 1;
        for (i, id) in nodes.into_iter().enumerate() {
            self.node(id, if i == last { used } else { Use::Effect })?;
            if i < last && self.ir.as_constant(id).is_some() {
                continue;
            }
            match self.ir.node(id) {
                Node::Progn(inner) => {
                    let count = inner.len() - usize::from(i < last && self.is_constant(inner[inner.len() - 1]));
                    kept.extend_from_slice(&inner[..count]);
                }
                _ => kept.push(id),
            }
        }
        if used == Use::Effect && kept.len() > 1 && self.is_constant(kept[kept.len() - 1]) {
            kept.pop();
        }
        Ok(if let [one] = kept[..] { self.moved(one) } else { Node::Progn(kept) })
    }

    fn is_constant(&self, id: NodeId) -> bool {
        self.ir.as_constant(id).is_some()
    }

    fn conditional(
        &mut self,
        condition: NodeId,
        mut then: NodeId,
        mut or_else: NodeId,
        used: Use,
    ) -> Result<Node<'ob>, Throw> {
        self.node(condition, Use::Test)?;
        if let Some(value) = self.ir.as_constant(condition) {
            let taken = if value.is_nil() { or_else } else { then };
            self.node(taken, used)?;
            return Ok(self.moved(taken));
        }
        let mut condition = condition;
        if let Node::Call(name, args) = self.ir.node(condition)
            && *name == tenure_vm::sym::NOT
            && let [inner] = args[..]
        {
            (condition, then, or_else) = (inner, or_else, then);
        }
        self.node(then, used)?;
        self.node(or_else, used)?;
        let is_nil = |s: &Self, id| s.ir.as_constant(id).is_some_and(|v| v.is_nil());
        if used == Use::Effect && is_nil(self, then) && is_nil(self, or_else) {
            self.node(condition, Use::Effect)?;
            return Ok(self.moved(condition));
        }
        if used != Use::Effect && is_nil(self, or_else) {
            return Ok(self.flat(vec![condition, then], true));
        }
        Ok(Node::If(condition, then, or_else))
    }

    /// `and` and `or`, with those directly inside taken up.
    fn flat(&mut self, nodes: Vec<NodeId>, is_and: bool) -> Node<'ob> {
        let mut all = Vec::with_capacity(nodes.len());
        for id in nodes {
            match self.ir.node(id) {
                Node::And(inner) if is_and => all.extend_from_slice(inner),
                Node::Or(inner) if !is_and => all.extend_from_slice(inner),
                _ => all.push(id),
            }
        }
        if is_and { Node::And(all) } else { Node::Or(all) }
    }

    fn junction(&mut self, nodes: Vec<NodeId>, used: Use, is_and: bool) -> Result<Node<'ob>, Throw> {
        let mut kept = Vec::with_capacity(nodes.len());
        let last = nodes.len() - 1;
        for (i, id) in nodes.into_iter().enumerate() {
            let inner = match used {
                _ if i == last => used,
                // The value of `and` is that of an inner form only if it is nil.
                Use::Value if !is_and => Use::Value,
                _ => Use::Test,
            };
            self.node(id, inner)?;
            match self.ir.as_constant(id) {
                // It ends here.
                Some(value) if value.is_nil() == is_and && i < last => {
                    kept.push(id);
                    break;
                }
                Some(_) if i < last => {}
                _ => kept.push(id),
            }
        }
        if let [one] = kept[..] {
            return Ok(self.moved(one));
        }
        Ok(self.flat(kept, is_and))
    }

    fn binding(
        &mut self,
        bindings: Vec<(Variable<'ob>, NodeId)>,
        parallel: bool,
        body: NodeId,
        used: Use,
    ) -> Result<Node<'ob>, Throw> {
        let mut kept = Vec::with_capacity(bindings.len());
        for (variable, value) in bindings {
            self.node(value, Use::Value)?;
            if let Variable::Lexical(id) = variable
                && !self.ir.variable(id).mutated
                && let Some(replacement) = self.replacement(value)
            {
                self.replacements.insert(id, replacement);
            } else {
                kept.push((variable, value));
            }
        }
        self.node(body, used)?;
        if kept.is_empty() {
            return Ok(self.moved(body));
        }
        Ok(Node::Let { bindings: kept, parallel, body })
    }

    /// What can stand for a variable that is bound to this value.
    fn replacement(&self, value: NodeId) -> Option<Node<'ob>> {
        match self.ir.node(value) {
            node @ Node::Constant(_) => Some(node.clone()),
            node @ Node::Read(Variable::Lexical(id)) if !self.ir.variable(*id).mutated => Some(node.clone()),
            _ => None,
        }
    }

    /// Whether leaving the node out changes nothing, errors included.
    fn has_no_effect(&self, node: &Node<'ob>) -> bool {
        match node {
            Node::Constant(_) | Node::Read(Variable::Lexical(_)) | Node::Lambda(_) => true,
            Node::Call(name, args) => {
                rewrite::never_fails(*name, args.len(), self.cx)
                    && args.iter().all(|&arg| self.has_no_effect(self.ir.node(arg)))
            }
            _ => false,
        }
    }
}

/// A test passes through what keeps a value on its way only as a value.
fn unless_test(used: Use) -> Use {
    if used == Use::Test { Use::Value } else { used }
}

/// Whether an object may stand in code in place of the call that gave it.
pub(super) fn is_simple_constant(value: Object<'_>) -> bool {
    value.as_fixnum().is_some()
        || value.as_symbol().is_some()
        || value.as_float().is_some()
        || value.as_string().is_some()
        || value.as_bignum().is_some()
}
