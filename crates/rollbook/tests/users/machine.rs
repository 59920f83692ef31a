//! Random verbs, one after the other; after each, lists and totals are compared with those of a model.

use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rollbook::{Error, ListUsers, NewUser, UserList};
use tokio::runtime::Handle;
use tokio::task::block_in_place;

use crate::machine_model::{Key, Look, Model, Only, Verb, address};
use crate::support::{World, on_every_store};

on_every_store! {
    verbs_and_lists_agree_with_a_model
}

const IDS: &[&str] = &["a", "b", "c", "d", "e", "f", "g", "h"];
const NAMES: &[&str] = &["", "Ann", "Bob", "Zoë", "bob"];
const LABELS: &[&str] = &["vip", "VIP", "pro"];

fn verbs() -> impl Strategy<Value = Verb> {
    let email = || proptest::option::weighted(0.7, select(IDS));
    prop_oneof![
        4 => (select(NAMES), email()).prop_map(|(name, email)| Verb::Create { name, email }),
        2 => select(NAMES).prop_map(Verb::Rename),
        2 => email().prop_map(Verb::Email),
        1 => any::<bool>().prop_map(Verb::Block),
        1 => proptest::collection::vec(select(LABELS), 0..3).prop_map(Verb::Label),
        1 => Just(Verb::Delete),
        1 => Just(Verb::Wait),
    ]
}

fn looks() -> impl Strategy<Value = Look> {
    let only = prop_oneof![
        3 => Just(Only::Everybody),
        1 => select(NAMES).prop_map(Only::Named),
        1 => select(NAMES).prop_map(Only::From),
        1 => Just(Only::Blocked),
        1 => Just(Only::WithoutEmail),
        1 => select(LABELS).prop_map(Only::Labelled),
    ];
    let key = select(&[Key::Name, Key::Email, Key::Created, Key::Updated][..]);
    let keys = proptest::collection::vec((key, any::<bool>()), 0..3);
    let after = proptest::option::of((select(IDS), any::<bool>()));
    (only, keys, after, 0_u64..6, 0_u64..3).prop_map(|(only, keys, after, limit, offset)| Look {
        only,
        keys,
        after,
        limit,
        offset,
    })
}

async fn apply(world: &World, id: &str, verb: &Verb) -> Result<(), Error> {
    let users = &world.users;
    match verb {
        Verb::Create { name, email } => {
            let new = NewUser::new().id(id);
            let new = if name.is_empty() { new } else { new.name(*name) };
            let new = email.iter().fold(new, |new, email| new.email(address(email)));
            users.create(new).await.map(drop)
        }
        Verb::Rename(name) => users.update_name(id, name).await.map(drop),
        Verb::Email(email) => {
            users.update_email(id, &email.map(address).unwrap_or_default()).await.map(drop)
        }
        Verb::Block(blocked) => users.update_status(id, !blocked).await.map(drop),
        Verb::Label(labels) => users.update_labels(id, labels.iter().copied()).await.map(drop),
        Verb::Delete => users.delete(id).await,
        Verb::Wait => {
            world.clock.advance(1);
            Ok(())
        }
    }
}

fn seen(list: &UserList) -> (u64, Vec<&str>) {
    (list.total, list.users.iter().map(|user| user.id.as_str()).collect())
}

async fn run(world: &World, steps: &[(&'static str, Verb, Look)]) {
    let mut model = Model::default();
    for (number, (id, verb, look)) in steps.iter().enumerate() {
        let done = format!("step {number}: {verb:?} of {id}, then {look:?}");
        let outcome = apply(world, id, verb).await;
        let expected = model.apply(id, verb);
        assert_eq!(outcome.as_ref().err().map(Error::code), expected, "{done}");
        let everybody =
            Look { only: Only::Everybody, keys: vec![], after: None, limit: 25, offset: 0 };
        let all = world.users.list(everybody.list()).await.unwrap();
        assert_eq!(Some(seen(&all)), model.page(&everybody), "{done}");
        match world.users.list(look.list()).await {
            Ok(list) => assert_eq!(Some(seen(&list)), model.page(look), "{done}"),
            Err(error) => {
                assert_eq!(error.code(), "general_cursor_not_found", "{done}");
                assert_eq!(None, model.page(look), "{done}");
            }
        }
    }
}

async fn verbs_and_lists_agree_with_a_model(world: World) {
    let config = Config { cases: 64, failure_persistence: None, ..Config::default() };
    // The same cases every time: a failure is printed with its smallest steps.
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let steps = proptest::collection::vec((select(IDS), verbs(), looks()), 1..60);
    let outcome = block_in_place(|| {
        TestRunner::new_with_rng(config, rng).run(&steps, |steps| {
            // What the case before has left behind.
            Handle::current().block_on(async {
                for user in world.users.list(ListUsers::new().limit(100)).await.unwrap().users {
                    world.users.delete(&user.id).await.unwrap();
                }
                run(&world, &steps).await;
            });
            Ok(())
        })
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}
