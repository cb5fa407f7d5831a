//! Hash tables beside a model that keeps its entries in a plain list: what is found, what is not, and the order.

mod plans;

use plans::plans;
use tenure_gc::{Config, Context, HashTable, NIL, Object, Root, Weakness};

const SYMBOLS: [&str; 4] = ["nil", "t", "unbound", "memory-full"];

/// What a table should hold: for each entry number its key and value, and the free numbers, the next one last.
#[derive(Default)]
struct Model {
    entries: Vec<Option<(i64, i64)>>,
    free: Vec<usize>,
}

impl Model {
    fn number_of(&self, key: i64) -> Option<usize> {
        self.entries.iter().position(|entry| entry.is_some_and(|(k, _)| k == key))
    }

    fn insert(&mut self, key: i64, value: i64) -> usize {
        let i = self.free.pop().unwrap_or(self.entries.len());
        self.entries.resize(self.entries.len().max(i + 1), None);
        self.entries[i] = Some((key, value));
        i
    }

    fn remove(&mut self, i: usize) {
        self.entries[i] = None;
        self.free.push(i);
    }
}

fn random(seed: &mut u64) -> u64 {
    *seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
    *seed >> 33
}

fn table<'ob>(root: &Root<'_>, cx: &'ob Context) -> HashTable<'ob> {
    root.get(cx).as_hash_table().expect("a table")
}

/// Compare a table with the model; `key` gives the key that a number of the model stands for.
fn check<'ob>(t: HashTable<'ob>, model: &Model, key: impl Fn(i64) -> Object<'ob>, cx: &'ob Context) {
    assert_eq!(t.count(), model.entries.iter().flatten().count());
    assert!(t.used() <= model.entries.len() && t.used() <= t.capacity());
    for (i, entry) in model.entries.iter().enumerate() {
        assert_eq!(t.entry(i, cx), entry.map(|(k, v)| (key(k), Object::fixnum(v))), "entry {i}");
        if let Some((k, _)) = *entry {
            let k = key(k);
            assert_eq!(t.find_identical(cx.identity_hash(k), k, cx), Some(i));
            assert_eq!(t.find(cx.identity_hash(k), cx, |other| other == k), Some(i));
            assert_eq!(t.candidates(cx.identity_hash(k), cx).iter().filter(|&&c| c == i).count(), 1);
        }
    }
}

/// Insert, remove and look up at random among `kinds` keys, with collections in between.
fn at_random(
    kinds: u64,
    steps: u64,
    key: impl for<'ob> Fn(i64, Object<'ob>, &'ob Context) -> Object<'ob>,
    cx: &mut Context,
) {
    let scope = cx.scope();
    // Keys that are objects live in a vector.
    let vector = cx.make_vector(kinds as usize, NIL);
    for i in 0..kinds {
        vector.set(i as usize, cx.cons(Object::fixnum(i as i64), NIL).into(), cx);
    }
    let objects = scope.root(vector.into());
    let root = scope.root(cx.hash_table(1, Weakness::None).into());
    let mut model = Model::default();
    let mut seed = kinds;
    for step in 0..steps {
        let k = (random(&mut seed) % kinds) as i64;
        let t = table(&root, cx);
        let object = key(k, objects.get(cx), cx);
        let hash = cx.identity_hash(object);
        let found = t.find_identical(hash, object, cx);
        assert_eq!(found, model.number_of(k));
        match found {
            Some(i) if step % 3 == 0 => {
                t.remove(i, cx);
                model.remove(i);
            }
            Some(i) => {
                t.set_value(i, Object::fixnum(step as i64), cx);
                model.entries[i] = Some((k, step as i64));
            }
            None => assert_eq!(t.insert(hash, object, Object::fixnum(step as i64), cx), model.insert(k, step as i64)),
        }
        if step % 512 == 511 {
            cx.collect();
        }
        if step % 128 == 0 {
            let t = table(&root, cx);
            check(t, &model, |k| key(k, objects.get(cx), cx), cx);
            check(t.copy(cx), &model, |k| key(k, objects.get(cx), cx), cx);
        }
        if step == steps / 2 {
            table(&root, cx).clear(cx);
            model = Model::default();
        }
        cx.safepoint();
    }
}

/// Run a test under every plan with a thread of its own.
fn under_every_plan(test: fn(&mut Context)) {
    for plan in plans() {
        let config = Config { verify: true, poison: true, ..Config::named(plan.name).expect("a plan of the table") };
        let run = move || test(&mut Context::new(config, &SYMBOLS));
        std::thread::Builder::new().name(plan.name.to_owned()).spawn(run).expect("a thread").join().expect("it passes");
    }
}

#[test]
fn integers_in_a_row_and_far_apart() {
    under_every_plan(|cx| {
        at_random(300, 3000, |k, _, _| Object::fixnum(k), cx);
        at_random(300, 3000, |k, _, _| Object::fixnum(-8 * k), cx);
        at_random(300, 3000, |k, _, _| Object::fixnum((k - 150) << 50), cx);
    });
}

#[test]
fn objects_that_move() {
    under_every_plan(|cx| {
        at_random(
            400,
            4000,
            |k, objects, _| objects.as_vector().and_then(|v| v.get(k as usize)).expect("an element"),
            cx,
        );
    });
}

/// Integers of usual shapes have hashes that spread: an index of twice as many places has few that share one.
#[test]
fn hashes_spread() {
    let cx = Context::new(Config::default(), &SYMBOLS);
    let shapes: [fn(i64) -> i64; 8] = [
        |i| i,
        |i| -i,
        |i| 8 * i,
        |i| 1024 * i,
        |i| 1000 * i,
        |i| i << 40,
        |i| (i / 100) << 16 | (i % 100),
        |i| (1.0 + i as f64).to_bits() as i64 >> 2,
    ];
    for (number, shape) in shapes.into_iter().enumerate() {
        const KEYS: usize = 8192;
        let mut homes = vec![0_u32; 2 * KEYS];
        for i in 0..KEYS as i64 {
            homes[cx.identity_hash(Object::fixnum(shape(i))).bits() as usize % (2 * KEYS)] += 1;
        }
        let most = homes.iter().max().expect("places");
        let used = homes.iter().filter(|&&n| n > 0).count();
        // Chance would give 6446 of 8192.
        assert!(*most <= 8 && used > 5000, "shape {number}: {used} places, at most {most} keys in one");
    }
}

/// Neighbours by fours have places in one line of an index, which is 16 places long.
#[test]
fn neighbours_share_a_line() {
    let cx = Context::new(Config::default(), &SYMBOLS);
    for first in (-400..400).step_by(4) {
        let places: Vec<u32> = (first..first + 4).map(|i| cx.identity_hash(Object::fixnum(i)).bits()).collect();
        assert!(places.iter().all(|place| place / 16 % 1024 == places[0] / 16 % 1024), "{first}: {places:?}");
        assert!((1..4).all(|i| !places[..i].contains(&places[i])));
    }
}
