//! The lines of a file, one at a time, in bounded memory.

use std::io::{self, BufRead, Read};

/// A reader of lines.
///
/// A line ends with LF or CRLF or with the file. A byte order mark before the first line and lines of
/// nothing but white space are skipped, and counted.
#[derive(Debug)]
pub(super) struct Lines<R> {
    reader: R,
    longest: usize,
    number: u64,
    buffer: Vec<u8>,
}

/// A line without its end.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line<'a> {
    /// Counted from 1.
    pub(super) number: u64,
    pub(super) text: Result<&'a str, Broken<'a>>,
}

/// Why a line is no text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Broken<'a> {
    /// It is longer than the limit.
    TooLong,
    /// It is no UTF-8.
    NotUtf8 {
        bytes: &'a [u8],
        /// The offset of the first byte that is none.
        at: usize,
    },
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The most bytes of a line that don't count: the mark, CR and LF.
const EXTRA: usize = BYTE_ORDER_MARK.len() + 2;

impl<R: BufRead> Lines<R> {
    /// The lines of `reader`; none of them holds more than `longest` bytes.
    pub(super) fn new(reader: R, longest: usize) -> Self {
        Self { reader, longest, number: 0, buffer: Vec::new() }
    }

    /// The next line.
    pub(super) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        loop {
            self.buffer.clear();
            let most = self.longest.saturating_add(EXTRA);
            let read =
                self.reader.by_ref().take(most as u64).read_until(b'\n', &mut self.buffer)?;
            if read == 0 {
                return Ok(None);
            }
            self.number += 1;
            if read == most && !self.buffer.ends_with(b"\n") {
                self.reader.skip_until(b'\n')?;
            }
            if self.line().len() > self.longest || !self.line().iter().all(u8::is_ascii_whitespace)
            {
                break;
            }
        }
        let bytes = self.line();
        let text = if bytes.len() > self.longest {
            Err(Broken::TooLong)
        } else {
            std::str::from_utf8(bytes)
                .map_err(|error| Broken::NotUtf8 { bytes, at: error.valid_up_to() })
        };
        Ok(Some(Line { number: self.number, text }))
    }

    fn line(&self) -> &[u8] {
        let mut line = self.buffer.as_slice();
        if self.number == 1 {
            line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
        }
        if let Some(ended) = line.strip_suffix(b"\n") {
            line = ended.strip_suffix(b"\r").unwrap_or(ended);
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The lines of `file` as text: a `?` for bytes that are no UTF-8, `...` for a line over the limit.
    fn read(file: &[u8], longest: usize, capacity: usize) -> Vec<(u64, String)> {
        let mut lines = Lines::new(io::BufReader::with_capacity(capacity, file), longest);
        let mut read = Vec::new();
        while let Some(Line { number, text }) = lines.next().unwrap() {
            let text = match text {
                Ok(text) => text.to_owned(),
                Err(Broken::TooLong) => "...".to_owned(),
                Err(Broken::NotUtf8 { at, .. }) => format!("?{at}"),
            };
            read.push((number, text));
        }
        read
    }

    fn check(file: &[u8], expected: &[(u64, &str)]) {
        for capacity in [1, 3, 64] {
            let lines = read(file, 4, capacity);
            let lines: Vec<_> = lines.iter().map(|(n, text)| (*n, text.as_str())).collect();
            assert_eq!(lines, expected, "{file:?}");
        }
    }

    #[test]
    fn ends_marks_and_blank_lines() {
        check(b"", &[]);
        check(b"a", &[(1, "a")]);
        check(b"a\nb\n", &[(1, "a"), (2, "b")]);
        check(b"a\r\nb\r\n", &[(1, "a"), (2, "b")]);
        check(b"\n \r\n\t\na", &[(4, "a")]);
        check(b"\xef\xbb\xbfa\n\xef\xbb\xbfb", &[(1, "a"), (2, "\u{feff}b")]);
        check(b"\xef\xbb\xbf", &[]);
        check(b"a\rb", &[(1, "a\rb")]);
    }

    #[test]
    fn lines_over_the_limit_are_told_and_passed() {
        check(b"1234\n12345\n1", &[(1, "1234"), (2, "..."), (3, "1")]);
        check(b"\xef\xbb\xbf1234\r\n", &[(1, "1234")]);
        check(b"\xef\xbb\xbf12345\r\n", &[(1, "...")]);
        check(b"123456789012345678901234567890", &[(1, "...")]);
        check(b"12345678\n\n1", &[(1, "..."), (3, "1")]);
        check(b"         \n1", &[(1, "..."), (2, "1")]);
    }

    #[test]
    fn bytes_that_are_no_text_are_told() {
        check(b"\xff\nab\xc3\n\xc3\xa9", &[(1, "?0"), (2, "?2"), (3, "é")]);
    }

    proptest! {
        #[test]
        fn any_bytes_give_the_lines_that_splitting_gives(
            file in prop::collection::vec(
                prop::sample::select(b"ab \n\n\r\xef\xbb\xbf\xc3\xa9".to_vec()), 0..200),
            longest in 0..12_usize,
            capacity in 1..20_usize,
        ) {
            let mut expected = Vec::new();
            let lines: Vec<&[u8]> = file.split(|byte| *byte == b'\n').collect();
            for (index, line) in lines.iter().enumerate() {
                let mut line = *line;
                if index == 0 {
                    line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
                }
                if index + 1 < lines.len() {
                    line = line.strip_suffix(b"\r").unwrap_or(line);
                }
                let number = index as u64 + 1;
                if line.len() > longest {
                    expected.push((number, "...".to_owned()));
                } else if !line.iter().all(u8::is_ascii_whitespace) {
                    expected.push((number, match std::str::from_utf8(line) {
                        Ok(text) => text.to_owned(),
                        Err(error) => format!("?{}", error.valid_up_to()),
                    }));
                }
            }
            prop_assert_eq!(read(&file, longest, capacity), expected);
        }
    }
}
