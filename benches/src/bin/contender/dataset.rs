//! The files of the generator: users, users to be created, and the right answers.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufRead};

use rollbook::import::{Input, ReadOptions, Row, Rows, Source};
use rollbook::{Error, HashOptions, ImportedUser, Limits, PasswordHash, Prefs, Timestamp};
use serde::Deserialize;

/// The generator's file of users, as the importer reads files.
#[derive(Debug)]
pub(crate) struct Dataset;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    id: String,
    email: String,
    phone: String,
    name: String,
    status: bool,
    email_verification: bool,
    phone_verification: bool,
    registration: i64,
    hash_type: String,
    hash: String,
    prefs: Prefs,
}

impl Source for Dataset {
    fn name(&self) -> &'static str {
        "dataset"
    }

    fn title(&self) -> &'static str {
        "the users of the side-by-side"
    }

    fn rows(&self, file: Box<dyn BufRead + Send>, _: &ReadOptions) -> Rows {
        let limits = Limits::default();
        Box::new((1..).zip(file.lines()).map(move |(number, line)| {
            let line = line?;
            let parsed: Line = serde_json::from_str(&line).map_err(io::Error::from)?;
            Ok(Row { line: number, user: parsed.into_user(&limits), input: Input::Json(line) })
        }))
    }
}

impl Line {
    fn into_user(self, limits: &Limits) -> Result<ImportedUser, Error> {
        let registration = Timestamp::from_millis(self.registration);
        let registration =
            registration.map_err(|error| Error::invalid("registration", error.to_string()))?;
        let options = HashOptions::new();
        Ok(ImportedUser {
            id: Some(self.id),
            email: Some(self.email),
            phone: Some(self.phone),
            name: Some(self.name),
            password: Some(PasswordHash::import(&self.hash_type, &self.hash, &options, limits)?),
            status: Some(self.status),
            prefs: self.prefs,
            email_verification: Some(self.email_verification),
            phone_verification: Some(self.phone_verification),
            registration: Some(registration),
            ..ImportedUser::default()
        })
    }
}

/// A user to be created.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) email: String,
    pub(crate) phone: String,
    pub(crate) name: String,
    pub(crate) password: String,
}

impl Person {
    pub(crate) fn read_all(data: &str) -> Vec<Self> {
        let text =
            fs::read_to_string(format!("{data}/new-users.jsonl")).expect("the file is there");
        let lines = text.lines().map(|line| serde_json::from_str(line).expect("it is a person"));
        lines.collect()
    }
}

/// The right answers.
#[derive(Debug, Deserialize)]
pub(crate) struct Meta {
    pub(crate) n: u64,
    pub(crate) newest25: Vec<String>,
    pub(crate) range: (i64, i64),
    pub(crate) filter_total: u64,
    pub(crate) filter25: Vec<String>,
    pub(crate) pages: BTreeMap<String, Page>,
    pub(crate) last_page: u64,
    pub(crate) ann_total: u64,
    pub(crate) ann25: Vec<String>,
    /// Ids, e-mails and names.
    pub(crate) keys: Vec<(String, String, String)>,
    /// By scheme: ids, e-mails, passwords and hashes.
    pub(crate) logins: BTreeMap<String, Vec<(String, String, String, String)>>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Page {
    pub(crate) offset: u64,
    pub(crate) after: Option<String>,
    pub(crate) ids: Vec<String>,
}

impl Meta {
    pub(crate) fn read(data: &str, number: u64) -> Self {
        let text =
            fs::read_to_string(format!("{data}/{number}/meta.json")).expect("the file is there");
        serde_json::from_str(&text).expect("it has the right answers")
    }
}
