use secrecy::ExposeSecret;
use serde_json::json;

use super::*;

fn read(text: &str, encrypt_secrets: bool) -> ClientFile {
    ClientFile::read(&SourceFile::new("acme/client.yaml", text.as_bytes()), encrypt_secrets)
}

fn rules(client: &ClientFile) -> Vec<(&str, &str, Option<u32>)> {
    client.problems.iter().map(|found| (found.field.as_str(), found.rule.as_str(), found.line)).collect()
}

#[test]
fn the_fields_of_a_file_become_a_draft() {
    let client = read(
        "client:\n  name: NO\n  short_name: 0123\n  currency: NOK\n  timezone: Europe/Oslo\n\
         branding:\n  theme_id: ocean\nemail:\n  primary: post@no.example\n  sendgrid:\n    from_name: 2024-01-02\n",
        false,
    );
    assert_eq!(client.problems[..], []);
    let Draft { name, short_name, support_email, email_from_name, theme, .. } = &client.draft;
    assert_eq!(
        [name.as_str(), short_name, support_email, email_from_name, theme],
        ["NO", "0123", "post@no.example", "2024-01-02", "ocean"]
    );
}

#[test]
fn wrong_shapes_and_unknown_fields_have_their_places() {
    let client = read("client:\n  name: [a, b]\n  colour: red\nbranding: blue\nother:\n  x: 1\n", false);
    let expected = [
        ("client.name", "type", Some(2)),
        ("client.colour", "unknown_field", Some(3)),
        ("branding", "type", Some(4)),
        ("other.x", "unknown_field", Some(6)),
    ];
    assert_eq!(rules(&client), expected);
    assert_eq!(client.problems[0].excerpt[1].text, "  name: [a, b]");
    assert!(client.problems[0].excerpt[1].is_marked);
}

#[test]
fn a_literal_secret_is_refused_and_never_shown() {
    let text = "client:\n  name: Acme\n  api_key: hunter2a\ninfrastructure:\n  smtp:\n    password: hunter2b\n    \
                url: smtp://me:hunter2c@mail\n  secrets: [hunter2d, \"${OK}\"]\nemail:\n  sendgrid:\n    api_key: hunter2e\n  bad: [x]\n";
    let client = read(text, false);
    let secrets = client.problems.iter().filter(|problem| problem.rule == "literal_secret").count();
    assert_eq!(secrets, 5, "{:?}", rules(&client));
    assert!(!format!("{:?}", client.problems).contains("hunter2"));
    assert!(!format!("{:?}", client.values).contains("hunter2"));
}

#[test]
fn a_secret_is_not_shown_near_other_problems_or_in_broken_files() {
    for text in [
        "client:\n  name: Acme\n  name: Acme\n  password: hunter2\n",
        "client:\n  password: hunter2\n  name: 'Acme\n",
        "infrastructure:\n  key: |\n    -----BEGIN PRIVATE KEY-----\n    hunter2\n    x\nclient: 1\n",
        "infrastructure:\n  private_key: |\n    abc\n    hunter2\nclient: 1\n",
        "infrastructure:\n  password: *hunter2\n",
        "infrastructure:\n  password: hunter1\n  password: hunter2\n",
        "infrastructure:\n  x: [\"SG.hunter2hunter2hunter2\": 1]\nclient: 1\n",
        "SG.hunter2hunter2hunter2: 1\nSG.hunter2hunter2hunter2: 1\nclient: 1\n",
        "# smtp_password: hunter2\nclient: 1 # token=hunter2\n",
        "infrastructure:\n  password: &p hunter2\n  note: *p\nclient:\n  name: *p\n",
        "infrastructure:\n  note: &p hunter2\n  password: *p\nclient:\n  name: [x]\n",
        "infrastructure:\n  note: &p hunter2\n  password: *p\n  a: !x 1\n",
        "client:\n  name: Acme\n  short_name: &p hunter2\n  password: *p\n",
        "client:\n  name: &p hunter2\ninfrastructure:\n  password: *p\n",
        "note: &p hunter2\nclient:\n  password: *p\n",
        "note: &t\n  - x\n  - hunter2\nclient:\n  tokens: *t\n",
        "note: &t {x: {y: hunter2}}\nclient:\n  secrets: {a: *t}\n  name: [x]\n",
        "note: &t [&u hunter2]\nother: *u\nclient:\n  tokens: *t\n",
        "infrastructure:\n  &p hunter2 : x\n  password: *p\n",
        "infrastructure:\n  password: &p hunter2\n  *p : x\n",
        "other:\n  &p hunter2 : x\n  *p : y\n  password: *p\n",
        "infrastructure:\r  password: hunter2\rclient: 1\r",
        "hunter2: [\n",
    ] {
        let client = read(text, false);
        assert!(client.has_error(), "{text}");
        let shown = format!("{:?}", client.problems);
        assert!(!shown.contains("hunter2") || text.starts_with("hunter2"), "{shown}");
    }
}

#[test]
fn with_the_flag_a_secret_is_collected_and_a_reference_stands_for_it() {
    let client = read(
        "client:\n  name: Acme\ninfrastructure:\n  region: eu\n  smtp_password: hunter2\n  token: ${TOKEN}\n",
        true,
    );
    assert_eq!(client.problems[..], []);
    let expected = json!({
        "region": "eu", "smtp_password": "${INFRASTRUCTURE_SMTP_PASSWORD}", "token": "${TOKEN}"
    });
    assert_eq!(client.values["infrastructure"], expected);
    assert_eq!(client.secrets["infrastructure.smtp_password"].expose_secret(), "hunter2");
}

#[test]
fn secrets_at_different_paths_have_different_references() {
    let long = "x".repeat(130);
    let text = format!(
        "client:\n  name: Acme\ninfrastructure:\n  smtp:\n    token: hunter1\n  smtp_token: hunter2\n  {long}_token: hunter3\n  {long}2_token: hunter4\n"
    );
    let client = read(&text, true);
    let kept = client.values["infrastructure"].to_string();
    let references: std::collections::HashSet<_> = kept.split("${").skip(1).collect();
    assert_eq!((references.len(), client.secrets.len()), (4, 4), "{kept}");
}

#[test]
fn the_alias_of_a_secret_is_a_secret() {
    let client = read("client:\n  name: Acme\ninfrastructure:\n  password: &p hunter2\n  note: *p\n", true);
    assert_eq!(client.problems[..], []);
    assert_eq!(client.secrets.len(), 2);
    assert!(!format!("{:?}", client.values).contains("hunter2"));
    let list = "client:\n  name: Acme\ninfrastructure:\n  tokens: &t [hunter2]\n  others: *t\n";
    assert!(!format!("{:?}", read(list, true).values).contains("hunter2"));
}

#[test]
fn the_anchor_of_a_secret_is_a_secret_also_before_the_credential() {
    for text in [
        "client:\n  name: Acme\ninfrastructure:\n  note: &p hunter2\n  password: *p\n",
        "client:\n  name: Acme\ninfrastructure:\n  note: &t [x, {y: &p hunter2}]\n  z: *p\n  tokens: *t\n",
        "client:\n  name: Acme\nnote: &p hunter2\nother: [*p]\nz: &m {x: *p}\nsecrets: *m\ninfrastructure:\n  password: *p\n",
    ] {
        let client = read(text, true);
        assert!(!client.has_error(), "{:?}", rules(&client));
        assert!(client.secrets.len() >= 2);
        assert!(
            !format!("{:?} {:?} {:?}", client.values, client.draft, client.problems).contains("hunter2"),
            "{text}"
        );
    }
}

#[test]
fn a_field_with_many_dots_is_not_nested() {
    let text = format!("client:\n  name: Acme\n{}password: hunter2\n", "a.".repeat(200));
    assert_eq!(read(&text, true).problems[0].rule, "too_deep");
}

#[test]
fn a_reference_in_a_checked_field_is_kept_and_the_field_stays_empty() {
    let client = read("client:\n  name: ${NAME}\nbranding:\n  logo_url: https://${CDN}/a.png\n", false);
    assert_eq!(rules(&client), [("branding.logo_url", "reference", Some(4))]);
    assert_eq!((client.draft.name.as_str(), client.draft.logo_url.as_str()), ("${NAME}", ""));
    assert_eq!(client.values["branding"]["logo_url"], "https://${CDN}/a.png");
}
