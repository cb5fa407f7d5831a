//! From the source of a function to its prepared form.
//!
//! Scopes are followed as the evaluator will: what the function's parameters, `let` and `condition-case` bind lexically has
//! a slot, everything else is looked up.  A form that is malformed, a macro call or otherwise out of the ordinary is left
//! to the evaluator of lists, which will find the environment that it expects.

use super::form::{Binding, Body, Child, Form, HARMLESS, Handler, Kind, Leaf, Node, OPS, Op, Site, Span, Target};
use crate::eval;
use crate::eval::forms::binds_lexically;
use crate::sym;
use crate::tails::tails;
use std::cell::Cell;
use tenure_gc::{Cons, Context, NIL, Object, Subr, SubrInfo, T, Write};

/// How deep forms may be within each other.
const DEEPEST: u32 = 100;
/// How many forms a function may have.
const MOST_FORMS: usize = 4096;
/// How many elements a form may have.
const LONGEST: usize = 1000;
/// How many variables it may bind.
const MOST_SLOTS: usize = 400;
/// How many names may stand for each other.
const MOST_ALIASES: usize = 4;
/// How many arguments a call may have whose evaluation has no window of its own.
const MOST_QUIET_ARGUMENTS: usize = 8;

/// A prepared function and the words that it refers to.
pub(super) struct Analysis<'ob> {
    pub(super) body: Body,
    pub(super) words: Vec<Object<'ob>>,
}

/// How many functions are prepared for the sake of each other.
const MOST_OUTER: usize = 10;
/// How many conses a function may have that is looked at because another calls it.
const LARGEST_LEAF: usize = 120;
/// How many slots and levels of evaluation a leaf may have.
const MOST_LEAF_SLOTS: usize = 24;
const TALLEST_LEAF: u32 = 40;

/// Prepare `(ARGUMENTS . BODY)` of a function with a lexical environment; `None` if there is something odd about it.
/// `outer` are the functions for whose sake this is done, unless calls are not to be looked into; whether it
/// `stores_in_strings` was found when it ran.
pub(super) fn analyse<'ob>(
    lambda: Cons<'ob>,
    env: Object<'ob>,
    outer: Option<&[Cons<'ob>]>,
    stores_in_strings: bool,
    cx: &'ob Context,
) -> Option<Analysis<'ob>> {
    let declares = !has_no_declarations(env);
    let analysis = analyse_once(lambda, env, declares, outer, stores_in_strings, cx)?;
    if analysis.body.declares == declares {
        Some(analysis)
    } else {
        analyse_once(lambda, env, true, outer, stores_in_strings, cx)
    }
}

/// The same; `declares` tells whether some variable is known to be declared in the environment, now or later.
fn analyse_once<'ob>(
    lambda: Cons<'ob>,
    env: Object<'ob>,
    declares: bool,
    outer: Option<&[Cons<'ob>]>,
    stores_in_strings: bool,
    cx: &'ob Context,
) -> Option<Analysis<'ob>> {
    // A constant that is a lexical variable would be no constant.
    if tails(env).filter_map(|link| link.car().as_cons()).any(|cell| is_constant(cell.car(), cx)) {
        return None;
    }
    let mut builder = Builder { env, ..Builder::new(cx) };
    builder.outer = outer.map(|outer| outer.iter().copied().chain([lambda]).collect());
    (builder.declares, builder.stores_in_strings) = (declares, stores_in_strings);
    builder.link(lambda);
    let parameters = builder.parameters(lambda.car())?;
    let first = builder.list(lambda.cdr())?;
    let (progn, traits) = builder.progn(lambda.cdr(), first.start, NONE, 0);
    Some(builder.finish(parameters, progn, traits))
}

/// Whether an environment declares no variable to be bound dynamically.
#[inline(always)]
pub(super) fn has_no_declarations(env: Object<'_>) -> bool {
    tails(env).all(|link| link.car() == T || link.car().as_cons().is_some())
}

/// The parent of a form that is in no other.
pub(super) const NONE: u32 = u32::MAX;

/// Whether a symbol is its own value for ever.
fn is_constant(object: Object<'_>, cx: &Context) -> bool {
    object.as_symbol().is_some_and(|symbol| symbol.write(cx) == Write::Constant && symbol.value(cx) == object)
}

/// The parameters of a function, as the body keeps them.
struct Parameters {
    count: usize,
    required: usize,
    positional: usize,
    has_rest: bool,
}

struct Builder<'ob> {
    cx: &'ob Context,
    /// The function's own environment.
    env: Object<'ob>,
    links: Vec<[Object<'ob>; 3]>,
    guards: Vec<[Object<'ob>; 2]>,
    constants: Vec<Object<'ob>>,
    forms: Vec<Form>,
    children: Vec<Child>,
    bindings: Vec<Binding>,
    targets: Vec<Target>,
    handlers: Vec<Handler>,
    /// Lexical variables in force, innermost last, with their slots.
    scope: Vec<(Object<'ob>, u32)>,
    /// How many calls there are of functions by name.
    sites: u32,
    slots: usize,
    /// The names of the slots: numbers of constants.
    names: Vec<u32>,
    leaves: Vec<Leaf>,
    plain: Vec<u32>,
    /// The functions for whose sake this one is prepared, and itself last, if calls are looked into.
    outer: Option<Vec<Cons<'ob>>>,
    /// The environment declares variables.
    declares: bool,
    /// Something needs the environment; it does so in each call.
    needs_environment: bool,
    /// How many parameters there are, and whether one is set.
    parameters: usize,
    sets_parameter: bool,
    /// The function was found to store in strings.
    stores_in_strings: bool,
    /// How many forms around may not be evaluated.
    conditional: u32,
}

/// What is known of some forms together.
#[derive(Clone, Copy)]
struct Traits {
    /// Of each, its evaluation neither collects nor calls Lisp.
    quiet: bool,
    /// The same, and none but the last does anything to what was checked before.
    harmless: bool,
    /// The same, of the last too.
    all_harmless: bool,
    height: u32,
}

impl<'ob> Builder<'ob> {
    fn new(cx: &'ob Context) -> Builder<'ob> {
        Builder {
            cx,
            env: NIL,
            links: Vec::new(),
            guards: Vec::new(),
            constants: Vec::new(),
            forms: Vec::new(),
            children: Vec::new(),
            bindings: Vec::new(),
            targets: Vec::new(),
            handlers: Vec::new(),
            scope: Vec::new(),
            sites: 0,
            slots: 0,
            names: Vec::new(),
            leaves: Vec::new(),
            plain: Vec::new(),
            outer: None,
            declares: false,
            needs_environment: false,
            parameters: 0,
            sets_parameter: false,
            stores_in_strings: false,
            conditional: 0,
        }
    }

    fn finish(self, parameters: Parameters, progn: Span, traits: Traits) -> Analysis<'ob> {
        let first_guard = 3 * self.links.len();
        let mut words: Vec<Object<'ob>> = self.links.iter().flatten().copied().collect();
        words.extend(self.guards.iter().flatten());
        let first_constant = words.len();
        words.extend(&self.constants);
        let is_leaf = traits.harmless
            && !parameters.has_rest
            && !self.declares
            && !self.sets_parameter
            && self.slots <= MOST_LEAF_SLOTS
            && traits.height <= TALLEST_LEAF;
        let body = Body {
            is_leaf,
            is_harmless: traits.all_harmless,
            height: traits.height,
            has_let: !self.bindings.is_empty(),
            needs_environment: self.needs_environment || self.declares,
            declares: self.declares,
            leaves: self.leaves.into(),
            names: self.names.into(),
            plain: self.plain.into(),
            forms: self.forms.into(),
            children: self.children.into(),
            bindings: self.bindings.into(),
            targets: self.targets.into(),
            handlers: self.handlers.into(),
            sites: (0..self.sites).map(|_| Site::default()).collect(),
            handle: 0,
            first_guard,
            first_constant,
            links: self.links.len() as u32,
            guards: self.guards.len() as u32,
            parameters: parameters.count,
            required: parameters.required,
            positional: parameters.positional,
            has_rest: parameters.has_rest,
            progn,
            slots: self.slots,
            epoch: Cell::new(0),
            stores_in_strings: Cell::new(self.stores_in_strings),
            is_stale: Cell::new(false),
            preparations: 0,
        };
        Analysis { body, words }
    }

    fn constant(&mut self, object: Object<'ob>) -> u32 {
        self.constants.push(object);
        self.constants.len() as u32 - 1
    }

    fn link(&mut self, cons: Cons<'ob>) {
        self.links.push([cons.into(), cons.car(), cons.cdr()]);
    }

    fn span_from(&self, start: u32) -> Span {
        Span { start, len: self.links.len() as u32 - start }
    }

    /// Link the conses of a proper list.
    fn list(&mut self, list: Object<'ob>) -> Option<Span> {
        let start = self.links.len() as u32;
        let mut walk = tails(list);
        for cons in walk.by_ref().take(LONGEST) {
            self.link(cons);
        }
        walk.end().is_nil().then(|| self.span_from(start))
    }

    /// A new slot for a variable.
    fn slot(&mut self, name: Object<'ob>) -> u32 {
        let constant = self.constant(name);
        self.names.push(constant);
        self.slots += 1;
        let slot = self.slots as u32 - 1;
        self.scope.push((name, slot));
        slot
    }

    fn parameters(&mut self, list: Object<'ob>) -> Option<Parameters> {
        let (mut count, mut required, mut optional, mut rest) = (0, 0, false, false);
        self.list(list)?;
        let mut walk = tails(list).map(|cell| cell.car());
        while let Some(name) = walk.next() {
            if name == sym::AND_OPTIONAL && !optional && !rest {
                optional = true;
                continue;
            }
            rest = name == sym::AND_REST;
            let name = if rest { walk.next()? } else { name };
            if name == sym::AND_OPTIONAL || name == sym::AND_REST || is_constant(name, self.cx) {
                return None;
            }
            name.as_symbol()?;
            required += usize::from(!optional && !rest);
            count += 1;
            self.slot(name);
            if rest && walk.next().is_some() || count > MOST_SLOTS {
                return None;
            }
        }
        let positional = count - usize::from(rest);
        self.parameters = count;
        Some(Parameters { count, required, positional, has_rest: rest })
    }

    /// What an object is as a form.
    fn node(&mut self, object: Object<'ob>, parent: u32, depth: u32) -> Node {
        if let Some(form) = object.as_cons() {
            let node = if depth < DEEPEST && self.forms.len() < MOST_FORMS && self.slots < MOST_SLOTS {
                self.form(form, parent, depth + 1)
            } else {
                None
            };
            return node.unwrap_or_else(|| {
                self.needs_environment |= self.conditional == 0;
                self.declares |= self.is_defvar(form);
                Node::General(self.constant(object))
            });
        }
        if object.is_nil() {
            return Node::Nil;
        }
        if let Some(n) = object.as_fixnum().and_then(|n| i32::try_from(n).ok()) {
            return Node::Fixnum(n);
        }
        if object.as_symbol().is_none() || is_constant(object, self.cx) {
            return Node::Constant(self.constant(object));
        }
        match self.local(object) {
            Some(slot) => Node::Local(slot),
            None => Node::Free(self.constant(object)),
        }
    }

    fn is_defvar(&self, form: Cons<'_>) -> bool {
        let function = form.car().as_symbol().map_or(NIL, |head| head.function(self.cx));
        function.as_subr().is_some_and(|subr| subr.info(self.cx).name == "defvar")
    }

    fn local(&self, name: Object<'_>) -> Option<u32> {
        self.scope.iter().rev().find(|(n, _)| *n == name).map(|(_, slot)| *slot)
    }

    /// The forms of a list whose links begin at `link`.
    fn progn(&mut self, list: Object<'ob>, link: u32, parent: u32, depth: u32) -> (Span, Traits) {
        self.nodes(list, usize::MAX, link, parent, depth)
    }

    /// The same, of which the first `certain` are evaluated whenever the form that they are in is.
    fn nodes(&mut self, list: Object<'ob>, certain: usize, link: u32, parent: u32, depth: u32) -> (Span, Traits) {
        let mut children = Vec::new();
        for (i, cell) in tails(list).enumerate() {
            let is_conditional = u32::from(i >= certain);
            self.conditional += is_conditional;
            let node = self.node(cell.car(), parent, depth);
            self.conditional -= is_conditional;
            children.push(Child { node, link: link + i as u32 });
        }
        self.add_children(&children)
    }

    fn add_children(&mut self, children: &[Child]) -> (Span, Traits) {
        let span = Span { start: self.children.len() as u32, len: children.len() as u32 };
        self.children.extend_from_slice(children);
        (span, self.traits(children))
    }

    fn traits(&self, children: &[Child]) -> Traits {
        let mut traits = Traits { quiet: true, harmless: true, all_harmless: true, height: 0 };
        for child in children {
            traits.harmless &= traits.all_harmless;
            match child.node {
                Node::Constant(_) | Node::Fixnum(_) | Node::Nil | Node::Local(_) | Node::Free(_) => {}
                Node::General(_) => (traits.quiet, traits.all_harmless) = (false, false),
                Node::Form(i) | Node::Quiet(i) => {
                    let form = &self.forms[i as usize];
                    traits.quiet &= form.is_quiet;
                    traits.all_harmless &= form.is_harmless;
                    traits.height = traits.height.max(form.height);
                }
            }
        }
        traits.harmless &= traits.quiet;
        traits
    }

    /// Whether what a form does itself leaves everything that was checked as it was.
    fn is_harmless(&self, kind: Kind, guards: Span) -> bool {
        if let Kind::Call { leaf, .. } = kind {
            return leaf.is_some_and(|leaf| self.leaves[leaf as usize].body.is_harmless);
        }
        let Kind::Primitive { op: Op::Call, .. } = kind else { return true };
        let function = guards.of(&self.guards).last().map_or(NIL, |guard| guard[1]);
        let name = function.as_subr().map_or("", |s| s.info(self.cx).name);
        HARMLESS.contains(&name)
    }

    fn form(&mut self, form: Cons<'ob>, parent: u32, depth: u32) -> Option<Node> {
        let head = form.car().as_symbol()?;
        let function = head.function(self.cx);
        let args = form.cdr();
        let n = tails(args).take(LONGEST).count();
        let marks = (self.links.len(), self.guards.len(), self.forms.len(), self.children.len(), self.scope.len());
        let id = self.forms.len() as u32;
        let start = self.links.len() as u32;
        self.list(form.into()).filter(|_| n < LONGEST).or_else(|| {
            self.links.truncate(marks.0);
            None
        })?;
        let links = self.span_from(start);
        let guard = self.guards.len() as u32;
        self.forms.push(Form {
            kind: Kind::And,
            links,
            guards: Span::default(),
            children: Span::default(),
            operands: [Node::Nil; 3],
            parent,
            height: 1,
            begins_quietly: false,
            is_quiet: false,
            is_harmless: false,
        });
        self.guards.push([head.into(), function]);
        let function = self.follow_aliases(function);
        let guards = Span { start: guard, len: self.guards.len() as u32 - guard };
        let made = match function.as_subr() {
            Some(subr) => {
                let info = subr.info(self.cx);
                match info.function {
                    Subr::Special(_) => self.special(info.name, args, n, start + 1, id, depth),
                    _ => self.primitive(&info, args, n, start + 1, id, depth),
                }
            }
            None if is_macro(function) => None,
            None => {
                let leaf = self.leaf(function, n);
                if leaf.is_none() {
                    // The cache of the call tells what the name stands for.
                    self.guards.truncate(guard as usize);
                }
                let (children, traits) = self.progn(args, start + 1, id, depth);
                self.sites += 1;
                let is_quiet = leaf.is_some() && traits.all_harmless;
                let kind = Kind::Call { site: self.sites - 1, leaf: leaf.filter(|_| is_quiet) };
                Some((kind, children, is_quiet))
            }
        };
        self.scope.truncate(marks.4);
        let Some((kind, children, is_quiet)) = made else {
            // What was made of it is of no use; the slots are, since they may be in use further out.
            self.links.truncate(marks.0);
            self.guards.truncate(marks.1);
            self.forms.truncate(marks.2);
            self.children.truncate(marks.3);
            return None;
        };
        let height = 1 + self.tallest(children).max(self.leaf_height(kind));
        let is_harmless = is_quiet && self.is_harmless(kind, guards) && self.all_harmless(children);
        let mut operands = [Node::Nil; 3];
        operands.iter_mut().zip(children.of(&self.children)).for_each(|(operand, child)| *operand = child.node);
        self.forms[id as usize] = Form {
            kind,
            links,
            guards: if function.as_subr().is_some() || is_quiet { guards } else { Span::default() },
            children,
            operands,
            parent,
            height,
            begins_quietly: self.begins_quietly(kind, children),
            is_quiet,
            is_harmless,
        };
        Some(if is_quiet { Node::Quiet(id) } else { Node::Form(id) })
    }

    /// The leaf that a call of a function on `n` arguments is, as far as anybody can tell.
    fn leaf(&mut self, function: Object<'ob>, n: usize) -> Option<u32> {
        let outer = self.outer.take()?;
        let found = if outer.len() <= MOST_OUTER { super::find_leaf(function, &outer, self.cx) } else { None };
        self.outer = Some(outer);
        let (body, words) = found.filter(|(body, _)| n >= body.required && n <= body.positional)?;
        let head = function.as_cons()?;
        let closure = head.cdr().as_cons()?;
        self.link(head);
        self.link(closure);
        let leaf = Leaf { body, words: self.constant(words), environment: self.constant(closure.car()) };
        self.leaves.push(leaf);
        Some(self.leaves.len() as u32 - 1)
    }

    /// Whether what is evaluated first in a form is quiet and harmless.
    fn begins_quietly(&self, kind: Kind, children: Span) -> bool {
        let children = children.of(&self.children);
        match kind {
            Kind::Call { .. } | Kind::Primitive { .. } | Kind::Funcall => {
                children.len() < eval::LEVEL_WORDS && self.traits(children).all_harmless
            }
            Kind::Let { bindings, .. } => {
                let n = bindings.len as usize;
                n < eval::LEVEL_WORDS && self.traits(&children[..n]).all_harmless
            }
            Kind::Cond => children.iter().all(|child| {
                let Node::Form(clause) = child.node else { return false };
                let forms = self.forms[clause as usize].children.of(&self.children);
                forms.len() > 1 && self.traits(&forms[..1]).all_harmless
            }),
            _ => false,
        }
    }

    /// How many levels of evaluation the body of a leaf takes.
    fn leaf_height(&self, kind: Kind) -> u32 {
        match kind {
            Kind::Call { leaf: Some(leaf), .. } => self.leaves[leaf as usize].body.height,
            _ => 0,
        }
    }

    fn all_harmless(&self, children: Span) -> bool {
        self.traits(children.of(&self.children)).all_harmless
    }

    /// The function that a function cell leads to, as far as the evaluation of the name will follow it for certain.
    fn follow_aliases(&mut self, mut function: Object<'ob>) -> Object<'ob> {
        for _ in 0..MOST_ALIASES {
            let Some(name) = function.as_symbol().filter(|_| !function.is_nil()) else { break };
            function = name.function(self.cx);
            self.guards.push([name.into(), function]);
        }
        function
    }

    /// The greatest height of some forms.
    fn tallest(&self, children: Span) -> u32 {
        let height = |child: &Child| match child.node {
            Node::Form(i) | Node::Quiet(i) => self.forms[i as usize].height,
            _ => 0,
        };
        children.of(&self.children).iter().map(height).max().unwrap_or(0)
    }

    fn primitive(
        &mut self,
        info: &SubrInfo,
        args: Object<'ob>,
        n: usize,
        link: u32,
        id: u32,
        depth: u32,
    ) -> Option<(Kind, Span, bool)> {
        if !eval::arity_fits(info, n) {
            return None;
        }
        let (children, traits) = self.progn(args, link, id, depth);
        let op = OPS.iter().find(|row| row.0 == info.name && row.1 == n).map_or(Op::Call, |row| row.2);
        let wanted = eval::padded(info, n);
        if op == Op::Aset {
            let op = if self.stores_in_strings { Op::Call } else { op };
            let kind = Kind::Primitive { op, function: info.function, wanted: wanted as u32 };
            return Some((kind, children, op == Op::Aset && traits.all_harmless));
        }
        let is_pure = !matches!(info.function, Subr::Call(_) | Subr::Special(_)) && wanted <= MOST_QUIET_ARGUMENTS;
        if info.name == "funcall" {
            return Some((Kind::Funcall, children, false));
        }
        let kind = Kind::Primitive { op, function: info.function, wanted: wanted as u32 };
        Some((kind, children, is_pure && traits.all_harmless))
    }

    fn special(
        &mut self,
        name: &str,
        args: Object<'ob>,
        n: usize,
        link: u32,
        id: u32,
        depth: u32,
    ) -> Option<(Kind, Span, bool)> {
        let first = args.as_cons();
        let none = Span::default();
        let kind = match name {
            "quote" if n == 1 => return Some((Kind::Quote(self.constant(first?.car())), none, true)),
            "function" if n == 1 => return self.function(first?.car()),
            "if" if n >= 2 => Kind::If,
            "and" => Kind::And,
            "or" => Kind::Or,
            "progn" | "save-current-buffer" | "save-excursion" | "save-restriction" => Kind::Progn,
            "prog1" if n >= 1 => Kind::Prog1,
            "while" if n >= 1 => Kind::While { is_quiet: false },
            "catch" if n >= 1 => Kind::Catch,
            "cond" => return self.cond(args, link, id, depth),
            "setq" if n >= 2 && n.is_multiple_of(2) => return self.setq(args, link, id, depth),
            "let" | "let*" if n >= 1 => return self.bind(name == "let*", first?, link, id, depth),
            "unwind-protect" if n >= 1 => {
                let node = self.node(first?.car(), id, depth);
                self.needs_environment |= self.conditional == 0;
                let (children, _) = self.add_children(&[Child { node, link }]);
                return Some((Kind::UnwindProtect(self.constant(first?.cdr())), children, false));
            }
            "condition-case" if n >= 2 => return self.condition_case(first?, link, id, depth),
            _ => return None,
        };
        let certain = match kind {
            Kind::If | Kind::And | Kind::Or | Kind::While { .. } => 1,
            _ => usize::MAX,
        };
        let (children, traits) = self.nodes(args, certain, link, id, depth);
        if let Kind::While { .. } = kind {
            return Some((Kind::While { is_quiet: traits.harmless }, children, false));
        }
        let is_quiet = match kind {
            Kind::Catch => false,
            Kind::Prog1 => traits.all_harmless,
            Kind::If => {
                // The last thing that is done is either the second form or the last one.
                let all = children.of(&self.children).to_vec();
                self.traits(&all[..1]).all_harmless && self.traits(&all[1..2]).quiet && self.traits(&all[2..]).harmless
            }
            _ => traits.harmless,
        };
        Some((kind, children, is_quiet))
    }

    /// `(function X)`: a closure, if that is what it makes without evaluating anything.
    fn function(&mut self, object: Object<'ob>) -> Option<(Kind, Span, bool)> {
        let Some(lambda) = object.as_cons().filter(|c| c.car() == sym::LAMBDA) else {
            return Some((Kind::Quote(self.constant(object)), Span::default(), true));
        };
        self.link(lambda);
        let body = lambda.cdr().as_cons();
        if let Some(body) = body {
            self.link(body);
            if let Some(forms) = body.cdr().as_cons() {
                self.link(forms);
                if forms.car().as_cons().is_some_and(|c| c.car() == sym::C_DOCUMENTATION) {
                    return None;
                }
            }
        }
        self.needs_environment |= self.conditional == 0;
        Some((Kind::Lambda(self.constant(lambda.cdr())), Span::default(), false))
    }

    fn cond(&mut self, args: Object<'ob>, link: u32, id: u32, depth: u32) -> Option<(Kind, Span, bool)> {
        let mut clauses = Vec::new();
        let (mut is_quiet, mut before) = (true, true);
        for (i, cell) in tails(args).enumerate() {
            let clause = self.forms.len() as u32;
            // The clause comes before its forms.
            let own = cell.car().as_cons().and_then(|c| self.list(c.into()))?;
            self.forms.push(Form {
                kind: Kind::Clause,
                links: own,
                guards: Span::default(),
                children: Span::default(),
                operands: [Node::Nil; 3],
                parent: id,
                height: 0,
                begins_quietly: false,
                is_quiet: false,
                is_harmless: false,
            });
            let later = u32::from(i > 0);
            self.conditional += later;
            let (children, traits) = self.nodes(cell.car(), 1, own.start, id, depth);
            self.conditional -= later;
            let condition = children.of(&self.children)[..1].to_vec();
            // A clause is tried only after the conditions of the others.
            is_quiet &= before && traits.harmless;
            before &= self.traits(&condition).all_harmless;
            let form = &mut self.forms[clause as usize];
            (form.children, form.height) = (children, traits.height);
            (form.is_quiet, form.is_harmless) = (traits.harmless, traits.all_harmless);
            clauses.push(Child { node: Node::Form(clause), link: link + i as u32 });
        }
        let (children, _) = self.add_children(&clauses);
        Some((Kind::Cond, children, is_quiet))
    }

    fn setq(&mut self, args: Object<'ob>, link: u32, id: u32, depth: u32) -> Option<(Kind, Span, bool)> {
        let (mut children, mut targets, mut is_quiet) = (Vec::new(), Vec::new(), true);
        let conses: Vec<Cons<'ob>> = tails(args).collect();
        for (i, pair) in conses.chunks(2).enumerate() {
            let name = pair[0].car();
            name.as_symbol().filter(|_| !is_constant(name, self.cx))?;
            let node = self.node(pair[1].car(), id, depth);
            children.push(Child { node, link: link + 2 * i as u32 + 1 });
            targets.push(match self.local(name) {
                Some(slot) => {
                    self.sets_parameter |= (slot as usize) < self.parameters;
                    Target::Local(slot)
                }
                None => Target::Free(self.constant(name)),
            });
            is_quiet &= self.local(name).is_some() || name.as_symbol().is_some_and(|name| name.is_plain(self.cx));
        }
        if is_quiet {
            let free = targets.iter().filter_map(|target| match *target {
                Target::Free(name) => Some(name),
                Target::Local(_) => None,
            });
            self.plain.extend(free);
        }
        let first = self.targets.len() as u32;
        self.targets.extend(targets);
        let (children, traits) = self.add_children(&children);
        Some((Kind::Setq { targets: first }, children, is_quiet && traits.all_harmless))
    }

    fn bind(
        &mut self,
        in_sequence: bool,
        args: Cons<'ob>,
        link: u32,
        id: u32,
        depth: u32,
    ) -> Option<(Kind, Span, bool)> {
        let (list, forms) = (args.car(), args.cdr());
        let first = self.list(list)?.start;
        let outer = self.scope.len();
        let (mut children, mut bindings, mut bound) = (Vec::new(), Vec::new(), Vec::new());
        for (i, cell) in tails(list).enumerate() {
            let element = cell.car();
            let start = self.links.len() as u32;
            let (name, value) = match element.as_cons() {
                None => (element, NIL),
                Some(pair) => {
                    let own = self.list(pair.into())?;
                    match own.len {
                        1 => (pair.car(), NIL),
                        2 => (pair.car(), pair.cdr().as_cons()?.car()),
                        _ => return None,
                    }
                }
            };
            let links = self.span_from(start);
            let symbol = name.as_symbol().filter(|_| !is_constant(name, self.cx))?;
            let node = self.node(value, id, depth);
            children.push(Child { node, link: first + i as u32 });
            let is_lexical = binds_lexically(symbol, self.env, self.cx);
            let slot = is_lexical.then(|| self.slot(name));
            if !in_sequence && let Some(entry) = self.scope.pop_if(|_| is_lexical) {
                bound.push(entry);
            }
            bindings.push(Binding { name: self.constant(name), slot, links });
        }
        self.scope.extend(bound);
        let span = Span { start: self.bindings.len() as u32, len: bindings.len() as u32 };
        let is_lexical = !self.declares && bindings.iter().all(|binding| binding.slot.is_some());
        let values = self.traits(&children);
        self.bindings.extend(bindings);
        for (i, cell) in tails(forms).enumerate() {
            let node = self.node(cell.car(), id, depth);
            children.push(Child { node, link: link + 1 + i as u32 });
        }
        self.scope.truncate(outer);
        let body = self.traits(&children[span.len as usize..]);
        let is_quiet = is_lexical && values.all_harmless && body.harmless;
        let (list, forms) = (self.constant(list), self.constant(forms));
        let (children, _) = self.add_children(&children);
        let kind = if in_sequence {
            Kind::LetStar { bindings: span, list, forms }
        } else {
            Kind::Let { bindings: span, list, forms }
        };
        Some((kind, children, is_quiet))
    }

    fn condition_case(&mut self, args: Cons<'ob>, link: u32, id: u32, depth: u32) -> Option<(Kind, Span, bool)> {
        let variable = args.car();
        let rest = args.cdr().as_cons()?;
        variable.as_symbol().filter(|_| variable.is_nil() || !is_constant(variable, self.cx))?;
        let node = self.node(rest.car(), id, depth);
        let (children, _) = self.add_children(&[Child { node, link: link + 1 }]);
        let slot = self.slot(variable);
        if variable.is_nil() {
            self.scope.pop();
        }
        let mut handlers = Vec::new();
        self.conditional += 1;
        for clause in tails(rest.cdr()) {
            let Some(clause) = clause.car().as_cons() else { continue };
            let Some(own) = self.list(clause.cdr()) else {
                self.conditional -= 1;
                return None;
            };
            let (children, _) = self.progn(clause.cdr(), own.start, id, depth);
            handlers.push(Handler { forms: self.constant(clause.cdr()), children });
        }
        self.conditional -= 1;
        let span = Span { start: self.handlers.len() as u32, len: handlers.len() as u32 };
        self.handlers.extend(handlers);
        let (variable, clauses) = (self.constant(variable), self.constant(rest.cdr()));
        Some((Kind::ConditionCase { variable, slot, clauses, handlers: span }, children, false))
    }
}

/// Whether a function cell's content is a macro, or may turn out to be one.
fn is_macro(function: Object<'_>) -> bool {
    let Some(cell) = function.as_cons() else { return false };
    let kind = || tails(function).nth(4).map_or(NIL, |c| c.car());
    cell.car() == sym::MACRO || cell.car() == sym::AUTOLOAD && (kind() == T || kind() == sym::MACRO)
}

/// Whether a function is so small that a function which calls it looks into it.
pub(super) fn is_small(lambda: Cons<'_>) -> bool {
    let mut conses = 0;
    let mut work = vec![lambda.cdr()];
    while let Some(list) = work.pop() {
        for cell in tails(list) {
            conses += 1;
            if conses > LARGEST_LEAF {
                return false;
            }
            work.push(cell.car());
        }
    }
    true
}

/// Whether a function has a loop that is not in a function of its own: then it pays to prepare it at once.
pub(super) fn has_loop(lambda: Cons<'_>) -> bool {
    let mut left = 1 << 11;
    let mut work = vec![lambda.cdr()];
    while let Some(list) = work.pop() {
        let mut rest = list;
        while let Some(cell) = rest.as_cons().filter(|_| left > 0) {
            left -= 1;
            if let Some(form) = cell.car().as_cons() {
                if form.car() == sym::WHILE {
                    return true;
                }
                work.push(cell.car());
            }
            rest = cell.cdr();
        }
    }
    false
}
