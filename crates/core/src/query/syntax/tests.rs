use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{Direction, Record, User};

fn values(query: &ParsedQuery) -> Vec<Value> {
    let value = |value: &ParsedValue| match value {
        ParsedValue::Plain(value) => value.clone(),
        ParsedValue::Query(query) => json!([query.method, query.attribute, values(query)]),
    };
    query.values.iter().map(value).collect()
}

/// `method attribute values`, or the error.
fn read(syntax: QuerySyntax, text: &str) -> String {
    match syntax.parse(text) {
        Ok(query) => {
            format!("{} {} {}", query.method, query.attribute, Value::Array(values(&query)))
        }
        Err(error) => format!("error: {error}"),
    }
}

/// What `queries` mean, or the error.
fn meaning(syntax: QuerySyntax, queries: &[&str]) -> Result<Meaning, QueryError> {
    let mut meaning = Meaning::new(User::SCHEMA);
    queries.iter().try_for_each(|query| meaning.add(syntax.parse(query)?))?;
    meaning.finish()
}

fn refusals(syntax: QuerySyntax, queries: &[&str]) -> String {
    let line = |query: &&str| {
        let error = meaning(syntax, &[query]).expect_err(query);
        format!("{query}\n    {error}\n")
    };
    queries.iter().map(line).collect()
}

#[test]
fn texts_are_read_as_the_service_reads_them() {
    let table = [
        (r#"equal("name", ["Ann"])"#, r#"equal name ["Ann"]"#),
        (r#"equal("name", "Ann")"#, r#"equal name ["Ann"]"#),
        ("equal('name', ['Ann','Bob'])", r#"equal name ["Ann","Bob"]"#),
        (r#"equal("status", true)"#, "equal status [true]"),
        (r#"equal("status", [true])"#, "equal status [true]"),
        (r#"equal("status", ["true"])"#, r#"equal status ["true"]"#),
        (r#"equal("age", [5, 5.5, -3, 1e3, 0x1A])"#, r#"equal age [5,5.5,-3,1000.0,"0x1A"]"#),
        (r#"equal("a", 007)"#, "equal a [7]"),
        (r#"equal("a", .5)"#, "equal a [0.5]"),
        (r#"equal("a", 5.)"#, "equal a [5.0]"),
        (r#"equal("a", " 5")"#, r#"equal a [" 5"]"#),
        (r#"equal("a", 5 6)"#, "equal a [56]"),
        (r#"equal("a", "5"6)"#, r#"equal a ["5\""]"#),
        (r#"equal("a", null)"#, "equal a [null]"),
        (r#"equal("a", [null])"#, "equal a [null]"),
        (r#"equal("a", NULL)"#, r#"equal a ["NULL"]"#),
        (r#"equal("a", True)"#, r#"equal a ["True"]"#),
        ("equal(a, b)", r#"equal a ["b"]"#),
        (r#"equal("a", [x y])"#, r#"equal a ["xy"]"#),
        (r#"equal("a", "x,y")"#, r#"equal a ["x,y"]"#),
        (r#"equal("a", "x(y)z")"#, r#"equal a ["x(y)z"]"#),
        (r#"equal("a", "x)")"#, r#"equal a ["x)"]"#),
        (r#"equal("a", "it's")"#, r#"equal a ["it's"]"#),
        (r#"equal('a', 'say "hi"')"#, r#"equal a ["say \"hi\""]"#),
        (r#"equal("a", "q\"q")"#, r#"equal a ["q\"q"]"#),
        (r#"equal("a", "b\\c")"#, r#"equal a ["b\\\\c"]"#),
        (r#"equal("a", "\[x\]")"#, r#"equal a ["[x]"]"#),
        (r#"equal("a", "x\,y")"#, r#"equal a ["x,y"]"#),
        (r#"equal("a", [["x"]])"#, r#"equal a ["x"]"#),
        (r#"equal("a", ["x"], ["y"])"#, r#"equal a ["x"]"#),
        (r#"equal("a", "")"#, r#"equal a [""]"#),
        (r#"equal("a", [""])"#, r#"equal a [""]"#),
        (r#"equal("a", [])"#, "equal a []"),
        (r#"equal("a")"#, "equal a []"),
        ("equal()", "equal  []"),
        (r#"equal("name","x""#, r#"equal name [""]"#),
        (r#"equal("name","x") "#, r#"equal name ["x\""]"#),
        (r#"equal("name","x")x"#, r#"equal name ["x\""]"#),
        (r#"equal("a", "unterminated)"#, r#"equal a ["unterminate"]"#),
        (r#" equal("a","b")"#, "error: Invalid query method:  equal"),
        (r#"equal ("a","b")"#, "error: Invalid query method: equal "),
        (r#"EQUAL("a","b")"#, "error: Invalid query method: EQUAL"),
        (r#"or(equal("a","b"))"#, "error: Invalid query method: or"),
        ("equal", "error: Invalid query: Invalid query"),
        ("", "error: Invalid query: Invalid query"),
        (r#"a.equal("b")"#, "error: Invalid query: Invalid query method"),
        ("limit(10)", "limit  [10]"),
        (r#"limit("10")"#, r#"limit  ["10"]"#),
        ("limit()", "limit  []"),
        ("orderAsc()", "orderAsc  []"),
        (r#"orderAsc("")"#, "orderAsc  []"),
        (r#"orderDesc("$createdAt")"#, "orderDesc $createdAt []"),
        (r#"between("r","2020-01-01","2021-01-01")"#, r#"between r ["2020-01-01","2021-01-01"]"#),
        (r#"between("a", 1)"#, "between a [1,null]"),
        (r#"equal("émail", "ünï")"#, r#"equal émail ["ünï"]"#),
        (
            r#"equal("actors", [ " Johnny Depp ",  " Brad Pitt" , 'Al Pacino ' ])"#,
            r#"equal actors [" Johnny Depp "," Brad Pitt","Al Pacino "]"#,
        ),
        (r#"equal(1, , , ["[Hello] World"], , , )"#, r#"equal 1 ["[Hello] World"]"#),
        (r#"equal(1, "Hello\", World")"#, r#"equal 1 ["Hello\", World"]"#),
        (
            r#"equal("value", ""NormalStringInDoubleQuotes"")"#,
            r#"equal value ["\"NormalStringInDoubleQuotes\""]"#,
        ),
        ("equal(\"a\",\r\n\t[ 1 ])", "equal a [1]"),
        // A backslash finds the last character, which nothing else does.
        (r#"equal("a", "x\)"#, r#"equal a ["x\\"]"#),
        ("equal(é", "equal  []"),
        ("(", "error: Invalid query method: "),
    ];
    for (text, expected) in table {
        assert_eq!(read(QuerySyntax::Text, text), expected, "{text}");
    }
}

#[test]
fn json_is_read_as_the_service_reads_it() {
    let table = [
        (r#"{"method":"equal","attribute":"name","values":["Ann"]}"#, r#"equal name ["Ann"]"#),
        (r#"{"method":"isNull","attribute":"name","more":1}"#, "isNull name []"),
        (r#"{"method":"orderAsc"}"#, "orderAsc  []"),
        (r#"{"method":"limit","attribute":null,"values":{"a":1,"b":2}}"#, "limit  [1,2]"),
        (
            r#"{"method":"or","values":[{"method":"isNull","attribute":"a"},{"method":"limit"}]}"#,
            r#"or  [["isNull","a",[]],["limit","",[]]]"#,
        ),
    ];
    for (text, expected) in table {
        assert_eq!(read(QuerySyntax::Json, text), expected, "{text}");
    }
    let deep = format!("{}{}", "[".repeat(4000), "]".repeat(96));
    let mut bad = vec!["", "equal(\"a\",\"b\")", "{", &deep, "\"x\"", "5", "5.5", "true", "null"];
    bad.extend([
        "[]",
        "{}",
        r#"{"method":null}"#,
        r#"{"method":5}"#,
        r#"{"method":["equal"]}"#,
        r#"{"method":"EQUAL"}"#,
        r#"{"method":"equal","attribute":5}"#,
        r#"{"method":"equal","attribute":"name","values":"Ann"}"#,
        r#"{"method":"or","values":["isNull(\"a\")"]}"#,
    ]);
    let texts =
        bad.iter().map(|text| format!("{text:.60}\n    {}\n", read(QuerySyntax::Json, text)));
    let texts: String = texts.collect();
    insta::assert_snapshot!(texts);
}

#[test]
fn what_the_service_accepts() {
    for query in [
        r#"{"method":"limit","values":["10"]}"#,
        r#"{"method":"limit","values":[1,2]}"#,
        r#"{"method":"isNull","attribute":"name","values":["x"]}"#,
        r#"{"method":"equal","attribute":"$id","values":[""]}"#,
        r#"{"method":"equal","attribute":"$sequence","values":[5]}"#,
        r#"{"method":"orderAsc","attribute":"labels"}"#,
        r#"{"method":"orderRandom"}"#,
        r#"{"method":"equal","attribute":"registration","values":["2020-01-01","2020-01-01 10:00"]}"#,
        r#"{"method":"notBetween","attribute":"name","values":["a","b"]}"#,
        r#"{"method":"containsAny","attribute":"name","values":["a","b"]}"#,
        r#"{"method":"containsAll","attribute":"name","values":["a","b"]}"#,
        r#"{"method":"notContains","attribute":"labels","values":["a","b"]}"#,
        r#"{"method":"notStartsWith","attribute":"email","values":[""]}"#,
        r#"{"method":"cursorAfter","values":["a.b-c_d"]}"#,
        r#"{"method":"offset","values":[9223372036854775807]}"#,
    ] {
        meaning(QuerySyntax::Json, &[query]).expect(query);
    }
}

#[test]
fn the_first_limit_counts_and_orders_add_up() {
    let all = [
        "limit(3)",
        "offset(4)",
        r#"cursorAfter("ann")"#,
        "limit(5)",
        "offset(6)",
        r#"cursorBefore("bob")"#,
        r#"orderDesc("name")"#,
        r#"equal("status", true)"#,
        "orderAsc()",
        r#"equal("name", "Ann")"#,
    ];
    let meaning = meaning(QuerySyntax::Text, &all).expect("they are queries");
    assert_eq!((meaning.limit, meaning.offset), (Some(3), Some(4)));
    let (id, side) = meaning.cursor.expect("there is one");
    assert_eq!((id.as_str(), side), ("ann", Side::After));
    let orders = meaning.orders.iter().map(|order| (order.field.name(), order.direction));
    assert_eq!(
        orders.collect::<Vec<_>>(),
        [("name", Direction::Descending), ("$sequence", Direction::Ascending)]
    );
    assert_eq!(meaning.filters.len(), 2);
}

#[test]
fn refused_queries() {
    let many = |number: usize| {
        let values = vec!["x"; number];
        json!({"method": "equal", "attribute": "name", "values": values}).to_string()
    };
    let nested = |depth: usize| {
        let leaf = json!({"method": "isNull", "attribute": "name"});
        (0..depth)
            .fold(leaf.clone(), |query, _| json!({"method": "or", "values": [query, leaf]}))
            .to_string()
    };
    meaning(QuerySyntax::Json, &[&many(500), &nested(5)]).expect("both are at their bounds");
    let refused = refusals(
        QuerySyntax::Json,
        &[
            r#"{"method":"equal","attribute":"foo","values":["x"]}"#,
            r#"{"method":"equal","attribute":"prefs.color","values":["x"]}"#,
            r#"{"method":"equal","attribute":"email.x","values":["x"]}"#,
            r#"{"method":"equal","attribute":"search","values":["x"]}"#,
            r#"{"method":"orderAsc","attribute":"prefs"}"#,
            r#"{"method":"equal","attribute":"name"}"#,
            r#"{"method":"contains","attribute":"name","values":[]}"#,
            r#"{"method":"notEqual","attribute":"name","values":["a","b"]}"#,
            r#"{"method":"startsWith","attribute":"foo"}"#,
            r#"{"method":"search","attribute":"name","values":[]}"#,
            r#"{"method":"between","attribute":"name","values":["a"]}"#,
            r#"{"method":"notBetween","attribute":"name","values":["a","b","c"]}"#,
            r#"{"method":"equal","attribute":"status","values":["true"]}"#,
            r#"{"method":"equal","attribute":"status","values":[1]}"#,
            r#"{"method":"equal","attribute":"name","values":[null]}"#,
            r#"{"method":"equal","attribute":"name","values":[["x"]]}"#,
            r#"{"method":"equal","attribute":"$sequence","values":["5"]}"#,
            r#"{"method":"greaterThan","attribute":"registration","values":["now"]}"#,
            r#"{"method":"greaterThan","attribute":"registration","values":[2020]}"#,
            r#"{"method":"greaterThan","attribute":"registration","values":["10000-01-01"]}"#,
            r#"{"method":"startsWith","attribute":"status","values":[true]}"#,
            r#"{"method":"equal","attribute":"labels","values":["vip"]}"#,
            r#"{"method":"between","attribute":"labels","values":["a","b"]}"#,
            r#"{"method":"startsWith","attribute":"labels","values":["a"]}"#,
            r#"{"method":"search","attribute":"labels","values":["a"]}"#,
            r#"{"method":"contains","attribute":"status","values":[true]}"#,
            r#"{"method":"notContains","attribute":"registration","values":["2020-01-01"]}"#,
            r#"{"method":"containsAll","attribute":"status","values":[true]}"#,
            r#"{"method":"limit","values":[0]}"#,
            r#"{"method":"limit","values":[-1]}"#,
            r#"{"method":"limit","values":[5.5]}"#,
            r#"{"method":"limit","values":["9223372036854775808"]}"#,
            r#"{"method":"limit"}"#,
            r#"{"method":"limit","values":["ten"]}"#,
            r#"{"method":"limit","values":[null]}"#,
            r#"{"method":"offset","values":[-1]}"#,
            r#"{"method":"offset","values":[true]}"#,
            r#"{"method":"cursorAfter","values":[""]}"#,
            r#"{"method":"cursorAfter","values":["_a"]}"#,
            r#"{"method":"cursorBefore","values":[5]}"#,
            r#"{"method":"cursorBefore"}"#,
            r#"{"method":"select","values":["name"]}"#,
            r#"{"method":"or","values":[{"method":"isNull","attribute":"name"}]}"#,
            r#"{"method":"and"}"#,
            r#"{"method":"or","values":[{"method":"limit","values":[1]},{"method":"limit","values":[1]}]}"#,
            r#"{"method":"and","values":[{"method":"isNull","attribute":"foo"}]}"#,
            r#"{"method":"search","attribute":"name","values":["ann"]}"#,
            r#"{"method":"notSearch","attribute":"email","values":["ann"]}"#,
        ],
    );
    insta::assert_snapshot!(refused);
    assert_eq!(
        meaning(QuerySyntax::Json, &[&many(501)]).unwrap_err(),
        QueryError::TooManyValues { attribute: "name" }
    );
    assert_eq!(meaning(QuerySyntax::Json, &[&nested(6)]).unwrap_err(), QueryError::TooDeep);
    // What the storage can't do comes after all that is wrong with any query.
    let search = r#"search("name", "ann")"#;
    let error = meaning(QuerySyntax::Text, &[search, "limit(0)"]).unwrap_err();
    assert!(matches!(error, QueryError::LimitRange { .. }));
    let error = meaning(QuerySyntax::Text, &[search, "limit(1)"]).unwrap_err();
    assert_eq!(error, QueryError::NoIndex { attribute: "name" });
}

#[test]
fn numbers_and_lengths_of_queries_are_bounded() {
    let query = "limit(1)";
    assert!(meaning(QuerySyntax::Text, &[query; 100]).is_ok());
    let error = meaning(QuerySyntax::Text, &[query; 101]).unwrap_err();
    assert_eq!(error.to_string(), "Value must a valid array no longer than 100 items");
    // Characters, not bytes.
    let of = |length: usize| format!("equal(\"name\",\"{}\")", "é".repeat(length - 16));
    assert!(meaning(QuerySyntax::Text, &[&of(4096)]).is_ok());
    let error = meaning(QuerySyntax::Text, &[&of(4097)]).unwrap_err();
    assert_eq!(error.to_string(), "Value must be a valid string and no longer than 4096 chars");
}

#[test]
fn parameters_of_the_oldest_api() {
    let check = |parameters: &[(&str, &str)], expected: &str| {
        let shown = match plain(parameters.iter().copied()) {
            Ok(Plain { queries, limit, search }) => {
                let queries = queries
                    .iter()
                    .map(|query| format!("{}{}", query.method, Value::Array(values(query))));
                let queries = queries.collect::<Vec<_>>().join(" ");
                format!("{queries} {limit:?} {search:?}")
            }
            Err(error) => error.to_string(),
        };
        assert_eq!(shown, expected, "{parameters:?}");
    };
    check(&[], "orderAsc[] None None");
    check(&[("limit", "0"), ("orderType", "DESC")], "orderDesc[] Some(0) None");
    check(&[("limit", "100"), ("offset", "5000")], "offset[5000] orderAsc[] Some(100) None");
    check(&[("cursor", "ann")], r#"cursorAfter["ann"] orderAsc[] None None"#);
    let before = [("cursorDirection", "BEFORE"), ("cursor", "ann"), ("queries", "x")];
    check(&before, r#"cursorBefore["ann"] orderAsc[] None None"#);
    check(&[("cursor", ""), ("search", "")], "orderAsc[] None None");
    check(&[("search", "ann")], r#"orderAsc[] None Some("ann")"#);
    let bound = "Value must be a valid range between 0 and";
    check(&[("limit", "101")], &format!("invalid `limit`: {bound} 100"));
    check(&[("limit", "")], &format!("invalid `limit`: {bound} 100"));
    check(&[("offset", "-1")], &format!("invalid `offset`: {bound} 5,000"));
    check(&[("offset", "5001")], &format!("invalid `offset`: {bound} 5,000"));
    check(&[("orderType", "desc")], "invalid `orderType`: Value must be one of (ASC, DESC)");
    check(
        &[("cursorDirection", "up")],
        "invalid `cursorDirection`: Value must be one of (after, before)",
    );
    check(
        &[("cursor", "_ann")],
        "invalid `cursor`: UID must contain at most 36 chars. Valid chars are a-z, A-Z, 0-9, and \
         underscore. Can't start with a leading underscore",
    );
    let (longest, longer) = ("é".repeat(256), "é".repeat(257));
    assert!(plain([("search", &longest)]).is_ok());
    check(
        &[("search", &longer)],
        "invalid `search`: Value must be a valid string and no longer than 256 chars",
    );
}

proptest! {
    #[test]
    fn no_text_makes_a_parser_panic(text in r#"\PC*|[a-z]{0,9}\([\\"'\[\],() a1.é-]*|[\[{":,a1\]}]*"#) {
        for syntax in [QuerySyntax::Text, QuerySyntax::Json] {
            let mut meaning = Meaning::new(User::SCHEMA);
            if let Err(error) = syntax.parse(&text).and_then(|query| meaning.add(query)) {
                prop_assert!(!error.to_string().is_empty());
            }
        }
    }

    #[test]
    fn a_text_in_quotes_comes_back(value in r"\PC*") {
        let mut quoted = String::new();
        for c in value.chars() {
            if matches!(c, '"' | '\'' | '[' | ']' | ',') {
                quoted.push('\\');
            }
            quoted.push(c);
        }
        // A backslash has no escape, so before one of these it can't be written.
        prop_assume!(!value.contains('\\'));
        let query = QuerySyntax::Text.parse(&format!("equal(\"name\", \"{quoted}\")")).unwrap();
        prop_assert_eq!(values(&query), [Value::from(value)]);
    }
}
