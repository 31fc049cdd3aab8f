//! Looks for the data of a person in every column of every table.

use sqlx::{AssertSqlSafe, Row};
use test_support::test_database::TestDatabase;

/// The columns of the schema that can contain text, in any form.
const COLUMNS: &str = "SELECT c.table_name::text, c.column_name::text, c.data_type::text
    FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
    WHERE c.table_schema = 'tenantry' AND t.table_type = 'BASE TABLE'
        AND c.data_type NOT IN ('uuid', 'boolean', 'integer', 'bigint', 'smallint', 'double precision', 'xid8',
            'timestamp with time zone', 'date', 'interval')
    ORDER BY 1, 2";

/// The columns that contain one of the texts, in any case, as `table.column: value`.
pub(super) async fn find_texts(db: &TestDatabase, texts: &[&str]) -> Vec<String> {
    let patterns: Vec<String> = texts.iter().map(|text| format!("%{}%", text.to_lowercase())).collect();
    let columns = sqlx::query(COLUMNS).fetch_all(&db.pool).await.unwrap();
    assert!(columns.len() > 100, "{} columns", columns.len());
    let mut found = Vec::new();
    for column in columns {
        let (table, name, kind): (String, String, String) = (column.get(0), column.get(1), column.get(2));
        let text = match kind.as_str() {
            "bytea" => format!("encode({name}, 'escape')"),
            _ => format!("{name}::text"),
        };
        let sql = format!("SELECT {text} FROM tenantry.{table} WHERE lower({text}) LIKE ANY ($1)");
        let values: Vec<String> =
            sqlx::query_scalar(AssertSqlSafe(sql)).bind(&patterns).fetch_all(&db.pool).await.unwrap();
        found.extend(values.into_iter().map(|value| format!("{table}.{name}: {value}")));
    }
    found
}

/// The tables in which one of the texts was found.
pub(super) fn tables_of(found: &[String]) -> Vec<&str> {
    let mut tables: Vec<&str> = found.iter().filter_map(|line| line.split('.').next()).collect();
    tables.dedup();
    tables
}
