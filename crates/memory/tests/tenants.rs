//! Two tenants, and what is of none, under random writes: each is what it would be alone.

use std::sync::Arc;

use rollbook_conformance::ModelStore;
use rollbook_core::{
    AnyRecord, Batch, Document, Expect, Filter, ID, Query, Random, Record, Schema, SeededRandom,
    Session, Team, Tenant, User, UserStore, all_schemas, tenanted,
};
use rollbook_memory::MemoryStore;
use serde_json::json;

static SCHEMAS: &[&Schema] = &[User::SCHEMA, Team::SCHEMA, Session::SCHEMA];

/// Numbers that come again with the seed.
struct Dice(SeededRandom);

impl Dice {
    fn below(&self, number: u8) -> u8 {
        let mut byte = [0];
        self.0.fill(&mut byte);
        byte[0] % number
    }

    /// A record that others have the id, the e-mail or the owner of.
    fn record(&self) -> Arc<dyn AnyRecord> {
        let (id, other) = (self.below(5), self.below(5));
        let (schema, json) = match self.below(3) {
            0 => (
                User::SCHEMA,
                json!({
                    "$id": format!("u{id}"), "$createdAt": other, "$updatedAt": 0, "registration": id,
                    "status": other % 2 == 0, "name": format!("Name {other}"),
                    "email": format!("{other}@x.co"),
                }),
            ),
            1 => (
                Team::SCHEMA,
                json!({"$id": format!("t{id}"), "$createdAt": 0, "$updatedAt": 0, "name": "a/b"}),
            ),
            _ => (
                Session::SCHEMA,
                json!({
                    "$id": format!("s{id}"), "$createdAt": other, "$updatedAt": 0, "provider": "email",
                    "userId": format!("u{other}"), "secret": format!("{other}"), "expire": id,
                }),
            ),
        };
        (schema.decode)(schema, json.to_string().as_bytes()).expect("it is one")
    }

    fn filter(&self, schema: &'static Schema) -> Filter {
        let n = self.below(5);
        let first = &schema.name[..1];
        let filter = match self.below(7) {
            0 => ID.equal([format!("{first}{n}")]),
            1 => ID.less(format!("{first}{n}")),
            2 => ID.starts_with(first),
            3 => ID.ends_with(n.to_string()),
            4 => ID.not_contains(["a"]),
            _ if schema == Session::SCHEMA => {
                schema.field("userId").and_then(|field| match self.below(3) {
                    0 => field.equal([format!("u{n}")]),
                    1 => field.greater_equal(format!("u{n}")),
                    _ => field.not_ends_with(n.to_string()),
                })
            }
            _ if schema == User::SCHEMA => schema.search(&format!("{n}")),
            _ => schema.search("a"),
        };
        filter.expect("it can be asked")
    }

    fn schema(&self) -> &'static Schema {
        SCHEMAS[usize::from(self.below(3))]
    }

    fn batch(&self) -> Batch {
        (0..=self.below(2)).fold(Batch::new(), |batch, _| match self.below(5) {
            0 => {
                let schema = self.schema();
                batch.delete(schema, vec![self.filter(schema), self.filter(schema)])
            }
            1 => batch.put_any(self.record(), Expect::Revision(u64::from(1 + self.below(3)))),
            2 => batch.put_any(self.record(), Expect::Anything),
            _ => batch.put_any(self.record(), Expect::Absent),
        })
    }

    fn query(&self) -> Query {
        let schema = self.schema();
        let query = match self.below(3) {
            0 => Query::new(schema),
            _ => Query::new(schema).filter(self.filter(schema)),
        };
        let query = match self.below(4) {
            0 => query.order(ID.descending()),
            1 => query.order(schema.field("$createdAt").expect("all have it").descending()),
            _ => query,
        };
        query.limit(u64::from(1 + self.below(6)))
    }
}

/// Documents as their tenant sees them, but for the sequences, which it shares with others.
fn shown(documents: &[Document]) -> Vec<String> {
    let show = |document: &Document| {
        let mut body = Vec::new();
        document.record().encode(&mut body);
        let body = String::from_utf8_lossy(&body).into_owned();
        format!("{:?} {} {} {body}", document.record().schema(), document.id(), document.revision())
    };
    documents.iter().map(show).collect()
}

#[tokio::test]
async fn each_tenant_is_what_it_would_be_alone() {
    for seed in 0..40 {
        let dice = Dice(SeededRandom::new(seed));
        let store = Arc::new(MemoryStore::with_schemas(all_schemas()));
        let tenant = |id| Tenant::new(store.clone(), id, tenanted(SCHEMAS)).expect("it is a name");
        let stores: [Arc<dyn UserStore>; 3] =
            [store.clone(), Arc::new(tenant("a")), Arc::new(tenant("a.b"))];
        let models = [(); 3].map(|()| ModelStore::new(SCHEMAS));
        for step in 0..150 {
            let place = usize::from(dice.below(3));
            let (store, model) = (&stores[place], &models[place]);
            let batches = vec![dice.batch(), dice.batch()];
            let told = format!("seed {seed}, step {step}: {batches:?}");
            let outcomes = store.commit(batches.clone()).await.expect("it works");
            let expected = model.commit(batches).await.expect("it works");
            for (outcome, expected) in outcomes.iter().zip(&expected) {
                match (outcome, expected) {
                    (Ok(outcome), Ok(expected)) => {
                        assert_eq!(shown(&outcome.documents), shown(&expected.documents), "{told}");
                        assert_eq!(outcome.deleted, expected.deleted, "{told}");
                    }
                    (outcome, expected) => {
                        assert_eq!(format!("{outcome:?}"), format!("{expected:?}"), "{told}");
                    }
                }
            }
            for (store, model) in stores.iter().zip(&models) {
                for query in [dice.query(), Query::new(dice.schema())] {
                    let rows = store.select(&query).await.expect("it works");
                    let expected = model.select(&query).await.expect("it works");
                    assert_eq!(shown(&rows), shown(&expected), "{told}\n{query:?}");
                    // And from the middle on, by what the tenant has been given.
                    if let (Some(row), Some(same)) = (rows.get(1), expected.get(1)) {
                        let rest = store.select(&query.clone().after(row)).await.expect("it works");
                        let same =
                            model.select(&query.clone().after(same)).await.expect("it works");
                        assert_eq!(shown(&rest), shown(&same), "{told}\n{query:?}");
                    }
                    let count = store.count(&query).await.expect("it works");
                    assert_eq!(count, model.count(&query).await.expect("it works"), "{told}");
                }
            }
        }
    }
}

/// What the types say: a record of a tenant is read as the record.
#[test]
fn the_fields_of_a_record_are_those_within_its_tenant() {
    let made = tenanted(&[User::SCHEMA])[0];
    let names = |schema: &'static Schema| schema.fields.iter().map(rollbook_core::Field::name);
    assert!(names(made).skip(2).eq(names(<User as Record>::SCHEMA)));
}
