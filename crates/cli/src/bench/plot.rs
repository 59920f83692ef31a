//! The rates as a picture, in SVG.
//!
//! Written by hand: it is rectangles and text, which the usual crates draw with one set of colours, for
//! light or for dark, and with text that they measure by fonts of this machine or not at all.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, ensure};
use tempfile::NamedTempFile;

use super::groups::Group;
use super::report::Report;
use super::table::{count, number};

/// A picture that is on its way: beside its place, so that a picture is there as a whole or not at all.
#[derive(Debug)]
pub(crate) struct Plot {
    path: PathBuf,
    file: NamedTempFile,
}

impl Plot {
    /// Makes sure that there can be a picture at `path`.
    pub(crate) fn create(path: &Path) -> anyhow::Result<Self> {
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let mut builder = tempfile::Builder::new();
        builder.prefix(".rollbook-").suffix(".svg");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            // Those of any other file that is made; the umask takes away what it does.
            builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        let file = builder.tempfile_in(parent.unwrap_or(Path::new("."))).map_err(|error| {
            // The error itself names a file that nobody has asked for.
            anyhow!("{}: no file can be made there: {}", path.display(), error.kind())
        })?;
        ensure!(!path.is_dir(), "{}: a directory, not a file", path.display());
        Ok(Self { path: path.to_owned(), file })
    }

    /// Draws `report`.
    pub(crate) fn finish(self, report: &Report) -> anyhow::Result<()> {
        let Self { path, mut file } = self;
        file.write_all(svg(report).as_bytes()).with_context(|| path.display().to_string())?;
        file.persist(&path).with_context(|| path.display().to_string())?;
        Ok(())
    }
}

/// Sizes, in pixels.
const MARGIN: f64 = 24.0;
const BAR: f64 = 16.0;
const SPACE: f64 = 18.0;
const NAMES: f64 = 130.0;
const BARS: f64 = 560.0;
/// For the number behind the longest bar.
const NUMBERS: f64 = 110.0;
const TEXT: f64 = 12.0;
const TITLE: f64 = 18.0;
/// The width of a character of a monospaced font, of its size: 0.6 in all that are common.
const ADVANCE: f64 = 0.61;

/// The colours of the ways, which also those tell apart who see few; with enough contrast on white and on the
/// dark background alike.
const COLOURS: [&str; 5] = ["#648fff", "#785ef0", "#dc267f", "#e05f00", "#c98500"];

/// The picture: a bar for each way of each group, on a logarithmic axis.
fn svg(report: &Report) -> String {
    let ways = report.ways();
    let groups: Vec<_> = report.measured().collect();
    let rates = groups.iter().flat_map(|(_, rates)| ways.iter().map(|way| (way.rate)(rates)));
    let (lowest, highest) = rates.fold((f64::INFINITY, 1.0_f64), |(lowest, highest), rate| {
        (lowest.min(rate), highest.max(rate))
    });
    let first = lowest.min(highest).log10().floor();
    let last = highest.log10().ceil().max(first + 1.0);
    let scale = |rate: f64| (rate.log10() - first) / (last - first) * BARS;

    let title = "users a second, by hash and by what is done";
    let users =
        |users| if users == 1 { "1 user".to_owned() } else { format!("{} users", count(users)) };
    let all = groups.iter().map(|(group, _)| group.users).sum();
    let subtitle = format!("{} ({})", report.file, users(all));
    let conditions = report.conditions();
    let heading = |group: &Group| format!("{} ({})", group.kind.label(), users(group.users));
    let headings: Vec<String> = groups.iter().map(|(group, _)| heading(group)).collect();

    // As wide as the widest text asks.
    let length = |text: &str, size: f64| chars(text) * size * ADVANCE;
    let small =
        [&subtitle].into_iter().chain(&headings).map(String::as_str).chain(conditions.lines());
    let text = small.map(|text| length(text, TEXT)).fold(length(title, TITLE), f64::max);
    let width = (2.0 * MARGIN + text.max(NAMES + BARS + NUMBERS)).ceil();
    let left = MARGIN + NAMES;

    let mut drawing = Drawing::default();
    let mut y = MARGIN + TITLE;
    drawing.text(MARGIN, y, TITLE, "start", title);
    y += TEXT + 8.0;
    drawing.text(MARGIN, y, TEXT, "start", &subtitle);
    y += SPACE;
    let top = y;
    for ((_, rates), heading) in groups.iter().zip(&headings) {
        y += SPACE + 4.0;
        drawing.text(MARGIN, y, TEXT, "start", heading);
        y += 6.0;
        for (way, colour) in ways.iter().zip(COLOURS) {
            let rate = (way.rate)(rates);
            let (long, baseline) = (scale(rate).max(1.0), y + BAR - 4.0);
            drawing.text(left - 8.0, baseline, TEXT, "end", &way.name);
            drawing.bar(left, y + 1.0, long, BAR - 2.0, colour);
            drawing.text(left + long + 6.0, baseline, TEXT, "start", &number(rate));
            y += BAR;
        }
    }
    y += 8.0;
    let mut power = first;
    while power <= last {
        let x = left + scale(10_f64.powf(power));
        drawing.line(x, top, y);
        drawing.text(x, y + TEXT + 4.0, TEXT, "middle", &axis(power));
        power += 1.0;
    }
    y += 2.0 * TEXT + 14.0;
    drawing.text(left + BARS / 2.0, y, TEXT, "middle", "users a second (logarithmic)");
    y += SPACE;
    for line in conditions.lines() {
        y += TEXT + 4.0;
        drawing.text(MARGIN, y, TEXT, "start", line);
    }
    let height = y + MARGIN;
    let body = drawing.finish();
    // Attributes are for light; where there is a style for dark, it wins over them.
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} \
         {height}\" role=\"img\" font-family=\"ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace\">\n\
         <title>{}</title>\n\
         <style>@media (prefers-color-scheme: dark) {{ .paper {{ fill: #15181e }} text {{ fill: #e6e8ec }} \
         .grid {{ stroke: #3a404c }} }}</style>\n\
         <rect class=\"paper\" width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n{body}</svg>\n",
        escaped(&format!("{title}: {subtitle}"))
    )
}

/// The lines and bars, and the texts over them.
#[derive(Default)]
struct Drawing {
    shapes: String,
    texts: String,
}

impl Drawing {
    fn text(&mut self, x: f64, y: f64, size: f64, anchor: &str, text: &str) {
        let text = escaped(text);
        self.texts += &format!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{size}\" text-anchor=\"{anchor}\" fill=\"#1c2026\">{text}</text>\n"
        );
    }

    fn bar(&mut self, x: f64, y: f64, width: f64, height: f64, colour: &str) {
        self.shapes += &format!(
            "<rect class=\"bar\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" fill=\"{colour}\"/>\n"
        );
    }

    fn line(&mut self, x: f64, from: f64, to: f64) {
        self.shapes.insert_str(
            0,
            &format!(
                "<line class=\"grid\" x1=\"{x:.1}\" y1=\"{from:.1}\" x2=\"{x:.1}\" y2=\"{to:.1}\" stroke=\"#d6dae0\"/>\n"
            ),
        );
    }

    fn finish(self) -> String {
        self.shapes + &self.texts
    }
}

/// A power of ten on the axis.
fn axis(power: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a small whole number"
    )]
    let digits = (-power).max(0.0) as usize;
    match power {
        6.0.. => format!("{}M", count_of(power - 6.0)),
        3.0.. => format!("{}k", count_of(power - 3.0)),
        _ => format!("{:.digits$}", 10_f64.powf(power)),
    }
}

fn count_of(power: f64) -> String {
    format!("{:.0}", 10_f64.powf(power))
}

#[expect(clippy::cast_precision_loss, reason = "texts are short")]
fn chars(text: &str) -> f64 {
    text.chars().count() as f64
}

/// `text` in XML, where a character that can't be there is replaced.
fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut escaped, character| {
        match character {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            character if character.is_control() || matches!(character, '\u{fffe}' | '\u{ffff}') => {
                escaped.push('\u{fffd}');
            }
            character => escaped.push(character),
        }
        escaped
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::report::tests::report;

    #[test]
    fn nothing_is_cut_and_everything_is_said() {
        let text = svg(&report());
        let document = roxmltree::Document::parse(&text).unwrap();
        let root = document.root_element();
        let number = |node: roxmltree::Node<'_, '_>, name| -> f64 {
            node.attribute(name).map_or(0.0, |value| value.parse().unwrap())
        };
        let (width, height) = (number(root, "width"), number(root, "height"));
        let inside = |x: f64, y: f64, what: &str| {
            assert!((0.0..=width).contains(&x) && (0.0..=height).contains(&y), "{what}: {x}, {y}");
        };
        let mut texts = Vec::new();
        for node in document.descendants() {
            let (x, y) = (number(node, "x"), number(node, "y"));
            match node.tag_name().name() {
                "text" => {
                    let text = node.text().unwrap();
                    let size = number(node, "font-size");
                    let long = chars(text) * size * 0.605;
                    let start = match node.attribute("text-anchor").unwrap() {
                        "start" => x,
                        "middle" => x - long / 2.0,
                        "end" => x - long,
                        other => panic!("{other}"),
                    };
                    inside(start, y - size, text);
                    inside(start + long, y + size * 0.25, text);
                    texts.push(text.to_owned());
                }
                "rect" => {
                    inside(x, y, "a rectangle");
                    inside(x + number(node, "width"), y + number(node, "height"), "a rectangle");
                }
                "line" => {
                    inside(number(node, "x1"), number(node, "y1"), "a line");
                    inside(number(node, "x2"), number(node, "y2"), "a line");
                }
                _ => {}
            }
        }
        insta::assert_snapshot!(texts.join("\n"));
        // Five bars of each group that was measured, and of none other.
        let bars = document.descendants().filter(|node| node.attribute("class") == Some("bar"));
        assert_eq!(bars.count(), 10);
    }

    #[test]
    fn a_picture_is_there_as_a_whole_or_not_at_all() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.svg");
        std::fs::write(&path, "precious").unwrap();
        drop(Plot::create(&path).unwrap());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "precious");
        Plot::create(&path).unwrap().finish(&report()).unwrap();
        assert!(std::fs::read_to_string(&path).unwrap().starts_with("<svg"));
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
        assert!(Plot::create(directory.path()).is_err());
        assert!(Plot::create(&directory.path().join("no/way.svg")).is_err());
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn the_axis_is_readable() {
        assert_eq!(
            [-2.0, 0.0, 2.0, 3.0, 5.0, 7.0].map(axis),
            ["0.01", "1", "100", "1k", "100k", "10M"]
        );
    }
}
