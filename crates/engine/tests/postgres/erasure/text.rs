//! Which parts of a text are replaced.

use super::*;

const PERSON: &str = "ROW(NULL, NULL, '{}', '{}', '{}', ARRAY['anna@mail.example', 'anna%40mail.example'],
    ARRAY['anna nowak', 'al'], ARRAY['+48 600'], 'erased-0a1b2c')::identified_person";

#[tokio::test]
async fn complete_addresses_and_names_are_replaced_and_longer_ones_stay() {
    let db = TestDatabase::new().await;
    for (key, text, expected) in [
        ("", "Write to <Anna@Mail.Example>.", "Write to <erased-0a1b2c@erased.invalid>."),
        ("", "a=anna%40mail.example&b", "a=erased-0a1b2c@erased.invalid&b"),
        (
            "",
            "anna@mail.example\nanna@mail.example",
            "erased-0a1b2c@erased.invalid\nerased-0a1b2c@erased.invalid",
        ),
        ("", "anna@mail.example.org", "anna@mail.example.org"),
        ("", "xanna@mail.example, j.anna@mail.example", "xanna@mail.example, j.anna@mail.example"),
        ("", "anna@mail.example-x", "anna@mail.example-x"),
        ("", "ANNA NOWAK's", "Erased person's"),
        ("", "Joanna Nowak and Anna Nowakowska", "Joanna Nowak and Anna Nowakowska"),
        ("", "Call +48 600", "Call erased-0a1b2c"),
        // A name of one word is also a common word.
        ("reason", "Al", "Al"),
        ("recipient_name", "Al", "Erased person"),
        ("invitedBy", "Al", "Erased person"),
        ("name", "Al Green", "Al Green"),
    ] {
        let erased: String =
            sqlx::query_scalar(sqlx::AssertSqlSafe(format!("SELECT erased_text($1, {PERSON}, true, $2)")))
                .bind(text)
                .bind(key)
                .fetch_one(&db.pool)
                .await
                .unwrap();
        assert_eq!(erased, expected, "{key}");
    }
}
