//! Which functions need which variables of the functions around them (closure conversion).
//!
//! After this, a function's `captures` say what its closure takes along, and a variable that is both captured and set
//! is known to need a cons of its own.

use super::ir::{Documentation, FunctionId, Ir, Node, NodeId, VarId, Variable};
use tenure_gc::{Context, Throw};
use tenure_vm::eval::check_native_room;

/// Find the captured variables of a tree.
pub(super) fn analyse(ir: &mut Ir<'_>, function: FunctionId, cx: &Context) -> Result<(), Throw> {
    Analysis { ir, inside: Vec::new(), cx }.function(function)
}

struct Analysis<'a, 'ob> {
    ir: &'a mut Ir<'ob>,
    /// The functions around the node, outermost first.
    inside: Vec<FunctionId>,
    cx: &'a Context,
}

impl Analysis<'_, '_> {
    fn function(&mut self, function: FunctionId) -> Result<(), Throw> {
        self.inside.push(function);
        let body = self.ir.function(function).body;
        let result = self.node(body);
        self.inside.pop();
        result
    }

    fn use_of(&mut self, variable: VarId) {
        let owner = self.ir.variable(variable).owner;
        let depth = self.inside.iter().rposition(|&f| f == owner).unwrap_or(0);
        let info = self.ir.variable_mut(variable);
        info.uses += 1;
        info.captured |= depth + 1 < self.inside.len();
        for i in depth + 1..self.inside.len() {
            let captures = &mut self.ir.function_mut(self.inside[i]).captures;
            if !captures.contains(&variable) {
                captures.push(variable);
            }
        }
    }

    fn all(&mut self, nodes: &[NodeId]) -> Result<(), Throw> {
        nodes.iter().try_for_each(|&node| self.node(node))
    }

    fn node(&mut self, id: NodeId) -> Result<(), Throw> {
        check_native_room(self.cx)?;
        let node = self.ir.take(id);
        let result = self.children(&node);
        self.ir.set_node(id, node);
        result
    }

    fn children(&mut self, node: &Node<'_>) -> Result<(), Throw> {
        match node {
            Node::Constant(_) | Node::Read(Variable::Dynamic(_)) => Ok(()),
            Node::Read(Variable::Lexical(variable)) => {
                self.use_of(*variable);
                Ok(())
            }
            Node::Write(variable, value) => {
                if let Variable::Lexical(variable) = variable {
                    self.use_of(*variable);
                }
                self.node(*value)
            }
            Node::Progn(nodes) | Node::And(nodes) | Node::Or(nodes) | Node::Call(_, nodes) => self.all(nodes),
            Node::Prog1(first, rest) | Node::Funcall(first, rest) => {
                self.node(*first)?;
                self.all(rest)
            }
            Node::If(condition, then, or_else) => self.all(&[*condition, *then, *or_else]),
            Node::While(a, b) | Node::Catch(a, b) | Node::UnwindProtect(a, b) => self.all(&[*a, *b]),
            Node::Let { bindings, body, .. } => {
                bindings.iter().try_for_each(|(_, value)| self.node(*value))?;
                self.node(*body)
            }
            Node::Lambda(function) => {
                if let Documentation::Computed(doc) = self.ir.function(*function).doc {
                    self.node(doc)?;
                }
                self.function(*function)
            }
            Node::ConditionCase { body, handlers, success } => {
                self.node(*body)?;
                handlers.iter().try_for_each(|handler| self.node(handler.body))?;
                success.iter().try_for_each(|(_, body)| self.node(*body))
            }
            Node::Save(_, body) => self.node(*body),
        }
    }
}
