//! Faults of searches.

use rollbook_core::{Document, Filter, SearchWord, tokens};

use crate::clay::Past;
use crate::faults;

faults! {
    searches_not_answered {
        holds: |_, filter, _| match filter {
            Filter::Search { .. } => Some(false),
            _ => None,
        },
    } => search_finds_beginnings reopened_totals_and_words changed_schema_is_searched_anew;

    searches_left_out {
        holds: |_, filter, _| match filter {
            Filter::Search { .. } => Some(true),
            _ => None,
        },
    } => search_finds_beginnings search_without_words_finds_nothing search_deletes;

    search_without_words_finds_all {
        holds: |_, filter, _| match filter {
            Filter::Search { search, .. } if search.words.is_empty() => Some(true),
            _ => None,
        },
    } => search_without_words_finds_nothing search_deletes;

    whole_words_only {
        holds: |_, filter, row| each(filter, row, |word, text| stands(word, text, End::Whole)),
    } => search_finds_beginnings search_glues_words;

    parts_of_words_found {
        holds: |_, filter, row| each(filter, row, |word, text| stands(word, text, End::Within)),
    } => search_finds_beginnings search_quotes_are_whole;

    quotes_ignored {
        holds: |_, filter, row| each(filter, row, |word, text| stands(word, text, End::Beginning)),
    } => search_quotes_are_whole;

    any_word_suffices {
        holds: |_, filter, row| match filter {
            Filter::Search { schema, search, .. } => {
                let texts = schema.search_tokens(row);
                let found = |word| texts.iter().any(|text| stands(word, text, End::AsAsked));
                Some(search.words.iter().any(found))
            }
            _ => None,
        },
    } => search_wants_all_words search_glues_words;

    first_word_only {
        holds: |_, filter, row| match filter {
            Filter::Search { schema, search, .. } => {
                let texts = schema.search_tokens(row);
                let found = |word| texts.iter().any(|text| stands(word, text, End::AsAsked));
                Some(search.words.first().is_some_and(found))
            }
            _ => None,
        },
    } => search_wants_all_words search_quotes_are_whole;

    all_words_in_one_text {
        holds: |_, filter, row| match filter {
            Filter::Search { schema, search, .. } => {
                let all = |text: &Vec<String>| {
                    search.words.iter().all(|word| stands(word, text, End::AsAsked))
                };
                Some(!search.words.is_empty() && schema.search_tokens(row).iter().any(all))
            }
            _ => None,
        },
    } => search_wants_all_words search_glues_words;

    glued_words_anywhere {
        holds: |_, filter, row| each(filter, row, |word, text| {
            word.tokens.iter().all(|token| text.iter().any(|found| found.starts_with(token.as_str())))
        }),
    } => search_glues_words search_quotes_are_whole;

    glued_words_in_any_order {
        holds: |_, filter, row| each(filter, row, |word, text| {
            let mut wanted = word.tokens.clone();
            wanted.sort();
            text.windows(wanted.len()).any(|window| {
                let mut window = window.to_vec();
                window.sort();
                window == wanted
            }) || stands(word, text, End::AsAsked)
        }),
    } => search_glues_words search_quotes_are_whole;

    glued_words_are_beginnings {
        holds: |_, filter, row| each(filter, row, |word, text| {
            text.windows(word.tokens.len()).any(|window| {
                window.iter().zip(&word.tokens).all(|(found, token)| found.starts_with(token.as_str()))
            })
        }),
    } => search_glues_words;

    texts_run_together {
        holds: |_, filter, row| match filter {
            Filter::Search { schema, search, .. } => {
                let text = schema.search_tokens(row).concat();
                let all = search.words.iter().all(|word| stands(word, &text, End::AsAsked));
                Some(!search.words.is_empty() && all)
            }
            _ => None,
        },
    } => search_glues_words;

    first_text_only {
        holds: |_, filter, row| match filter {
            Filter::Search { schema, search, .. } => {
                let texts = schema.search_tokens(row);
                Some(search.matches(&texts[..texts.len().min(1)]))
            }
            _ => None,
        },
    } => search_finds_beginnings search_wants_all_words;

    accents_kept {
        holds: |_, filter, row| cut_by(filter, row, |text| words(&text.to_lowercase())),
    } => search_folds_letters;

    case_kept {
        holds: |_, filter, row| cut_by(filter, row, words),
    } => search_finds_beginnings search_folds_letters;

    other_letters_dropped {
        holds: |_, filter, row| cut_by(filter, row, |text| {
            let ascii: String = text.chars().filter(char::is_ascii).collect();
            tokens(&ascii)
        }),
    } => search_folds_letters search_takes_characters_of_han;

    han_cut_at_spaces {
        holds: |_, filter, row| cut_by(filter, row, |text| if text.is_ascii() { tokens(text) } else { text.split_whitespace().map(|word| tokens(word).concat()).collect() }),
    } => search_takes_characters_of_han;

    cut_at_spaces_only {
        holds: |_, filter, row| cut_by(filter, row, |text| {
            text.split_whitespace().map(|word| tokens(word).concat()).collect()
        }),
    } => search_glues_words search_finds_beginnings;

    letters_and_digits_cut_apart {
        holds: |_, filter, row| cut_by(filter, row, |text| {
            let spaced = text.chars().flat_map(|letter| if letter.is_ascii_digit() { vec![' ', letter] } else { vec![letter] });
            tokens(&spaced.collect::<String>())
        }),
    } => search_finds_beginnings;

    a_thousand_words_of_a_text {
        holds: |_, filter, row| cut_by(filter, row, |text| {
            tokens(text).into_iter().take(1_000).collect()
        }),
    } => search_of_any_size;

    short_words_dropped {
        holds: |_, filter, row| cut_by(filter, row, |text| {
            tokens(text).into_iter().filter(|token| token.chars().count() > 2).collect()
        }),
    } => search_glues_words search_takes_characters_of_han;

    long_words_dropped {
        holds: |_, filter, row| cut_by(filter, row, |text| {
            tokens(text).into_iter().filter(|token| token.len() < 255).collect()
        }),
    } => search_of_any_size;

    common_words_dropped {
        holds: |_, filter, row| cut_by(filter, row, |text| {
            let common = ["a", "an", "and", "from", "not", "or", "the"];
            tokens(text).into_iter().filter(|token| !common.contains(&token.as_str())).collect()
        }),
    } => search_knows_no_operators search_wants_all_words;

    old_words_after_an_update {
        holds: |shelf, filter, row| match filter {
            Filter::Search { .. } => {
                let past = shelf.gone(row.record().schema(), Past::Updated).into_iter();
                let mut versions = past.filter(|old| old.sequence() == row.sequence());
                Some(filter.matches(row) || versions.any(|old| filter.matches(&old)))
            }
            _ => None,
        },
    } => search_follows_writes reopened_totals_and_words;

    new_words_not_written_by_an_update {
        holds: |shelf, filter, row| match filter {
            Filter::Search { .. } => {
                let past = shelf.gone(row.record().schema(), Past::Updated);
                let first = past.iter().find(|old| old.sequence() == row.sequence());
                Some(filter.matches(first.unwrap_or(row)))
            }
            _ => None,
        },
    } => search_follows_writes;

    words_of_deleted_documents_found {
        candidates: |shelf, query| {
            let mut rows = shelf.of(query.schema());
            if query.filters().iter().any(|filter| matches!(filter, Filter::Search { .. })) {
                rows.extend(shelf.gone(query.schema(), Past::Deleted));
            }
            rows
        },
    } => search_follows_writes reopened_totals_and_words;

    words_of_fallen_documents_found {
        candidates: |shelf, query| {
            let mut rows = shelf.of(query.schema());
            if query.filters().iter().any(|filter| matches!(filter, Filter::Search { .. })) {
                rows.extend(shelf.gone(query.schema(), Past::Fallen));
            }
            rows
        },
    } => search_of_what_is_owned;

    words_of_failed_batches_found {
        candidates: |shelf, query| {
            let mut rows = shelf.of(query.schema());
            if query.filters().iter().any(|filter| matches!(filter, Filter::Search { .. })) {
                rows.extend(shelf.gone(query.schema(), Past::Failed));
            }
            rows
        },
    } => search_forgets_failed_batches;

    words_of_owned_documents_not_kept {
        holds: |_, filter, _| match filter {
            Filter::Search { schema, .. } if !schema.owners.is_empty() => Some(false),
            _ => None,
        },
    } => search_of_what_is_owned;

    searched_within_an_or_only_once {
        holds: |_, filter, row| match filter {
            Filter::Or { filters, .. } => {
                let one = filters.iter().find(|part| matches!(part, Filter::Search { .. }))?;
                Some(one.matches(row))
            }
            _ => None,
        },
    } => search_with_orders_and_pages;

    found_rows_by_their_place_in_the_index {
        compare: |query, a, b| match query.filters().first() {
            Some(Filter::Search { .. }) => a.id().cmp(b.id()),
            _ => query.compare(a, b),
        },
    } => search_with_orders_and_pages;
}

/// How the last token of a word is to be found.
#[derive(Clone, Copy)]
enum End {
    AsAsked,
    Beginning,
    Whole,
    Within,
}

/// Whether the tokens of a word stand in a text one after the other.
fn stands(word: &SearchWord, text: &[String], end: End) -> bool {
    let Some((last, before)) = word.tokens.split_last() else { return false };
    text.windows(word.tokens.len()).any(|window| {
        let ends = window.last().is_some_and(|found| match (end, word.prefix) {
            (End::Within, _) => found.contains(last.as_str()),
            (End::Beginning, _) | (End::AsAsked, true) => found.starts_with(last.as_str()),
            (End::Whole, _) | (End::AsAsked, false) => found == last,
        });
        ends && window[..before.len()] == *before
    })
}

/// Every word of a search in one of the texts, as `found` has it.
fn each(
    filter: &Filter,
    row: &Document,
    found: impl Fn(&SearchWord, &[String]) -> bool,
) -> Option<bool> {
    let Filter::Search { schema, search, .. } = filter else { return None };
    let texts = schema.search_tokens(row);
    let all = search.words.iter().all(|word| texts.iter().any(|text| found(word, text)));
    Some(!search.words.is_empty() && all)
}

/// A search in texts that are cut into tokens by `cut`.
fn cut_by(filter: &Filter, row: &Document, cut: impl Fn(&str) -> Vec<String>) -> Option<bool> {
    let Filter::Search { schema, search, .. } = filter else { return None };
    let texts = schema.search.map_or_else(Vec::new, |texts| texts(row));
    Some(search.matches(&texts.iter().map(|text| cut(text)).collect::<Vec<_>>()))
}

/// Runs of letters and digits as they are written.
fn words(text: &str) -> Vec<String> {
    let words = text.split(|letter: char| !letter.is_alphanumeric());
    words.filter(|word| !word.is_empty()).map(ToOwned::to_owned).collect()
}
