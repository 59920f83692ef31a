//! The file with users that a command reads.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use indicatif::{ProgressBar, ProgressStyle};
use rollbook::import::{ReadOptions, SOURCES, Source, UnknownFields};
use rollbook::{Limits, Weak};

/// The arguments that every command has which reads a file with users.
#[derive(Debug, clap::Args)]
pub(crate) struct InputArgs {
    /// The file with the users; - is standard input
    pub(crate) file: PathBuf,
    /// Also take hashes that are no protection at all; md5 and sha always are
    #[arg(long)]
    allow_weak: bool,
    /// Leave out fields that users don't have, instead of refusing the user
    #[arg(long)]
    ignore_unknown: bool,
    /// What kind of file it is
    #[arg(long, value_name = "FORMAT", value_parser = source_names(), default_value = SOURCES[0].name())]
    format: String,
}

fn source_names() -> Vec<&'static str> {
    SOURCES.iter().map(|source| source.name()).collect()
}

impl InputArgs {
    pub(crate) fn source(&self) -> anyhow::Result<&'static dyn Source> {
        let source = SOURCES.iter().find(|source| source.name() == self.format);
        source.copied().with_context(|| format!("unknown format {}", self.format))
    }

    pub(crate) fn options(&self) -> ReadOptions {
        let Self { allow_weak, ignore_unknown, .. } = self;
        let unknown = if *ignore_unknown { UnknownFields::Ignore } else { UnknownFields::Refuse };
        let weak = if *allow_weak { Weak::Allow } else { Weak::Refuse };
        ReadOptions::new().unknown_fields(unknown).limits(Limits::default().with_weak(weak))
    }
}

/// Where the users come from.
pub(crate) enum Input {
    Stdin,
    File { path: PathBuf, file: File, bytes: u64 },
}

impl Input {
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        if path == Path::new("-") {
            return Ok(Self::Stdin);
        }
        let file = File::open(path).with_context(|| path.display().to_string())?;
        let metadata = file.metadata().with_context(|| path.display().to_string())?;
        if metadata.is_dir() {
            bail!("{}: a directory, not a file", path.display());
        }
        Ok(Self::File { path: path.to_owned(), file, bytes: metadata.len() })
    }

    /// A bar on standard error, if that is a terminal.
    pub(crate) fn bar(&self) -> ProgressBar {
        let (bar, template) = match self {
            Self::File { bytes, .. } if *bytes > 0 => {
                (ProgressBar::new(*bytes), "{wide_bar} {bytes}/{total_bytes}, {msg}, {eta} left")
            }
            _ => (ProgressBar::new_spinner(), "{spinner} {bytes}, {msg}"),
        };
        let style = ProgressStyle::with_template(template);
        bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
    }

    pub(crate) fn reader(self, bar: &ProgressBar) -> Box<dyn BufRead + Send> {
        const BUFFER: usize = 256 * 1024;
        match self {
            Self::Stdin => Box::new(BufReader::with_capacity(BUFFER, bar.wrap_read(io::stdin()))),
            Self::File { file, .. } => {
                Box::new(BufReader::with_capacity(BUFFER, bar.wrap_read(file)))
            }
        }
    }
}
