//! Record types with a field of each kind, unique tuples, and two levels of owners.

use std::borrow::Cow;

use rollbook_core::{Document, Field, Kind, Owner, Record, Schema, Unique, Value, decode};
use serde::{Deserialize, Serialize};

pub static SCHEMAS: &[&Schema] = &[&TEAMS, &TASKS, &STEPS];

#[derive(Debug, Serialize, Deserialize)]
pub struct Team {
    pub id: String,
    pub name: Option<String>,
    /// Unique by itself.
    pub handle: Option<String>,
    /// Unique together with `seat`.
    pub room: Option<String>,
    pub seat: Option<i64>,
    pub size: Option<i64>,
    pub open: Option<bool>,
    pub labels: Option<Vec<String>>,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Task {
    pub id: String,
    pub team: Option<String>,
    pub slug: Option<String>,
    pub place: Option<i64>,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Step {
    pub id: String,
    pub task: String,
    pub place: Option<i64>,
}

pub static TEAMS: Schema = Schema {
    name: "teams",
    fields: &[
        Field::new("name", Kind::Text, |d| team(d).name.as_deref().into()).indexed(),
        Field::new("handle", Kind::Text, |d| team(d).handle.as_deref().into()).indexed(),
        Field::new("room", Kind::Text, |d| team(d).room.as_deref().into()),
        Field::new("seat", Kind::Int, |d| number(team(d).seat)),
        Field::new("size", Kind::Int, |d| number(team(d).size)).indexed(),
        Field::new("open", Kind::Bool, |d| team(d).open.map_or(Value::Null, Value::Bool)).indexed(),
        Field::new("labels", Kind::List, |d| team(d).labels.as_deref().into()).indexed(),
    ],
    uniques: &[
        Unique { name: "handle", fields: &["handle"] },
        Unique { name: "place", fields: &["room", "seat"] },
    ],
    search: Some(|d| {
        let labels = team(d).labels.iter().flatten();
        team(d).name.iter().chain(labels).map(|text| Cow::Borrowed(text.as_str())).collect()
    }),
    owners: &[],
    decode: decode::<Team>,
};

pub static TASKS: Schema = Schema {
    name: "tasks",
    fields: &[
        Field::new("team", Kind::Text, |d| d.typed::<Task>().team.as_deref().into()),
        Field::new("slug", Kind::Text, |d| d.typed::<Task>().slug.as_deref().into()),
        Field::new("place", Kind::Int, |d| number(d.typed::<Task>().place)).indexed(),
    ],
    uniques: &[Unique { name: "slug", fields: &["slug"] }],
    search: None,
    owners: &[Owner { field: "team", schema: &TEAMS }],
    decode: decode::<Task>,
};

pub static STEPS: Schema = Schema {
    name: "steps",
    fields: &[
        Field::new("task", Kind::Text, |d| d.typed::<Step>().task.as_str().into()),
        Field::new("place", Kind::Int, |d| number(d.typed::<Step>().place)).indexed(),
    ],
    uniques: &[Unique { name: "place", fields: &["task", "place"] }],
    search: None,
    owners: &[Owner { field: "task", schema: &TASKS }],
    decode: decode::<Step>,
};

fn team(document: &Document) -> &Team {
    document.typed()
}

fn number(number: Option<i64>) -> Value<'static> {
    number.map_or(Value::Null, Value::Int)
}

impl Record for Team {
    const SCHEMA: &'static Schema = &TEAMS;

    fn id(&self) -> &str {
        &self.id
    }
}

impl Record for Task {
    const SCHEMA: &'static Schema = &TASKS;

    fn id(&self) -> &str {
        &self.id
    }
}

impl Record for Step {
    const SCHEMA: &'static Schema = &STEPS;

    fn id(&self) -> &str {
        &self.id
    }
}
