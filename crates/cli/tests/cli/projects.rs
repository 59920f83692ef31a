//! `--project`: the users of a project are no other's

use crate::Place;

const ANN: &str = "{\"$id\":\"ann\",\"email\":\"ann@example.com\",\"hash\":\"bcrypt\",\
    \"password\":\"$2a$05$abcdefghijklmnopqrstuueL38vMSpfDTZP0TBBAuZDp0A/4eFDFa\"}\n";

fn lines(place: &Place, arguments: &str) -> usize {
    let run = place.run(&format!("list --store sqlite:users.db {arguments}"));
    assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{arguments}");
    run.stdout.lines().count()
}

#[test]
fn each_project_has_its_own_users() {
    let place = Place::new();
    for project in ["acme", "other"] {
        let import = format!("import - --store sqlite:users.db --project {project}");
        let run = place.run_with(&import, ANN.as_bytes());
        assert_eq!(run.status, 0, "{}", run.report());
        assert_eq!((lines(&place, &format!("--project {project}")), lines(&place, "")), (1, 0));
    }
    place.import("{\"$id\":\"bob\"}\n");
    assert_eq!(place.run("get ann --store sqlite:users.db").status, 1);
    assert_eq!(place.run("get bob --store sqlite:users.db --project default").status, 0);
    assert_eq!(place.run("get bob --store sqlite:users.db --project acme").status, 1);

    let sign_in = |project: &str| {
        let words = format!("sign-in ann@example.com --store sqlite:users.db {project}");
        place.run_with(&words, b"noninterchangeableness").status
    };
    assert_eq!((sign_in("--project acme"), sign_in("")), (0, 1));
    let wrap = place.run("wrap --store sqlite:users.db --project acme");
    assert_eq!(wrap.report(), "status 0\nwrapped    0\n");
}

#[test]
fn a_name_that_is_none_makes_no_store() {
    let place = Place::new();
    let run = place.run_with("import - --store sqlite:users.db --project a/b", ANN.as_bytes());
    assert_eq!(run.status, 1);
    assert!(run.stderr.contains("invalid `project`"), "{}", run.stderr);
    assert!(!place.path("users.db").exists());
}
