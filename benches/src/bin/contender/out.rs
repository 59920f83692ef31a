//! Lines of figures, as the report of the side-by-side reads them.

use std::time::Instant;

use rollbook::Error;
use serde_json::{Value, json};

/// Where a contender's lines go: standard output.
pub(crate) struct Out {
    contender: String,
    number: u64,
}

/// A series: what is done, how often without and with the clock, and for how many seconds at most.
pub(crate) struct Series<'a> {
    pub(crate) workload: &'a str,
    pub(crate) warm: usize,
    pub(crate) most: usize,
    pub(crate) seconds: f64,
    pub(crate) note: &'a str,
}

impl Out {
    pub(crate) fn new(contender: String, number: u64) -> Self {
        Self { contender, number }
    }

    pub(crate) fn line(&self, workload: &str, mut fields: Value) {
        fields["c"] = json!(self.contender);
        fields["n"] = json!(self.number);
        fields["w"] = json!(workload);
        println!("{fields}");
    }

    pub(crate) fn failed(&self, workload: &str, error: &Error) {
        self.line(workload, json!({"valid": "error", "note": error.to_string()}));
    }

    /// Times `turn` with 0, 1, 2 ..., which says whether the answer was right.
    pub(crate) fn series(
        &self,
        series: &Series<'_>,
        mut turn: impl FnMut(usize) -> Result<bool, Error>,
    ) {
        let Series { workload, warm, most, seconds, note } = *series;
        let scale = std::env::var("PB_SCALE").ok().and_then(|scale| scale.parse::<f64>().ok());
        let seconds = seconds * scale.unwrap_or(1.0);
        let mut right = true;
        for n in 0..warm.min(most) {
            match turn(n) {
                Ok(answer) => right &= answer,
                Err(error) => return self.failed(workload, &error),
            }
        }
        let mut times = Vec::with_capacity(most);
        let start = Instant::now();
        for n in 0..most {
            let begun = Instant::now();
            match turn(n) {
                Ok(answer) => right &= answer,
                Err(error) => return self.failed(workload, &error),
            }
            times.push(begun.elapsed().as_secs_f64() * 1e6);
            if start.elapsed().as_secs_f64() > seconds {
                break;
            }
        }
        let wall = start.elapsed().as_secs_f64();
        let Some(last) = times.len().checked_sub(1) else { return };
        times.sort_by(f64::total_cmp);
        #[expect(clippy::cast_precision_loss, reason = "a rate is an estimate")]
        let done = times.len() as f64;
        self.line(
            workload,
            json!({"ops": times.len(), "ops_s": done / wall, "mean_us": wall * 1e6 / done,
                "p50_us": times[last / 2], "p99_us": times[last * 99 / 100], "valid": right, "note": note}),
        );
    }
}

/// The most memory that this process ever held, in MiB.
pub(crate) fn peak_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kib.unwrap_or(0.0) / 1024.0
}
