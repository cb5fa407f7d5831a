//! Random mutation against a shadow graph in plain Rust, under every plan: after each collection both are the same.

mod plans;

use plans::plans;
use proptest::prelude::*;
use std::collections::HashMap;
use tenure_gc::{Config, Context, HashTable, NIL, Object, RootVec, Weakness};

const SYMBOLS: [&str; 4] = ["nil", "t", "unbound", "memory-full"];
const ROOTS: usize = 8;

/// One step of the mutator.
#[derive(Clone, Debug)]
enum Step {
    Cons(usize, usize, usize),
    Vector(usize, usize, usize),
    SetCar(usize, usize),
    SetCdr(usize, usize),
    SetSlot(usize, usize, usize),
    String(usize, usize),
    Float(usize, u32),
    Drop(usize),
    Garbage(usize),
    /// Enter the objects of two roots in the weak table.
    WeakPut(usize, usize),
    /// Put an entry of the weak table, if it is still there, in a root as a cons.
    WeakTake(usize, usize),
    Collect,
    Safepoint,
}

fn step() -> impl Strategy<Value = Step> {
    let r = 0..ROOTS;
    prop_oneof![
        4 => (r.clone(), r.clone(), r.clone()).prop_map(|(a, b, c)| Step::Cons(a, b, c)),
        // Empty vectors are one object, and so are empty strings; the shadow has each step make its own.
        2 => (r.clone(), r.clone(), 1..40usize).prop_map(|(a, b, n)| Step::Vector(a, b, n)),
        2 => (r.clone(), r.clone()).prop_map(|(a, b)| Step::SetCar(a, b)),
        2 => (r.clone(), r.clone()).prop_map(|(a, b)| Step::SetCdr(a, b)),
        2 => (r.clone(), 0..40usize, r.clone()).prop_map(|(a, i, b)| Step::SetSlot(a, i, b)),
        1 => (r.clone(), 1..10_000usize).prop_map(|(a, n)| Step::String(a, n)),
        1 => (r.clone(), any::<u32>()).prop_map(|(a, x)| Step::Float(a, x)),
        1 => r.clone().prop_map(Step::Drop),
        1 => (1..400usize).prop_map(Step::Garbage),
        2 => (r.clone(), r.clone()).prop_map(|(a, b)| Step::WeakPut(a, b)),
        2 => (r.clone(), any::<usize>()).prop_map(|(a, i)| Step::WeakTake(a, i)),
        1 => Just(Step::Collect),
        1 => Just(Step::Safepoint),
    ]
}

/// A node of the shadow graph; edges are indices, and nothing is ever freed.
#[derive(Clone, Debug)]
enum Node {
    Nil,
    Cons(usize, usize),
    Vector(Vec<usize>),
    String(usize),
    Float(u32),
}

struct Shadow {
    nodes: Vec<Node>,
    roots: [usize; ROOTS],
    /// Key and value of what was last entered in the weak table under a number.
    weak: HashMap<usize, (usize, usize)>,
}

impl Shadow {
    fn add(&mut self, root: usize, node: Node) {
        self.nodes.push(node);
        self.roots[root] = self.nodes.len() - 1;
    }
}

fn run(steps: &[Step], cx: &mut Context) {
    let roots: RootVec = cx.root_vec();
    (0..ROOTS).for_each(|_| _ = roots.push(cx, NIL));
    roots.push(cx, cx.hash_table(1, Weakness::Key).into());
    let mut shadow = Shadow { nodes: vec![Node::Nil], roots: [0; ROOTS], weak: HashMap::new() };
    for step in steps {
        match *step {
            Step::Cons(to, a, b) => {
                let cons = cx.cons(roots.get(cx, a), roots.get(cx, b));
                roots.set(cx, to, cons.into());
                let node = Node::Cons(shadow.roots[a], shadow.roots[b]);
                shadow.add(to, node);
            }
            Step::Vector(to, a, n) => {
                let v = cx.make_vector(n, roots.get(cx, a));
                roots.set(cx, to, v.into());
                let node = Node::Vector(vec![shadow.roots[a]; n]);
                shadow.add(to, node);
            }
            Step::SetCar(a, b) | Step::SetCdr(a, b) => {
                let car = matches!(step, Step::SetCar(..));
                if let Some(c) = roots.get(cx, a).as_cons() {
                    let value = roots.get(cx, b);
                    if car {
                        c.set_car(cx, value)
                    } else {
                        c.set_cdr(cx, value)
                    }
                    let value = shadow.roots[b];
                    if let Node::Cons(x, y) = &mut shadow.nodes[shadow.roots[a]] {
                        *(if car { x } else { y }) = value;
                    }
                }
            }
            Step::SetSlot(a, i, b) => {
                if let Some(v) = roots.get(cx, a).as_vector()
                    && v.set(i, roots.get(cx, b), cx)
                {
                    let value = shadow.roots[b];
                    if let Node::Vector(slots) = &mut shadow.nodes[shadow.roots[a]] {
                        slots[i] = value;
                    }
                }
            }
            Step::String(to, n) => {
                let s = cx.string(&vec![(n % 251) as u8; n], n, false);
                roots.set(cx, to, s.into());
                shadow.add(to, Node::String(n));
            }
            Step::Float(to, x) => {
                roots.set(cx, to, cx.float(f64::from(x)).into());
                shadow.add(to, Node::Float(x));
            }
            Step::Drop(a) => {
                roots.set(cx, a, NIL);
                shadow.roots[a] = 0;
            }
            Step::WeakPut(k, v) => {
                let (key, value) = (roots.get(cx, k), roots.get(cx, v));
                let table = weak_table(&roots, cx);
                let hash = cx.identity_hash(key);
                let found = table.find(hash, cx, |other| other == key);
                let entry = match found {
                    Some(i) => {
                        table.set_value(i, value, cx);
                        i
                    }
                    None => table.insert(hash, key, value, cx),
                };
                let entered = shadow.weak.insert(entry, (shadow.roots[k], shadow.roots[v]));
                assert!(
                    found.is_none() || entered.is_some_and(|(key, _)| key == shadow.roots[k]),
                    "another key's entry"
                );
            }
            Step::WeakTake(to, i) => {
                let table = weak_table(&roots, cx);
                let i = i % table.capacity();
                if let Some((key, value)) = table.entry(i, cx) {
                    roots.set(cx, to, cx.cons(key, value).into());
                    let (key, value) = shadow.weak[&i];
                    shadow.add(to, Node::Cons(key, value));
                }
            }
            Step::Garbage(n) => (0..n).for_each(|i| _ = cx.make_vector(i % 50, NIL)),
            Step::Collect => {
                cx.collect();
                compare(&roots, &shadow, cx);
            }
            Step::Safepoint => cx.safepoint(),
        }
    }
    cx.collect();
    compare(&roots, &shadow, cx);
}

fn weak_table<'ob>(roots: &RootVec, cx: &'ob Context) -> HashTable<'ob> {
    roots.get(cx, ROOTS).as_hash_table().expect("a table")
}

/// Walk both graphs together; each shadow node must meet one object, always the same.
fn compare(roots: &RootVec, shadow: &Shadow, cx: &Context) {
    let mut met: Vec<Option<Object<'_>>> = vec![None; shadow.nodes.len()];
    let mut todo: Vec<(usize, Object<'_>)> = (0..ROOTS).map(|i| (shadow.roots[i], roots.get(cx, i))).collect();
    let table = weak_table(roots, cx);
    while let Some((node, object)) = todo.pop() {
        if let Some(known) = met[node] {
            assert!(known == object, "one shadow node is two objects");
            continue;
        }
        met[node] = Some(object);
        // What is reachable keeps its entry, and the entry its value.
        let found = table.find(cx.identity_hash(object), cx, |key| key == object);
        if let Some((key, value)) = found.map(|i| shadow.weak[&i]) {
            assert_eq!(key, node, "another key's entry");
            let value_now = found.and_then(|i| table.entry(i, cx)).expect("an entry").1;
            todo.push((value, value_now));
        } else {
            assert!(!shadow.weak.values().any(|&(key, _)| key == node), "an entry was lost");
        }
        match &shadow.nodes[node] {
            Node::Nil => assert!(object.is_nil()),
            Node::Cons(a, b) => {
                let c = object.as_cons().expect("a cons");
                todo.extend([(*a, c.car()), (*b, c.cdr())]);
            }
            Node::Vector(slots) => {
                let v = object.as_vector().expect("a vector");
                assert_eq!(v.len(), slots.len());
                todo.extend(slots.iter().copied().zip(v.iter()));
            }
            Node::String(n) => {
                let s = object.as_string().expect("a string");
                assert!(s.len_bytes() == *n && s.bytes().iter().all(|&b| b == (*n % 251) as u8));
            }
            Node::Float(x) => assert_eq!(object.as_float().map(|f| f.value()), Some(f64::from(*x))),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn the_heap_is_the_shadow_graph(
        steps in prop::collection::vec(step(), 1..400),
        stress in 0..3u32,
        tenure_age in 1..5usize,
    ) {
        for plan in plans() {
            let steps = steps.clone();
            let thread = std::thread::spawn(move || {
                let mut config = Config::named(plan.name).expect("a plan of the table");
                if plan.nursery {
                    config.tenure_age = tenure_age;
                }
                config.stress = stress;
                config.verify = true;
                config.poison = true;
                config.stack_words = 1 << 12;
                run(&steps, &mut Context::new(config, &SYMBOLS));
            });
            prop_assert!(thread.join().is_ok(), "{} failed", plan.name);
        }
    }
}
