//! `rollbook hash explain` and `rollbook hash check`

use crate::{Place, root};

const BCRYPT: &str = "$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
const ARGON2: &str = "$argon2id$v=19$m=65536,t=3,p=4$AAECAwQFBgcICQoLDA0ODw$LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE";

#[test]
fn hashes_are_explained() {
    let place = Place::new();
    let explain = |arguments: &str| place.run(&format!("hash explain {arguments}")).report();
    insta::assert_snapshot!("argon2", explain(ARGON2));
    insta::assert_snapshot!("bcrypt", explain(BCRYPT));
    insta::assert_snapshot!("md5", explain("--algorithm md5 5f4dcc3b5aa765d61d8327deb882cf99"));
    insta::assert_snapshot!(
        "sha",
        explain(
            "--algorithm sha --options {\"version\":\"sha1\"} 5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8"
        )
    );
    insta::assert_snapshot!("phpass", explain("$P$7SMy8VxnfsIy2Sxm7fJxDSdil.h7TW."));
    insta::assert_snapshot!(
        "scrypt",
        explain(
            "--algorithm scrypt 7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887 \
             --options {\"salt\":\"SodiumChloride\",\"costCpu\":16384,\"costMemory\":8,\"costParallel\":1,\"length\":64}"
        )
    );
}

#[test]
fn a_hash_is_read_from_standard_input_and_trimmed() {
    let place = Place::new();
    let run = place.run_with("hash explain", format!("  {BCRYPT} \r\n").as_bytes());
    assert_eq!(run.report(), place.run(&format!("hash explain {BCRYPT}")).report());
    assert_eq!(run.status, 0);
}

#[test]
fn what_is_wrong_with_a_hash_is_told_without_it() {
    let place = Place::new();
    let mut reports = String::new();
    for (arguments, stdin) in [
        ("hash explain", "5f4dcc3b5aa765d61d8327deb882cf99"),
        ("hash explain", "hunter2"),
        ("hash explain", "$6$salt$hunter2"),
        ("hash explain", "$2y$99$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
        ("hash explain", "$2y$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
        ("hash explain", ""),
        ("hash explain --algorithm whirlpool", "hunter2"),
        ("hash explain --algorithm md5", "$2y$05$hunter2"),
        ("hash explain --algorithm scrypt", "00"),
        ("hash explain --algorithm sha --options hunter2", "00"),
    ] {
        let run = place.run_with(arguments, stdin.as_bytes());
        assert_eq!(run.status, 1, "{arguments} {stdin}");
        assert!(!run.stderr.contains("hunter2"), "{}", run.stderr);
        reports += &run.stderr;
    }
    insta::assert_snapshot!(reports);
}

#[test]
fn a_near_miss_is_told_what_to_do() {
    const SSHA: &str = "{SSHA}/ZMF5KymNM+uEOjW+9STKlfCFj51bg3BmBNCiPHeW2ttbU0=";
    let firebase = "--options {\"salt\":\"AAAA\",\"saltSeparator\":\"Bw==\",\"signerKey\":\"AAECAwQFBgcICQoLDA0OD_8=\"}";
    let place = Place::new();
    let mut reports = String::new();
    for (arguments, stdin) in [
        ("", format!("\"{BCRYPT}\"")),
        ("", format!("alice:{BCRYPT}:18000:0:99999:7:::")),
        ("", BCRYPT.replace('$', "$$")),
        ("", BCRYPT.replace("$05$", "$5$")),
        ("", "0x5f4dcc3b5aa765d61d8327deb882cf99".to_owned()),
        ("--algorithm bcrypt", BCRYPT.replace('$', "%24")),
        ("--algorithm bcrypt", BCRYPT[..50].to_owned()),
        ("--algorithm bcrypt", format!("\u{feff}{BCRYPT}")),
        ("--algorithm argon2", ARGON2.replace('+', "-")),
        ("--algorithm argon2", "=19=65536,t=3,p=4+6wy9chTD7GQPMTbAiWHF5IaSIE".to_owned()),
        ("--algorithm ldap-ssha", SSHA.replace('+', "-").replace('/', "_")),
        ("--algorithm ldap-ssha", SSHA.replace('=', "")),
        ("--algorithm md5", "X03MO1qnZdYdgyfeuILPmQ==".to_owned()),
        ("--algorithm md5", "5F4DCC3B5AA765D61D8327DEB882CF99".to_owned()),
        ("--algorithm vbulletin", "abc:5f4dcc3b5aa765d61d8327deb882cf99".to_owned()),
        (&format!("--algorithm scryptMod {firebase}"), "AAAA".to_owned()),
    ] {
        let run = place.run_with(&format!("hash explain {arguments}"), stdin.as_bytes());
        assert!(!run.stderr.contains(&stdin), "{}", run.stderr);
        reports += &run.report();
    }
    let wide: Vec<u8> =
        format!("\u{feff}{BCRYPT}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    reports += &place.run_with("hash explain", &wide).report();
    insta::assert_snapshot!(reports);
}

#[test]
fn the_known_answers_pass() {
    let place = Place::new();
    let names = ["argon2", "bcrypt", "md5", "phpass", "scrypt", "scrypt-modified", "sha"];
    let mut arguments = "hash check".to_owned();
    for name in names.iter().flat_map(|name| [(*name).to_owned(), format!("malformed/{name}")]) {
        arguments += &format!(" {}", root().join(format!("vectors/{name}.jsonl")).display());
    }
    arguments += &format!(" {}", root().join("vectors/malformed/auto.jsonl").display());
    insta::assert_snapshot!(place.run(&arguments).report(), @r"
    status 0
    1008 passed, 0 failed
    ");
}

#[test]
fn every_malformed_hash_ends_as_its_line_expects() {
    let place = Place::new();
    let mut files: Vec<_> = std::fs::read_dir(root().join("vectors/malformed"))
        .unwrap()
        .map(|file| file.unwrap().path().display().to_string())
        .collect();
    files.sort();
    let run = place.run(&format!("hash check --malformed {}", files.join(" ")));
    insta::assert_snapshot!(run.report(), @r"
    status 0
    896 passed, 0 failed
    ");
    place.write("a.jsonl", r#"{"algorithm":"md5","hash":"x","matches":false}"#);
    insta::assert_snapshot!(place.run("hash check --malformed a.jsonl").report(), @r"
    status 1
    error: a.jsonl:1: no `expect`, which every line of a malformed hash has
    ");
}

#[test]
fn failures_are_told_by_line() {
    let place = Place::new();
    let md5 = "\"params\":{},\"hash\":\"5f4dcc3b5aa765d61d8327deb882cf99\",\"password_b64\":\"cGFzc3dvcmQ=\"";
    let lines = [
        format!("{{\"id\":\"right\",\"algorithm\":\"md5\",{md5},\"matches\":true}}"),
        format!("{{\"id\":\"wrong\",\"algorithm\":\"md5\",{md5},\"matches\":false}}"),
        String::new(),
        format!("{{\"algorithm\":\"md4\",{md5},\"matches\":false}}"),
        format!("{{\"algorithm\":\"sha\",{md5},\"matches\":true}}"),
        format!("{{\"algorithm\":\"sha\",{md5},\"matches\":false}}"),
        format!("{{\"algorithm\":\"md5\",{md5},\"expect\":\"reject-at-import\"}}"),
        format!("{{\"algorithm\":\"md5\",{md5},\"expect\":\"verify-false\"}}"),
        format!("{{\"algorithm\":\"sha\",{md5},\"expect\":\"reject-over-limit\"}}"),
        format!("{{\"algorithm\":\"sha\",{md5},\"expect\":\"reject-at-import\"}}"),
        format!("{{\"algorithm\":\"md5\",{md5}}}"),
    ];
    place.write("a.jsonl", lines.join("\n"));
    let run = place.run("hash check a.jsonl");
    assert!(!run.stdout.contains("5f4d"));
    insta::assert_snapshot!(run.report());
    insta::assert_snapshot!(place.run("hash check a.jsonl --algorithm md4").report(), @r"
    status 1
    a.jsonl:4: unknown hash algorithm `md4`; did you mean md5
    0 passed, 1 failed
    ");
    insta::assert_snapshot!(place.run("hash check a.jsonl --algorithm nothing").report(), @r"
    status 1
    error: there is no line to check
    ");
    place.write("b.jsonl", "{\"algorithm\":\"md5\"}");
    insta::assert_snapshot!(place.run("hash check b.jsonl").report(), @r"
    status 1
    error: b.jsonl:1: missing field `hash` at line 1 column 19
    ");
}
