//! What is written to deploy the chat, against the chat itself: its flags, variables and ports.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use saphyr::{LoadableYamlNode, Yaml};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The only document in `text`.
fn document(text: &str) -> Yaml<'_> {
    let mut documents = Yaml::load_from_str(text).unwrap();
    assert_eq!(documents.len(), 1);
    documents.remove(0)
}

/// What is at `path`, whose parts are keys, or positions in a sequence.
fn at<'y>(yaml: &'y Yaml<'y>, path: &str) -> &'y Yaml<'y> {
    path.split('.').fold(yaml, |yaml, part| {
        let found = match part.parse() {
            Ok(position) => yaml.as_sequence_get(position),
            Err(_) => yaml.as_mapping_get(part),
        };
        found.unwrap_or_else(|| panic!("no {part} of {path}"))
    })
}

fn text<'y>(yaml: &'y Yaml<'y>, path: &str) -> &'y str {
    at(yaml, path).as_str().unwrap_or_else(|| panic!("{path} is no text"))
}

fn texts<'y>(yaml: &'y Yaml<'y>) -> Vec<&'y str> {
    yaml.as_sequence().unwrap().iter().map(|item| item.as_str().unwrap()).collect()
}

fn help() -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_cluster_chat")).arg("--help").output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// Each flag among `args` is one that the chat has.
fn check_flags(args: &[&str]) {
    let help = help();
    let flags = args.iter().filter(|arg| arg.starts_with("--") && !OF_HEALTH.contains(arg));
    for flag in flags {
        assert!(help.split_whitespace().any(|word| word == *flag), "cluster_chat has no {flag}");
    }
}

fn check_variable(name: &str) {
    assert!(OF_HEALTH.contains(&name) || help().contains(name), "cluster_chat reads no {name}");
}

#[test]
fn the_compose_file_has_the_specification_s_services_and_nothing_else() {
    let compose = read("docker-compose.yml");
    let compose = document(&compose);
    assert_eq!(compose.as_mapping().unwrap().len(), 1);
    assert_eq!(at(&compose, "services").as_mapping().unwrap().len(), 3);
    for (name, seed) in [("alpha", None), ("beta", Some("alpha:7100")), ("gamma", Some("alpha:7100"))] {
        let service = at(&compose, &format!("services.{name}"));
        assert_eq!(service.as_mapping().unwrap().len(), 2, "{name}");
        assert_eq!(text(service, "build"), ".");
        let mut wanted = vec!["--node", name, "--port", "7100"];
        wanted.extend(seed.iter().flat_map(|seed| ["--seed", seed]));
        assert_eq!(texts(at(service, "command")), wanted);
        check_flags(&wanted);
    }
}

#[test]
fn the_image_is_one_program_that_nobody_in_particular_runs() {
    let dockerfile = read("Dockerfile");
    let last = &dockerfile[dockerfile.rfind("\nFROM ").unwrap()..];
    let instruction = |name: &str| {
        let mut lines = last.lines().filter_map(|line| line.strip_prefix(name));
        let only = lines.next().unwrap_or_else(|| panic!("no {name}"));
        assert_eq!(lines.next(), None, "two of {name}");
        only.trim()
    };
    assert_eq!(instruction("FROM"), "scratch");
    assert_eq!(instruction("COPY"), "--from=build /cluster_chat /cluster_chat");
    assert_eq!(instruction("USER"), "65532:65532");
    assert_eq!(instruction("ENTRYPOINT"), "[\"/cluster_chat\"]");
    assert_eq!(instruction("EXPOSE"), "7100/udp");
    let (variable, addr) = instruction("ENV").split_once('=').unwrap();
    check_variable(variable);
    let check = instruction("HEALTHCHECK");
    let check = document(&check[check.find('[').unwrap()..]).into_vec().unwrap();
    let check: Vec<_> = check.iter().map(|word| word.as_str().unwrap()).collect();
    assert_eq!(check, ["/cluster_chat", "--check-health", addr]);
    check_flags(&check);
}

#[test]
fn every_manifest_is_one_that_kubectl_is_told_of() {
    let folder = root().join("deploy/kubernetes");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut files: Vec<_> =
        files.filter(|name| name.ends_with(".yaml") && name != "kustomization.yaml").collect();
    files.sort();
    let listed = read("deploy/kubernetes/kustomization.yaml");
    let listed = document(&listed);
    let mut listed = texts(at(&listed, "resources"));
    listed.sort_unstable();
    assert_eq!(files, listed);
    for file in &files {
        let manifest = read(&format!("deploy/kubernetes/{file}"));
        let manifest = document(&manifest);
        for path in ["apiVersion", "kind", "metadata.name"] {
            assert!(!text(&manifest, path).is_empty(), "{path} of {file}");
        }
    }
}

#[test]
fn the_stateful_set_runs_the_chat_as_it_is() {
    let set = read("deploy/kubernetes/statefulset.yaml");
    let set = document(&set);
    let pod = at(&set, "spec.template.spec");
    let container = at(pod, "containers.0");
    let args = texts(at(container, "args"));
    check_flags(&args);
    let env = at(container, "env").as_sequence().unwrap();
    for variable in env.iter().map(|variable| text(variable, "name")) {
        if variable.starts_with("MURMER_") {
            check_variable(variable);
        } else {
            assert!(
                args.iter().any(|arg| arg.contains(&format!("$({variable})"))),
                "{variable} is of no use"
            );
        }
    }
    let port = |name: &str| {
        let ports = at(container, "ports").as_sequence().unwrap();
        let port = ports.iter().find(|port| text(port, "name") == name).unwrap();
        (at(port, "containerPort").as_integer().unwrap(), text(port, "protocol"))
    };
    assert_eq!((port("cluster"), port("health")), ((7100, "UDP"), (9100, "TCP")));
    assert!(args.contains(&"0.0.0.0:7100") && args.contains(&"$(POD_IP):7100"));
    let health = env.iter().find(|variable| text(variable, "name") == "MURMER_HEALTH").unwrap();
    assert_eq!(text(health, "value"), "0.0.0.0:9100");
    for (probe, path) in [("startupProbe", "/live"), ("livenessProbe", "/live"), ("readinessProbe", "/ready")]
    {
        let get = at(container, &format!("{probe}.httpGet"));
        assert_eq!((text(get, "path"), text(get, "port")), (path, "health"), "{probe}");
    }
    let user = at(pod, "securityContext.runAsUser").as_integer().unwrap();
    assert!(read("Dockerfile").contains(&format!("\nUSER {user}:{user}\n")));
    // The two seconds that leaving may take, and some.
    assert!(at(pod, "terminationGracePeriodSeconds").as_integer().unwrap() >= 5);
}

#[test]
fn the_manifests_mean_the_same_pods_and_the_same_secret() {
    let [set, service, secret, budget, network] =
        ["statefulset", "service", "secret", "disruption", "network"]
            .map(|name| read(&format!("deploy/kubernetes/{name}.yaml")));
    let [set, service, secret, budget, network] =
        [&set, &service, &secret, &budget, &network].map(|it| document(it));
    let label = "app.kubernetes.io/name";
    let of = |yaml: &Yaml<'_>, path: &str| {
        at(yaml, path).as_mapping_get(label).unwrap().as_str().unwrap().to_owned()
    };
    let pods = of(&set, "spec.template.metadata.labels");
    assert_eq!(of(&set, "spec.selector.matchLabels"), pods);
    assert_eq!(of(&service, "spec.selector"), pods);
    assert_eq!(of(&budget, "spec.selector.matchLabels"), pods);
    assert_eq!(of(&network, "spec.podSelector.matchLabels"), pods);
    assert_eq!(text(&set, "spec.serviceName"), text(&service, "metadata.name"));
    // Found by name before they are ready, each by an address of its own.
    assert_eq!(text(&service, "spec.clusterIP"), "None");
    assert_eq!(at(&service, "spec.publishNotReadyAddresses").as_bool(), Some(true));
    let args = texts(at(&set, "spec.template.spec.containers.0.args"));
    let seed = args[args.iter().position(|arg| *arg == "--seed").unwrap() + 1];
    let port = at(&service, "spec.ports.0.port").as_integer().unwrap();
    assert_eq!(seed, format!("{}:{port}", text(&service, "metadata.name")));
    let env = at(&set, "spec.template.spec.containers.0.env").as_sequence().unwrap();
    let cookie = env.iter().find(|variable| text(variable, "name") == "MURMER_COOKIE").unwrap();
    assert_eq!(text(cookie, "valueFrom.secretKeyRef.name"), text(&secret, "metadata.name"));
    let key = text(cookie, "valueFrom.secretKeyRef.key");
    assert!(at(&secret, "stringData").as_mapping_get(key).is_some());
}

/// What the listener for health brings, which this chat is built without.
const OF_HEALTH: [&str; 2] = ["MURMER_HEALTH", "--check-health"];
