use rollbook::{Error, NewUser, Prefs};
use serde_json::{Value, json};

use crate::support::{World, on_every_store};

on_every_store! {
    labels_are_added_and_taken_away
    preferences_are_merged_one_level_deep
    concurrent_changes_of_single_keys_all_stay
}

async fn labels_are_added_and_taken_away(world: World) {
    let users = &world.users;
    users.create(NewUser::new().id("ann")).await.unwrap();
    users.update_labels("ann", ["a", "b", "a"]).await.unwrap();
    assert_eq!(users.add_labels("ann", ["c", "b"]).await.unwrap().labels, ["a", "b", "c"]);
    let before = users.get("ann").await.unwrap();
    assert_eq!(users.add_labels("ann", ["a"]).await.unwrap().revision(), before.revision());
    assert_eq!(users.remove_labels("ann", ["b", "nothing"]).await.unwrap().labels, ["a", "c"]);
    for wrong in ["", "no spaces", &"x".repeat(37)] {
        assert_eq!(users.add_labels("ann", [wrong]).await.unwrap_err().field(), Some("labels"));
    }
    let many = (0..1000).map(|number| format!("l{number}"));
    assert_eq!(users.add_labels("ann", many).await.unwrap_err().field(), Some("labels"));
    assert!(matches!(users.add_labels("nobody", ["a"]).await, Err(Error::UserNotFound)));
}

fn object(value: &Value) -> Prefs {
    value.as_object().unwrap().clone()
}

async fn preferences_are_merged_one_level_deep(world: World) {
    let users = &world.users;
    users.create(NewUser::new().id("ann")).await.unwrap();
    let first = json!({"theme": {"name": "dark", "size": 3}, "n": 1, "gone": true});
    users.update_prefs("ann", object(&first)).await.unwrap();
    let changes = json!({"theme": {"name": "light"}, "gone": null, "never": null});
    let prefs = users.merge_prefs("ann", object(&changes)).await.unwrap();
    assert_eq!(Value::from(prefs), json!({"theme": {"name": "light"}, "n": 1}));
    users.set_pref("ann", "n", 2).await.unwrap();
    let prefs = users.set_pref("ann", "theme", Value::Null).await.unwrap();
    assert_eq!(Value::from(prefs), json!({"n": 2}));
    let long = users.set_pref("ann", "long", "x".repeat(65_535)).await.unwrap_err();
    assert_eq!(long.field(), Some("prefs"));
    assert_eq!(Value::from(users.get_prefs("ann").await.unwrap()), json!({"n": 2}));
}

async fn concurrent_changes_of_single_keys_all_stay(world: World) {
    let users = &world.users;
    users.create(NewUser::new().id("ann")).await.unwrap();
    let tasks: Vec<_> = (0..32)
        .map(|number: i32| {
            let users = users.clone();
            tokio::spawn(async move {
                users.set_pref("ann", &format!("k{number}"), number).await.unwrap();
                users.add_labels("ann", [format!("l{number}")]).await.unwrap();
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let ann = users.get("ann").await.unwrap();
    assert_eq!((ann.prefs.len(), ann.labels.len()), (32, 32));
}
