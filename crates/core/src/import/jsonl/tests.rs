use proptest::prelude::*;

use super::*;
use crate::ImportedUser;
use crate::import::Rejection;

fn read(file: &[u8], options: &ReadOptions) -> Vec<Row> {
    let rows = Jsonl.rows(Box::new(io::Cursor::new(file.to_vec())), options);
    rows.collect::<Result<_, _>>().unwrap()
}

fn one(line: &str) -> Result<ImportedUser, Error> {
    let mut rows = read(line.as_bytes(), &ReadOptions::new());
    assert_eq!(rows.len(), 1, "{line}");
    rows.remove(0).user
}

/// What each line is read as, or the field and the reason.
fn outcomes(lines: &[&str], options: &ReadOptions) -> String {
    let mut outcomes = String::new();
    for line in lines {
        for row in read(line.as_bytes(), options) {
            let outcome = match &row.user {
                Ok(user) => format!("ok {}", user.id.as_deref().unwrap_or("-")),
                Err(error) => {
                    let Rejection { field, reason, .. } = Rejection::new(row.line, error);
                    format!("{}: {reason}", field.unwrap_or_default())
                }
            };
            outcomes += &format!("{line}\n    {outcome}\n");
        }
    }
    outcomes
}

#[test]
fn every_field_is_read() {
    let user = one(
        r#"{"$id":"ann","$createdAt":"2020-10-15T06:38:00.000+00:00","$updatedAt":"2020-10-16",
"name":"Ann \"A.\" Ōno","password":" $2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW\n",
"hash":"bcrypt","hashOptions":{"type":"bcrypt","cost":5},"registration":1602743880,"status":false,
"labels":["vip","new"],"passwordUpdate":"2021-01-01T00:00:00Z","email":"Ann@x.co","phone":"+14155550100",
"emailVerification":true,"emailCanonical":null,"emailIsFree":null,"emailIsDisposable":null,
"emailIsCorporate":true,"emailIsCanonical":true,"phoneVerification":false,"mfa":true,
"prefs":{"theme":{"dark":true},"n":[1,1.5,null]},"targets":[{"$id":"t"}],"accessedAt":"2022-01-01",
"impersonator":true,"impersonatorUserId":null}"#
            .replace('\n', "")
            .as_str(),
    )
    .unwrap();
    insta::assert_debug_snapshot!(user);
}

#[test]
fn absent_empty_and_null_are_the_same() {
    let bare = format!("{:?}", one(r#"{"$id":"u"}"#).unwrap());
    for line in [
        r#"{"$id":"u","email":"","phone":"","name":"","password":"","hash":"","accessedAt":""}"#,
        r#"{"$id":"u","email":null,"phone":null,"name":null,"password":null,"hash":null}"#,
        r#"{"$id":"u","hashOptions":[],"prefs":[],"labels":[],"targets":[]}"#,
        r#"{"$id":"u","hashOptions":null,"prefs":null,"labels":null,"status":null,"mfa":null}"#,
        r#"{"$id":"u","registration":0,"$createdAt":0,"$updatedAt":null,"passwordUpdate":0}"#,
        r#"{"$id":"u","password":null,"hash":"argon2","hashOptions":{"type":"argon2"}}"#,
        r#"{"$id":"u","password":" \t"}"#,
    ] {
        assert_eq!(format!("{:?}", one(line).unwrap()), bare, "{line}");
    }
}

#[test]
fn one_identifier_is_needed() {
    for line in [r#"{"$id":"u"}"#, r#"{"email":"a@b.co"}"#, r#"{"phone":"+14155550100"}"#] {
        assert!(one(line).is_ok(), "{line}");
    }
    assert_eq!(one(r#"{"$id":"unique()"}"#).unwrap().id.as_deref(), Some("unique()"));
}

#[test]
fn the_options_of_the_wire_are_those_of_the_hash() {
    let user = one(r#"{"$id":"u","hash":"sha","password":"5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8","hashOptions":{"version":"sha1","type":"sha"}}"#).unwrap();
    assert_eq!(user.password.unwrap().verify(b"password"), Ok(()));
}

#[test]
fn a_hash_without_its_algorithm_shows_what_it_is() {
    let text = "$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
    let user = one(&format!(r#"{{"$id":"u","password":"{text}"}}"#)).unwrap();
    assert_eq!(user.password.unwrap().algorithm(), "bcrypt");
}

#[test]
fn what_is_wrong_is_told() {
    let outcomes = outcomes(
        &[
            "{}",
            r#"{"email":""}"#,
            r#"{"$id":""}"#,
            r#"{"$id":"_u"}"#,
            r#"{"$id":5}"#,
            r#"{"$id":"u","name":["Ann"]}"#,
            r#"{"$id":"u","email":{"a":1}}"#,
            r#"{"$id":"u","phone":14155550100}"#,
            r#"{"$id":"u","status":"true"}"#,
            r#"{"$id":"u","mfa":1}"#,
            r#"{"$id":"u","impersonator":"yes"}"#,
            r#"{"$id":"u","labels":"vip"}"#,
            r#"{"$id":"u","labels":["vip",1]}"#,
            r#"{"$id":"u","prefs":[1]}"#,
            r#"{"$id":"u","prefs":"{}"}"#,
            r#"{"$id":"u","prefs":{"a":{"b":1,"b":2}}}"#,
            r#"{"$id":"u","hashOptions":true}"#,
            r#"{"$id":"u","registration":"yesterday"}"#,
            r#"{"$id":"u","registration":1.5}"#,
            r#"{"$id":"u","registration":true}"#,
            r#"{"$id":"u","registration":99999999999999}"#,
            r#"{"$id":"u","$id":"u"}"#,
            r#"{"$id":"u","email":"a@b.co","email":"a@b.co"}"#,
            r#"{"$id":"u","targets":[],"targets":[]}"#,
            r#"{"$id":"u","emial":"a@b.co"}"#,
            r#"{"id":"u","created_at":"2020-01-01"}"#,
            r#"{"$id":"u","passwordHash":"x"}"#,
            r#"{"$id":"u","metadata":{}}"#,
            r#"{"$id":"u","users":[]}"#,
            r#"{"$id":"u","password":"5f4dcc3b5aa765d61d8327deb882cf99"}"#,
            r#"{"$id":"u","password":"hunter2"}"#,
            r#"{"$id":"u","password":"x","hash":"whirlpool"}"#,
            r#"{"$id":"u","password":"$2y$05$x","hash":"md5"}"#,
            r#"{"$id":"u","password":"5f4dcc3b5aa765d61d8327deb882cf99","hash":"md5","hashOptions":{"salt":"s"}}"#,
        ],
        &ReadOptions::new(),
    );
    insta::assert_snapshot!(outcomes);
}

#[test]
fn what_is_no_json_is_told() {
    let outcomes = outcomes(
        &[
            "ann",
            "{",
            r#"{"$id":"u""#,
            r#"{"$id":"u"} {"$id":"v"}"#,
            r#"{"$id":"u",}"#,
            r#"["u"]"#,
            r#""$2y$05$secret""#,
            "17",
            "-17",
            "1.5",
            "true",
            "null",
            r#"{"$id":"\ud800"}"#,
            r#"{"$id":1e999}"#,
        ],
        &ReadOptions::new(),
    );
    insta::assert_snapshot!(outcomes);
}

#[test]
fn unknown_fields_are_left_out_on_request() {
    let options = ReadOptions::new().unknown_fields(UnknownFields::Ignore);
    let outcomes = outcomes(
        &[
            r#"{"$id":"u","emial":"a@b.co","users":[]}"#,
            r#"{"users":[{"$id":"u","x":1}],"x":1}"#,
            r#"{"$id":"u","$id":"u"}"#,
        ],
        &options,
    );
    insta::assert_snapshot!(outcomes);
}

#[test]
fn answers_and_reject_lines_are_unwrapped() {
    let outcomes = outcomes(
        &[
            r#"{"total":2,"users":[{"$id":"a"}, {"$id":"b"}]}"#,
            r#" { "users" : [ {"$id":"a"} ] , "total" : 1 } "#,
            r#"{"total":0,"users":[]}"#,
            r#"{"total":2,"users":[{"$id":"a"},{"$id":"_"},5,{"users":[]}]}"#,
            r#"{"total":1,"users":{}}"#,
            r#"{"total":1,"users":[],"users":[]}"#,
            r#"{"total":1,"users":[],"more":true}"#,
            r#"{"line":3,"field":null,"code":"c","reason":"r","input":{"$id":"a"}}"#,
            r#"{"line":3,"field":null,"code":"c","reason":"r","input":"{\"$id\":\"a\"}"}"#,
            r#"{"input":"{\"total\":1,\"users\":[{\"$id\":\"a\"}]}"}"#,
            r#"{"input":"{\"$id\":"}"#,
            r#"{"input":null}"#,
            r#"{"input":{"input":{"input":{"$id":"a"}}}}"#,
            r#"{"total":1}"#,
        ],
        &ReadOptions::new(),
    );
    insta::assert_snapshot!(outcomes);
}

#[test]
fn rows_have_the_line_they_stand_on_and_its_text() {
    let file = b"\xef\xbb\xbf{\"$id\":\"a\"}\r\n\n{\"total\":2,\"users\":[{\"$id\" : \"b\"},{\"$id\":\"_\"}]}\n\
        \xff{}\n{\"$id\":\"01234567890123456789012345678901234567890123456789\"}\n{\"$id\":\"e\"}";
    let rows = read(file, &ReadOptions::new().longest_line(59));
    let json = |text: &str| Input::Json(text.to_owned());
    let rows: Vec<_> =
        rows.into_iter().map(|row| (row.line, row.input, row.user.is_ok())).collect();
    assert_eq!(
        rows,
        [
            (1, json(r#"{"$id":"a"}"#), true),
            (3, json(r#"{"$id" : "b"}"#), true),
            (3, json(r#"{"$id":"_"}"#), false),
            (4, Input::Text("\u{fffd}{}".to_owned()), false),
            (5, Input::Dropped, false),
            (6, json(r#"{"$id":"e"}"#), true),
        ]
    );
}

#[test]
fn messages_of_broken_lines() {
    let options = ReadOptions::new().longest_line(5);
    let rows = read(b"a\xff\n123456", &options);
    let errors: Vec<_> =
        rows.iter().map(|row| row.user.as_ref().unwrap_err().to_string()).collect();
    assert_eq!(
        errors,
        ["invalid `line`: not UTF-8 at byte 2", "invalid `line`: longer than the limit of 5 bytes",]
    );
}

/// Every reject line gives the same row again: same error, same input.
fn rejects_come_back(file: &[u8]) {
    let options = ReadOptions::new();
    for row in read(file, &options) {
        let Err(error) = row.user else { continue };
        let rejection = Rejection::new(row.line, &error);
        let mut line = Vec::new();
        rejection.write(&row.input, &mut line).unwrap();
        assert_eq!(line.iter().position(|byte| *byte == b'\n'), Some(line.len() - 1));
        let again = read(&line, &options);
        assert_eq!(again.len(), 1, "{}", String::from_utf8_lossy(&line));
        // Bytes that are no text were replaced, so the text may have another fault, or none.
        if again[0].input == row.input && !rejection.reason.starts_with("not UTF-8") {
            let error = again[0].user.as_ref().unwrap_err();
            assert_eq!(Rejection { line: row.line, ..Rejection::new(1, error) }, rejection);
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic(file: Vec<u8>) {
        rejects_come_back(&file);
    }

    #[test]
    fn almost_users_are_read_without_a_panic(
        pieces in prop::collection::vec(prop::sample::select(vec![
            "{", "}", "[", "]", ",", ":", "\"$id\"", "\"u\"", "\"users\"", "\"input\"", "\"labels\"",
            "\"prefs\"", "\"email\"", "null", "1", "\"", "\n", "\\", "é", " ", "\"total\"",
        ]), 0..30),
    ) {
        rejects_come_back(pieces.concat().as_bytes());
    }

    #[test]
    fn line_numbers_are_those_of_the_file(blank in prop::collection::vec(0..3_usize, 1..20)) {
        let mut file = String::new();
        let mut expected = Vec::new();
        for count in blank {
            file += &"\r\n".repeat(count);
            file += "{\"$id\":\"u\"}\n";
            expected.push(file.matches('\n').count() as u64);
        }
        let rows = read(file.as_bytes(), &ReadOptions::new());
        let lines: Vec<_> = rows.iter().map(|row| row.line).collect();
        prop_assert_eq!(lines, expected);
    }
}
