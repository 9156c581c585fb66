//! Settings from outside of the program: a TOML file, or the environment.
//!
//! Both give values for the keys of one table, which sets them through the builder's own methods; so what is said
//! here of one key holds for all. Ranges are checked by `build`, like those of settings in code; where each setting
//! came from is kept for what it has to say.

#[cfg(feature = "toml")]
mod document;
mod error;
#[cfg_attr(not(feature = "toml"), expect(dead_code, reason = "values that only files tell apart"))]
mod given;
#[cfg_attr(not(feature = "toml"), expect(dead_code, reason = "keys are looked up by name for files only"))]
mod keys;
mod nearest;
#[cfg_attr(not(feature = "toml"), expect(dead_code, reason = "lines are those of files"))]
mod origin;
mod read;
#[cfg(test)]
mod tests;
mod units;

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::path::Path;

use self::given::{Given, Value};
use self::keys::Key;
use self::nearest::nearest;
use self::origin::Place;
use super::ClusterConfigBuilder;

pub use self::error::SourceError;
pub use self::origin::Origin;
pub(super) use self::origin::Origins;

/// A variable that is nearly that of a setting.
#[derive(Debug, Clone)]
pub(crate) struct Misspelt {
    pub(crate) name: String,
    pub(crate) meant: String,
}

impl ClusterConfigBuilder {
    /// Settings from a TOML file of at most 1 MiB: each under the name of its method here, those of
    /// [`quic`](Self::quic) in the table `[quic]`. `deploy/murmer.toml` in the repository has them all, with their
    /// units, ranges and defaults.
    ///
    /// Only what the file gives is set, and what is set later counts more; so
    /// `.file("murmer.toml")?.environment()?.name("alpha")` has the environment override the file, and the program
    /// both. A duration is text with a unit (`"500ms"`, `"30s"`, `"10m"`, `"24h"`), a number of bytes is one, or text
    /// with a unit (`"4MiB"`). `cookie_file` and `previous_cookie_file` name files that hold a secret, without the one
    /// line's end that may be at theirs; they are looked for from the folder of this file.
    ///
    /// With the feature `toml`.
    ///
    /// # Errors
    ///
    /// [`SourceError`] if the file can't be read, isn't TOML, or has a key or value that there isn't. One that is out of
    /// its range is an error of [`build`](Self::build), which names the line as well.
    ///
    /// # Examples
    ///
    /// ```
    /// use murmer::cluster::config::ClusterConfig;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let path = std::env::temp_dir().join(format!("murmer-{}.toml", std::process::id()));
    /// std::fs::write(&path, "name = \"alpha\"\ncookie = \"my-cluster-secret\"\nask_timeout = \"0s\"\n")?;
    /// let config = ClusterConfig::builder().file(&path)?;
    /// # std::fs::remove_file(&path)?;
    /// let error = config.build().unwrap_err().to_string();
    /// assert!(error.ends_with(".toml:3: ask_timeout must be 1 ms to a day, not 0ns"));
    /// # Ok(()) }
    /// ```
    #[cfg(feature = "toml")]
    pub fn file(self, path: impl AsRef<Path>) -> Result<Self, SourceError> {
        let path = path.as_ref();
        let text = read::text(path, None, FILE_BYTES_MAX)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let file = path.display().to_string().into();
        self.apply(document::Document { text: &text, file, folder }.read()?)
    }

    /// The same from a text, such as a file that is part of the program; errors call it `name`. Names of files in it
    /// are looked for from the current folder.
    ///
    /// With the feature `toml`.
    ///
    /// # Errors
    ///
    /// As for [`file`](Self::file).
    ///
    /// # Examples
    ///
    /// ```
    /// use murmer::cluster::config::ClusterConfig;
    ///
    /// let defaults = r#"
    ///     profile = "wan"
    ///     seed_nodes = ["alpha:7100", "10.0.0.2:7100"]
    ///
    ///     [quic]
    ///     stream_window = "4MiB"
    /// "#; // or include_str!("defaults.toml")
    /// let config = ClusterConfig::builder().cookie("my-cluster-secret");
    /// let config = config.toml(defaults, "defaults.toml")?.build()?;
    /// assert!(format!("{config:?}").contains("alpha"));
    ///
    /// let error = ClusterConfig::builder().toml("\nask_timout = \"2s\"", "defaults.toml").unwrap_err();
    /// let said = "defaults.toml:2: there is no setting \"ask_timout\": did you mean ask_timeout?";
    /// assert_eq!(error.to_string(), said);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "toml")]
    pub fn toml(self, text: &str, name: &str) -> Result<Self, SourceError> {
        self.apply(document::Document { text, file: name.into(), folder: Path::new("") }.read()?)
    }

    /// Settings from the environment of this process: `MURMER_` and the name of the method in capitals, as
    /// `MURMER_ASK_TIMEOUT` is; `MURMER_QUIC_` and the name of the field for those of [`quic`](Self::quic).
    ///
    /// Values are those of a [`file`](Self::file), without quotes; `MURMER_SEED_NODES` has commas between its
    /// nodes. `MURMER_COOKIE_FILE` is looked for from the current folder. Only what is there is set. One that is there
    /// and empty is an error, since somebody meant something by it.
    ///
    /// Others that begin with `MURMER_` are not errors, since they may be meant for somebody else: `MURMER_CONFIG`,
    /// `MURMER_HEALTH` and `MURMER_LOG` are the example chat's, `MURMER_SEED` and `MURMER_SEEDS` are those of tests, and
    /// Kubernetes makes some for a service of that name. One that differs from a setting's in a letter or two is warned
    /// about when the node starts.
    ///
    /// # Errors
    ///
    /// [`SourceError`] names the variable, and what it should be.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use murmer::cluster::config::ClusterConfig;
    ///
    /// // MURMER_SEED_NODES=alpha:7100,beta:7100 MURMER_COOKIE_FILE=/run/secrets/cookie MURMER_PROFILE=wan
    /// let config = ClusterConfig::builder().environment()?.build()?;
    /// # let _ = config;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn environment(self) -> Result<Self, SourceError> {
        self.variables(env::vars_os())
    }

    /// The same from `variables`, each a name and a value: for programs that call theirs otherwise, or that leave some
    /// out.
    ///
    /// # Errors
    ///
    /// As for [`environment`](Self::environment).
    ///
    /// # Examples
    ///
    /// ```
    /// use murmer::cluster::config::ClusterConfig;
    ///
    /// // SHOP_COOKIE instead of MURMER_COOKIE.
    /// let environment = [("SHOP_COOKIE", "my-cluster-secret"), ("PATH", "/bin")]; // or std::env::vars()
    /// let ours = environment.map(|(name, value)| (name.replace("SHOP_", "MURMER_"), value));
    /// assert!(ClusterConfig::builder().variables(ours)?.build().is_ok());
    ///
    /// let error = ClusterConfig::builder().variables([("MURMER_PROFILE", "man")]).unwrap_err();
    /// assert_eq!(error.to_string(), "MURMER_PROFILE must be \"lan\" or \"wan\", not \"man\"");
    /// # Ok::<(), murmer::cluster::config::SourceError>(())
    /// ```
    pub fn variables<N, V>(mut self, variables: impl IntoIterator<Item = (N, V)>) -> Result<Self, SourceError>
    where
        N: Into<OsString>,
        V: Into<OsString>,
    {
        // Names that aren't text are none of these, and were none if they were text.
        let mut all: BTreeMap<String, OsString> = variables
            .into_iter()
            .filter_map(|(name, value)| Some((name.into().into_string().ok()?, value.into())))
            .collect();
        let mut given = Vec::new();
        let mut names = Vec::new();
        for key in Key::all() {
            let variable = key.variable();
            if let Some(word) = all.remove(&variable) {
                if word.is_empty() {
                    return Err(SourceError::Variable { variable, wrong: "is empty: set it, or unset it" });
                }
                let origin = Origin::new(key, Place::Variable);
                given.push(Given { key, origin, value: Value::Word(word), folder: Path::new("") });
            }
            names.push(variable);
        }
        let misspelt = all.into_keys().filter_map(|name| {
            let meant = nearest(&names, &name)?.clone();
            Some(Misspelt { name, meant })
        });
        self.misspelt.extend(misspelt.take(MISSPELT_MAX - self.misspelt.len()));
        self.apply(given)
    }

    /// The line of a file or the variable that a setting's value is from, by the name of its method or, in
    /// [`quic`](Self::quic), its field. `None` if it was set in code, or not at all.
    ///
    /// # Examples
    ///
    /// ```
    /// use murmer::cluster::config::ClusterConfig;
    ///
    /// let config = ClusterConfig::builder().toml("cookie = \"my-cluster-secret\"", "murmer.toml")?;
    /// let origin = config.origin("cookie").map(ToString::to_string);
    /// assert_eq!(origin.as_deref(), Some("murmer.toml:1: cookie"));
    /// assert!(config.origin("name").is_none());
    /// # Ok::<(), murmer::cluster::config::SourceError>(())
    /// ```
    pub fn origin(&self, setting: &str) -> Option<&Origin> {
        self.origins.get(setting)
    }

    fn apply(mut self, given: Vec<Given<'_>>) -> Result<Self, SourceError> {
        let mut seen = BTreeMap::new();
        for Given { key, origin, .. } in &given {
            if let Some(other) = seen.insert(key.setting, origin) {
                return Err(SourceError::Both { origin: other.clone(), other: origin.clone() });
            }
        }
        for given in given {
            self = given.key.set(self, &given)?;
            self.origins.insert(given.origin);
        }
        Ok(self)
    }
}

/// Whoever has misspelt more will read of these first.
const MISSPELT_MAX: usize = 8;
/// Far more than all settings with a comment for each.
#[cfg(feature = "toml")]
const FILE_BYTES_MAX: u64 = 1 << 20;
