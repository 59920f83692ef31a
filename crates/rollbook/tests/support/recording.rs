//! All that the library emits, and all secrets that were drawn, in two files: if the environment names a folder.
//!
//! Spans, events, `log` records, and the names and labels of metrics, a line each; of lines that are the same, one.

use std::collections::HashSet;
use std::fmt::{Debug, Write as _};
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use rollbook::Random;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;

/// The environment variable that names the folder.
pub(crate) const FOLDER: &str = "ROLLBOOK_RECORDING";
pub(crate) const EMITTED: &str = "emitted";
pub(crate) const SECRETS: &str = "secrets";

/// Lines in a file, each once.
struct Lines {
    seen: HashSet<String>,
    file: File,
}

impl Lines {
    fn new(path: &Path) -> Mutex<Self> {
        Mutex::new(Self { seen: HashSet::new(), file: File::create(path).unwrap() })
    }

    fn add(lines: &Mutex<Self>, line: &str) {
        let line = line.replace('\n', " ");
        let mut lines = lines.lock().unwrap();
        if !lines.seen.contains(&line) {
            lines.file.write_all(format!("{line}\n").as_bytes()).unwrap();
            lines.seen.insert(line);
        }
    }
}

struct Recording {
    emitted: Mutex<Lines>,
    secrets: Mutex<Lines>,
}

/// The recording of this process; the first caller starts it.
fn recording() -> Option<&'static Recording> {
    static RECORDING: OnceLock<Option<Recording>> = OnceLock::new();
    static STARTED: OnceLock<()> = OnceLock::new();
    let recording = RECORDING.get_or_init(|| {
        let folder = std::env::var_os(FOLDER)?;
        let folder = Path::new(&folder);
        let (emitted, secrets) = (folder.join(EMITTED), folder.join(SECRETS));
        Some(Recording { emitted: Lines::new(&emitted), secrets: Lines::new(&secrets) })
    });
    let recording = recording.as_ref()?;
    STARTED.get_or_init(|| {
        let subscriber = tracing_subscriber::registry().with(Emitted(recording));
        tracing::subscriber::set_global_default(subscriber).unwrap();
        // What dependencies say through `log` arrives as events, too.
        tracing_log::LogTracer::init().unwrap();
        assert!(metrics::set_global_recorder(Emitted(recording)).is_ok(), "it is the first");
        rollbook::metrics::describe();
    });
    Some(recording)
}

/// The same randomness; what is drawn counts as secret, if there is a recording.
pub(crate) fn witness(random: impl Random) -> Arc<dyn Random> {
    match recording() {
        Some(recording) => Arc::new(Witness { random, recording }),
        None => Arc::new(random),
    }
}

struct Witness<R> {
    random: R,
    recording: &'static Recording,
}

impl<R> Debug for Witness<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Witness")
    }
}

impl<R: Random> Random for Witness<R> {
    fn fill(&self, bytes: &mut [u8]) {
        self.random.fill(bytes);
        let mut hex = String::new();
        for byte in &*bytes {
            write!(hex, "{byte:02x}").unwrap();
        }
        let mut texts = vec![
            STANDARD_NO_PAD.encode(&*bytes),
            URL_SAFE_NO_PAD.encode(&*bytes),
            base32(bytes),
            hex,
        ];
        if let Ok(bytes) = <[u8; 8]>::try_from(&*bytes) {
            // What is sent to a phone.
            texts.push(format!("{:06}", u64::from_le_bytes(bytes) % 1_000_000));
        }
        for text in &texts {
            Lines::add(&self.recording.secrets, text);
        }
    }
}

fn base32(bytes: &[u8]) -> String {
    let bits: Vec<String> = bytes.iter().map(|byte| format!("{byte:08b}")).collect();
    let bits = bits.concat();
    let digit = |bits: &[u8]| {
        let bits = format!("{:0<5}", std::str::from_utf8(bits).unwrap());
        char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[usize::from_str_radix(&bits, 2).unwrap()])
    };
    bits.as_bytes().chunks(5).map(digit).collect()
}

struct Emitted(&'static Recording);

/// The fields of a span or an event, as ` name=value` each.
#[derive(Default)]
struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {}={value:?}", field.name()).unwrap();
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Emitted {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        context.span(id).unwrap().extensions_mut().insert(fields);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let span = context.span(id).unwrap();
        values.record(span.extensions_mut().get_mut::<Fields>().unwrap());
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let (metadata, parent) = (event.metadata(), context.event_span(event));
        let parent = parent.map_or("none", |span| span.name());
        let (target, level) = (metadata.target(), metadata.level());
        Lines::add(&self.0.emitted, &format!("event {target} {level} in={parent}{}", fields.0));
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let span = context.span(&id).unwrap();
        let parent = span.parent().map_or("none", |parent| parent.name());
        let (metadata, extensions) = (span.metadata(), span.extensions());
        let (target, level, name) = (metadata.target(), metadata.level(), metadata.name());
        let fields = &extensions.get::<Fields>().unwrap().0;
        Lines::add(&self.0.emitted, &format!("span {target} {level} {name} in={parent}{fields}"));
    }
}

impl Recorder for Emitted {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        self.metric(key);
        Counter::noop()
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        self.metric(key);
        Gauge::noop()
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        self.metric(key);
        Histogram::noop()
    }
}

impl Emitted {
    fn metric(&self, key: &Key) {
        Lines::add(&self.0.emitted, &format!("metric {key}"));
    }
}
