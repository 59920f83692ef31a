//! Queries and deletions as statements.

use rollbook_core::{Filter, Query, Schema};

use crate::dialect::Dialect;
use crate::name::quoted;
use crate::param::Param;
use crate::part::parts;
use crate::plan::{conjuncts, lead};
use crate::search::{Fit, is_better_loose};
use crate::tally::tally;
use crate::writer::Writer;

/// A statement and its parameters, in the order of the placeholders.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "engines take it apart")]
pub struct Statement<'a> {
    /// The text.
    pub sql: String,
    /// What is bound.
    pub params: Vec<Param<'a>>,
}

/// What [`select`] makes of `query`: exactly it, or a statement that finds more.
///
/// Of the latter the store tests each row with [`Query::matches`], and takes the page itself; a count is
/// then the number of these rows.
pub fn fit(query: &Query) -> Fit {
    match lead(query.filters()) {
        Some(Filter::Search { search, .. }) if is_better_loose(search) => Fit::Loose,
        _ => Fit::Exact,
    }
}

/// Selects `$sequence`, `$revision` and `body` of what `query` selects, in its order; all that it finds if
/// the [`fit`] is loose.
pub fn select<'q>(query: &'q Query, dialect: &dyn Dialect) -> Statement<'q> {
    let (schema, max, skip) = (query.schema(), query.max(), query.skip());
    let mut whole = Writer::new(schema, dialect);
    let parts = parts(query).unwrap_or_default();
    let each = max.map(|max| max.saturating_add(skip));
    for (place, part) in parts.iter().enumerate() {
        whole.sql += if place == 0 { "SELECT * FROM (" } else { " UNION ALL SELECT * FROM (" };
        let mut writer = whole.continued();
        writer.rows(&part.filters, &part.orders);
        writer.page(each, 0);
        let Statement { sql, params } = writer.finish();
        whole.sql += &sql;
        whole.sql += ")";
        whole.params.extend(params.into_iter().map(|param| -> Param<'q> { param.into_owned() }));
    }
    let fit = fit(query);
    if parts.is_empty() && fit == Fit::Exact && skip > 0 && query.shuffle().is_none() {
        whole.page_after(query.filters(), query.orders(), max, skip);
        return whole.finish();
    }
    if parts.is_empty() {
        whole.fit = fit;
        whole.rows(query.filters(), query.orders());
        if let Some(shuffle) = query.shuffle() {
            whole.shuffled(shuffle);
        }
    }
    if fit == Fit::Exact {
        whole.page(max, skip);
    }
    whole.finish()
}

/// Counts what satisfies the filters of `query`, whatever its [`fit`].
pub fn count<'q>(query: &'q Query, dialect: &dyn Dialect) -> Statement<'q> {
    let (schema, filters) = (query.schema(), query.filters());
    if let Some(statement) = tally(schema, filters, dialect) {
        return statement;
    }
    let mut writer = Writer::new(schema, dialect);
    writer.sql += "SELECT count(*)";
    match lead(filters) {
        // No row need be looked at.
        Some(lead) if conjuncts(filters).len() == 1 => writer.read_lead(lead),
        _ => {
            writer.from(filters, &[]);
            writer.conditions(filters);
        }
    }
    writer.finish()
}

/// Deletes what satisfies all of `filters`.
pub fn delete<'q>(
    schema: &'static Schema,
    filters: &'q [Filter],
    dialect: &dyn Dialect,
) -> Statement<'q> {
    let mut writer = Writer::new(schema, dialect);
    writer.sql += &format!("DELETE FROM {}", quoted(schema.name));
    writer.conditions(filters);
    writer.finish()
}

#[cfg(test)]
mod tests {
    use rollbook_core::{Document, Field, ID, Record, SEQUENCE, Shuffle, Timestamp, User};

    use super::*;
    use crate::Sqlite;

    fn field(name: &str) -> &'static Field {
        User::SCHEMA.field(name).expect("users have it")
    }

    /// The statement, and a line for each parameter.
    fn text(statement: &Statement<'_>) -> String {
        let params = statement.params.iter().enumerate();
        params.fold(statement.sql.clone(), |text, (place, param)| {
            format!("{text}\n{}: {param:?}", Sqlite.placeholder(place + 1))
        })
    }

    /// A filter of each kind.
    fn filters() -> Vec<Filter> {
        let time = Timestamp::from_millis(1_602_743_880_000).expect("it is a time");
        let filters = || {
            Ok::<_, rollbook_core::QueryError>(vec![
                field("email").equal(["ann@example.com"])?,
                field("name").equal(["Ann", "Zoë"])?,
                field("status").not_equal(false)?,
                field("registration").less(time)?,
                field("registration").less_equal(time)?,
                field("$createdAt").greater(time)?,
                field("$updatedAt").greater_equal(time)?,
                field("name").starts_with("An")?,
                field("name").starts_with("\u{10ffff}")?,
                field("email").ends_with("@x.co")?,
                field("email").ends_with("")?,
                field("name").contains(["%"])?,
                field("name").contains(["a", "b"])?,
                field("name").not_starts_with("An")?,
                field("labels").not_contains(["vip"])?,
                field("labels").contains_all(["vip", "pro"])?,
                field("registration").not_between(time, time)?,
                field("registration").equal([time, time])?,
                field("labels").contains(["vip"])?,
                field("labels").contains(["a", "b"])?,
                field("phone").is_null(),
                field("passwordUpdate").is_not_null(),
                Filter::and([ID.equal(["u1"])?, SEQUENCE.greater(7)?]),
                Filter::or([ID.less("u")?, Filter::and([]), Filter::or([])]),
            ])
        };
        filters().expect("the values have the types of the fields")
    }

    #[test]
    fn everything_in_order_of_insertion() {
        insta::assert_snapshot!(text(&select(&Query::new(User::SCHEMA), &Sqlite)), @r#"SELECT "$sequence", "$revision", body FROM "users" ORDER BY "$sequence" ASC"#);
    }

    #[test]
    fn filters_orders_and_a_page() {
        let query = Query::new(User::SCHEMA)
            .filters_all(filters())
            .order(field("name").ascending())
            .order(field("phone").descending())
            .limit(25)
            .offset(50);
        insta::assert_snapshot!(text(&select(&query, &Sqlite)), @r#"
        SELECT "$sequence", "$revision", body FROM "users" WHERE "$sequence" IN (SELECT "$sequence" FROM (SELECT sequence AS "$lead" FROM "users each labels" WHERE element = ?1) CROSS JOIN "users" ON "users"."$sequence" = "$lead" WHERE "email" = ?2 AND "name" IN (SELECT value FROM json_each(?3)) AND "status" <> ?4 AND "registration" < ?5 AND "registration" <= ?6 AND "$createdAt" > ?7 AND "$updatedAt" >= ?8 AND ("name" >= ?9 AND "name" < ?10) AND ("name" >= ?11) AND substr(CAST("email" AS BLOB), -length(CAST(?12 AS BLOB))) IS CAST(?12 AS BLOB) AND "email" IS NOT NULL AND instr("name", ?13) > 0 AND EXISTS (SELECT 1 FROM json_each(?14) WHERE instr("users"."name", value) > 0) AND ("name" IS NOT NULL AND NOT (("name" >= ?15 AND "name" < ?16))) AND ("labels" IS NOT NULL AND NOT ("$sequence" IN (SELECT sequence AS sequence FROM "users each labels" WHERE element = ?17))) AND "$sequence" IN (SELECT sequence AS sequence FROM "users each labels" WHERE element IN (SELECT value FROM json_each(?18)) GROUP BY sequence HAVING count(*) = 2) AND ("registration" < ?19 OR "registration" > ?20) AND "registration" IN (SELECT value FROM json_each(?21)) AND TRUE AND "$sequence" IN (SELECT sequence AS sequence FROM "users each labels" WHERE element IN (SELECT value FROM json_each(?22))) AND "phone" IS NULL AND "passwordUpdate" IS NOT NULL AND ("$id" = ?23 AND "$lead" > ?24) AND ("$id" < ?25 OR TRUE OR FALSE) ORDER BY "name" ASC NULLS FIRST, "phone" DESC NULLS LAST, "$lead" ASC LIMIT 25 OFFSET 50) ORDER BY "name" ASC NULLS FIRST, "phone" DESC NULLS LAST, "$sequence" ASC
        ?1: Text("vip")
        ?2: Text("ann@example.com")
        ?3: Texts(["Ann", "Zoë"])
        ?4: Int(0)
        ?5: Int(1602743880000)
        ?6: Int(1602743880000)
        ?7: Int(1602743880000)
        ?8: Int(1602743880000)
        ?9: Text("An")
        ?10: Text("Ao")
        ?11: Text("\u{10ffff}")
        ?12: Text("@x.co")
        ?13: Text("%")
        ?14: Texts(["a", "b"])
        ?15: Text("An")
        ?16: Text("Ao")
        ?17: Text("vip")
        ?18: Texts(["vip", "pro"])
        ?19: Int(1602743880000)
        ?20: Int(1602743880000)
        ?21: Ints([1602743880000, 1602743880000])
        ?22: Texts(["a", "b"])
        ?23: Text("u1")
        ?24: Int(7)
        ?25: Text("u")
        "#);
    }

    #[test]
    fn orders_by_what_is_never_null() {
        let query = Query::new(User::SCHEMA).order(ID.descending()).offset(u64::MAX);
        insta::assert_snapshot!(text(&select(&query, &Sqlite)), @r#"SELECT "$sequence", "$revision", body FROM "users" WHERE "$sequence" IN (SELECT "$sequence" FROM "users" INDEXED BY "sqlite_autoindex_users_1" ORDER BY "$id" DESC LIMIT 9223372036854775807 OFFSET 9223372036854775807) ORDER BY "$id" DESC"#);
    }

    #[test]
    fn a_random_order_is_arithmetic() {
        let query = Query::new(User::SCHEMA).shuffled(Shuffle::new(7)).limit(3);
        insta::assert_snapshot!(text(&select(&query, &Sqlite)), @r#"
        SELECT "$sequence", "$revision", body FROM "users" ORDER BY ((((((("$sequence" % 2147483647 * ?1 % 2147483647) * ("$sequence" % 2147483647 * ?1 % 2147483647) + ?2) % 2147483647) * ((("$sequence" % 2147483647 * ?1 % 2147483647) * ("$sequence" % 2147483647 * ?1 % 2147483647) + ?2) % 2147483647) + ?3) % 2147483647) * ((((("$sequence" % 2147483647 * ?1 % 2147483647) * ("$sequence" % 2147483647 * ?1 % 2147483647) + ?2) % 2147483647) * ((("$sequence" % 2147483647 * ?1 % 2147483647) * ("$sequence" % 2147483647 * ?1 % 2147483647) + ?2) % 2147483647) + ?3) % 2147483647) + ?4) % 2147483647), "$sequence" LIMIT 3
        ?1: Int(1496452568)
        ?2: Int(1950115359)
        ?3: Int(984689157)
        ?4: Int(1732127180)
        "#);
    }

    #[test]
    fn many_conditions_are_halved() {
        let filters = || (0..401).map(|n| SEQUENCE.equal([n]).expect("it is a number"));
        let query = Query::new(User::SCHEMA).filter(Filter::or(filters())).filters_all(filters());
        let sql = count(&query, &Sqlite).sql;
        let (mut depth, mut deepest) = (0, 0);
        for byte in sql.bytes() {
            depth += i32::from(byte == b'(') - i32::from(byte == b')');
            deepest = deepest.max(depth);
        }
        assert_eq!((depth, deepest), (0, 6));
        assert!(sql.split(['(', ')']).all(|chain| chain.matches(" AND ").count() <= 100));
    }

    #[test]
    fn a_count_has_no_order_and_no_page() {
        let query = Query::new(User::SCHEMA)
            .filter(field("name").starts_with("An").unwrap())
            .order(field("name").ascending())
            .limit(1)
            .offset(1);
        insta::assert_snapshot!(text(&count(&query, &Sqlite)), @r#"
        SELECT count(*) FROM "users" INDEXED BY "users by name" WHERE ("name" >= ?1 AND "name" < ?2)
        ?1: Text("An")
        ?2: Text("Ao")
        "#);
    }

    #[test]
    fn a_search_leads() {
        let filter = || User::SCHEMA.search("ann o'neill").unwrap();
        let query = Query::new(User::SCHEMA)
            .filter(field("status").equal([true]).unwrap())
            .filter(filter())
            .filter(SEQUENCE.greater(7).unwrap())
            .limit(25);
        insta::assert_snapshot!(text(&select(&query, &Sqlite)), @r#"
        SELECT "$sequence", "$revision", body FROM (SELECT rowid AS "$lead" FROM "users search" WHERE "users search" MATCH ?1) CROSS JOIN "users" ON "users"."$sequence" = "$lead" WHERE "status" = ?2 AND TRUE AND "$lead" > ?3 ORDER BY "$lead" ASC LIMIT 25
        ?1: Text("\"ann\" * AND \"o neill\" *")
        ?2: Int(1)
        ?3: Int(7)
        "#);
        let address = User::SCHEMA.search("ann@x.com").unwrap();
        let address = Query::new(User::SCHEMA).filter(address).limit(25);
        assert_eq!((fit(&query), fit(&address)), (Fit::Exact, Fit::Loose));
        insta::assert_snapshot!(text(&select(&address, &Sqlite)), @r#"
        SELECT "$sequence", "$revision", body FROM (SELECT rowid AS "$lead" FROM "users search" WHERE "users search" MATCH ?1) CROSS JOIN "users" ON "users"."$sequence" = "$lead" WHERE TRUE ORDER BY "$lead" ASC
        ?1: Text("\"ann x\"")
        "#);
        let found = Query::new(User::SCHEMA).filter(Filter::and([filter()]));
        insta::assert_snapshot!(text(&count(&found, &Sqlite)), @r#"
        SELECT count(*) FROM (SELECT rowid AS "$lead" FROM "users search" WHERE "users search" MATCH ?1)
        ?1: Text("\"ann\" * AND \"o neill\" *")
        "#);
        insta::assert_snapshot!(text(&delete(User::SCHEMA, &[filter()], &Sqlite)), @r#"
        DELETE FROM "users" WHERE "$sequence" IN (SELECT rowid AS sequence FROM "users search" WHERE "users search" MATCH ?1)
        ?1: Text("\"ann\" * AND \"o neill\" *")
        "#);
        let nothing = Query::new(User::SCHEMA).filter(User::SCHEMA.search("-").unwrap());
        insta::assert_snapshot!(text(&count(&nothing, &Sqlite)), @r#"SELECT count(*) FROM "users" WHERE FALSE"#);
    }

    #[test]
    fn totals_are_tallies() {
        insta::assert_snapshot!(text(&count(&Query::new(User::SCHEMA), &Sqlite)), @r#"
        SELECT n FROM rollbook_tallies WHERE schema = ?1 AND field = ?2 AND value = ?3
        ?1: Text("users")
        ?2: Text("")
        ?3: Int(0)
        "#);
        let blocked = Query::new(User::SCHEMA).filter(field("status").equal([false]).unwrap());
        insta::assert_snapshot!(text(&count(&blocked, &Sqlite)), @r#"
        SELECT n FROM rollbook_tallies WHERE schema = ?1 AND field = ?2 AND value = ?3
        ?1: Text("users")
        ?2: Text("status")
        ?3: Int(0)
        "#);
    }

    /// A user with a time of the last access.
    fn row() -> Document {
        let text = br#"{"$id": "ann", "$createdAt": 1, "$updatedAt": 2, "registration": 3,
            "status": true, "accessedAt": 4}"#;
        Document::new(1, 5, (User::SCHEMA.decode)(User::SCHEMA, text).unwrap())
    }

    #[test]
    fn what_follows_downwards_is_read_in_parts() {
        let query =
            Query::new(User::SCHEMA).order(field("accessedAt").descending()).limit(25).offset(5);
        insta::assert_snapshot!(text(&select(&query.after(&row()), &Sqlite)), @r#"
        SELECT * FROM (SELECT "$sequence", "$revision", body FROM "users" INDEXED BY "users by accessedAt" WHERE "accessedAt" IS NOT NULL AND "accessedAt" <= ?1 AND ("accessedAt" < ?2 OR ("accessedAt" = ?3 AND "$sequence" > ?4)) ORDER BY "accessedAt" DESC NULLS LAST, "$sequence" ASC LIMIT 30) UNION ALL SELECT * FROM (SELECT "$sequence", "$revision", body FROM "users" INDEXED BY "users by accessedAt" WHERE "accessedAt" IS NULL ORDER BY "$sequence" ASC LIMIT 30) LIMIT 25 OFFSET 5
        ?1: Int(4)
        ?2: Int(4)
        ?3: Int(4)
        ?4: Int(5)
        "#);
    }

    #[test]
    fn flags_are_read_one_after_the_other() {
        let query = Query::new(User::SCHEMA).order(field("status").descending());
        insta::assert_snapshot!(text(&select(&query, &Sqlite)), @r#"
        SELECT * FROM (SELECT "$sequence", "$revision", body FROM "users" INDEXED BY "users by status" WHERE "status" = ?1 ORDER BY "$sequence" ASC) UNION ALL SELECT * FROM (SELECT "$sequence", "$revision", body FROM "users" INDEXED BY "users by status" WHERE "status" = ?2 ORDER BY "$sequence" ASC) UNION ALL SELECT * FROM (SELECT "$sequence", "$revision", body FROM "users" INDEXED BY "users by status" WHERE "status" IS NULL ORDER BY "$sequence" ASC)
        ?1: Int(1)
        ?2: Int(0)
        "#);
        insta::assert_snapshot!(text(&select(&query.after(&row()), &Sqlite)), @r#"
        SELECT * FROM (SELECT "$sequence", "$revision", body FROM "users" INDEXED BY "users by status" WHERE "status" = ?1 AND "$sequence" > ?2 ORDER BY "$sequence" ASC) UNION ALL SELECT * FROM (SELECT "$sequence", "$revision", body FROM "users" INDEXED BY "users by status" WHERE "status" = ?3 ORDER BY "$sequence" ASC) UNION ALL SELECT * FROM (SELECT "$sequence", "$revision", body FROM "users" INDEXED BY "users by status" WHERE "status" IS NULL ORDER BY "$sequence" ASC)
        ?1: Int(1)
        ?2: Int(5)
        ?3: Int(0)
        "#);
    }

    #[test]
    fn a_deletion() {
        let filters = [ID.equal(["u1"]).unwrap(), field("status").equal([false]).unwrap()];
        insta::assert_snapshot!(text(&delete(User::SCHEMA, &filters, &Sqlite)), @r#"
        DELETE FROM "users" WHERE "$id" = ?1 AND "status" = ?2
        ?1: Text("u1")
        ?2: Int(0)
        "#);
        insta::assert_snapshot!(text(&delete(User::SCHEMA, &[], &Sqlite)), @r#"DELETE FROM "users""#);
    }
}
