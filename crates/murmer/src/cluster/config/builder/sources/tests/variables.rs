//! What only the environment can get wrong.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use super::super::MISSPELT_MAX;
use super::{Key, SAMPLES, by_variable, key_of, said};
use crate::cluster::config::ClusterConfig;

#[test]
fn an_empty_variable_is_an_error_and_so_is_one_that_is_not_text_and_it_is_not_shown() {
    for key in Key::all() {
        let variable = key.variable();
        assert_eq!(said(by_variable(&variable, "")), format!("{variable} is empty: set it, or unset it"));
        let not_text = OsString::from_vec(b"caf\xe9".to_vec());
        let said = said(ClusterConfig::builder().variables([(&variable, not_text)]));
        if key.name == key.setting {
            assert_eq!(said, format!("{variable} is not UTF-8 text"));
        } else {
            // A file's name can be anything.
            assert!(said.starts_with(&format!("{variable}: can't open caf")), "{said}");
        }
    }
}

#[test]
fn of_several_seeds_the_wrong_one_is_shown() {
    let said = |nodes: &str| said(by_variable("MURMER_SEED_NODES", nodes));
    assert!(said("alpha:7100,beta,gamma:7100").ends_with("such as 10.0.0.1:7100,alpha:7100, not \"beta\""));
    assert!(said("alpha:7100,").ends_with("not \"\""));
}

#[test]
fn a_secret_is_given_once() {
    for sample in SAMPLES.iter().filter(|sample| sample.key.ends_with("cookie_file")) {
        let key = key_of(sample);
        let (file, itself) = (key.variable(), key.variable().replace("_FILE", ""));
        let both = ClusterConfig::builder().variables([(&*itself, "secret"), (&*file, "/nowhere")]);
        assert_eq!(said(both), format!("{itself} and {file} are both set: leave one out"));
        // One after the other is in order: the last one counts.
        let config = by_variable(&file, sample.in_variable).unwrap();
        let config = config.variables([(&*itself, "x".repeat(1_025))]).unwrap();
        let config = if key.setting == "cookie" { config } else { config.cookie("a cookie for tests") };
        let said = format!("{itself} must be 1 to 1,024 bytes, not 1025 bytes");
        assert_eq!(config.build().unwrap_err().to_string(), said);
    }
}

#[test]
fn a_variable_that_is_nearly_a_setting_is_told_of_and_others_are_not() {
    let variables = [
        "MURMER_ASK_TIMOUT",
        "MURMER_COKIE",
        "MURMER_LOG",
        "MURMER_HEALTH",
        "MURMER_CONFIG",
        "MURMER_SEED",
        "MURMER_SEEDS",
        "MURMER_PORT",
        "MURMER_SERVICE_HOST",
        "MURMER_PORT_7100_UDP",
        "ASK_TIMEOUT",
        "PATH",
    ];
    let config = ClusterConfig::builder().variables(variables.map(|name| (name, "1"))).unwrap();
    let told = config.misspelt.iter().map(|misspelt| (misspelt.name.as_str(), misspelt.meant.as_str()));
    let expected = [("MURMER_ASK_TIMOUT", "MURMER_ASK_TIMEOUT"), ("MURMER_COKIE", "MURMER_COOKIE")];
    assert_eq!(told.collect::<Vec<_>>(), expected);
    let many = (0..9).map(|n| (format!("MURMER_NAM{n}"), "1"));
    assert_eq!(config.variables(many).unwrap().misspelt.len(), MISSPELT_MAX);
}
