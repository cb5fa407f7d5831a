//! The compiler's intermediate form: a tree of nodes in an arena, with every variable resolved.
//!
//! Macros are gone, special forms are kinds of nodes, and a lexical variable is a number that says which function it
//! belongs to.  A compilation allocates under `&Context`, so nothing moves while the tree lives and it holds plain
//! objects.  The arena makes dropping a tree free of recursion, however deep the source was.

use tenure_gc::Object;

/// A node of the tree.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct NodeId(u32);

/// A lexical variable.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct VarId(u32);

/// A function, the code being compiled included.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct FunctionId(u32);

/// What a variable is bound to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Variable<'ob> {
    Lexical(VarId),
    /// The symbol's value cell.
    Dynamic(Object<'ob>),
}

/// State that is saved around a form, each with an opcode of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Saved {
    Excursion,
    Restriction,
    CurrentBuffer,
}

/// A handler of a `condition-case`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Handler<'ob> {
    /// A list of conditions.
    pub(super) conditions: Object<'ob>,
    pub(super) variable: Option<Variable<'ob>>,
    pub(super) body: NodeId,
}

/// What a node does.
#[derive(Clone, Debug)]
pub(super) enum Node<'ob> {
    Constant(Object<'ob>),
    Read(Variable<'ob>),
    Write(Variable<'ob>, NodeId),
    /// Never empty.
    Progn(Vec<NodeId>),
    Prog1(NodeId, Vec<NodeId>),
    If(NodeId, NodeId, NodeId),
    /// Neither is ever empty.
    And(Vec<NodeId>),
    Or(Vec<NodeId>),
    While(NodeId, NodeId),
    Let {
        bindings: Vec<(Variable<'ob>, NodeId)>,
        /// Whether all values are computed before the first variable is bound; matters to dynamic ones alone.
        parallel: bool,
        body: NodeId,
    },
    /// A call of a function by its name.
    Call(Object<'ob>, Vec<NodeId>),
    Funcall(NodeId, Vec<NodeId>),
    /// A closure, or a function that captures nothing.
    Lambda(FunctionId),
    Catch(NodeId, NodeId),
    /// The second is a function without arguments.
    UnwindProtect(NodeId, NodeId),
    ConditionCase {
        body: NodeId,
        handlers: Vec<Handler<'ob>>,
        success: Option<(Option<Variable<'ob>>, NodeId)>,
    },
    Save(Saved, NodeId),
}

/// A lexical variable.
#[derive(Debug)]
pub(super) struct VarInfo {
    /// The function that binds it.
    pub(super) owner: FunctionId,
    /// Whether it is set after its binding.
    pub(super) mutated: bool,
    /// Whether a function inside its owner uses it.
    pub(super) captured: bool,
    /// Whether the program reads it anywhere.
    pub(super) read: bool,
    /// How often it is read or set.
    pub(super) uses: u32,
}

impl VarInfo {
    /// Whether it lives in a cons that the closures share, because they must see it change.
    pub(super) fn is_boxed(&self) -> bool {
        self.mutated && self.captured
    }
}

/// A function.
#[derive(Debug)]
pub(super) struct Function<'ob> {
    /// Its parameters as they were written.
    pub(super) arglist: Object<'ob>,
    /// The lexical variables of its parameters; of a dynamically scoped function there are none.
    pub(super) parameters: Vec<VarId>,
    /// What says how many arguments it takes, of a lexically scoped function.
    pub(super) arity: Option<Arity>,
    pub(super) doc: Documentation<'ob>,
    /// The specification of its `interactive` form.
    pub(super) interactive: Option<Object<'ob>>,
    pub(super) body: NodeId,
    /// What it takes from the functions around it, in the order of its first constants.
    pub(super) captures: Vec<VarId>,
}

/// How a function is documented.
#[derive(Clone, Copy, Debug)]
pub(super) enum Documentation<'ob> {
    None,
    /// The function stands for code outside of all functions.
    TopLevel,
    /// A string, or what else stands in its place.
    Constant(Object<'ob>),
    /// The value of a form, when the function is made.
    Computed(NodeId),
}

/// How many arguments a function takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Arity {
    pub(super) mandatory: usize,
    /// Mandatory and optional ones.
    pub(super) positional: usize,
    pub(super) rest: bool,
}

/// The tree of one form.
pub(super) struct Ir<'ob> {
    nodes: Vec<Node<'ob>>,
    variables: Vec<VarInfo>,
    functions: Vec<Function<'ob>>,
}

impl<'ob> Ir<'ob> {
    pub(super) fn new() -> Ir<'ob> {
        Ir { nodes: Vec::new(), variables: Vec::new(), functions: Vec::new() }
    }

    pub(super) fn add(&mut self, node: Node<'ob>) -> NodeId {
        self.nodes.push(node);
        NodeId(self.nodes.len() as u32 - 1)
    }

    pub(super) fn node(&self, id: NodeId) -> &Node<'ob> {
        &self.nodes[id.0 as usize]
    }

    pub(super) fn set_node(&mut self, id: NodeId, node: Node<'ob>) {
        self.nodes[id.0 as usize] = node;
    }

    /// Take a node out, to be put back; meanwhile it is nil.
    pub(super) fn take(&mut self, id: NodeId) -> Node<'ob> {
        std::mem::replace(&mut self.nodes[id.0 as usize], Node::Constant(tenure_gc::NIL))
    }

    pub(super) fn constant(&mut self, value: Object<'ob>) -> NodeId {
        self.add(Node::Constant(value))
    }

    /// The value of a node that is a constant.
    pub(super) fn as_constant(&self, id: NodeId) -> Option<Object<'ob>> {
        match self.node(id) {
            Node::Constant(value) => Some(*value),
            _ => None,
        }
    }

    pub(super) fn add_variable(&mut self, owner: FunctionId) -> VarId {
        self.variables.push(VarInfo { owner, mutated: false, captured: false, read: false, uses: 0 });
        VarId(self.variables.len() as u32 - 1)
    }

    pub(super) fn variable(&self, id: VarId) -> &VarInfo {
        &self.variables[id.0 as usize]
    }

    pub(super) fn variable_mut(&mut self, id: VarId) -> &mut VarInfo {
        &mut self.variables[id.0 as usize]
    }

    pub(super) fn add_function(&mut self, function: Function<'ob>) -> FunctionId {
        self.functions.push(function);
        FunctionId(self.functions.len() as u32 - 1)
    }

    pub(super) fn function(&self, id: FunctionId) -> &Function<'ob> {
        &self.functions[id.0 as usize]
    }

    pub(super) fn function_mut(&mut self, id: FunctionId) -> &mut Function<'ob> {
        &mut self.functions[id.0 as usize]
    }
}
