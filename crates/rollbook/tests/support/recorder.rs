//! A recorder of metrics that can be asked: what was counted and measured so far.
//!
//! The one of `metrics-util` would bring second versions of three crates along.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder,
    SharedString, Unit,
};

/// The metrics by their texts, `name{label=value}`, each with its sum and the number of times it was touched.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recorded(Arc<Mutex<BTreeMap<String, (f64, u64)>>>);

impl Recorded {
    pub(crate) fn sum(&self, metric: &str) -> f64 {
        self.0.lock().unwrap().get(metric).map_or(0.0, |(sum, _)| *sum)
    }

    pub(crate) fn times(&self, metric: &str) -> u64 {
        self.0.lock().unwrap().get(metric).map_or(0, |(_, times)| *times)
    }

    /// The names that are recorded, and those that are described.
    pub(crate) fn names(&self) -> Vec<String> {
        self.0.lock().unwrap().keys().cloned().collect()
    }

    fn handle(&self, key: &Key) -> Arc<Handle> {
        Arc::new(Handle { metric: text(key), recorded: self.clone() })
    }
}

fn text(key: &Key) -> String {
    let labels: Vec<_> =
        key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
    if labels.is_empty() {
        return key.name().to_owned();
    }
    format!("{}{{{}}}", key.name(), labels.join(","))
}

impl Recorder for Recorded {
    fn describe_counter(&self, name: KeyName, unit: Option<Unit>, _: SharedString) {
        self.describe("counter", &name, unit);
    }

    fn describe_gauge(&self, name: KeyName, unit: Option<Unit>, _: SharedString) {
        self.describe("gauge", &name, unit);
    }

    fn describe_histogram(&self, name: KeyName, unit: Option<Unit>, _: SharedString) {
        self.describe("histogram", &name, unit);
    }

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.handle(key))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.handle(key))
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.handle(key))
    }
}

impl Recorded {
    fn describe(&self, kind: &str, name: &KeyName, unit: Option<Unit>) {
        let unit = unit.map_or("", |unit| unit.as_str());
        let described = format!("{kind} {} {unit}", name.as_str());
        self.0.lock().unwrap().entry(described).or_default().1 += 1;
    }
}

struct Handle {
    metric: String,
    recorded: Recorded,
}

impl Handle {
    fn add(&self, value: f64) {
        let mut recorded = self.recorded.0.lock().unwrap();
        let (sum, times) = recorded.entry(self.metric.clone()).or_default();
        *sum += value;
        *times += 1;
    }
}

impl CounterFn for Handle {
    #[expect(clippy::cast_precision_loss, reason = "tests count to a few")]
    fn increment(&self, value: u64) {
        self.add(value as f64);
    }

    fn absolute(&self, _: u64) {
        unreachable!("the library only increments");
    }
}

impl GaugeFn for Handle {
    fn increment(&self, value: f64) {
        self.add(value);
    }

    fn decrement(&self, value: f64) {
        self.add(-value);
    }

    fn set(&self, _: f64) {
        unreachable!("the library only adds to gauges");
    }
}

impl HistogramFn for Handle {
    fn record(&self, value: f64) {
        self.add(value);
    }
}
