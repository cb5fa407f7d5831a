//! Data as CSV.

/// Rows under named columns.
#[derive(Clone, Debug, Default)]
pub struct Table {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table without rows.
    #[must_use]
    pub fn new<'a>(columns: impl IntoIterator<Item = &'a str>) -> Self {
        Self { columns: columns.into_iter().map(str::to_owned).collect(), rows: Vec::new() }
    }

    /// Adds a row, which has as many values as there are columns.
    pub fn row<S: Into<String>>(&mut self, values: impl IntoIterator<Item = S>) {
        let row: Vec<String> = values.into_iter().map(Into::into).collect();
        debug_assert_eq!(row.len(), self.columns.len(), "{row:?}");
        self.rows.push(row);
    }

    /// The table as CSV (RFC 4180, with line feeds), the columns' names in the first line.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        for record in std::iter::once(&self.columns).chain(&self.rows) {
            writer.write_record(record).expect("writing into memory does not fail");
        }
        let bytes = writer.into_inner().expect("writing into memory does not fail");
        String::from_utf8(bytes).expect("the values are text, and so is what separates them")
    }
}

/// A number for a data file: a whole one exactly, another with nine significant digits, and nothing for what isn't there.
///
/// Nine digits are far below the error of any measurement, and far above that of a mathematical library.
#[must_use]
pub fn number(value: impl Into<Option<f64>>) -> String {
    match value.into() {
        Some(value) if value.is_finite() => {
            if value.fract() == 0.0 && value.abs() < 9.0e15 {
                return format!("{value:.0}");
            }
            let rounded: f64 = format!("{value:.8e}").parse().unwrap_or(value);
            format!("{rounded}")
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_quoted_where_they_must_be() {
        let mut table = Table::new(["a", "b"]);
        table.row(["plain", "with, comma"]);
        table.row(["with \"quote\"", ""]);
        assert_eq!(table.to_csv(), "a,b\nplain,\"with, comma\"\n\"with \"\"quote\"\"\",\n");
    }

    #[test]
    fn numbers_are_whole_or_rounded() {
        assert_eq!(number(12_345_678_901_234.0), "12345678901234");
        assert_eq!(number(1.0 / 3.0), "0.333333333");
        assert_eq!(number(1e-7 / 3.0), "0.0000000333333333");
        assert_eq!(number(f64::NAN), "");
        assert_eq!(number(None), "");
    }
}
