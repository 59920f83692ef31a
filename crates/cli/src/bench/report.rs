//! What was found of the hashes of a file.

use std::time::Duration;

use rollbook::Argon2Params;
use serde_json::{Map, Value, json};

use super::groups::{Contents, GROUPS, Group};
use super::measure::Rates;
use super::table::{count, number, table};
use crate::import::time;

/// The hashes of a file, and how fast each group of them is.
#[derive(Debug)]
pub(crate) struct Report {
    /// The name of the file.
    pub(crate) file: String,
    pub(crate) cores: usize,
    pub(crate) target: Argon2Params,
    pub(crate) contents: Contents,
    /// In the order of the groups; or why a group can't be measured.
    pub(crate) rates: Vec<Result<Rates, String>>,
}

/// A way to treat users: its name, the beginning of its fields, and its rate.
pub(crate) struct Way {
    pub(crate) name: String,
    field: &'static str,
    pub(crate) rate: fn(&Rates) -> f64,
}

impl Report {
    pub(crate) fn ways(&self) -> [Way; 5] {
        let way = |name: &str, field, rate| Way { name: name.to_owned(), field, rate };
        let all = match self.cores {
            1 => "batch, all cores".to_owned(),
            cores => format!("batch, {cores} cores"),
        };
        [
            way("import", "import", |rates| rates.import),
            way("one by one", "verify_one", |rates| rates.verify_one),
            way("batch", "verify_batch", |rates| rates.verify_batch),
            way(&all, "verify_batch_all_cores", |rates| rates.verify_batch_all_cores),
            way("upgrade", "upgrade", |rates| rates.upgrade),
        ]
    }

    /// The groups that were measured.
    pub(crate) fn measured(&self) -> impl Iterator<Item = (&Group, &Rates)> {
        let both = self.contents.groups.iter().zip(&self.rates);
        both.filter_map(|(group, rates)| rates.as_ref().ok().map(|rates| (group, rates)))
    }

    fn users(&self) -> u64 {
        self.measured().map(|(group, _)| group.users).sum()
    }

    /// How long it takes for all users that were measured.
    fn seconds(&self, way: &Way) -> f64 {
        self.measured().map(|(group, rates)| seconds(group.users, (way.rate)(rates))).sum()
    }

    /// For people: what was read, the rates, and the times of the whole file.
    pub(crate) fn text(&self) -> String {
        let Contents { rows, rejected, rejections, without_password, ungrouped, groups, .. } =
            &self.contents;
        let mut text = format!("rows read  {rows}\nrejected   {rejected}\n");
        for rejection in rejections {
            let field = rejection.field.as_ref().map(|field| format!("{field}: "));
            let (line, reason) = (rejection.line, &rejection.reason);
            text += &format!("  line {line}: {}{reason}\n", field.unwrap_or_default());
        }
        if *rejected > rejections.len() as u64 {
            text += &format!("  and {} more\n", rejected - rejections.len() as u64);
        }
        let hashes = rows - rejected - without_password;
        text += &format!("passwords  {hashes} hashes, {without_password} none\n");
        if *ungrouped > 0 {
            text += &format!(
                "left out   {ungrouped} users whose hashes are of more kinds than the {GROUPS} that are measured\n"
            );
        }
        for (group, rates) in groups.iter().zip(&self.rates) {
            if let Err(error) = rates {
                let label = group.kind.label();
                text += &format!("left out   {} users of {label}: {error}\n", group.users);
            }
        }
        let ways = self.ways();
        let head = |first| -> Vec<&str> {
            [first, "users"].into_iter().chain(ways.iter().map(|way| way.name.as_str())).collect()
        };
        let (mut rates, mut times) = (Vec::new(), Vec::new());
        for (group, found) in self.measured() {
            let first = [group.kind.label(), count(group.users)];
            let rate = ways.iter().map(|way| number((way.rate)(found)));
            rates.push(first.iter().cloned().chain(rate).collect());
            let took = ways.iter().map(|way| spent(seconds(group.users, (way.rate)(found))));
            times.push(first.iter().cloned().chain(took).collect());
        }
        let users = self.users();
        let first = ["total".to_owned(), count(users)];
        let rate = ways.iter().map(|way| number(per_second(users, self.seconds(way))));
        rates.push(first.iter().cloned().chain(rate).collect());
        let took = ways.iter().map(|way| spent(self.seconds(way)));
        times.push(first.into_iter().chain(took).collect());
        text += &format!("\n{}", table(&head("users a second"), &rates));
        text += &format!("\n{}", table(&head("time for all of them"), &times));
        text + &format!("\n{}", self.conditions())
    }

    /// What a reader has to know of the figures.
    pub(crate) fn conditions(&self) -> String {
        let (memory, passes, lanes) =
            (self.target.memory_kib(), self.target.iterations(), self.target.lanes());
        format!(
            "Import: read, parse and check, without a store. Verified is a wrong password, which costs what \
             the right one costs.\nUpgrade: verify, then a new Argon2id hash (m {memory}, t {passes}, p \
             {lanes}). All but the batch of all cores are on one core.\n"
        )
    }

    /// For programs. Rates end in `_per_second` and are users a second; times end in `_hours`.
    pub(crate) fn json(&self) -> Value {
        let Contents { rows, rejected, rejections, without_password, ungrouped, groups, .. } =
            &self.contents;
        let ways = self.ways();
        let list: Vec<Value> = groups
            .iter()
            .zip(&self.rates)
            .map(|(group, rates)| {
                let kind = &group.kind;
                let parameters: Map<String, Value> = kind
                    .parameters
                    .iter()
                    .map(|(name, value)| ((*name).to_owned(), value.as_str().into()))
                    .collect();
                let mut fields = Map::new();
                fields.insert("scheme".to_owned(), kind.scheme.into());
                fields.insert("title".to_owned(), kind.title.as_str().into());
                fields.insert("parameters".to_owned(), parameters.into());
                fields.insert("users".to_owned(), group.users.into());
                fields.insert("sample_users".to_owned(), group.sample.len().into());
                let error = rates.as_ref().err().cloned();
                fields.insert("error".to_owned(), error.into());
                for way in &ways {
                    let rate = rates.as_ref().ok().map(way.rate);
                    let took = rate.map(|rate| seconds(group.users, rate));
                    insert(&mut fields, way.field, rate, took);
                }
                fields.into()
            })
            .collect();
        let mut total = Map::new();
        total.insert("users".to_owned(), self.users().into());
        for way in &ways {
            let took = self.seconds(way);
            insert(&mut total, way.field, Some(per_second(self.users(), took)), Some(took));
        }
        json!({
            "file": self.file,
            "rows": rows,
            "rejected": rejected,
            "rejections": rejections,
            "without_password": without_password,
            "ungrouped_users": ungrouped,
            "cores": self.cores,
            "target": {
                "memory_kib": self.target.memory_kib(),
                "iterations": self.target.iterations(),
                "lanes": self.target.lanes(),
            },
            "groups": list,
            "total": total,
        })
    }
}

fn insert(fields: &mut Map<String, Value>, field: &str, rate: Option<f64>, took: Option<f64>) {
    fields.insert(format!("{field}_per_second"), rate.into());
    fields.insert(format!("{field}_hours"), took.map(|seconds| seconds / 3600.0).into());
}

#[expect(clippy::cast_precision_loss, reason = "an estimate")]
fn seconds(users: u64, rate: f64) -> f64 {
    users as f64 / rate
}

#[expect(clippy::cast_precision_loss, reason = "an estimate")]
fn per_second(users: u64, seconds: f64) -> f64 {
    if users == 0 { 0.0 } else { users as f64 / seconds }
}

fn spent(seconds: f64) -> String {
    Duration::try_from_secs_f64(seconds).map_or_else(|_| "ages".to_owned(), time)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use rollbook::import::{ReadOptions, SOURCES};

    /// Three groups with made-up rates, of which one can't be measured, in a file of an unlikely name.
    pub(crate) fn report() -> Report {
        let bcrypt = "{\"$id\":\"x\",\"hash\":\"bcrypt\",\"password\":\"$2b$10$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW\"}\n";
        let md5 =
            "{\"$id\":\"x\",\"hash\":\"md5\",\"password\":\"5f4dcc3b5aa765d61d8327deb882cf99\"}\n";
        let phpass = "{\"$id\":\"x\",\"hash\":\"phpass\",\"password\":\"$P$7SMy8VxnfsIy2Sxm7fJxDSdil.h7TW.\"}\n";
        let file = bcrypt.repeat(4000)
            + &md5.repeat(300)
            + phpass
            + "{\"$id\":\"x\"}\n{\"$id\":\"x\",\"emial\":\"x\"}\n";
        let mut contents = Contents::default();
        let rows = SOURCES[0].rows(Box::new(std::io::Cursor::new(file)), &ReadOptions::new());
        rows.for_each(|row| contents.add(row.unwrap(), Duration::from_micros(2)));
        contents.sort();
        let rates = |verify_one, verify_batch, upgrade| Rates {
            import: 500_000.0,
            verify_one,
            verify_batch,
            verify_batch_all_cores: verify_batch * 1.9,
            upgrade,
        };
        let rates = vec![
            Ok(rates(22.5, 80.0, 18.0)),
            Ok(rates(9_000_000.0, 40_000_000.0, 99.0)),
            Err("out of memory".to_owned()),
        ];
        let target = Argon2Params::default();
        Report { file: "a <&\"b\"\u{1}>.jsonl".to_owned(), cores: 2, target, contents, rates }
    }

    #[test]
    fn texts() {
        insta::assert_snapshot!(report().text());
    }

    #[test]
    fn json() {
        insta::assert_json_snapshot!(report().json());
    }
}
