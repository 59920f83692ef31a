//! How a command ends that failed.

use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

/// Prints `error: ...` with the code of the error catalogue, if it has one, and its causes.
///
/// A reader that has seen enough and closed the pipe is no failure.
pub(crate) fn report(error: &anyhow::Error) -> ExitCode {
    let closed = error.downcast_ref::<io::Error>();
    if closed.is_some_and(|error| error.kind() == ErrorKind::BrokenPipe) {
        return ExitCode::SUCCESS;
    }
    let code = error.downcast_ref::<rollbook::Error>().map(|error| format!("{}: ", error.code()));
    // Where standard error is gone, there is nobody to tell.
    let _ = writeln!(io::stderr(), "error: {}{}", code.unwrap_or_default(), with_causes(error));
    ExitCode::FAILURE
}

/// The message and its causes, without those that a message has quoted already.
fn with_causes(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain() {
        let cause = cause.to_string();
        if text.is_empty() {
            text = cause;
        } else if !text.ends_with(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::{Context as _, anyhow};

    #[test]
    fn causes_are_told_once() {
        let source = || io::Error::other("disk full");
        let check = |error: anyhow::Error, text: &str| assert_eq!(with_causes(&error), text);
        check(anyhow!("no"), "no");
        check(anyhow::Error::from(source()).context("x.db"), "x.db: disk full");
        check(anyhow::Error::from(source()).context("x.db: disk full"), "x.db: disk full");
        let store = rollbook::StoreError::backend(source());
        check(rollbook::Error::from(store).into(), "the store failed: disk full");
        let nested: anyhow::Result<()> = Err(source()).context("b").context("a");
        check(nested.unwrap_err(), "a: b: disk full");
    }
}
